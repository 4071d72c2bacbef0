"""``textDocument/prepareCallHierarchy``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.call_hierarchy import prepare_calls
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.hierarchies import items_json
from specql_lsp.lsp.request_context import DocumentContext


def call_hierarchy_prepare(context: DocumentContext, params: types.CallHierarchyPrepareParams) -> Json | None:
    """What can call or be called at a position; None if there is nothing."""
    offset = context.positions.offset(params.position)
    found = prepare_calls(context.analysis, context.document, offset, read=context.read)
    return Json(items_json(context, found)) if found else None
