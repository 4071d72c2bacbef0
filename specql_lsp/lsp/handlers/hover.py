"""``textDocument/hover``."""

from __future__ import annotations

from datetime import UTC, datetime

from lsprotocol import types

from specql_lsp.features.hover import hover as answer_hover
from specql_lsp.lsp.convert.markup import markup
from specql_lsp.lsp.request_context import DocumentContext


def hover(context: DocumentContext, params: types.HoverParams) -> types.Hover | None:
    """What is at a position; None if there is nothing to say."""
    offset = context.positions.offset(params.position)
    answer = answer_hover(context.analysis, context.document, offset, datetime.now(UTC))
    if answer is None:
        return None
    contents = markup(answer.markdown, context.client.hover_formats)
    return types.Hover(contents, context.positions.range(answer.span))
