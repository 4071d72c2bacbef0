"""Where the name under the cursor is defined: entities in their files, domains and table codes in the registry YAML.

From the registry YAML it leads back: from a registered entity or its code to the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.definition_places import definition_places
from specql_lsp.features.model import Link
from specql_lsp.features.occurrences import Access, Read, occurrences, with_document
from specql_lsp.index.symbols import Place, SymbolKind, place
from specql_lsp.semantics.classify import classify
from specql_lsp.semantics.identity import Identity, identities
from specql_lsp.semantics.symbol import Role, Symbol
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def definition(analysis: Analysis, document: Document, offset: int, *, read: Read) -> tuple[Link, ...]:
    """The definitions of the name at an offset (code points from 0), the most likely ones first.

    Args:
        analysis: what is known.
        document: the file.
        offset: where.
        read: gives the text of the one other file that the definition may be in.
    """
    symbol = classify(document, offset)
    if symbol is None:
        return ()
    return tuple(Link(symbol.span, target) for target in dict.fromkeys(_targets(analysis, document, symbol, read)))


def _targets(analysis: Analysis, document: Document, symbol: Symbol, read: Read) -> Iterator[Place]:
    analysis = with_document(analysis, document)
    if symbol.kind is SymbolKind.CODE:
        yield from _code(analysis, document, symbol)
        return
    if symbol.kind is SymbolKind.ENTITY and symbol.role is Role.DEFINITION:
        yield place(document, symbol.span)
        return
    for identity in sorted(identities(analysis, document, symbol)):
        found = list(definition_places(analysis, document, identity, read))
        yield from found or _of_entity(analysis, identity)


def _code(analysis: Analysis, document: Document, symbol: Symbol) -> list[Place]:
    """The line of the registry YAML; from there, the files that use the code."""
    found = list(occurrences(analysis, document, symbol, read=lambda _: None))
    if document.registry is None:
        return [each.place for each in found if each.access is Access.DEFINITION]
    return [each.place for each in found if each.place.uri != document.uri] or [place(document, symbol.span)]


def _of_entity(analysis: Analysis, identity: Identity) -> Iterator[Place]:
    """The entity that has a member, where its file cannot be read."""
    if identity.kind in {SymbolKind.FIELD, SymbolKind.ENUM_VALUE, SymbolKind.ACTION}:
        facts = analysis.index.entity(identity.uri)
        if facts is not None:
            yield facts.name_place
