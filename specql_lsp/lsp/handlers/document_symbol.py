"""``textDocument/documentSymbol``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.document_symbols import document_symbols
from specql_lsp.lsp.answers import JsonText
from specql_lsp.lsp.convert import navigation
from specql_lsp.lsp.request_context import DocumentContext


def document_symbol(context: DocumentContext, _params: types.DocumentSymbolParams) -> JsonText | None:
    """The symbols of a document, as a tree where the client shows one; None if there are none."""
    symbols = document_symbols(context.document)
    if not symbols:
        return None
    if context.client.symbol_trees:
        return navigation.document_symbols(symbols, context.positions)
    uri = context.client_uri(context.document.uri)
    return navigation.flat_symbols(symbols, context.positions, uri)
