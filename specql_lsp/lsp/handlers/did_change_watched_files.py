"""``workspace/didChangeWatchedFiles``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.config import CONFIG_FILE
from specql_lsp.lsp.session import Session
from specql_lsp.workspace.uris import path_of


def did_change_watched_files(session: Session, params: types.DidChangeWatchedFilesParams) -> None:
    """Follows changes on the disk: settings, registries, entity files, folders."""
    others: list[str] = []
    for event in params.changes:
        if not event.uri.endswith(CONFIG_FILE):
            others.append(event.uri)
            continue
        path = path_of(event.uri)
        for folder in list(session.folders.values()):
            if path is not None and folder.path == path.parent:
                session.folder_changes.reload_settings(folder)
    session.folder_changes.on_disk(others)
