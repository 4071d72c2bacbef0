"""``textDocument/definition``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.definition import definition as answer_definition
from specql_lsp.lsp.convert import navigation
from specql_lsp.lsp.request_context import DocumentContext


def definition(
    context: DocumentContext, params: types.DefinitionParams
) -> list[types.Location] | list[types.LocationLink] | None:
    """Where the name at a position is defined: links, or locations for a client without links; None: nowhere."""
    offset = context.positions.offset(params.position)
    found = answer_definition(context.analysis, context.document, offset, read=context.read)
    return navigation.targets(found, context, links=context.client.definition_links)
