"""``textDocument/documentLink``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.document_links import document_links
from specql_lsp.lsp.request_context import DocumentContext


def document_link(context: DocumentContext, _params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
    """What the document links to; None if there is nothing."""
    tooltips = context.client.link_tooltips
    return [
        types.DocumentLink(
            context.positions.range(each.span),
            context.client_uri(each.target),
            each.tooltip if tooltips and each.tooltip else None,
        )
        for each in document_links(context.analysis, context.document)
    ] or None
