"""``textDocument/prepareRename``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.rename.model import RenameRefused
from specql_lsp.features.rename.renamable import renamable
from specql_lsp.lsp.request_context import DocumentContext
from specql_lsp.registry.refusals import RefusalKind, Refused


def prepare_rename(context: DocumentContext, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder:
    """The name that would be renamed; an error says why there is none, which clients show."""
    try:
        found = renamable(context.analysis, context.document, context.positions.offset(params.position))
    except RenameRefused as refused:
        raise Refused(RefusalKind.INVALID_ARGUMENT, refused.message) from None
    return types.PrepareRenamePlaceholder(context.positions.range(found.span), found.name)
