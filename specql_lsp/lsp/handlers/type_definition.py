"""``textDocument/typeDefinition``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.type_definition import type_definition as answer_type_definition
from specql_lsp.lsp.convert import navigation
from specql_lsp.lsp.request_context import DocumentContext


def type_definition(
    context: DocumentContext, params: types.TypeDefinitionParams
) -> list[types.Location] | list[types.LocationLink] | None:
    """The entities that the field at a position refers to; None: it refers to none."""
    offset = context.positions.offset(params.position)
    found = answer_type_definition(context.analysis, context.document, offset, read=context.read)
    return navigation.targets(found, context, links=context.client.type_definition_links)
