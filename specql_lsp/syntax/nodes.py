"""The nodes of a YAML document, each with its span. Immutable; names are those of the YAML specification."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from specql_lsp.lazily import lazily
from specql_lsp.syntax.text import Span

_Child = TypeVar("_Child")


class Deferred(Generic[_Child]):
    """The children of a collection, made when they are first asked for. Two are equal where their children are."""

    def __init__(self, make: Callable[[], tuple[_Child, ...]]) -> None:
        self._make = make

    @lazily
    def children(self) -> tuple[_Child, ...]:
        """The children; every caller gets the same objects."""
        return self._make()

    def __eq__(self, other: object) -> bool:
        return self.children == (other.children if isinstance(other, Deferred) else other)

    def __hash__(self) -> int:
        return hash(self.children)

    def __repr__(self) -> str:
        return repr(self.children)


class ScalarStyle(Enum):
    """How a scalar is written (YAML 1.1, section 9)."""

    PLAIN = "plain"
    SINGLE_QUOTED = "single-quoted"
    DOUBLE_QUOTED = "double-quoted"
    LITERAL = "literal"
    FOLDED = "folded"


class Scalar(NamedTuple):
    """A scalar: its text with quotes and escapes taken away; what the text means is for the language to say.

    ``span`` covers the quotes of a quoted scalar; anchor and tag are before it.
    """

    span: Span
    value: str
    style: ScalarStyle
    tag: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is written without quotes on one or more lines."""
        return self.style is ScalarStyle.PLAIN

    @property
    def text_span(self) -> Span:
        """The span without the quotes."""
        start, end = self.span
        is_quoted = self.style is ScalarStyle.SINGLE_QUOTED or self.style is ScalarStyle.DOUBLE_QUOTED
        # An alias of a quoted scalar has the style of what it refers to, and a span of its own.
        return Span(start + 1, end - 1) if is_quoted and end - start >= len(self.value) + 2 else self.span


class Alias(NamedTuple):
    """``*name``: another node, by its anchor."""

    span: Span
    name: str


class Sequence(NamedTuple):
    """A block or flow sequence. ``content`` are its items, or what makes them when they are asked for."""

    span: Span
    content: tuple[Node, ...] | Deferred[Node]
    flow: bool
    tag: str | None = None

    @property
    def items(self) -> tuple[Node, ...]:
        """The items; an item without a node, as in ``- ``, is left out."""
        content = self.content
        return content.children if isinstance(content, Deferred) else content


TEXT_TAGS = frozenset({None, "!", "!!str", "!<tag:yaml.org,2002:str>"})
"""The tags of a text; None for a scalar without a tag."""


class Entry(NamedTuple):
    """One ``key: value`` of a mapping. ``value`` is None where nothing is written after the colon."""

    span: Span
    key: Node
    value: Node | None

    @property
    def name(self) -> str | None:
        """The text of the key; None if the key is not a scalar, or has a tag by which it is no text (``!!null a``)."""
        key = self.key
        return key.value if isinstance(key, Scalar) and key.tag in TEXT_TAGS else None


class Mapping(NamedTuple):
    """A block or flow mapping. ``content`` are its entries, or what makes them when they are asked for."""

    span: Span
    content: tuple[Entry, ...] | Deferred[Entry]
    flow: bool
    tag: str | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries as written, duplicates included."""
        content = self.content
        return content.children if isinstance(content, Deferred) else content

    @property
    def entries_by_name(self) -> dict[str, Entry]:
        """What ``entry`` answers for each name; to be asked for many of them."""
        return {
            entry[1][1]: entry
            for entry in self.entries
            if isinstance(entry[1], Scalar) and (entry[1][3] is None or entry[1][3] in TEXT_TAGS)
        }

    def entry(self, name: str) -> Entry | None:
        """The entry whose key is ``name``; the last one of duplicates, as PyYAML takes it."""
        content = self.content
        entries: tuple[Entry, ...] = content.children if isinstance(content, Deferred) else content
        for entry in reversed(entries):
            key = entry[1]
            # The second part of a key that is no scalar may be equal, too: an alias has its name there.
            if key[1] == name and isinstance(key, Scalar) and key[3] in TEXT_TAGS:
                return entry
        return None

    def value(self, name: str) -> Node | None:
        """The value of the entry whose key is ``name``; None where it is missing or empty."""
        entry = self.entry(name)
        return entry.value if entry else None

    def scalar(self, name: str) -> Scalar | None:
        """The value of ``name`` where it is a scalar."""
        value = self.value(name)
        return value if isinstance(value, Scalar) else None

    def mapping(self, name: str) -> Mapping | None:
        """The value of ``name`` where it is a mapping."""
        value = self.value(name)
        return value if isinstance(value, Mapping) else None


Node: TypeAlias = Scalar | Alias | Sequence | Mapping


def shifted(node: Node, by: int) -> Node:
    """The node ``by`` code points further on; what is beneath a collection is made when it is asked for."""
    if not by:
        return node
    start, end = node[0]
    span = _new(Span, (start + by, end + by))
    if isinstance(node, Scalar):
        return _new(Scalar, (span, node[1], node[2], node[3]))
    if isinstance(node, Mapping):
        return _new(Mapping, (span, Deferred(partial(_entries_of, node, by)), node[2], node[3]))
    if isinstance(node, Sequence):
        return _new(Sequence, (span, Deferred(partial(_items_of, node, by)), node[2], node[3]))
    return Alias(span, node.name)


def _entries_of(mapping: Mapping, by: int) -> tuple[Entry, ...]:
    return shifted_entries(mapping.entries, by)


def _items_of(sequence: Sequence, by: int) -> tuple[Node, ...]:
    return shifted_items(sequence.items, by)


def shifted_entries(entries: tuple[Entry, ...], by: int) -> tuple[Entry, ...]:
    """The entries ``by`` code points further on."""
    if not by:
        return entries
    found: list[Entry] = []
    for (start, end), key, value in entries:
        moved = shifted(value, by) if value is not None else None
        found.append(_new(Entry, (_new(Span, (start + by, end + by)), shifted(key, by), moved)))
    return tuple(found)


def shifted_items(items: tuple[Node, ...], by: int) -> tuple[Node, ...]:
    """The items ``by`` code points further on."""
    return tuple([shifted(item, by) for item in items]) if by else items


_new = tuple.__new__
"""Makes a named tuple in half the time of its own constructor, which is a Python function."""


def walk(node: Node) -> Iterator[Node]:
    """``node`` and everything beneath it, keys included, in the order of the text."""
    stack: list[Node] = [node]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Mapping):
            for entry in reversed(node.entries):
                if entry.value is not None:
                    stack.append(entry.value)
                stack.append(entry.key)
        elif isinstance(node, Sequence):
            stack.extend(reversed(node.items))


def find(root: Node | None, span: Span, kind: type) -> Node | None:
    """The outermost node of a kind with exactly that span; None if there is none."""
    pending = [root] if root is not None else []
    while pending:
        node = pending.pop()
        if node.span == span and isinstance(node, kind):
            return node
        if isinstance(node, Mapping):
            index = bisect_right(node.entries, span.start, key=_start_of) - 1
            if index >= 0:
                _, key, value = node.entries[index]
                pending += [key] if value is None else [value, key]
        elif isinstance(node, Sequence):
            index = bisect_right(node.items, span.start, key=_start_of) - 1
            if index >= 0:
                pending.append(node.items[index])
    return None


def _start_of(node: Node | Entry) -> int:
    return node.span.start


class Step(NamedTuple):
    """One step of the way from the root to a place: an entry of a mapping, or an index in a sequence."""

    entry: Entry | None
    item: int | None

    @property
    def name(self) -> str:
        """The key's text; ``[]`` for an item of a sequence."""
        return (self.entry.name or "") if self.entry else "[]"


class NodePath(NamedTuple):
    """The way to the innermost node at an offset."""

    steps: tuple[Step, ...]
    node: Node | None
    on_key: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the steps, outermost first."""
        return tuple(step.name for step in self.steps)


def _index_at(parts: tuple[Node, ...] | tuple[Entry, ...], offset: int) -> int | None:
    """The first of some parts, in the order of the text, that an offset is in or at the end of."""
    index = bisect_right(parts, offset, key=_start_of) - 1
    # One that ends where the next begins has the offset between the two.
    if index > 0 and parts[index - 1].span.contains(offset):
        return index - 1
    return index if index >= 0 and parts[index].span.contains(offset) else None


def _at(entries: tuple[Entry, ...], offset: int) -> Entry | None:
    index = _index_at(entries, offset)
    return entries[index] if index is not None else None


def path_at(root: Node | None, offset: int) -> NodePath:
    """The way from ``root`` to the innermost scalar or alias at ``offset`` (code points from 0)."""
    steps: list[Step] = []
    node = root
    while node is not None:
        if isinstance(node, Mapping):
            entry = _at(node.entries, offset)
            if entry is None:
                return NodePath(tuple(steps), node, on_key=False)
            steps.append(Step(entry, None))
            if entry.key.span.contains(offset):
                return NodePath(tuple(steps), entry.key, on_key=True)
            node = entry.value if entry.value and entry.value.span.contains(offset) else None
        elif isinstance(node, Sequence):
            index = _index_at(node.items, offset)
            if index is None:
                return NodePath(tuple(steps), node, on_key=False)
            steps.append(Step(None, index))
            node = node.items[index]
        else:
            return NodePath(tuple(steps), node, on_key=False)
    return NodePath(tuple(steps), None, on_key=False)
