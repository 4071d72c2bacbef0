"""``callHierarchy/outgoingCalls``."""

from __future__ import annotations

from typing import Any

from specql_lsp.features.call_hierarchy import outgoing_calls
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.hierarchies import calls_json, subject
from specql_lsp.lsp.request_context import RequestContext


def call_hierarchy_outgoing(context: RequestContext, params: Any) -> Json | None:
    """What an item calls; None if the item is known no more."""
    found = subject(context, params)
    if found is None:
        return None
    return Json(calls_json(context, outgoing_calls(*found, read=context.read), "to"))
