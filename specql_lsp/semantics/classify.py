"""What the name under the cursor is: the one answer that hover, definition, references and completion begin with.

Only the file itself is looked at. What the name means in the workspace is for ``resolve``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from specql_lsp.index.symbols import SymbolKind
from specql_lsp.items.entity import EntityItem, EntityReference, FieldItem, moved_references
from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.language.keys import UNKNOWN_PLACE, KeyPlace, KeyTable, Meaning, entity_keys, registry_keys
from specql_lsp.syntax.nodes import NodePath, Scalar, path_at
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

_VALUES_IN_ENTITIES: Mapping[Meaning, SymbolKind] = MappingProxyType(
    {
        Meaning.SCHEMA: SymbolKind.SCHEMA,
        Meaning.DOMAIN: SymbolKind.SCHEMA,
        Meaning.SUBDOMAIN: SymbolKind.SUBDOMAIN,
        Meaning.ENTITY: SymbolKind.ENTITY,
        Meaning.TABLE_CODE: SymbolKind.CODE,
        Meaning.PATTERN: SymbolKind.PATTERN,
        Meaning.ACTION_PATTERN: SymbolKind.PATTERN,
    }
)
"""The values that are names by their place alone."""
_WORD = re.compile(r"[A-Za-z_]\w*")


class Role(Enum):
    """What a name does in its place."""

    DEFINITION = "definition"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name in a file.

    ``owner`` says whose it is: of an entity the schema that is written before it, of a field or an action the entity's
    name, of a type the field, of a step's keyword the action, of a subdomain the domain (its name or number), of a
    table code the entity's name; empty where that is not known.
    """

    kind: SymbolKind
    role: Role
    name: str
    span: Span
    """The name without quotes."""
    owner: str = ""
    path: tuple[str, ...] = ()
    """The keys from the root of the document to the name; ``[]`` for an item of a sequence."""
    on_key: bool = False
    """Whether the name is a key of a mapping."""
    entity: EntityItem | None = None
    """The entity whose document the name is in."""
    place: KeyPlace = UNKNOWN_PLACE
    """What the language's tables say about the place of the name."""


def classify(document: Document, offset: int) -> Symbol | None:
    """What the name at an offset (code points from 0) is; None if there is no name, or none of SpecQL's."""
    if document.registry is not None:
        return _in_registry(document.registry, offset)
    entity = entity_at(document, offset)
    return _in_entity(entity, document.text, offset) if entity is not None else None


def entity_at(document: Document, offset: int) -> EntityItem | None:
    """The entity in whose YAML document an offset is; the first one where it is between documents."""
    return next((each for each in document.entities if each.root.span.contains(offset)), document.entity)


# Entity files.


def _in_entity(entity: EntityItem, text: str, offset: int) -> Symbol | None:
    path = path_at(entity.root, offset)
    reference = _reference_at(entity, offset)
    if reference is not None:
        return _reference(entity, reference, offset, path)
    field = _field_at(entity, offset)
    if field is not None:
        found = _in_field(entity, field, text, offset, path)
        if found is not None:
            return found
    node = path.node
    if not isinstance(node, Scalar) or not node.value.strip():
        return None
    if path.on_key:
        kind = SymbolKind.STEP if _is_step(entity, node) else SymbolKind.KEY
        return _symbol(entity, kind, Role.REFERENCE, node, path)
    return _value(entity, node, path)


# A long file has tens of thousands of fields and steps: they are compared as nodes, and only what is found is moved to
# its place.


def _field_at(entity: EntityItem, offset: int) -> FieldItem | None:
    return next((each for each in entity.fields if each.node.entry.span.contains(offset - each.shift)), None)


def _reference_at(entity: EntityItem, offset: int) -> EntityReference | None:
    for field in entity.fields:
        for reference in field.node.references:
            if reference.span.contains(offset - field.shift):
                return moved_references((reference,), field.shift)[0]
    for action in entity.actions:
        for reference in action.node.entities:
            if reference.span.contains(offset - action.shift):
                return moved_references((reference,), action.shift)[0]
    return next((each for each in entity.view_entities if each.span.contains(offset)), None)


def _reference(entity: EntityItem, reference: EntityReference, offset: int, path: NodePath) -> Symbol:
    schema_span = reference.schema_span
    if schema_span is not None and schema_span.contains(offset):
        return Symbol(
            SymbolKind.SCHEMA, Role.REFERENCE, reference.schema or "", schema_span, "", path.names, path.on_key, entity
        )
    return Symbol(
        SymbolKind.ENTITY,
        Role.REFERENCE,
        reference.name,
        reference.name_span,
        reference.schema or "",
        path.names,
        path.on_key,
        entity,
    )


def _in_field(entity: EntityItem, field: FieldItem, text: str, offset: int, path: NodePath) -> Symbol | None:
    if field.key.span.contains(offset):
        owner = entity.name.value if entity.name else ""
        return Symbol(
            SymbolKind.FIELD, Role.DEFINITION, field.name, field.key.text_span, owner, path.names, path.on_key, entity
        )
    if field.type is not None and field.type.span.contains(offset):
        for word in _WORD.finditer(text, *field.type.text_span):
            if word.start() <= offset <= word.end():
                return Symbol(
                    SymbolKind.TYPE, Role.REFERENCE, word[0], Span(*word.span()), field.name, path.names, entity=entity
                )
    return None


def _is_step(entity: EntityItem, key: Scalar) -> bool:
    """Whether a key is what decides what a step does."""
    for action in entity.actions:
        stack = list(action.node.steps)
        while stack:
            step = stack.pop()
            if step.keyword is not None and step.keyword.span.start + action.shift == key.span.start:
                return True
            stack.extend(step.steps)
    return False


def _value(entity: EntityItem, node: Scalar, path: NodePath) -> Symbol | None:
    name = entity.name.value if entity.name else ""
    kind = _VALUES_IN_ENTITIES.get(entity_keys().walk(path.names).meaning or Meaning.NOTHING)
    match kind:
        case SymbolKind.ENTITY:
            return _symbol(entity, kind, Role.DEFINITION, node, path, entity.schema)
        case SymbolKind.CODE:
            return _symbol(entity, kind, Role.REFERENCE, node, path, name)
        case SymbolKind.SUBDOMAIN:
            domain = entity.domain_name.value if entity.domain_name else entity.schema
            return _symbol(entity, kind, Role.REFERENCE, node, path, domain)
        case SymbolKind():
            return _symbol(entity, kind, Role.REFERENCE, node, path)
    # What is an action or a field may be merged or an alias: the items know.
    actions = ((action.node.name, action.shift) for action in entity.actions)
    if any(own is not None and own.span.start + shift == node.span.start for own, shift in actions):
        return _symbol(entity, SymbolKind.ACTION, Role.DEFINITION, node, path, name)
    if any(mention.span == node.span for mention in entity.field_mentions):
        return _symbol(entity, SymbolKind.FIELD, Role.REFERENCE, node, path, name)
    return None


def _symbol(
    entity: EntityItem | None, kind: SymbolKind, role: Role, node: Scalar, path: NodePath, owner: str = ""
) -> Symbol:
    table: KeyTable = entity_keys() if entity is not None else registry_keys()
    place = table.walk(path.names)
    return Symbol(kind, role, node.value, node.text_span, owner, path.names, path.on_key, entity, place)


# Registry files.


def _in_registry(registry: RegistryFile, offset: int) -> Symbol | None:
    path = path_at(registry.root, offset)
    node = path.node
    if not isinstance(node, Scalar) or not node.value.strip():
        return None
    place = registry_keys().walk(path.names)
    key_meaning = place.key.meaning if place.key is not None else None
    number = place.name(Meaning.DOMAIN_NUMBER)
    match key_meaning if path.on_key else place.meaning:
        case Meaning.DOMAIN_NUMBER | Meaning.ALIAS:
            return _symbol(None, SymbolKind.SCHEMA, Role.DEFINITION, node, path, number or "")
        case Meaning.DOMAIN if number is not None:
            return _symbol(None, SymbolKind.SCHEMA, Role.DEFINITION, node, path, number)
        case Meaning.DOMAIN:
            return _symbol(None, SymbolKind.SCHEMA, Role.REFERENCE, node, path)
        case Meaning.SUBDOMAIN_NUMBER:
            return _symbol(None, SymbolKind.SUBDOMAIN, Role.DEFINITION, node, path, number or "")
        case Meaning.SUBDOMAIN if number is not None:
            return _symbol(None, SymbolKind.SUBDOMAIN, Role.DEFINITION, node, path, number)
        case Meaning.SUBDOMAIN:
            return _symbol(None, SymbolKind.SUBDOMAIN, Role.REFERENCE, node, path, place.name(Meaning.DOMAIN) or "")
        case Meaning.REGISTERED_ENTITY:
            return _symbol(None, SymbolKind.ENTITY, Role.REFERENCE, node, path, number or "")
        case Meaning.TABLE_CODE:
            entity_name = place.name(Meaning.REGISTERED_ENTITY) or ""
            return _symbol(None, SymbolKind.CODE, Role.DEFINITION, node, path, entity_name)
        case Meaning.RESERVED_CODE:
            return _symbol(None, SymbolKind.CODE, Role.REFERENCE, node, path)
    if key_meaning is Meaning.LAYER:
        layer = place.name(Meaning.LAYER) or ""
        return Symbol(
            SymbolKind.LAYER, Role.DEFINITION, layer, node.text_span, "", path.names, path.on_key, place=place
        )
    return _symbol(None, SymbolKind.KEY, Role.REFERENCE, node, path) if path.on_key else None
