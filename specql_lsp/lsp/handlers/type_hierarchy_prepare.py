"""``textDocument/prepareTypeHierarchy``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.type_hierarchy import prepare_types
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.hierarchies import items_json
from specql_lsp.lsp.request_context import DocumentContext


def type_hierarchy_prepare(context: DocumentContext, params: types.TypeHierarchyPrepareParams) -> Json | None:
    """The entity at a position; None if there is nothing."""
    offset = context.positions.offset(params.position)
    found = prepare_types(context.analysis, context.document, offset, read=context.read)
    return Json(items_json(context, found)) if found else None
