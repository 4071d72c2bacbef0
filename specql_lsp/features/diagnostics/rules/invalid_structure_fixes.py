"""What mends a wrong shape: quotes, the form that is needed, the missing key, or the file without the key."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Table
from types import MappingProxyType
from typing import NamedTuple

from specql_lsp.features.diagnostics.entity_walk import Checks, MappingPlace, ValuePlace, walk
from specql_lsp.features.diagnostics.misplaced_fixes import indented_steps
from specql_lsp.features.diagnostics.rule import RuleContext
from specql_lsp.features.diagnostics.rules.invalid_structure import required_keys, suits
from specql_lsp.features.entry_edits import WrittenEntry, add_last, remove, written_entry
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.language.keys import KeySpec, Meaning, entity_keys
from specql_lsp.syntax import yaml11
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import ListValue, TextScalar, YamlValue, write_flow
from specql_lsp.syntax.nodes import Mapping, Scalar, find, path_at
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree


def fixes_of_structure(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Quotes, the form that is needed, the missing key, or the file without the key."""
    tree = context.document.tree
    steps = tuple(indented_steps(context, finding))
    if steps:
        yield from steps
        return
    place = written_entry(tree, finding.span)
    if place is None:
        return
    for change in _changes(context, place, finding.span):
        yield CodeAction(change.title, ActionKind.QUICK_FIX, (finding,), change.edits, preferred=change.is_right)
    if constructed(place.entry.value) is Constructed.NULL and _may_be_left_out(tree, place):
        title = f"Remove {place.entry.name}"
        yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), remove(tree, place))


class _Change(NamedTuple):
    title: str
    edits: tuple[TextEdit, ...]
    is_right: bool = True
    """Whether it needs nothing more."""


def _changes(context: RuleContext, place: WrittenEntry, span: Span) -> Iterator[_Change]:
    tree, key = context.document.tree, place.entry.key
    is_field = any(field.name_span == span for field in context.entity.fields)
    if isinstance(key, Scalar) and is_field and constructed(key) is not Constructed.TEXT:
        named = _key_at(tree, key)
        if named is not None and named.meaning is Meaning.FIELD:
            quoted = yaml11.quote(key.value)
            yield _Change(f"Write {quoted}", (TextEdit(key.span, quoted),))
            return
    found = _PlacesAt(span)
    for _ in walk(
        tree,
        context.entity.root,
        Checks(found.of_value, lambda _: (found.of_mapping,), lambda _: (), lambda _: ()),
        None,
    ):
        pass
    for value in found.values:
        written = _as_needed(value)
        if written is not None and value.node is not None:
            yield _Change(f"Write {written}", (TextEdit(value.node.span, written),))
    for mapping, name in found.lacking:
        new = _MISSING.get((mapping.level.name, name))
        target = find(tree.root, mapping.body.span, Mapping)
        if new is not None and isinstance(target, Mapping) and target.entries:
            yield _Change(f"Add {name}", add_last(tree, target, name, new), is_right=name == "fields")


class _PlacesAt:
    """Collects the places that a finding at a span is about."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.values: list[ValuePlace] = []
        self.lacking: list[tuple[MappingPlace, str]] = []

    def of_value(self, place: ValuePlace) -> Iterator[Finding]:
        """Keeps a value at the span."""
        if place.span == self._span and not suits(place.spec, place.kind, place.node):
            self.values.append(place)
        return iter(())

    def of_mapping(self, place: MappingPlace) -> Iterator[Finding]:
        """Keeps a mapping at the span that lacks a key."""
        if place.span == self._span:
            self.lacking += [(place, name) for name in required_keys(place.level.name) if name not in place.entries]
        return iter(())


_MISSING: Table[tuple[str, str], YamlValue] = MappingProxyType(
    {
        ("action", "name"): TextScalar("new_action"),
        ("agent", "name"): TextScalar("new_agent"),
        ("relation", "fields"): ListValue((TextScalar("*"),), flow=True),
    }
)
"""What is written for a key that is missing, by its level."""


def _as_needed(place: ValuePlace) -> str | None:
    """The value in the form that is needed; None if there is no one right answer."""
    spec, node = place.spec, place.node
    if not isinstance(node, Scalar) or place.kind is Constructed.NULL or node.tag is not None:
        return None
    if spec.items is not None:
        takes_texts = spec.items.meaning not in {Meaning.NOTHING, Meaning.KEY}
        return write_flow(ListValue((TextScalar(node.value),), flow=True)) if takes_texts else None
    if spec.meaning is Meaning.BOOLEAN:
        return {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}.get(
            node.value.strip().lower()
        )
    if spec.meaning is Meaning.CHOICE or spec.level == "field" or place.key.name == "type":
        return None
    takes_text = place.spec.meaning is not Meaning.NOTHING
    return yaml11.quote(node.value) if takes_text and node.is_plain else None


def _key_at(tree: SyntaxTree, key: Scalar) -> KeySpec | None:
    """What the table says of a key."""
    return entity_keys().walk(path_at(tree.root, key.span.start).names).key


def _may_be_left_out(tree: SyntaxTree, place: WrittenEntry) -> bool:
    """Whether SpecQL reads the file without an entry; translations that are enabled need their fields."""
    key = _key_at(tree, place.entry.key) if isinstance(place.entry.key, Scalar) else None
    if key is None or key.name != place.entry.name or key.required:
        return False
    return not (key.name == "fields" and place.mapping.entry("enabled") is not None)
