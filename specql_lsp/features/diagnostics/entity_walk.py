"""One walk over an entity file by the table of keys: every mapping, value and field is shown to the checks once.

Source of what is read: ``SpecQLParser.parse`` of SpecQL 0.9.2. Merge keys and aliases are followed, and of duplicate
keys the last one counts, as PyYAML has it. Fields and actions are walked once for each section of the text: after an
edit only those that it touched are walked again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Mapping as Table
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from specql_lsp.features.diagnostics.field_texts import TypeText, type_text
from specql_lsp.features.model import Finding
from specql_lsp.items.lower import SectionSource, Source, section_of
from specql_lsp.language.keys import Demand, KeySpec, Level, Meaning, ValueSpec, entity_keys
from specql_lsp.language.steps import step_kind
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.cut_values import CutValue, cut_values
from specql_lsp.syntax.duplicate_keys import may_repeat
from specql_lsp.syntax.empty_items import empty_items, may_have_empty_items
from specql_lsp.syntax.merging import MERGE_KEY, key_value
from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Node, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.parsing.sections import Section
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.syntax.yaml11 import ScalarType, type_of

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
        entries: the keys of the mapping that says what the field is; None where a type alone does.
        type: the type; None where none is written, or where it is no text to SpecQL.
        source: what the nodes are of.
    """

    key: Scalar
    has_name: bool
    value: Node | None
    span: Span
    entries: Table[str, Entry] | None
    type: TypeText | None
    source: Source


class CutPlace(NamedTuple):
    """A type that YAML cuts at a comma: of an entry of the fields, or of ``type`` in the mapping of a field."""

    cut: CutValue
    in_mapping: bool


MappingCheck: TypeAlias = Callable[[MappingPlace], Iterable[Finding]]


class Checks(NamedTuple):
    """What looks at each place.

    Attributes:
        of_value: looks at values of which SpecQL refuses some.
        of_level: what looks at the mappings of a level, by its name.
        of_field: looks at fields.
        of_cut: looks at types that are cut; nothing else is said of such a type.
        passes_value: whether nothing is to be said of a value, by its kind and its node. This and the following are
            asked first, because nearly all places of a file pass, and to describe one takes longer.
        of_keys: those of ``of_level`` that may have something to say of a block mapping with these keys; None for all.
        passes_field: whether nothing is to be said of a field whose name and type are these plain scalars.
        passes_type: the same of a field in a mapping that has the type, and no default.
    """

    of_value: Callable[[ValuePlace], Iterable[Finding]]
    of_level: Callable[[str], tuple[MappingCheck, ...]]
    of_field: Callable[[FieldPlace], Iterable[Finding]]
    of_cut: Callable[[CutPlace], Iterable[Finding]]
    passes_value: Callable[[ValueSpec, Constructed, Node | None], bool] = lambda _spec, _kind, _node: False
    of_keys: Callable[[str, tuple[str, ...]], tuple[MappingCheck, ...]] | None = None
    passes_field: Callable[[str, str], bool] = lambda _name, _type: False
    passes_type: Callable[[str, str], bool] = lambda _name, _type: False


def effective(body: Mapping) -> dict[object, Entry]:
    """The entries of a mapping by the values of their keys: of duplicates the last one, as PyYAML takes it."""
    return {key_value(entry.key): entry for entry in body.entries if isinstance(entry.key, Scalar)}


def _effective_entries(body: Mapping) -> Collection[Entry]:
    """The entries of ``effective``, nearly always all that are written."""
    entries = body.entries
    names = [key.value for _, key, _ in entries if isinstance(key, Scalar)]
    return entries if len(names) == len(entries) and not may_repeat(names) else effective(body).values()


def walk(tree: SyntaxTree, root: Mapping, checks: Checks, section_facts: SectionFacts | None) -> Iterator[Finding]:
    """Everything that the checks find beneath the root of a document.

    Args:
        tree: the document's tree.
        root: its mapping as it is written.
        checks: what looks at each place.
        section_facts: what ``checks`` find in a section; None to walk everything.
    """
    walker = _Walk(tree, checks, section_facts)
    walker.root(root)
    if not tree.anchors:
        yield from walker.found
        return
    seen: set[tuple[Span, str]] = set()
    for finding in walker.found:
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
    for entry in section.entries:
        walker.field(entry)
    return tuple(walker.found)


def found_in_action(section: Section, checks: Checks) -> tuple[Finding, ...]:
    """What the checks find in a section that is an action, with the section's offsets."""
    key = entity_keys().levels["entity file"].by_name["actions"]
    assert key.value.items is not None  # noqa: S101 - the table has it
    walker = _Walk(SectionSource(section), checks)
    for item in section.items:
        walker.value(key.value.items, item, item.span, key, is_item=True)
    return tuple(walker.found)


def _moved(finding: Finding, by: int) -> Finding:
    return replace(finding, span=finding.span.shifted(by)) if by else finding


class _Walk:
    def __init__(self, source: Source, checks: Checks, facts: SectionFacts | None = None) -> None:
        self.found: list[Finding] = []
        self._source = source
        self._tree = source if isinstance(source, SyntaxTree) else None
        self._checks = checks
        self._facts = facts
        self._levels = entity_keys().levels
        self._repeats = self._tree is not None and bool(self._tree.anchors)
        """Whether aliases may repeat a collection."""
        self._has_empty_items = self._tree is not None and may_have_empty_items(self._tree.text)
        self._visited: set[tuple[int, int]] = set()
        self._kept: list[Node] = []
        """What ``_visited`` knows by its identity must not be collected meanwhile."""

    def root(self, root: Mapping) -> None:
        """The whole document."""
        body = self._source.mapping(root) or root
        level = self._levels["entity file"]
        entries = _by_name(body)
        names = tuple(entries)
        self._keys(level, body, entries, names, root.span)
        inner = self._source.mapping(entries["entity"].value) if "entity" in entries else None
        for name, key in _keys_with_checks(level.name, names):
            entry = entries[name]
            if name == "fields" and inner is not None and inner.entry("fields") is not None:
                continue
            if not self._by_sections(key, entry):
                self._entry(key, entry, 0)

    def _by_sections(self, key: KeySpec, entry: Entry) -> bool:
        """Takes what is known of the sections of fields or actions; False where they have to be walked."""
        tree, facts = self._tree, self._facts
        if tree is None or facts is None or key.name not in {"fields", "actions"}:
            return False
        placed = section_of(tree, entry)
        if placed is None or placed.section.in_sequence != (key.name == "actions"):
            return False
        if key.name == "fields" and placed.section.fact(_has_names_twice):
            return False
        fact = facts.of_fields if key.name == "fields" else facts.of_actions
        self.found += [_moved(finding, placed.shift) for finding in placed.section.fact(fact)]
        if key.value.items is not None:
            self._empty_items(key.value.items, entry.value, key)
        return True

    def _entry(self, key: KeySpec, entry: Entry, depth: int) -> None:
        _, (holder, *_), value = entry
        self.value(key.value, value, value.span if value is not None else holder, key, depth=depth, holder=holder)

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
    ) -> None:
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
        node = self._source.resolve(written) if isinstance(written, Alias) else written
        if node is None and written is not None:
            return  # an alias without an anchor: what it refers to is not known
        if spec.demand is not Demand.NONE:
            kind = constructed(node)
            if not self._checks.passes_value(spec, kind, node):
                place_span = holder if kind is Constructed.NULL and holder is not None else span
                self._value(ValuePlace(spec, kind, node, place_span, key, is_item, self._source))
        if isinstance(node, Mapping):
            if spec.level and depth <= _DEEPEST and node.tag != "!!set" and self._is_new(node, spec):
                self._mapping(spec, node, holder, depth)
        elif isinstance(node, Sequence) and spec.items is not None and depth <= _DEEPEST and self._is_new(node, spec):
            items = spec.items
            if items.demand is not Demand.NONE or items.level:
                for item in node.items:
                    if not self._passes_item(items, item):
                        self.value(items, item, item.span, key, is_item=True, depth=depth + 1)
            self._empty_items(items, node, key)

    def _passes_item(self, spec: ValueSpec, item: Node) -> bool:
        """Whether it is known by its keys alone that nothing is to be said of an item, as of nearly every step."""
        if not isinstance(item, Mapping) or not spec.level or item.flow or item.tag is not None or self._repeats:
            return False  # between braces a comma may cut a value
        entries = item.entries
        names = tuple([key[1] for _, key, _ in entries if isinstance(key, Scalar) and key[3] is None])
        return (
            len(names) == len(entries)
            and _has_no_checks(spec.level, names)
            and not self._of_keys(spec.level, names)
            and self._checks.passes_value(spec, Constructed.MAPPING, item)
        )

    def _value(self, place: ValuePlace) -> None:
        self.found += self._checks.of_value(place)

    def _is_new(self, node: Node, spec: ValueSpec) -> bool:
        """Whether a collection is seen for the first time: aliases may repeat it, or it may be in itself."""
        if not self._repeats:
            return True
        if (id(node), id(spec)) in self._visited:
            return False
        self._visited.add((id(node), id(spec)))
        self._kept.append(node)
        return True

    def _empty_items(self, items: ValueSpec, node: Node | None, key: KeySpec) -> None:
        """The items of a list that are nothing but a dash."""
        tree = self._tree
        if tree is None or not self._has_empty_items or items.demand is Demand.NONE:
            return
        sequence = tree.resolve(node)
        for dash in empty_items(tree.text, sequence) if isinstance(sequence, Sequence) else ():
            self._value(ValuePlace(items, Constructed.NULL, None, dash, key, is_item=True, source=tree))

    def _mapping(self, spec: ValueSpec, node: Mapping, holder: Span | None, depth: int) -> None:
        body = self._source.mapping(node) or node
        level = self._levels[spec.level]
        if level.any_key is not None and level.any_key.meaning is Meaning.FIELD:
            cut = self._cut(body, in_mapping=False) if body.flow else ()
            passes = self._checks.passes_field
            for entry in _effective_entries(body):
                if not _passes_field(entry, passes) and entry.key.span not in cut:
                    self.field(entry)
            return
        span = holder or (body.entries[0].key.span if body.entries else body.span)
        self._level(level, body, _by_name(body), span, depth)

    def _level(self, level: Level, body: Mapping, entries: dict[str, Entry], span: Span, depth: int) -> None:
        names = tuple(entries)
        self._keys(level, body, entries, names, span)
        if level.has_one_key:  # whatever kind of value the key is read as; what several would be does not matter
            effective = _effective_entries(body)
            if len(effective) == 1 and level.any_key is not None:
                self._entry(level.any_key, next(iter(effective)), depth + 1)
            return
        for name, key in _keys_with_checks(level.name, names):
            self._entry(key, entries[name], depth + 1)

    def _keys(self, level: Level, body: Mapping, entries: dict[str, Entry], names: tuple[str, ...], span: Span) -> None:
        checks = self._checks.of_level(level.name) if body.flow else self._of_keys(level.name, names)
        if checks:
            place = MappingPlace(level, body, entries, span, self._source)
            for check in checks:
                self.found += check(place)

    def _of_keys(self, level: str, names: tuple[str, ...]) -> tuple[MappingCheck, ...]:
        of_keys = self._checks.of_keys
        return of_keys(level, names) if of_keys is not None else self._checks.of_level(level)

    def field(self, entry: Entry) -> None:
        """A field and everything beneath it."""
        key = entry.key
        if not isinstance(key, Scalar):
            return
        value = self._source.resolve(entry.value)
        if value is None and entry.value is not None:
            return
        span = entry.value.span if entry.value is not None else key.span
        body = self._source.mapping(value) if isinstance(value, Mapping) and value.tag != "!!set" else None
        entries = _by_name(body) if body is not None else None
        cut = self._cut(body, in_mapping=True) if body is not None and body.flow else ()
        if entries is not None and cut:
            entries = {name: each for name, each in entries.items() if each.key.span not in cut}
        if entries is None or "default" in entries or not self._passes_type(key, entries):
            type_ = self._type(value, span, entries)
            place = FieldPlace(key, constructed(key) is Constructed.TEXT, value, span, entries, type_, self._source)
            self.found += self._checks.of_field(place)
        if body is not None and entries is not None:
            self._level(self._levels["field"], body, entries, key.span, 0)

    def _passes_type(self, name: Scalar, entries: Table[str, Entry]) -> bool:
        """Whether it is known that nothing is to be said of the name and type of a field in a mapping."""
        entry = entries.get("type")
        return entry is not None and _passes_field(Entry(name.span, name, entry.value), self._checks.passes_type)

    def _cut(self, body: Mapping, *, in_mapping: bool) -> set[Span]:
        """The keys of the types of a mapping that are cut, and the keys that belong to these."""
        spans: set[Span] = set()
        for cut in cut_values(body):
            if not in_mapping or cut.entry.name == "type":
                self.found += self._checks.of_cut(CutPlace(cut, in_mapping))
                spans.update(key.span for key in (cut.entry.key, *cut.rest))
        return spans

    def _type(self, value: Node | None, span: Span, entries: Table[str, Entry] | None) -> TypeText | None:
        if entries is None:
            return type_text(self._source, value, span, in_mapping=False)
        entry = entries.get("type")
        if entry is None or entry.value is None:
            return None
        return type_text(self._source, self._source.resolve(entry.value), entry.value.span, in_mapping=True)


def _passes_field(entry: Entry, passes: Callable[[str, str], bool]) -> bool:
    """Whether it is known by the texts alone that nothing is to be said of a field, as of nearly every one."""
    _, key, value = entry
    if not isinstance(key, Scalar) or not isinstance(value, Scalar):
        return False
    _, name, name_style, name_tag = key
    _, text, style, tag = value
    return name_style is style is ScalarStyle.PLAIN and name_tag is None and tag is None and passes(name, text)


@lru_cache(maxsize=2048)
def _keys_with_checks(level: str, names: tuple[str, ...]) -> tuple[tuple[str, KeySpec], ...]:
    """Of the keys of a mapping those whose values are looked at, with what may be written there."""
    known = entity_keys().levels[level]
    keys = [(name, known.by_name.get(name, known.any_key)) for name in names]
    return tuple([(name, key) for name, key in keys if key is not None and _is_looked_at(key.value)])


@lru_cache(maxsize=2048)
def _has_no_checks(level: str, names: tuple[str, ...]) -> bool:
    """Whether nothing is looked at in a mapping with keys of these texts, each of which is read as it is written."""
    known = entity_keys().levels[level]
    is_plain = all(name != MERGE_KEY and type_of(name) is ScalarType.STRING for name in names)
    is_free = known.any_key is None and not known.has_one_key
    return is_plain and is_free and len(set(names)) == len(names) and not _keys_with_checks(level, names)


def _is_looked_at(spec: ValueSpec) -> bool:
    return spec.demand is not Demand.NONE or bool(spec.level) or spec.items is not None


def _by_name(body: Mapping) -> dict[str, Entry]:
    """The entries whose keys are texts by these; of duplicates the last one."""
    entries = body.entries
    names = tuple([key[1] for _, key, _ in entries if isinstance(key, Scalar) and key[3] is None])
    if len(names) == len(entries) and _are_texts(names):
        return dict(zip(names, entries))  # noqa: B905 - they are as many
    return {
        entry[1].value: entry
        for entry in entries
        if isinstance(entry[1], Scalar) and constructed(entry[1]) is Constructed.TEXT
    }


@lru_cache(maxsize=1024)
def _are_texts(names: tuple[str, ...]) -> bool:
    """Whether keys with these texts are texts to PyYAML, in quotes or without."""
    return all(type_of(name) is ScalarType.STRING for name in names)


def _has_names_twice(section: Section) -> bool:
    """Whether two fields of the section may have one name, so that only the last one counts."""
    names = section.names_of_children
    return len(set(names)) < len(names)


def kind_of_step(names: Iterable[str]) -> str:
    """The kind of a step with these keys; empty where it has none that is known."""
    kind = step_kind(names)
    return kind.name if kind is not None else ""
