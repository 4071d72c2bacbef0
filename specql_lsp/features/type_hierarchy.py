"""Which entities refer to which: above an entity those that its fields refer to, beneath it those that refer to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from specql_lsp.features.hierarchy import HierarchyItem, hierarchy_item
from specql_lsp.features.occurrences import Read, with_document
from specql_lsp.features.type_definition import types_of
from specql_lsp.index.summary import FileSummary
from specql_lsp.index.symbols import SymbolKind, Use, UseKind, entity_key
from specql_lsp.semantics.classify import classify
from specql_lsp.semantics.identity import Identity, entity_identities, identities, identity_of_facts
from specql_lsp.semantics.resolve import resolve_use
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def prepare_types(analysis: Analysis, document: Document, offset: int, *, read: Read) -> tuple[HierarchyItem, ...]:
    """The entity that is named at an offset (code points from 0), or that the field there refers to."""
    analysis = with_document(analysis, document)
    symbol = classify(document, offset)
    if symbol is None:
        return ()
    if symbol.kind is SymbolKind.ENTITY:
        meant: Iterable[Identity] = sorted(identities(analysis, document, symbol))
    else:
        meant = types_of(analysis, document, symbol)
    return tuple(_items(analysis, document, meant, read))


def supertypes(analysis: Analysis, document: Document, identity: Identity, *, read: Read) -> tuple[HierarchyItem, ...]:
    """The entities that the fields of an entity refer to, in the order of the text.

    Args:
        analysis: what is known.
        document: the entity's file.
        identity: the entity.
        read: gives the text of other files.
    """
    analysis = with_document(analysis, document)
    summary = analysis.index.get(identity.uri) if identity.uri else None
    found = (each for use in _references(summary) for each in _meant(analysis, summary, use))
    return tuple(_items(analysis, document, found, read))


def subtypes(
    analysis: Analysis, document: Document, identity: Identity, *, read: Read, check: Callable[[], object]
) -> tuple[HierarchyItem, ...]:
    """The entities whose fields refer to an entity, by file; as ``supertypes``.

    ``check`` is called for each file; it raises if the answer is not wanted any more.
    """
    analysis = with_document(analysis, document)
    found: list[Identity] = []
    for uri in analysis.index.users(entity_key(identity.name)):
        check()
        summary = analysis.index.get(uri)
        uses = (use for use in _references(summary) if use.name == identity.name)
        if summary is not None and any(identity in _meant(analysis, summary, use) for use in uses):
            found += map(identity_of_facts, summary.entities)
    return tuple(_items(analysis, document, found, read))


def _references(summary: FileSummary | None) -> Iterator[Use]:
    for use in summary.uses if summary is not None else ():
        if use.kind is UseKind.REF and use.symbol is SymbolKind.ENTITY:
            yield use


def _meant(analysis: Analysis, summary: FileSummary | None, use: Use) -> list[Identity]:
    return sorted(entity_identities(resolve_use(analysis, summary, use))) if summary is not None else []


def _items(analysis: Analysis, document: Document, meant: Iterable[Identity], read: Read) -> Iterator[HierarchyItem]:
    for identity in dict.fromkeys(meant):
        item = hierarchy_item(analysis, document, identity, read)
        if item is not None:
            yield item
