"""``textDocument/onTypeFormatting``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.on_type_formatting import on_type_formatting as after_character
from specql_lsp.lsp.convert.edits import text_edits
from specql_lsp.lsp.convert.format_options import format_options
from specql_lsp.lsp.handlers.formatting import may_format
from specql_lsp.lsp.request_context import DocumentContext


def on_type_formatting(
    context: DocumentContext, params: types.DocumentOnTypeFormattingParams
) -> list[types.TextEdit] | None:
    """The edits that follow from a typed character; None where formatting is turned off."""
    if not may_format(context):
        return None
    offset = context.positions.offset(params.position)
    indentation = format_options(params.options).indentation
    return text_edits(after_character(context.document, offset, params.ch, indentation=indentation), context.positions)
