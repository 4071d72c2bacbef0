"""``textDocument/selectionRange``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.selection_ranges import selection_ranges
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.ranges import selection_range_json
from specql_lsp.lsp.request_context import DocumentContext


def selection_range(context: DocumentContext, params: types.SelectionRangeParams) -> Json | None:
    """What a selection at each of the positions grows to, in their order; None for a file that is not SpecQL's."""
    positions = context.positions
    found = [selection_ranges(context.document, positions.offset(position)) for position in params.positions]
    if not all(found):
        return None
    return Json([selection_range_json(spans, positions) for spans in found])
