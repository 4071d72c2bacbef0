"""``textDocument/rangeFormatting``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.formatting import formatting
from specql_lsp.lsp.convert.edits import text_edits
from specql_lsp.lsp.convert.format_options import format_options
from specql_lsp.lsp.handlers.formatting import may_format
from specql_lsp.lsp.request_context import DocumentContext


def range_formatting(
    context: DocumentContext, params: types.DocumentRangeFormattingParams
) -> list[types.TextEdit] | None:
    """The edits that format the lines of a range; None where formatting is turned off."""
    if not may_format(context):
        return None
    within = context.positions.span(params.range)
    return text_edits(formatting(context.document, format_options(params.options), within), context.positions)
