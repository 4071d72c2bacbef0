"""``textDocument/hover``."""

from __future__ import annotations

from datetime import UTC, datetime

from lsprotocol import types

from specql_lsp.features.hover import hover as answer_hover
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.markup import markup_json
from specql_lsp.lsp.request_context import DocumentContext


def hover(context: DocumentContext, params: types.HoverParams) -> Json | None:
    """What is at a position; None if there is nothing to say."""
    offset = context.positions.offset(params.position)
    service = context.folder.service if context.folder is not None else None
    origins = service.history.origins if service is not None else None
    answer = answer_hover(context.analysis, context.document, offset, datetime.now(UTC), origins)
    if answer is None:
        return None
    if answer.from_registry and service is not None:
        service.history.read_origins_soon()
    contents = markup_json(answer.markdown, context.client.hover_formats)
    return Json({"contents": contents, "range": context.positions.json_range(answer.span)})
