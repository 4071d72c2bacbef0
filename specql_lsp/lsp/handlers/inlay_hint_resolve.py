"""``inlayHint/resolve``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from specql_lsp.features.hover import hover
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.markup import markup_json
from specql_lsp.lsp.request_context import RequestContext, resolved_position


def inlay_hint_resolve(context: RequestContext, hint: Any) -> Json:
    """Adds what a hover says of the hint's subject; a hint that is none of ours or outdated is returned unchanged."""
    found = resolved_position(context, hint)
    if found is None:
        return Json(hint)
    document, offset = found
    answer = hover(document.analysis, document.document, offset, datetime.now(UTC))
    if answer is None:
        return Json(hint)
    return Json({**hint, "tooltip": markup_json(answer.markdown, context.client.hover_formats)})
