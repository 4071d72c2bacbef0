"""``textDocument/documentHighlight``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.document_highlight import document_highlight as answer_document_highlight
from specql_lsp.lsp.request_context import DocumentContext


def document_highlight(
    context: DocumentContext, params: types.DocumentHighlightParams
) -> list[types.DocumentHighlight] | None:
    """The places of the document that mean what the name at a position does; None if there is no name."""
    offset = context.positions.offset(params.position)
    kind = types.DocumentHighlightKind
    return [
        types.DocumentHighlight(context.positions.range(each.span), kind.Write if each.writes else kind.Read)
        for each in answer_document_highlight(context.analysis, context.document, offset)
    ] or None
