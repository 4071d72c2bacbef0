"""``textDocument/linkedEditingRange``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.linked_ranges import WORD, linked_ranges
from specql_lsp.lsp.request_context import DocumentContext


def linked_editing_range(
    context: DocumentContext, params: types.LinkedEditingRangeParams
) -> types.LinkedEditingRanges | None:
    """An anchor's name and those of its aliases, which are changed together; None if there is none."""
    found = linked_ranges(context.document, context.positions.offset(params.position))
    if not found:
        return None
    return types.LinkedEditingRanges([context.positions.range(span) for span in found], WORD)
