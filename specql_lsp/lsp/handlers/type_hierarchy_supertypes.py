"""``typeHierarchy/supertypes``."""

from __future__ import annotations

from typing import Any

from specql_lsp.features.type_hierarchy import supertypes
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.hierarchies import items_json, subject
from specql_lsp.lsp.request_context import RequestContext


def type_hierarchy_supertypes(context: RequestContext, params: Any) -> Json | None:
    """The entities that an item refers to; None if the item is known no more."""
    found = subject(context, params)
    return Json(items_json(context, supertypes(*found, read=context.read))) if found is not None else None
