"""``codeAction/resolve``."""

from __future__ import annotations

from typing import Any

from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.request_context import RequestContext


def code_action_resolve(_context: RequestContext, action: Any) -> Json:
    """Returns an action unchanged: ours are complete when they are offered. Some clients ask all the same."""
    return Json(action)
