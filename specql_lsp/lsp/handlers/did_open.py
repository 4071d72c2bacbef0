"""``textDocument/didOpen``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.lsp.session import Session
from specql_lsp.syntax.text import LineIndex


def did_open(session: Session, params: types.DidOpenTextDocumentParams) -> None:
    """Takes the text of a document that the editor opened."""
    item = params.text_document
    session.document_changes.put(item.uri, LineIndex(item.text), item.version)
