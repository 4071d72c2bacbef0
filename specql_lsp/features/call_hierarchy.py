"""Who calls an action or is made from a pattern, and what an action calls: actions, its pattern, services."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from specql_lsp.features.hierarchy import Call, HierarchyItem, action_of, hierarchy_item
from specql_lsp.features.occurrences import Access, Read, occurrences, with_document
from specql_lsp.index.symbols import Place, SymbolKind, member_owner, place
from specql_lsp.items.entity import ActionItem, moved_scalar
from specql_lsp.semantics.classify import classify
from specql_lsp.semantics.identity import Identity, identities
from specql_lsp.semantics.symbol import Role, Symbol
from specql_lsp.syntax.nodes import Mapping, Scalar, walk
from specql_lsp.syntax.scalar_offsets import span_in_text
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_CALLED = frozenset({SymbolKind.ACTION, SymbolKind.PATTERN, SymbolKind.SERVICE_OPERATION})
_CALLING_KEYS = frozenset({"call", "operation", "pattern"})


def prepare_calls(analysis: Analysis, document: Document, offset: int, *, read: Read) -> tuple[HierarchyItem, ...]:
    """What can call or be called of what the name at an offset (code points from 0) means."""
    analysis = with_document(analysis, document)
    symbol = classify(document, offset)
    meant = identities(analysis, document, symbol) if symbol is not None and symbol.kind in _CALLED else frozenset()
    found = (hierarchy_item(analysis, document, each, read) for each in sorted(meant))
    return tuple(item for item in found if item is not None)


def incoming_calls(
    analysis: Analysis, document: Document, identity: Identity, *, read: Read, check: Callable[[], object]
) -> tuple[Call, ...]:
    """The actions that call what is meant, by file and in the order of the text, each with the places.

    Args:
        analysis: what is known.
        document: the file in which it is defined.
        identity: what is called.
        read: gives the text of other files.
        check: called for each file; it raises if the answer is not wanted any more.
    """
    analysis = with_document(analysis, document)
    symbol = _definition(analysis, document, identity, read)
    if symbol is None:
        return ()
    calls: dict[Identity, list[Place]] = {}
    for each in occurrences(analysis, document, symbol, read=read, check=check, whole=True):
        caller = _around(each.document, each.symbol) if each.access is not Access.DEFINITION else None
        if caller is not None:
            calls.setdefault(caller, []).append(each.place)
    return tuple(_calls(analysis, document, calls, read))


def outgoing_calls(analysis: Analysis, document: Document, identity: Identity, *, read: Read) -> tuple[Call, ...]:
    """What an action calls, in the order of the text, each with the places in the action's file."""
    analysis = with_document(analysis, document)
    action = action_of(document, identity) if identity.kind is SymbolKind.ACTION else None
    calls: dict[Identity, list[Place]] = {}
    for symbol in _called_in(document, action) if action is not None else ():
        for called in sorted(identities(analysis, document, symbol)):
            calls.setdefault(called, []).append(place(document, symbol.span))
    return tuple(_calls(analysis, document, calls, read))


def _calls(analysis: Analysis, document: Document, calls: dict[Identity, list[Place]], read: Read) -> Iterator[Call]:
    for identity, places in sorted(calls.items(), key=lambda call: (call[1][0].uri, call[1][0].start)):
        item = hierarchy_item(analysis, document, identity, read)
        if item is not None:
            yield Call(item, tuple(sorted(places, key=lambda each: (each.uri, each.start))))


def _definition(analysis: Analysis, document: Document, identity: Identity, read: Read) -> Symbol | None:
    """The symbol of what is called, where it is defined in the document."""
    item = hierarchy_item(analysis, document, identity, read)
    if item is None or item.name_place.uri != document.uri:
        return None
    return classify(document, document.lines.offset(item.name_place.start))


def _around(document: Document | None, symbol: Symbol | None) -> Identity | None:
    """The action that a call is in."""
    entity = symbol.entity if symbol is not None else None
    if document is None or symbol is None or entity is None or symbol.role is Role.DEFINITION:
        return None
    action = next((each for each in entity.actions if each.span.contains(symbol.span.start)), None)
    if action is None or action.name is None:
        return None
    owner = member_owner(entity.name.value if entity.name is not None else "", entity.schema)
    return Identity(SymbolKind.ACTION, action.name.value, owner, document.uri)


def _called_in(document: Document, action: ActionItem) -> Iterator[Symbol]:
    for node in walk(action.node.body):
        for entry in node.entries if isinstance(node, Mapping) else ():
            if entry.name in _CALLING_KEYS and isinstance(entry.value, Scalar):
                text = moved_scalar(entry.value, action.shift)
                symbol = classify(document, span_in_text(document.text, text, Span(0, 1)).start)
                if symbol is not None and symbol.kind in _CALLED:
                    yield symbol
