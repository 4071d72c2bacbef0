"""Syntax tree → items: what one entity file says, typed. Never raises; what has another shape is left out.

Aliases and merge keys are followed, as PyYAML does; the spans are those of where things are written. Without them a
field or an action is what its section says, which is worked out once for each section: after an edit, for those
that it touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dict
from functools import lru_cache
from sys import intern
from typing import Protocol

from specql_lsp.items.entity import (
    ActionFacts,
    ActionItem,
    ActionNode,
    EntityItem,
    EntityReference,
    FieldFacts,
    FieldGroup,
    FieldNode,
    PatternItem,
    StepNode,
)
from specql_lsp.items.field_text import nullable_of
from specql_lsp.language.steps import StepSpec, step_kind
from specql_lsp.language.type_syntax import parse_field_type
from specql_lsp.syntax.merging import may_merge
from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Node, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.parsing.sections import Placed, Section
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.syntax.yaml11 import is_null

_NESTED = frozenset(
    {
        *("then", "else", "do", "loop", "steps", "body", "on_success", "on_failure"),
        *("try", "catch", "finally", "cases", "default"),
    }
)
"""The keys that hold steps beneath a step, directly or in the mapping of its own key; ``cases`` and ``catch`` hold
mappings with steps under ``then``."""
_DEEPEST = 50
"""Steps and views that are nested deeper, which no person writes, are left out."""
_NO_REFERENCES: tuple[EntityReference, ...] = ()
_new = tuple.__new__
_ENTITY_AT_START = re.compile(r"[\s\"']*((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)")


class Source(Protocol):
    """What nodes are read from: a syntax tree, or one of its sections."""

    def resolve(self, node: Node | None) -> Node | None:
        """The node itself, or the node that an alias refers to."""

    def mapping(self, node: Node | None) -> Mapping | None:
        """The mapping that a node is or refers to, as PyYAML reads it."""

    def raw(self, node: Node) -> str:
        """The text of a node as written."""


class SectionSource:
    """A section of a document without anchors and merge keys."""

    def __init__(self, section: Section) -> None:
        self._section = section

    def resolve(self, node: Node | None) -> Node | None:
        """The node itself; there are no anchors that an alias could refer to."""
        return None if isinstance(node, Alias) else node

    def mapping(self, node: Node | None) -> Mapping | None:
        """The mapping that a node is."""
        return node if isinstance(node, Mapping) else None

    def raw(self, node: Node) -> str:
        """The text of a node as written."""
        origin = self._section.origin
        return self._section.text[node.span.start - origin : node.span.end - origin]


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
    entries = read.entries_by_name
    entry = entries.get("entity")
    if entry is None:
        return None
    inner = tree.mapping(entry.value)
    name = inner.scalar("name") if inner else entry.value if isinstance(entry.value, Scalar) else None
    schema = _scalar(inner, "schema") or _scalar_of(entries.get("schema"))
    organization_entry = entries.get("organization")
    organization = tree.mapping(organization_entry.value) if organization_entry else None
    in_organization = organization.entries_by_name if organization is not None else {}
    description = _scalar(inner, "description") or _scalar_of(entries.get("description"))
    fields_entry = (inner.entry("fields") if inner else None) or entries.get("fields")
    actions_entry = entries.get("actions")
    field_group, fields_shift = _fields(tree, fields_entry)
    patterns, views = entries.get("patterns"), entries.get("table_views")
    domain_name = _scalar_of(in_organization.get("domain_name")) or _scalar_of(in_organization.get("domain"))
    return EntityItem(
        root=written,
        entity_entry=entry,
        name=_present(name),
        schema_node=_present(schema),
        organization_entry=organization_entry,
        organization=organization,
        table_code=_present(_scalar_of(in_organization.get("table_code"))),
        domain_name=_present(domain_name),
        subdomain=_present(_scalar_of(in_organization.get("subdomain"))),
        description=description.value if description else None,
        fields_entry=fields_entry,
        field_group=field_group,
        fields_shift=fields_shift,
        actions_entry=actions_entry,
        actions=_actions(tree, actions_entry),
        patterns=tuple(_patterns(tree, patterns.value)) if patterns else (),
        view_entities=tuple(_view_entities(tree, tree.mapping(views.value), 0, set())) if views else (),
        field_mentions=tuple(_field_mentions(tree, entries)),
    )


def _scalar(mapping: Mapping | None, name: str) -> Scalar | None:
    return mapping.scalar(name) if mapping else None


def _scalar_of(entry: Entry | None) -> Scalar | None:
    return entry.value if entry is not None and isinstance(entry.value, Scalar) else None


def _present(scalar: Scalar | None) -> Scalar | None:
    return scalar if scalar is not None and scalar.value.strip() and not is_null(scalar) else None


def _items(tree: Source, node: Node | None) -> Iterator[Node]:
    """The items of a sequence, each with its aliases followed."""
    sequence = tree.resolve(node)
    if isinstance(sequence, Sequence):
        for item in sequence.items:
            found = tree.resolve(item)
            if found is not None:
                yield found


def section_of(tree: SyntaxTree, entry: Entry) -> Placed | None:
    """The divided section of an entry of the top level, where each part of it can be read by itself; else None.

    None, too, where the sections are not known, as of a text that was not edited: cutting it costs more than that.
    """
    if not tree.knows_sections:
        return None
    for placed in tree.placed.children:
        own = placed.section.entry
        if own is not None and own.key.span.start + placed.shift == entry.key.span.start:
            section = placed.section
            is_alone = not section.fact(_merges) and not (tree.sections.has_anchors and section.fact(_has_aliases))
            return placed if section.children and is_alone else None
    return None


def _merges(section: Section) -> bool:
    """Whether a section may have a merge key."""
    return may_merge(section.text) or any(section.facts_of_children(_merges))


def _has_aliases(section: Section) -> bool:
    """Whether a section may have an alias."""
    return "*" in section.text or any(section.facts_of_children(_has_aliases))


# Fields.


def _fields(tree: SyntaxTree, entry: Entry | None) -> tuple[FieldGroup, int]:
    """The fields, and what their offsets have to be moved by."""
    if entry is None:
        return FieldGroup((), ()), 0
    placed = section_of(tree, entry)
    group = placed.section.fact(_field_group) if placed is not None else None
    if placed is not None and group is not None:
        return group, placed.shift
    mapping = tree.mapping(entry.value)
    written = tree.written_mapping(entry.value)
    if mapping is None or written is None:
        return FieldGroup((), ()), 0
    # Almost always all of them are written there; then the mapping as it is read is the written one itself.
    own = None if mapping is written else {each.span for each in written.entries}
    nodes = tuple(_field_nodes(tree, mapping.entries, own))
    return FieldGroup(nodes, (0,) * len(nodes)), 0


def _field_group(section: Section) -> FieldGroup | None:
    """The fields of a divided section with its offsets; None where one of them is divided itself."""
    fields = section.facts_of_children(_fields_in)
    if any(child.children for child in section.children):
        return None
    shifts = section.shifts_of_children
    if all(len(nodes) == 1 for nodes in fields):
        return FieldGroup(tuple([nodes[0] for nodes in fields]), shifts)
    placed = [(node, shift) for nodes, shift in zip(fields, shifts, strict=True) for node in nodes]
    return FieldGroup(tuple([node for node, _ in placed]), tuple([shift for _, shift in placed]))


def _fields_in(section: Section) -> tuple[FieldNode, ...]:
    return tuple(_field_nodes(SectionSource(section), section.entries, None))


def _field_nodes(source: Source, entries: Iterable[Entry], own: set[Span] | None) -> Iterator[FieldNode]:
    for entry in entries:
        span, key, value = entry
        if isinstance(key, Scalar) and key[1]:
            inner, nullable = None, None
            if not isinstance(value, Scalar):  # nearly every one is
                inner = source.mapping(value)
                value = inner.value("type") if inner is not None else value
                nullable = nullable_of(inner, value if isinstance(value, Scalar) else None)
            type_, text, refers = None, None, _NO_REFERENCES
            if isinstance(value, Scalar):
                type_, text = value, value[1]
                if "ref" in text:  # few types refer to anything, and each is looked at at every key typed
                    refers = scalar_references(source, value)
            facts = _field_facts(key[1], text, nullable)
            inherited = own is not None and span not in own
            yield _new(FieldNode, (key, entry, type_, refers, inherited, inner, facts))


@lru_cache(maxsize=8192)
def _field_facts(name: str, type_text: str | None, nullable: bool | None) -> FieldFacts:  # noqa: FBT001 - one of three
    """Few names and types are written in ten thousand files, each in many: one text of each is enough."""
    return FieldFacts(intern(name), intern(type_text) if type_text is not None else None, nullable)


def scalar_references(source: Source, scalar: Scalar) -> tuple[EntityReference, ...]:
    """The entities that a type on one line refers to, with their spans in the file."""
    if "ref" not in scalar.value or scalar.style is ScalarStyle.LITERAL or scalar.style is ScalarStyle.FOLDED:
        return ()
    raw = source.raw(scalar)
    if raw.startswith("*"):  # an alias: the type is written elsewhere
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


def _actions(tree: SyntaxTree, entry: Entry | None) -> tuple[ActionItem, ...]:
    if entry is None:
        return ()
    placed = section_of(tree, entry)
    if placed is not None and placed.section.in_sequence:
        return tuple(
            ActionItem(node, shift) for child, shift in placed.shifted_children() for node in child.fact(_actions_in)
        )
    return tuple(map(ActionItem, _action_nodes(tree, _items(tree, entry.value))))


def _actions_in(section: Section) -> tuple[ActionNode, ...]:
    source = SectionSource(section)
    return tuple(_action_nodes(source, (found for item in section.items if (found := source.resolve(item)))))


def _action_nodes(source: Source, items: Iterable[Node]) -> Iterator[ActionNode]:
    for item in items:
        body = source.mapping(item)
        if body is not None:
            entries = body.entries_by_name
            name, pattern = _present(_scalar_of(entries.get("name"))), _present(_scalar_of(entries.get("pattern")))
            listed = entries.get("steps")
            steps = tuple(_steps(source, listed.value, 0, set())) if listed is not None else ()
            yield ActionNode(name, body, steps, pattern, _entities_of(steps), ActionFacts())


def _entities_of(steps: Iterable[StepNode]) -> tuple[EntityReference, ...]:
    found: list[EntityReference] = []
    for step in steps:
        found += step.entities
        if step.steps:
            found += _entities_of(step.steps)
    return tuple(found)


def _steps(source: Source, node: Node | None, depth: int, seen: set[int], under: str = "") -> Iterator[StepNode]:
    """The steps of a list; a list that aliases repeat, or that is in itself, is given once."""
    found = source.resolve(node)
    if depth > _DEEPEST or id(found) in seen:
        return
    seen.add(id(found))
    for item in found.items if isinstance(found, Sequence) else ():
        body = source.mapping(item)
        if body is not None:
            yield _step(source, body, depth, seen, under)


def _step(source: Source, body: Mapping, depth: int, seen: set[int], under: str) -> StepNode:
    names = [each.name for each in body.entries]
    spec = step_kind(names)
    entry = body.entry(spec.name) if spec is not None else None
    value = _value_meant(source, entry.value) if entry else None
    inner = source.mapping(value) if not isinstance(value, Scalar) else None
    beneath: tuple[StepNode, ...] = ()
    if inner is not None:
        value = inner
    if inner is not None or not _NESTED.isdisjoint(names):
        nested = (*body.entries, *(inner.entries if inner is not None else ()))
        lists = [(name, each.value) for each in nested if (name := each.name) in _NESTED]
        beneath = tuple([step for name, value in lists for step in _steps(source, value, depth + 1, seen, name or "")])
    keyword = entry.key if entry and isinstance(entry.key, Scalar) else None
    kind = spec.name if spec is not None else ""
    entities = tuple(_step_entities(source, spec, value)) if spec is not None else ()
    return StepNode(kind, keyword, value, body, entities, beneath, under)


def _value_meant(source: Source, node: Node | None) -> Node | None:
    """The value itself; for an alias what it refers to, of a text in the alias's place."""
    if not isinstance(node, Alias):
        return node
    found = source.resolve(node)
    return found._replace(span=node.span) if isinstance(found, Scalar) else found


def _step_entities(source: Source, kind: StepSpec, value: Node | None) -> Iterator[EntityReference]:
    if isinstance(value, Scalar):
        found = entity_at_start(source, value) if kind.names_entity and not is_null(value) else None
        if found is not None:
            yield found
    elif kind.name == "refresh_table_view":
        inner = source.mapping(value)
        for item in _items(source, inner.value("propagate")) if inner else ():
            if isinstance(item, Scalar):
                found = entity_at_start(source, item)
                if found is not None:
                    yield found


def entity_at_start(source: Source, scalar: Scalar) -> EntityReference | None:
    """The entity's name that a scalar begins with, its schema before it; None where it begins with something else."""
    raw = source.raw(scalar)
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


def _field_mentions(tree: SyntaxTree, entries: Dict[str, Entry]) -> Iterator[Scalar]:
    translated, identified = entries.get("translations"), entries.get("identifier")
    translations = tree.mapping(translated.value) if translated else None
    for item in _items(tree, translations.value("fields")) if translations else ():
        if isinstance(item, Scalar):
            yield item
    identifier = tree.mapping(identified.value) if identified else None
    for item in _items(tree, identifier.value("components")) if identifier else ():
        named: Node | Entry | None = item
        component = tree.mapping(item)
        if component is not None:
            named = component.scalar("field")
        if isinstance(named, Scalar):
            yield named
