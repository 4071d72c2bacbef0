"""Syntax tree → items: what one entity file says, typed. Never raises; what has another shape is left out.

Aliases and merge keys are followed, as PyYAML does; the spans are those of where things are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from specql_lsp.items.entity import ActionItem, EntityItem, EntityReference, FieldItem, PatternItem, StepItem
from specql_lsp.language.type_syntax import parse_field_type
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.parser import SyntaxTree
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.yaml11 import is_null

_STEP_KINDS = (
    *("validate", "if", "insert", "update", "delete", "find", "call", "notify", "reject", "refresh_table_view"),
    *("declare", "assign", "query", "cte", "return", "return_table", "for_query"),
    *("cursor_declare", "cursor_open", "cursor_fetch", "cursor_close"),
    *("select", "raw_sql", "duplicate_check", "call_service", "aggregate", "subquery", "call_function", "switch"),
    *("return_early", "while", "exception_handling", "json_build", "array_build", "upsert", "batch_operation"),
    *("window_function", "cursor", "recursive_cte", "dynamic_sql", "transaction_control"),
    *("foreach", "partial_update", "refresh"),
)
"""The kinds of steps by precedence: the first of these that is a key of a step decides what it does."""
_NAMES_ENTITY = frozenset({"insert", "update", "delete", "find", "upsert", "partial_update"})
"""The kinds whose text begins with an entity's name."""
_NESTED = frozenset({"then", "else", "do", "loop", "steps", "body", "try", "catch", "on_success", "on_failure"})
"""The keys that hold steps beneath a step, directly or in the mapping of its own key."""
_DEEPEST = 50
"""Steps and views that are nested deeper, which no person writes, are left out."""
_ENTITY_AT_START = re.compile(r"[\s\"']*((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)")


def lower_entities(tree: SyntaxTree) -> tuple[EntityItem, ...]:
    """The entities of a file, one a YAML document; SpecQL refuses a file with several documents."""
    roots = (tree.root, *tree.further_roots)
    return tuple(entity for root in roots if (entity := lower_entity(tree, root)) is not None)


def lower_entity(tree: SyntaxTree, root: Node | None) -> EntityItem | None:
    """The entity in a document with that root; None where its top level has no key ``entity``."""
    written = tree.written_mapping(root)
    read = tree.mapping(root)
    if written is None or read is None:
        return None
    entry = read.entry("entity")
    if entry is None:
        return None
    inner = tree.mapping(entry.value)
    name = inner.scalar("name") if inner else entry.value if isinstance(entry.value, Scalar) else None
    schema = read.scalar("schema") or (inner.scalar("schema") if inner else None)
    organization_entry = read.entry("organization")
    organization = tree.mapping(organization_entry.value) if organization_entry else None
    description = read.scalar("description") or (inner.scalar("description") if inner else None)
    fields_entry = read.entry("fields")
    if inner and (fields_entry is None or tree.mapping(fields_entry.value) is None):
        fields_entry = inner.entry("fields") or fields_entry
    actions_entry = read.entry("actions")
    return EntityItem(
        root=written,
        entity_entry=entry,
        name=_present(name),
        schema_node=_present(schema),
        organization_entry=organization_entry,
        organization=organization,
        table_code=_present(_scalar(organization, "table_code")),
        domain_name=_present(_scalar(organization, "domain_name") or _scalar(organization, "domain")),
        subdomain=_present(_scalar(organization, "subdomain")),
        description=description.value if description else None,
        fields_entry=fields_entry,
        fields=_fields(tree, fields_entry.value) if fields_entry else (),
        actions_entry=actions_entry,
        actions=tuple(_actions(tree, actions_entry.value)) if actions_entry else (),
        patterns=tuple(_patterns(tree, read.value("patterns"))),
        view_entities=tuple(_view_entities(tree, tree.mapping(read.value("table_views")), 0, set())),
        field_mentions=tuple(_field_mentions(tree, read)),
    )


def _scalar(mapping: Mapping | None, name: str) -> Scalar | None:
    return mapping.scalar(name) if mapping else None


def _present(scalar: Scalar | None) -> Scalar | None:
    return scalar if scalar is not None and scalar.value.strip() and not is_null(scalar) else None


def _items(tree: SyntaxTree, node: Node | None) -> Iterator[Node]:
    """The items of a sequence, each with its aliases followed."""
    sequence = tree.resolve(node)
    if isinstance(sequence, Sequence):
        for item in sequence.items:
            found = tree.resolve(item)
            if found is not None:
                yield found


# Fields.


def _fields(tree: SyntaxTree, node: Node | None) -> tuple[FieldItem, ...]:
    mapping = tree.mapping(node)
    written = tree.written_mapping(node)
    if mapping is None or written is None:
        return ()
    # Almost always all of them are written there; then the mapping as it is read is the written one itself.
    own = None if mapping is written else {entry.span for entry in written.entries}
    found: list[FieldItem] = []
    for entry in mapping.entries:
        key = entry.key
        if isinstance(key, Scalar) and key.value:
            inner = tree.mapping(entry.value)
            value = inner.value("type") if inner is not None else entry.value
            type_ = value if isinstance(value, Scalar) else None
            refers = scalar_references(tree, type_) if type_ is not None else ()
            found.append(FieldItem(key, entry, type_, refers, own is not None and entry.span not in own))
    return tuple(found)


def scalar_references(tree: SyntaxTree, scalar: Scalar) -> tuple[EntityReference, ...]:
    """The entities that a type on one line refers to, with their spans in the file."""
    # Few types refer to anything: the cheap question comes first, as it is asked for every field at every key typed.
    if "ref" not in scalar.value or scalar.style is ScalarStyle.LITERAL or scalar.style is ScalarStyle.FOLDED:
        return ()
    raw = tree.raw(scalar)
    if raw.startswith("*"):  # an alias: what it stands for is written elsewhere
        return tuple(
            EntityReference(target.schema.text if target.schema else None, target.name.text, scalar.span)
            for target in parse_field_type(scalar.value).targets()
        )
    inner, start = raw, scalar.span.start
    if not scalar.is_plain:
        start += 1
        inner = raw[1:-1] if len(raw) > 1 and raw[-1] == raw[0] else raw[1:]
    return tuple(
        EntityReference(target.schema.text if target.schema else None, target.name.text, target.span.shifted(start))
        for target in parse_field_type(inner).targets()
    )


# Actions and their steps.


def _actions(tree: SyntaxTree, node: Node | None) -> Iterator[ActionItem]:
    for item in _items(tree, node):
        body = tree.mapping(item)
        if body is not None:
            name, pattern = _present(body.scalar("name")), _present(body.scalar("pattern"))
            yield ActionItem(name, body, tuple(_steps(tree, body.value("steps"), 0, set())), pattern)


def _steps(tree: SyntaxTree, node: Node | None, depth: int, seen: set[int]) -> Iterator[StepItem]:
    """The steps of a list; a list that aliases repeat, or that is in itself, is given once."""
    found = tree.resolve(node)
    if depth > _DEEPEST or id(found) in seen:
        return
    seen.add(id(found))
    for item in _items(tree, found):
        body = tree.mapping(item)
        if body is not None:
            yield _step(tree, body, depth, seen)


def _step(tree: SyntaxTree, body: Mapping, depth: int, seen: set[int]) -> StepItem:
    names = {entry.name for entry in body.entries}
    kind = next((each for each in _STEP_KINDS if each in names), "")
    entry = body.entry(kind) if kind else None
    value = entry.value if entry else None
    nested = list(body.entries)
    inner = tree.mapping(value)
    if inner is not None:
        nested += inner.entries
    beneath = [step for e in nested if e.name in _NESTED for step in _steps(tree, e.value, depth + 1, seen)]
    keyword = entry.key if entry and isinstance(entry.key, Scalar) else None
    return StepItem(kind, keyword, value, body, tuple(_step_entities(tree, kind, value)), tuple(beneath))


def _step_entities(tree: SyntaxTree, kind: str, value: Node | None) -> Iterator[EntityReference]:
    if kind in _NAMES_ENTITY and isinstance(value, Scalar):
        found = entity_at_start(tree, value)
        if found is not None:
            yield found
    elif kind == "refresh_table_view":
        inner = tree.mapping(value)
        for item in _items(tree, inner.value("propagate")) if inner else ():
            if isinstance(item, Scalar):
                found = entity_at_start(tree, item)
                if found is not None:
                    yield found


def entity_at_start(tree: SyntaxTree, scalar: Scalar) -> EntityReference | None:
    """The entity's name that a scalar begins with, its schema before it; None where it begins with something else."""
    raw = tree.raw(scalar)
    if raw.startswith("*"):
        written = _ENTITY_AT_START.match(scalar.value)
        return _reference(written[1], scalar.span) if written else None
    is_block = scalar.style is ScalarStyle.LITERAL or scalar.style is ScalarStyle.FOLDED
    found = _ENTITY_AT_START.match(raw, raw.find("\n") + 1 if is_block else 0)
    return _reference(found[1], Span(*found.span(1)).shifted(scalar.span.start)) if found else None


def _reference(text: str, span: Span) -> EntityReference:
    schema, dot, name = text.rpartition(".")
    return EntityReference(schema if dot else None, name, span)


# What else names something.


def _patterns(tree: SyntaxTree, node: Node | None) -> Iterator[PatternItem]:
    for item in _items(tree, node):
        body = tree.mapping(item)
        name = _scalar(body, "type") if body else item if isinstance(item, Scalar) else None
        if name is not None:
            yield PatternItem(name, body)


def _view_entities(tree: SyntaxTree, body: Mapping | None, depth: int, seen: set[int]) -> Iterator[EntityReference]:
    relations = tree.resolve(body.value("include_relations")) if body else None
    if depth > _DEEPEST or id(relations) in seen:
        return
    seen.add(id(relations))
    for item in _items(tree, relations):
        relation = tree.mapping(item)
        for entry in relation.entries if relation else ():
            if isinstance(entry.key, Scalar):
                found = entity_at_start(tree, entry.key)
                if found is not None:
                    yield found
                yield from _view_entities(tree, tree.mapping(entry.value), depth + 1, seen)


def _field_mentions(tree: SyntaxTree, root: Mapping) -> Iterator[Scalar]:
    translations = tree.mapping(root.value("translations"))
    for item in _items(tree, translations.value("fields")) if translations else ():
        if isinstance(item, Scalar):
            yield item
    identifier = tree.mapping(root.value("identifier"))
    for item in _items(tree, identifier.value("components")) if identifier else ():
        named: Node | Entry | None = item
        component = tree.mapping(item)
        if component is not None:
            named = component.scalar("field")
        if isinstance(named, Scalar):
            yield named
