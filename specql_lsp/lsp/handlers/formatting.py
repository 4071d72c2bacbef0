"""``textDocument/formatting``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.formatting import formatting as format_document
from specql_lsp.lsp.convert.edits import text_edits
from specql_lsp.lsp.convert.format_options import format_options
from specql_lsp.lsp.request_context import DocumentContext


def formatting(context: DocumentContext, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """The edits that format a document; None where formatting is turned off."""
    if not context.analysis.settings.format.enabled:
        return None
    return text_edits(format_document(context.document, format_options(params.options)), context.positions)
