"""What SpecQL's beta line refuses of a pattern file or a service registry by its shape, as their table of keys has it.

Source: ``patterns/pattern_models.py`` and ``registry/service_registry.py`` of ``specql-generator`` 0.5.0b0. A key
without a value is None in Python: the beta line stops where it goes through that as a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.features.diagnostics.rules.unknown_key import RULE as UNKNOWN_KEY
from specql_lsp.features.diagnostics.rules.unknown_key import nearest_key
from specql_lsp.features.diagnostics.words import listed, shortened
from specql_lsp.features.model import Finding
from specql_lsp.language.keys import Demand, KeySpec, KeyTable, Level, Meaning
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.syntax.yaml11 import is_null, is_text

_REFUSES = "the beta line of SpecQL refuses"
_WHAT = {"parameter of a pattern": "parameter", "operation of a service": "operation"}
"""What a mapping of a level is called."""


class Problem(NamedTuple):
    """Something that the beta line refuses."""

    span: Span
    message: str
    missing: tuple[str, ...] = ()
    """The keys that a mapping lacks; none where something else is wrong."""
    body: Mapping | None = None
    """The mapping that lacks them, where it is written in this place."""
    replacements: tuple[str, ...] = ()


def shape(tree: SyntaxTree, table: KeyTable) -> Iterator[Problem | Finding]:
    """Everything that is wrong with the shape of a file, and keys that are misspelt, in the order of the text."""
    level = table.levels[table.root.level]
    root = tree.resolve(tree.root)
    if root is not None:
        seen = set()
        for found in _mapping(tree, table, level, root):
            key = (found.span, found.message)
            if key not in seen:  # what an anchor has is written once
                seen.add(key)
                yield found


def _mapping(tree: SyntaxTree, table: KeyTable, level: Level, node: Node) -> Iterator[Problem | Finding]:
    what = _WHAT.get(level.name, level.name)
    body = tree.mapping(node)
    if body is None:
        keys = listed([key.name for key in level.keys if key.required] or [key.name for key in level.keys])
        yield Problem(_head(node), f"The {what} is no mapping with {keys}: {_REFUSES} it.")
        return
    entries = {entry.name: entry for entry in body.entries if entry.name is not None}
    unknown = {name: entry for name, entry in entries.items() if level.key(name) is None}
    missing: list[str] = []
    for key in level.keys:
        if key.name in entries:
            continue
        near = next((name for name in unknown if nearest_key(name, (key.name,))), None)
        if near is not None:
            yield _misspelt(what, key, near, _text_span(unknown[near].key))
        elif key.required:
            missing.append(key.name)
    if missing:
        message = f"The {what} has no {listed(missing, 'or')}: {_REFUSES} it."
        yield Problem(_place(body), message, tuple(missing), node if isinstance(node, Mapping) else None)
    for entry in body.entries:
        spec = level.by_name.get(entry.name or "")
        if spec is not None:
            yield from _value(tree, table, spec, entry)
        if spec is not None and spec.value.meaning is Meaning.PARAMETER and not _is_name(tree.resolve(entry.value)):
            yield Problem(_text_span(entry.key), f"{spec.name} is the name of a key: {_REFUSES} another value.")


def _misspelt(what: str, key: KeySpec, written: str, span: Span) -> Problem | Finding:
    message = f"{shortened(written)} is no key that SpecQL knows here. Did you mean {key.name}?"
    if not key.required:
        return UNKNOWN_KEY.finding(span, message, replacements=(key.name,))
    return Problem(span, f"The {what} has no {key.name}: {_REFUSES} it. {message}", replacements=(key.name,))


def _place(body: Mapping) -> Span:
    """Where it is said what a mapping lacks: at its name, else at its first key."""
    named = body.scalar("name") or body.scalar("pattern")
    if named is not None and named.value.strip():
        return named.text_span
    return _text_span(body.entries[0].key) if body.entries else body.span


def _value(tree: SyntaxTree, table: KeyTable, key: KeySpec, entry: Entry) -> Iterator[Problem | Finding]:
    value = tree.resolve(entry.value)
    items = key.value.items
    if items is not None:
        if items.meaning is Meaning.ANY:
            return
        if _is_nothing(value):
            return
        if not isinstance(value, Sequence):
            yield Problem(_text_span(entry.key), f"{key.name} is a list: {_REFUSES} another value.")
            return
        for item in value.items:
            yield from _mapping(tree, table, table.levels[items.level], tree.resolve(item) or item)
    elif key.value.demand is Demand.FORM and not (isinstance(value, Scalar) and is_text(value)):
        message = f"{key.name} is a text: {_REFUSES} another value."
        if isinstance(value, Scalar) and not is_null(value):
            yield Problem(value.text_span, f"{message} Quote it.")
        else:
            yield Problem(_text_span(entry.key), message)
    elif key.value.level and not isinstance(value, Mapping):
        message = f"{key.name} is a mapping: {_REFUSES} another value."
        yield Problem(_text_span(entry.key), message)


def _is_name(value: Node | None) -> bool:
    return not isinstance(value, Mapping | Sequence)


def _is_nothing(value: Node | None) -> bool:
    """Whether there is nothing in a value to go through: an empty mapping, an empty text."""
    if isinstance(value, Scalar):
        return is_text(value) and not value.value
    return isinstance(value, Mapping) and not value.entries


def _head(node: Node) -> Span:
    return (
        node.text_span
        if isinstance(node, Scalar) and node.value.strip()
        else Span(node.span.start, node.span.start + 1)
    )


def _text_span(key: Node) -> Span:
    return key.text_span if isinstance(key, Scalar) else key.span
