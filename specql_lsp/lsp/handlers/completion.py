"""``textDocument/completion``."""

from __future__ import annotations

from datetime import UTC, datetime

from lsprotocol import types

from specql_lsp.features.completion import complete
from specql_lsp.lsp.answers import JsonText
from specql_lsp.lsp.convert.completion import ItemSupport, completion_list
from specql_lsp.lsp.request_context import DocumentContext


def completion(context: DocumentContext, params: types.CompletionParams) -> JsonText:
    """Completes at a position."""
    number = context.session.folders.number(context.folder.uri) if context.folder else None
    client = context.client
    offset = context.positions.offset(params.position)
    return completion_list(
        complete(context.analysis, context.document, offset, datetime.now(UTC)),
        context.positions,
        ItemSupport(client.label_details, client.snippets, client.marks_deprecated, client.opens_lists),
        item_defaults=client.item_defaults,
        folder=number,
    )
