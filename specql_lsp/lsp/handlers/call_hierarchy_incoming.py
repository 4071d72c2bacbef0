"""``callHierarchy/incomingCalls``."""

from __future__ import annotations

from typing import Any

from specql_lsp.features.call_hierarchy import incoming_calls
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.hierarchies import calls_json, subject
from specql_lsp.lsp.request_context import RequestContext


def call_hierarchy_incoming(context: RequestContext, params: Any) -> Json | None:
    """The actions that call an item; None if the item is known no more."""
    found = subject(context, params)
    if found is None:
        return None
    calls = incoming_calls(*found, read=context.read, check=context.cancelled.check)
    return Json(calls_json(context, calls, "from"))
