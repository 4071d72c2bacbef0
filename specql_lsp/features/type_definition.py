"""What a field is made of: from a field, wherever it is named, to the entities that its type refers to.

Likewise from a parameter of an action, where it is declared with a type.
"""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.definition_places import definition_places
from specql_lsp.features.model import Link
from specql_lsp.features.occurrences import Read, with_document
from specql_lsp.index.symbols import Place, SymbolKind
from specql_lsp.language.type_syntax import parse_field_type
from specql_lsp.semantics.classify import classify
from specql_lsp.semantics.identity import Identity, entity_identities, found_field, identities
from specql_lsp.semantics.parameters import parameter_type
from specql_lsp.semantics.resolve import Site, resolve_entity
from specql_lsp.semantics.symbol import Role, Symbol
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def type_definition(analysis: Analysis, document: Document, offset: int, *, read: Read) -> tuple[Link, ...]:
    """The definitions of the entities that the field at an offset (code points from 0) refers to.

    Nothing for a field of any other type: types have no file.
    """
    symbol = classify(document, offset)
    if symbol is None:
        return ()
    analysis = with_document(analysis, document)
    places: dict[Place, None] = {}
    for identity in types_of(analysis, document, symbol):
        places.update(dict.fromkeys(definition_places(analysis, document, identity, read)))
    return tuple(Link(symbol.span, place) for place in places)


def types_of(analysis: Analysis, document: Document, symbol: Symbol) -> Iterator[Identity]:
    """The entities that a field refers to, or the one that a reference names."""
    if symbol.kind is SymbolKind.ENTITY and symbol.role is Role.REFERENCE:
        yield from sorted(identities(analysis, document, symbol))
    written, site = "", Site(document.uri, symbol.entity.schema if symbol.entity is not None else "")
    if symbol.kind is SymbolKind.PARAMETER and symbol.entity is not None:
        around = (each for each in symbol.entity.actions if each.span.contains(symbol.span.start))
        written = next((parameter_type(each, symbol.name) for each in around), "")
    found = found_field(analysis, document, symbol, symbol.name) if symbol.kind is SymbolKind.FIELD else None
    if found is not None and found.text is not None:
        written, site = found.text.type, Site(found.uri, found.schema)
    for target in parse_field_type(written).targets():
        schema = target.schema.text if target.schema is not None else None
        yield from sorted(entity_identities(resolve_entity(analysis, site, target.name.text, schema)))
