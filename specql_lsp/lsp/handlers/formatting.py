"""``textDocument/formatting``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.formatting import formatting as format_document
from specql_lsp.lsp.convert.edits import text_edits
from specql_lsp.lsp.convert.format_options import format_options
from specql_lsp.lsp.request_context import DocumentContext


def formatting(context: DocumentContext, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """The edits that format a document; None where formatting is turned off."""
    if not may_format(context):
        return None
    return text_edits(format_document(context.document, format_options(params.options)), context.positions)


def may_format(context: DocumentContext) -> bool:
    """Whether formatting is not turned off, and the text is the editor's: its edits are of no other."""
    return context.analysis.settings.format.enabled and context.document.version is not None
