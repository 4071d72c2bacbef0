"""What the name at a place of an entity file is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from specql_lsp.index.symbols import SymbolKind
from specql_lsp.items.entity import ActionItem, EntityItem, EntityReference, FieldItem, StepItem
from specql_lsp.items.lower import entity_at_start, scalar_references
from specql_lsp.language.keys import KeyPlace, Meaning, entity_keys
from specql_lsp.language.pattern_parameters import (
    entity_keys_beside,
    in_innermost_step,
    in_step,
    meaning_in_pattern,
    meaning_in_step,
    valued_field,
    written_entity,
)
from specql_lsp.semantics.items_at import actions_at, field_at, reference_at
from specql_lsp.semantics.names_in_expressions import TABLE_PREFIX, ExpressionName, names_in_expression
from specql_lsp.semantics.names_in_scalars import part_at
from specql_lsp.semantics.names_in_types import enum_values, name_in_type
from specql_lsp.semantics.parameters import PARAMETER_KEYS, declared_parameters
from specql_lsp.semantics.repeated import path_of_alias, repeated_around
from specql_lsp.semantics.symbol import EntityName, Role, Symbol
from specql_lsp.syntax import nodes
from specql_lsp.syntax.nodes import Alias, Node, NodePath, Scalar, Sequence, Step, path_at
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree

_KINDS: Mapping[Meaning, SymbolKind] = MappingProxyType(
    {
        Meaning.SCHEMA: SymbolKind.SCHEMA,
        Meaning.DOMAIN: SymbolKind.SCHEMA,
        Meaning.SUBDOMAIN: SymbolKind.SUBDOMAIN,
        Meaning.ENTITY: SymbolKind.ENTITY,
        Meaning.ENTITY_REFERENCE: SymbolKind.ENTITY,
        Meaning.TABLE_CODE: SymbolKind.CODE,
        Meaning.PATTERN: SymbolKind.PATTERN,
        Meaning.ACTION_PATTERN: SymbolKind.PATTERN,
        Meaning.ACTION_REFERENCE: SymbolKind.ACTION,
        Meaning.SERVICE: SymbolKind.SERVICE,
        Meaning.SERVICE_OPERATION: SymbolKind.SERVICE_OPERATION,
        Meaning.FIELD_REFERENCE: SymbolKind.FIELD,
        Meaning.CHOICE: SymbolKind.CHOICE,
    }
)
"""The values that are names by their place alone."""
_SQL = frozenset(
    {
        *(Meaning.EXPRESSION, Meaning.QUERY, Meaning.ROW_HEAD, Meaning.CALL_HEAD, Meaning.NOTIFICATION_HEAD),
        *(Meaning.DECLARATION, Meaning.ASSIGNMENT, Meaning.VARIABLE, Meaning.FIELD_PATH),
    }
)
"""The values that have names in them."""
_SIGNS = {SymbolKind.PARAMETER: "$", SymbolKind.ENTITY: TABLE_PREFIX}
"""What is before a name in SQL and no part of it."""
_UNDESCRIBED = frozenset({None, Meaning.ANY, Meaning.NOTHING})
_ANCHOR = re.compile(r"&[^\s,\[\]{}]+")
_LONGEST_ANCHOR = 200


def in_entity(tree: SyntaxTree, entity: EntityItem, offset: int) -> Symbol | None:
    """The symbol at an offset of a document with an entity."""
    path = path_at(entity.root, offset)
    node = path.node
    if isinstance(node, Alias):
        return _anchor(SymbolKind.ANCHOR, Role.REFERENCE, node.name, node.span, entity, path)
    field = field_at(tree, entity, offset)
    reference = reference_at(tree, entity, offset, field)
    if reference is not None:
        return _reference(entity, reference, offset, path)
    if field is not None:
        found = _in_field(tree, entity, field, offset, path)
        if found is not None:
            return found
    if not isinstance(node, Scalar):
        return _anchor_at(tree, entity, offset, path)
    if not node.value.strip():
        return None
    return _key(tree, entity, node, path) if path.on_key else _value(tree, entity, node, offset, path)


# Anchors.


def _anchor(kind: SymbolKind, role: Role, name: str, span: Span, entity: EntityItem, path: NodePath) -> Symbol:
    return Symbol(kind, role, name, span, "", path.names, path.on_key, entity)


def _anchor_at(tree: SyntaxTree, entity: EntityItem, offset: int, path: NodePath) -> Symbol | None:
    start = tree.text.rfind("&", max(offset - _LONGEST_ANCHOR, 0), offset + 1)
    match = _ANCHOR.match(tree.text, start) if start >= 0 else None
    if match is None or match.end() < offset or match[0][1:] not in tree.anchors:
        return None
    return _anchor(SymbolKind.ANCHOR, Role.DEFINITION, match[0][1:], Span(*match.span()), entity, path)


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


# Fields.


def _in_field(tree: SyntaxTree, entity: EntityItem, field: FieldItem, offset: int, path: NodePath) -> Symbol | None:
    if field.key.span.contains(offset):
        name = _name(entity)
        return Symbol(
            SymbolKind.FIELD, Role.DEFINITION, field.name, field.key.text_span, name, path.names, path.on_key, entity
        )
    if field.type is not None and field.type.span.contains(offset):
        found = name_in_type(tree.text, field.type, offset)
        if found is not None:
            kind, role, name, span = found
            return Symbol(kind, role, name, span, field.name, path.names, entity=entity)
    node = path.node
    is_default = isinstance(node, Scalar) and not path.on_key and path.names[-1:] == ("default",)
    if is_default and isinstance(node, Scalar) and node.value in enum_values(field.type_text or ""):
        return _symbol(tree, entity, SymbolKind.ENUM_VALUE, Role.REFERENCE, node, path, field.name)
    return None


def _name(entity: EntityItem) -> str:
    return entity.name.value if entity.name else ""


# The place of a name in the language.


def _place(tree: SyntaxTree, entity: EntityItem, path: NodePath) -> KeyPlace:
    """What the language's tables say about a path: also where it leads through a node that an alias repeats.

    The steps beneath a step that the tables do not describe, as ``switch``, are what steps are.
    """
    place = entity_keys().walk(path.names)
    if place.value is not None or place.key is not None or path.node is None:
        return place
    inner = in_innermost_step(path.names)
    if inner is not None and len(inner) < len(path.names) - len(in_step(())):
        place = entity_keys().walk(in_step(inner))
        if place.value is not None or place.key is not None:
            return place
    around = repeated_around(tree, entity, path)
    return entity_keys().walk(around) if around is not None else place


# Keys.


def _key(tree: SyntaxTree, entity: EntityItem, node: Scalar, path: NodePath) -> Symbol | None:
    if not {*PARAMETER_KEYS}.isdisjoint(path.names) and _is_parameter(entity, node):
        return _symbol(tree, entity, SymbolKind.PARAMETER, Role.DEFINITION, node, path)
    place = _place(tree, entity, path)
    key = place.key
    if key is not None and key.meaning is Meaning.FIELD_REFERENCE:
        return _symbol(tree, entity, SymbolKind.FIELD, Role.REFERENCE, node, path, _name(entity))
    in_pattern = meaning_in_pattern(path.names, on_key=True)
    if in_pattern is None and key is None:
        in_pattern = meaning_in_step(path.names, on_key=True)
    if in_pattern is Meaning.FIELD_REFERENCE:
        symbol = _symbol(tree, entity, SymbolKind.FIELD, Role.REFERENCE, node, path, _name(entity))
        return _of_entity_beside(entity, replace(symbol, writes=True), path.steps[:-1])
    if key is not None and key.name == "*" and path.names[-2:-1] in {("config",), ("params",)}:
        pattern = _pattern_around(entity, node.span.start)
        return _symbol(tree, entity, SymbolKind.PATTERN_PARAMETER, Role.REFERENCE, node, path, pattern)
    kind = SymbolKind.STEP if _is_step(entity, node) else SymbolKind.KEY
    return _symbol(tree, entity, kind, Role.REFERENCE, node, path)


def _pattern_around(entity: EntityItem, offset: int) -> str:
    """The name of the pattern whose parameters are at an offset; empty where it has none."""
    for action in entity.actions:
        if action.node.pattern is not None and action.span.contains(offset):
            return action.node.pattern.value
    for pattern in entity.patterns:
        if pattern.body is not None and pattern.body.span.contains(offset):
            return pattern.name.value
    return ""


def _is_step(entity: EntityItem, key: Scalar) -> bool:
    """Whether a key is what decides what a step does."""
    return step_of(entity, key.span.start) is not None


def step_of(entity: EntityItem, keyword: int) -> tuple[ActionItem, StepItem] | None:
    """The step whose keyword begins at an offset, and its action; None for any other key."""
    for action in entity.actions:
        stack = list(action.node.steps)
        while stack:
            step = stack.pop()
            if step.keyword is not None and step.keyword.span.start + action.shift == keyword:
                return action, StepItem(step, action.shift)
            stack.extend(step.steps)
    return None


# Values.


def _value(
    tree: SyntaxTree, entity: EntityItem, node: Scalar, offset: int, path: NodePath, *, is_repeated: bool = False
) -> Symbol | None:
    """The name in a value; ``is_repeated`` where the path is that of an alias of it."""
    name = _name(entity)
    place = _place(tree, entity, path)
    in_pattern = meaning_in_pattern(path.names)
    if in_pattern is None and place.meaning in _UNDESCRIBED:
        in_pattern = meaning_in_step(path.names)
    meaning = in_pattern or place.meaning or Meaning.NOTHING
    kind = _KINDS.get(meaning)
    field = valued_field(path.names, _pattern_around(entity, node.span.start)) if meaning in _UNDESCRIBED else ""
    if field:
        value = _symbol(tree, entity, SymbolKind.ENUM_VALUE, Role.REFERENCE, node, path, field)
        return _of_entity_beside(entity, value, path.steps[:-1]) if path.names[-1] == field else value
    match kind:
        case SymbolKind.ENTITY if meaning is Meaning.ENTITY:
            return _symbol(tree, entity, kind, Role.DEFINITION, node, path, entity.schema)
        case SymbolKind.ENTITY:
            reference = entity_at_start(tree, node)
            return _reference(entity, reference, offset, path) if reference is not None else None
        case SymbolKind.CODE | SymbolKind.ACTION:
            return _symbol(tree, entity, kind, Role.REFERENCE, node, path, name)
        case SymbolKind.SUBDOMAIN:
            domain = entity.domain_name.value if entity.domain_name else entity.schema
            return _symbol(tree, entity, kind, Role.REFERENCE, node, path, domain)
        case SymbolKind.SERVICE_OPERATION:
            return _symbol(tree, entity, kind, Role.REFERENCE, node, path, _beside(entity, path.steps, "service"))
        case SymbolKind.FIELD:
            return _field_reference(tree, entity, node, path, place)
        case SymbolKind.CHOICE:
            return _symbol(tree, entity, kind, Role.REFERENCE, node, path, place.key.name if place.key else "")
        case SymbolKind():
            return _symbol(tree, entity, kind, Role.REFERENCE, node, path)
    if meaning is Meaning.FIELD_TYPE or meaning is Meaning.TYPE:
        return _of_type(tree, entity, node, offset, path)
    if meaning is Meaning.TABLE:
        table = _of_table(tree, node)
        return _reference(entity, table, offset, path) if table is not None else None
    if meaning is Meaning.ROW_HEAD:  # of the steps that are read, the items know the entity
        head = entity_at_start(tree, node)
        if head is not None and head.span.contains(offset):
            return _reference(entity, head, offset, path)
    if meaning in _SQL:
        found = _in_sql(tree, entity, node, offset, path, meaning)
        if found is not None:
            return _of_entity_beside(entity, found, path.steps) if in_pattern is not None else found
    if not {*PARAMETER_KEYS}.isdisjoint(path.names):
        found = _of_parameter(tree, entity, node, offset, path)
        if found is not None:
            return found
    # What is an action or a field may be merged or an alias: the items know.
    actions = ((action.node.name, action.shift) for action in actions_at(tree, entity, offset))
    if any(own is not None and own.span.start + shift == node.span.start for own, shift in actions):
        return _symbol(tree, entity, SymbolKind.ACTION, Role.DEFINITION, node, path, name)
    if any(mention.span == node.span for mention in entity.field_mentions):
        return _symbol(tree, entity, SymbolKind.FIELD, Role.REFERENCE, node, path, name)
    if meaning is Meaning.NOTHING and tree.anchors and not is_repeated:
        repeated = path_of_alias(tree, entity, node)
        return _value(tree, entity, node, offset, repeated, is_repeated=True) if repeated is not None else None
    return None


def _of_type(tree: SyntaxTree, entity: EntityItem, node: Scalar, offset: int, path: NodePath) -> Symbol | None:
    """The name in a type that is written elsewhere than in its field."""
    references = scalar_references(tree, node)
    reference = next((each for each in references if each.span.contains(offset)), None)
    if reference is not None:
        return _reference(entity, reference, offset, path)
    found = name_in_type(tree.text, node, offset)
    if found is None:
        return None
    field = path.names[1] if len(path.names) > 1 and path.names[0] == "fields" else ""
    kind, role, name, span = found
    return Symbol(kind, role, name, span, field, path.names, entity=entity)


def _is_parameter(entity: EntityItem, node: Scalar) -> bool:
    return any(span == node.text_span for action in entity.actions for _, span in declared_parameters(action))


def _of_parameter(tree: SyntaxTree, entity: EntityItem, node: Scalar, offset: int, path: NodePath) -> Symbol | None:
    """A parameter that an action declares in a list, or the entity in the type of one."""
    if _is_parameter(entity, node):
        return _symbol(tree, entity, SymbolKind.PARAMETER, Role.DEFINITION, node, path)
    references = scalar_references(tree, node)
    reference = next((each for each in references if each.span.contains(offset)), None)
    return _reference(entity, reference, offset, path) if reference is not None else None


def _field_reference(tree: SyntaxTree, entity: EntityItem, node: Scalar, path: NodePath, place: KeyPlace) -> Symbol:
    """A field's name alone: of the file's entity, or of the entity that a table view includes."""
    relation = place.name(Meaning.ENTITY_REFERENCE)
    if relation is None:
        return _symbol(tree, entity, SymbolKind.FIELD, Role.REFERENCE, node, path, _name(entity))
    schema, _, other = relation.rpartition(".")
    return Symbol(
        SymbolKind.FIELD,
        Role.REFERENCE,
        node.value,
        node.text_span,
        other,
        path.names,
        entity=entity,
        place=place,
        of_entity=EntityName(schema, other),
    )


def _beside(entity: EntityItem, steps: tuple[Step, ...], key: str) -> str:
    """The value of another key of the innermost mapping on a path; empty where it has none."""
    node: Node | None = entity.root
    around: nodes.Mapping | None = None
    for step in steps:
        if isinstance(node, nodes.Mapping) and step.entry is not None:
            around, node = node, step.entry.value
        elif isinstance(node, Sequence) and step.item is not None:
            node = node.items[step.item]
    scalar = around.scalar(key) if around is not None else None
    return scalar.value if scalar is not None else ""


def _of_entity_beside(entity: EntityItem, symbol: Symbol, around: tuple[Step, ...]) -> Symbol:
    """A field in the parameters of a pattern: of the entity that a key beside it names, if there is one."""
    if symbol.kind not in {SymbolKind.FIELD, SymbolKind.ENUM_VALUE} or symbol.of_entity is not None:
        return symbol
    for key in entity_keys_beside(in_step=in_innermost_step(symbol.path) is not None):
        written = _beside(entity, around, key)
        if written.strip():
            of = EntityName(*written_entity(key, written))
            return replace(symbol, of_entity=of, owner=of.name if symbol.kind is SymbolKind.FIELD else symbol.owner)
    return symbol


def _of_table(tree: SyntaxTree, node: Scalar) -> EntityReference | None:
    """The entity whose table a scalar names; None where it is no table that SpecQL makes."""
    found = entity_at_start(tree, node)
    if found is None or not found.name.lower().startswith(TABLE_PREFIX):
        return None
    return found._replace(name=found.name[len(TABLE_PREFIX) :])


def _in_sql(
    tree: SyntaxTree, entity: EntityItem, node: Scalar, offset: int, path: NodePath, meaning: Meaning
) -> Symbol | None:
    """The name at an offset of a scalar that has names in it."""
    names = names_in_expression(meaning, node.value)
    found = part_at(tree.text, node, [name.span for name in names], offset)
    if found is None:
        return None
    index, span = found
    name = names[index]
    sign = _SIGNS.get(name.kind, "")
    if (
        sign
        and len(name.name) < span.end - span.start
        and tree.text[span.start : span.start + len(sign)].lower() == sign
    ):
        span = Span(span.start + len(sign), span.end)
    return Symbol(
        name.kind,
        name.role,
        name.name,
        span,
        _owner(entity, name),
        path.names,
        entity=entity,
        of_entity=name.entity if name.kind is not SymbolKind.ENTITY and not _is_own(entity, name.entity) else None,
        through=name.through,
        writes=name.writes,
    )


def _owner(entity: EntityItem, name: ExpressionName) -> str:
    match name.kind:
        case SymbolKind.FIELD:
            return name.entity.name if name.entity is not None else _name(entity)
        case SymbolKind.ENUM_VALUE | SymbolKind.PARAMETER:
            return name.field
        case SymbolKind.ENTITY:
            return name.entity.schema if name.entity is not None else ""
    return ""


def _is_own(entity: EntityItem, name: EntityName | None) -> bool:
    """Whether a name means the entity of the file."""
    if name is None:
        return True
    return name.name.lower() == _name(entity).lower() and name.schema.lower() in {"", entity.schema.lower()}


def _symbol(
    tree: SyntaxTree, entity: EntityItem, kind: SymbolKind, role: Role, node: Scalar, path: NodePath, owner: str = ""
) -> Symbol:
    place = _place(tree, entity, path)
    return Symbol(kind, role, node.value, node.text_span, owner, path.names, path.on_key, entity, place)
