"""``workspace/didChangeWorkspaceFolders``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.lsp.session import Session
from specql_lsp.lsp.workspace_folders import on_disk, open_folders


def did_change_workspace_folders(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Follows folders that were added to or removed from the workspace; later requests wait for the new ones."""
    session.client.hold()
    session.spawn(_change_folders(session, params))


async def _change_folders(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    try:
        for folder in params.event.removed:
            session.folder_changes.remove(folder.uri)
        added = on_disk([folder.uri for folder in params.event.added])
        if added:
            # The place of files without a folder; it would answer what is asked of no folder.
            session.folder_changes.remove("")
        await open_folders(session, added)
    finally:
        session.client.release()
