"""``textDocument/references``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.references import references as answer_references
from specql_lsp.lsp.convert import navigation
from specql_lsp.lsp.request_context import DocumentContext


def references(context: DocumentContext, params: types.ReferenceParams) -> list[types.Location] | None:
    """Where the name at a position is used; None if there is no name."""
    offset = context.positions.offset(params.position)
    with_definition = params.context.include_declaration
    found = answer_references(
        context.analysis,
        context.document,
        offset,
        with_definition=with_definition,
        read=context.read,
        check=context.cancelled.check,
    )
    return navigation.locations(found, context.client.encoding, context.client_uri) or None
