"""One walk over an entity file by the table of keys: every mapping, value and field is shown to the checks once.

Source of what is read: ``SpecQLParser.parse`` of SpecQL 0.9.2. Merge keys and aliases are followed, and of duplicate
keys the last one counts, as PyYAML has it. Fields and actions are walked once for each section of the text: after an
edit only those that it touched are walked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Table
from dataclasses import replace
from typing import NamedTuple

from specql_lsp.features.model import Finding
from specql_lsp.items.lower import SectionSource, Source, section_of
from specql_lsp.language.keys import KeySpec, Level, Meaning, ValueSpec, entity_keys
from specql_lsp.language.steps import step_kind
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.empty_items import empty_items, may_have_empty_items
from specql_lsp.syntax.merging import key_value
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.parsing.sections import Section
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree

_DEEPEST = 50
"""What is nested deeper, which no person writes, is left out."""


class ValuePlace(NamedTuple):
    """A value, or an item of a list, whose form the table knows.

    Attributes:
        spec: what may be written there.
        kind: the kind of the value.
        node: the value, aliases followed; None where nothing is written.
        span: the value where it is written, of an alias the alias; the key, or the dash of an item, of a missing value.
        key: the key that it belongs to, or that its list belongs to.
        is_item: whether it is an item of a list.
        source: what the nodes are of.
    """

    spec: ValueSpec
    kind: Constructed
    node: Node | None
    span: Span
    key: KeySpec
    is_item: bool
    source: Source


class MappingPlace(NamedTuple):
    """A mapping whose keys the table knows.

    Attributes:
        level: its keys.
        body: the mapping as PyYAML reads it.
        entries: its entries by the texts of their keys.
        span: the key that it belongs to, or the first key of an item of a list: what lacks something.
        source: what the nodes are of.
    """

    level: Level
    body: Mapping
    entries: Table[str, Entry]
    span: Span
    source: Source


class FieldPlace(NamedTuple):
    """A field of the entity.

    Attributes:
        key: its name; no text to YAML where ``has_name`` is false.
        has_name: whether the key is a text.
        value: the value, aliases followed; None where nothing is written.
        span: where the value is written, of an alias the alias; the key of a missing value.
        body: the mapping that says what the field is, as PyYAML reads it; None where a type alone does.
        source: what the nodes are of.
    """

    key: Scalar
    has_name: bool
    value: Node | None
    span: Span
    body: Mapping | None
    source: Source


class Checks(NamedTuple):
    """What looks at each place."""

    of_value: tuple[Callable[[ValuePlace], Iterator[Finding]], ...]
    of_mapping: tuple[Callable[[MappingPlace], Iterator[Finding]], ...]
    of_field: tuple[Callable[[FieldPlace], Iterator[Finding]], ...]


def effective(body: Mapping) -> dict[object, Entry]:
    """The entries of a mapping by the values of their keys: of duplicates the last one, as PyYAML takes it."""
    return {key_value(entry.key): entry for entry in body.entries if isinstance(entry.key, Scalar)}


def walk(tree: SyntaxTree, root: Mapping, checks: Checks, section_facts: SectionFacts | None) -> Iterator[Finding]:
    """Everything that the checks find beneath the root of a document.

    Args:
        tree: the document's tree.
        root: its mapping as it is written.
        checks: what looks at each place.
        section_facts: what ``checks`` find in a section; None to walk everything.
    """
    seen: set[tuple[Span, str]] = set()
    for finding in _Walk(tree, checks, section_facts).root(root):
        # What aliases repeat is said once.
        if (finding.span, finding.code) not in seen:
            seen.add((finding.span, finding.code))
            yield finding


class SectionFacts(NamedTuple):
    """What the checks find in the sections of fields and of actions; functions of a module, for ``Section.fact``."""

    of_fields: Callable[[Section], tuple[Finding, ...]]
    of_actions: Callable[[Section], tuple[Finding, ...]]


def found_beneath(section: Section, fact: Callable[[Section], tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """What is found in the sections that a section is divided into, with its own offsets."""
    found = zip(section.facts_of_children(fact), section.shifts_of_children, strict=True)
    return tuple([_moved(finding, shift) for findings, shift in found if findings for finding in findings])


def found_in_field(section: Section, checks: Checks) -> tuple[Finding, ...]:
    """What the checks find in a section that is a field, with the section's offsets."""
    walker = _Walk(SectionSource(section), checks)
    return tuple(finding for entry in section.entries for finding in walker.field(entry))


def found_in_action(section: Section, checks: Checks) -> tuple[Finding, ...]:
    """What the checks find in a section that is an action, with the section's offsets."""
    key = entity_keys().levels["entity file"].by_name["actions"]
    walker = _Walk(SectionSource(section), checks)
    assert key.value.items is not None  # noqa: S101 - the table has it
    return tuple(f for item in section.items for f in walker.value(key.value.items, item, item.span, key, is_item=True))


def _moved(finding: Finding, by: int) -> Finding:
    return replace(finding, span=finding.span.shifted(by)) if by else finding


class _Walk:
    def __init__(self, source: Source, checks: Checks, facts: SectionFacts | None = None) -> None:
        self._source = source
        self._checks = checks
        self._facts = facts
        self._levels = entity_keys().levels
        self._may_have_empty_items: bool | None = None
        self._visited: set[tuple[int, int]] = set()
        self._kept: list[Node] = []
        """What ``_visited`` knows by its identity must not be collected meanwhile."""

    def root(self, root: Mapping) -> Iterator[Finding]:
        """The whole document."""
        body = self._source.mapping(root) or root
        level = self._levels["entity file"]
        entries = _by_name(body)
        yield from self._keys(MappingPlace(level, body, entries, root.span, self._source))
        inner = self._source.mapping(entries["entity"].value) if "entity" in entries else None
        for name, entry in entries.items():
            key = level.by_name.get(name)
            if key is None or (name == "fields" and inner is not None and inner.entry("fields") is not None):
                continue
            yield from self._top_level(key, entry)

    def _top_level(self, key: KeySpec, entry: Entry) -> Iterator[Finding]:
        tree, facts = self._source, self._facts
        if facts is not None and isinstance(tree, SyntaxTree) and key.name in {"fields", "actions"}:
            fact = facts.of_fields if key.name == "fields" else facts.of_actions
            placed = section_of(tree, entry)
            if placed is not None and placed.section.in_sequence == (key.name == "actions"):
                if key.name == "fields" and placed.section.fact(_repeats):
                    placed = None
            else:
                placed = None
            if placed is not None:
                yield from (_moved(finding, placed.shift) for finding in placed.section.fact(fact))
                yield from self._empty_items(key.value, entry.value, key)
                return
        yield from self._entry(key, entry, 0)

    def _entry(self, key: KeySpec, entry: Entry, depth: int) -> Iterator[Finding]:
        span = entry.value.span if entry.value is not None else entry.key.span
        yield from self.value(key.value, entry.value, span, key, depth=depth, holder=entry.key.span)

    def value(
        self,
        spec: ValueSpec,
        written: Node | None,
        span: Span,
        key: KeySpec,
        *,
        is_item: bool = False,
        depth: int = 0,
        holder: Span | None = None,
    ) -> Iterator[Finding]:
        """A value and everything beneath it.

        Args:
            spec: what may be written there.
            written: the value as it is written.
            span: where it is; the key or the dash of a missing one.
            key: the key that it or its list belongs to.
            is_item: whether it is an item of a list.
            depth: how deep it is.
            holder: the key before it.
        """
        node = self._source.resolve(written)
        if node is None and written is not None:
            return  # an alias without an anchor: what it stands for cannot be said
        kind = constructed(node)
        place_span = holder if kind is Constructed.NULL and holder is not None else span
        place = ValuePlace(spec, kind, node, place_span, key, is_item, self._source)
        for check in self._checks.of_value:
            yield from check(place)
        if node is None or depth > _DEEPEST or not self._is_new(node, spec):
            return
        if isinstance(node, Mapping) and spec.level:
            body = self._source.mapping(node)
            if body is not None and kind is Constructed.MAPPING:
                yield from self._mapping(spec, body, holder, depth)
        elif isinstance(node, Sequence) and spec.items is not None:
            for item in node.items:
                yield from self.value(spec.items, item, item.span, key, is_item=True, depth=depth + 1)
            yield from self._empty_items(spec, node, key)

    def _is_new(self, node: Node, spec: ValueSpec) -> bool:
        """Whether a collection is seen for the first time: aliases may repeat it, or it may be in itself."""
        if isinstance(node, Scalar) or (id(node), id(spec)) in self._visited:
            return False
        self._visited.add((id(node), id(spec)))
        self._kept.append(node)
        return True

    def _empty_items(self, spec: ValueSpec, node: Node | None, key: KeySpec) -> Iterator[Finding]:
        tree, sequence = self._source, self._source.resolve(node)
        if spec.items is None or not isinstance(tree, SyntaxTree) or not isinstance(sequence, Sequence):
            return
        if self._may_have_empty_items is None:
            self._may_have_empty_items = may_have_empty_items(tree.text)
        for dash in empty_items(tree.text, sequence) if self._may_have_empty_items else ():
            place = ValuePlace(spec.items, Constructed.NULL, None, dash, key, is_item=True, source=tree)
            for check in self._checks.of_value:
                yield from check(place)

    def _mapping(self, spec: ValueSpec, body: Mapping, holder: Span | None, depth: int) -> Iterator[Finding]:
        level = self._levels[spec.level]
        if level.any_key is not None and level.any_key.meaning is Meaning.FIELD:
            for entry in effective(body).values():
                yield from self.field(entry)
            return
        entries = _by_name(body)
        span = holder or (body.entries[0].key.span if body.entries else body.span)
        yield from self._keys(MappingPlace(level, body, entries, span, self._source))
        if level.has_one_key and len(effective(body)) != 1:
            return  # what each of them would be does not matter
        for name, entry in entries.items():
            key = level.key(name)
            if key is not None:
                yield from self._entry(key, entry, depth + 1)

    def _keys(self, place: MappingPlace) -> Iterator[Finding]:
        for check in self._checks.of_mapping:
            yield from check(place)

    def field(self, entry: Entry) -> Iterator[Finding]:
        """A field and everything beneath it."""
        key = entry.key
        if not isinstance(key, Scalar):
            return
        value = self._source.resolve(entry.value)
        if value is None and entry.value is not None:
            return
        body = self._source.mapping(value) if constructed(value) is Constructed.MAPPING else None
        span = entry.value.span if entry.value is not None else key.span
        has_name = constructed(key) is Constructed.TEXT
        place = FieldPlace(key, has_name, value, span, body, self._source)
        for check in self._checks.of_field:
            yield from check(place)
        any_field = self._levels["fields"].any_key
        if body is not None and any_field is not None and value is not None and self._is_new(value, any_field.value):
            yield from self._mapping(any_field.value, body, key.span, 0)


def _by_name(body: Mapping) -> dict[str, Entry]:
    """The entries whose keys are texts by these; of duplicates the last one."""
    return {
        entry.key.value: entry
        for entry in body.entries
        if isinstance(entry.key, Scalar) and constructed(entry.key) is Constructed.TEXT
    }


def _repeats(section: Section) -> bool:
    """Whether two fields of the section may have one name, so that only the last one counts."""
    names = section.names_of_children
    return len(set(names)) < len(names)


def kind_of_step(names: Iterable[str]) -> str:
    """The kind of a step with these keys; empty where it has none that is known."""
    kind = step_kind(names)
    return kind.name if kind is not None else ""
