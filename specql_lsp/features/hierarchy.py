"""The items of call and type hierarchies: an action, a pattern, an operation of a service, an entity."""

from __future__ import annotations

from typing import NamedTuple

from specql_lsp.features.definition_places import definition_places
from specql_lsp.features.model import OutlineKind
from specql_lsp.features.occurrences import Read
from specql_lsp.index.symbols import Place, SymbolKind, member_owner, place
from specql_lsp.items.entity import ActionItem
from specql_lsp.semantics.identity import Identity
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_KINDS = {
    SymbolKind.ACTION: OutlineKind.ACTION,
    SymbolKind.PATTERN: OutlineKind.PATTERN,
    SymbolKind.SERVICE_OPERATION: OutlineKind.SERVICE,
    SymbolKind.ENTITY: OutlineKind.ENTITY,
}


class HierarchyItem(NamedTuple):
    """Something that calls, is called, refers or is referred to."""

    name: str
    kind: OutlineKind
    detail: str
    whole: Place
    """All of it; of what is in another file than is read, its name."""
    name_place: Place
    identity: Identity


class Call(NamedTuple):
    """An item with the places from which it is called, or in which it calls."""

    item: HierarchyItem
    places: tuple[Place, ...]


def hierarchy_item(analysis: Analysis, document: Document, identity: Identity, read: Read) -> HierarchyItem | None:
    """The item of what is meant; None where no file has it.

    Args:
        analysis: what is known, the document included.
        document: the file that is asked about.
        identity: an action, a pattern, an operation or an entity.
        read: gives the text of other files.
    """
    at = next(definition_places(analysis, document, identity, read), None)
    kind = _KINDS.get(identity.kind)
    if at is None or kind is None:
        return None
    whole, name = at, identity.name
    match identity.kind:
        case SymbolKind.ACTION:
            detail = identity.owner
            home = document if identity.uri == document.uri else read(identity.uri)
            found = action_of(home, identity) if home is not None else None
            if home is not None and found is not None:
                whole, detail = place(home, found.span), owner_of(home, found)
        case SymbolKind.ENTITY:
            name, detail = _entity(analysis, identity)
        case SymbolKind.SERVICE_OPERATION:
            service = analysis.index.service(identity.owner)
            operation = service.operation(identity.name) if service is not None else None
            name, detail = (operation.name if operation else name), (service.name if service else identity.owner)
        case _:
            pattern = analysis.index.pattern(identity.name)
            detail = (pattern.description or "") if pattern is not None else ""
    return HierarchyItem(name, kind, " ".join(detail.split()), whole, at, identity)


def _entity(analysis: Analysis, identity: Identity) -> tuple[str, str]:
    """The name and the detail of an entity."""
    summary = analysis.index.get(identity.uri) if identity.uri else None
    for facts in summary.entities if summary is not None else ():
        if (facts.name.lower(), facts.schema.lower()) == (identity.name, identity.owner):
            return facts.name, f"{facts.schema} · {facts.code}" if facts.code else facts.schema
    registered = analysis.snapshot.by_entity(identity.name) if analysis.snapshot is not None else ()
    for domain, _, entity in registered:
        return entity.name, f"{domain.name} · {entity.table_code}"
    return identity.name, ""


def action_of(document: Document, identity: Identity) -> ActionItem | None:
    """The action in its file."""
    for entity in document.entities:
        if member_owner(entity.name.value if entity.name is not None else "", entity.schema) == identity.owner:
            for action in entity.actions:
                if action.name is not None and action.name.value == identity.name:
                    return action
    return None


def owner_of(document: Document, action: ActionItem) -> str:
    """The entity that an action is of, with its schema."""
    entity = next((each for each in document.entities if each.root.span.contains(action.span.start)), document.entity)
    return f"{entity.schema}.{entity.name.value}" if entity is not None and entity.name is not None else ""
