"""``typeHierarchy/subtypes``."""

from __future__ import annotations

from typing import Any

from specql_lsp.features.type_hierarchy import subtypes
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.hierarchies import items_json, subject
from specql_lsp.lsp.request_context import RequestContext


def type_hierarchy_subtypes(context: RequestContext, params: Any) -> Json | None:
    """The entities that refer to an item; None if the item is known no more."""
    found = subject(context, params)
    if found is None:
        return None
    return Json(items_json(context, subtypes(*found, read=context.read, check=context.cancelled.check)))
