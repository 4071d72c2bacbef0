"""``textDocument/didClose``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.lsp.session import Session


def did_close(session: Session, params: types.DidCloseTextDocumentParams) -> None:
    """Forgets the editor's text."""
    session.document_changes.close(params.text_document.uri)
