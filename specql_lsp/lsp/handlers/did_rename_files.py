"""``workspace/didRenameFiles``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.lsp.session import Session


def did_rename_files(session: Session, params: types.RenameFilesParams) -> None:
    """Follows that files and folders were moved in the editor: what was known of them is looked up again."""
    session.folder_changes.on_disk([uri for each in params.files for uri in (each.old_uri, each.new_uri)])
