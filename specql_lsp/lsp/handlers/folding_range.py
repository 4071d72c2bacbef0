"""``textDocument/foldingRange``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.folding_ranges import folding_ranges
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.ranges import folding_ranges_json
from specql_lsp.lsp.request_context import DocumentContext


def folding_range(context: DocumentContext, _params: types.FoldingRangeParams) -> Json | None:
    """What can be folded; None if nothing can."""
    found = folding_ranges(context.document, context.client.most_folding_ranges)
    return Json(folding_ranges_json(found)) if found else None
