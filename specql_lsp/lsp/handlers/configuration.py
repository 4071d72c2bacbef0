"""Settings and folders: ``workspace/configuration``, ``didChangeConfiguration``, ``didChangeWorkspaceFolders``."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from lsprotocol import types

from specql_lsp.config import CONFIG_FILE
from specql_lsp.lsp.session import Session
from specql_lsp.workspace.uris import canonical, path_of

logger = logging.getLogger(__name__)

_COMES_OR_GOES = types.WatchKind.Create | types.WatchKind.Delete
"""What is watched of everything: of a folder that is moved or removed VS Code reports the folder only, to those whose
glob matches it, and a glob cannot say "folders"."""

CONFIGURATION_SECONDS = 2.0
"""So long the folders wait for the client's settings before they begin with what is known."""


def begin(session: Session, uris: list[str]) -> None:
    """Opens the first folders, then asks the client to tell of changes (after ``initialized``).

    The client's messages are held since ``initialize``; they are handled as soon as the folders are open.
    """

    async def run() -> None:
        try:
            await open_folders(session, _on_disk(uris) or [""])
        finally:
            session.client.release()
        await register(session)

    session.spawn(run())


def did_change_configuration(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """Follows changed settings."""
    session.spawn(_pull(session, params))


def did_change_workspace_folders(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Follows folders that were added to or removed from the workspace; what is asked next waits for the new ones."""
    session.client.hold()
    session.spawn(_change_folders(session, params))


async def open_folders(session: Session, uris: list[str]) -> None:
    """Opens workspace folders with the client's settings for each; a client that does not answer is not waited for."""
    configurations: list[Any] = [None] * len(uris)
    if uris and session.client.pulls_configuration:
        pull = asyncio.ensure_future(session.client.configuration([uri or None for uri in uris]))
        try:
            # Shielded: pygls breaks when a request of ours is cancelled while its answer arrives (issue 621).
            answer = await asyncio.wait_for(asyncio.shield(pull), CONFIGURATION_SECONDS)
            if answer is not None and len(answer) == len(uris):
                configurations = answer
        except TimeoutError:
            logger.warning("The client did not give its configuration within %s s", CONFIGURATION_SECONDS)
            pull.add_done_callback(lambda late: _late(session, uris, late))
    for uri, configuration in zip(uris, configurations, strict=True):
        try:
            session.add_folder(uri, configuration)
        except Exception:  # the other folders are opened all the same
            logger.exception("The folder %s could not be opened", uri)


def _on_disk(uris: list[str]) -> list[str]:
    """The folders that are on this machine's disk; what is elsewhere cannot be read."""
    for uri in uris:
        if uri and path_of(uri) is None:
            logger.warning("The folder %s is not on this machine's disk: its files and its registry are not read.", uri)
    return [uri for uri in uris if path_of(uri) is not None]


def _late(session: Session, uris: list[str], pull: asyncio.Future[list[Any] | None]) -> None:
    if not pull.cancelled() and pull.exception() is None:
        _apply(session, uris, pull.result())


def _apply(session: Session, uris: list[str], answer: list[Any] | None) -> None:
    if answer is None or len(answer) != len(uris):
        return
    for uri, configuration in zip(uris, answer, strict=True):
        folder = session.folders.get(canonical(uri))
        if folder is not None:
            session.reload_settings(folder, configuration)


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
        session.look_by_time()


async def _pull(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """Takes changed settings: pulled anew, or taken from the notification where the client cannot be asked."""
    uris = list(session.folders)
    if session.client.pulls_configuration:
        _apply(session, uris, await session.client.configuration([uri or None for uri in uris]))
        return
    settings = params.settings if isinstance(params.settings, dict) else {}
    section = settings.get("specql", settings)
    _apply(session, uris, [section] * len(uris))


async def _change_folders(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    try:
        for folder in params.event.removed:
            session.remove_folder(folder.uri)
        added = _on_disk([folder.uri for folder in params.event.added])
        if added:
            session.remove_folder("")  # the place of files without a folder; it would answer what is asked of no folder
        await open_folders(session, added)
    finally:
        session.client.release()
