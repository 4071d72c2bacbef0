"""``textDocument/hover``."""

from __future__ import annotations

from datetime import UTC, datetime

from lsprotocol import types

from specql_lsp.features.hover import hover as answer_hover
from specql_lsp.lsp import convert
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.request_context import DocumentContext


def hover(context: DocumentContext, params: types.HoverParams) -> Json | None:
    """What is at a position; None if there is nothing to say."""
    offset = context.positions.offset(params.position)
    answer = answer_hover(context.analysis, context.document, offset, datetime.now(UTC))
    return convert.hover(answer, context.positions, context.client.hover_formats) if answer else None
