"""Asks the client to report changes of files and settings (``client/registerCapability``)."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.config import CONFIG_FILE
from specql_lsp.lsp.session import Session

_COMES_OR_GOES = types.WatchKind.Create | types.WatchKind.Delete
"""What is watched of everything: of a folder that is moved or removed VS Code reports the folder only, to those whose
glob matches it, and a glob cannot say "folders"."""


async def register(session: Session) -> None:
    """Asks the client to watch files and to tell of changed settings, where it allows that."""
    registrations: list[types.Registration] = []
    if session.client.watches_files:
        globs = ["**/*.yaml", "**/*.yml", f"**/{CONFIG_FILE}"]
        globs.extend(
            folder.registry_path.as_posix()
            for folder in session.folders.values()
            if folder.path is not None and not folder.registry_path.is_relative_to(folder.path)
        )
        globs.extend(folder.snapshot_file.as_posix() for folder in session.folders.values() if folder.snapshot_file)
        registrations.append(
            types.Registration(
                "specql-watched-files",
                types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                types.DidChangeWatchedFilesRegistrationOptions(
                    [
                        *(types.FileSystemWatcher(glob) for glob in globs),
                        types.FileSystemWatcher("**/*", _COMES_OR_GOES),
                    ]
                ),
            )
        )
    if session.client.registers_configuration:
        registrations.append(
            types.Registration(
                "specql-configuration",
                types.WORKSPACE_DID_CHANGE_CONFIGURATION,
                types.DidChangeConfigurationRegistrationOptions(section="specql"),
            )
        )
    if registrations and not await session.client.register(registrations):
        session.folder_changes.look_by_time()
