"""Keys that are twice in one mapping: PyYAML keeps the last value without a word."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from specql_lsp.syntax.merging import is_merge, key_value
from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.parsing.sections import Section, collection_of
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.syntax.yaml11 import ScalarType, type_of


class RepeatedKey(NamedTuple):
    """A key that its mapping has already."""

    span: Span
    text: str
    first_span: Span
    """Where the key is for the first time."""
    first_text: str
    """What it is written as there: ``1`` and ``0x1`` are one key."""
    continues: bool = False
    """Whether the key before it is repeated, too, and is another one: as where the line between two items is lost."""

    def shifted(self, by: int) -> RepeatedKey:
        """The same ``by`` code points further on."""
        return self._replace(span=self.span.shifted(by), first_span=self.first_span.shifted(by))


def repeated_keys(tree: SyntaxTree) -> Iterator[RepeatedKey]:
    """The keys of a tree that are repeated, at every depth: those of a mapping before those of its values."""
    if tree.is_edited:
        found = tree.sections.fact(_in_section)
        if found is not None:
            yield from found
            return
    for root in tree.roots:
        if _may_have_repeated(root):
            yield from _beneath(root, tree.resolve if tree.anchors else _as_written)


Resolver = Callable[[Node], Node | None]


class _AliasError(Exception):
    """A key is an alias: what it is, the section alone does not say."""


def _as_written(node: Node) -> Node:
    return node


def _without_aliases(node: Node) -> Node:
    if isinstance(node, Alias):
        raise _AliasError
    return node


def _in_section(section: Section) -> tuple[RepeatedKey, ...] | None:
    """Those of a section, apart from its own keys, with its offsets; None where that is not for it alone to say."""
    try:
        return tuple(_found(section))
    except _AliasError:
        return None


def _found(section: Section) -> Iterator[RepeatedKey]:
    if not section.children:
        values = [entry.value for entry in section.entries if entry.value is not None]
        for node in (*values, *section.items):
            yield from _beneath(node, _without_aliases)
        return
    if not section.in_sequence:
        keys, names = section.keys_of_children, section.names_of_children
        if len(names) < len(keys) and any(isinstance(key, Alias) for key in keys):
            raise _AliasError
        if may_repeat(names):
            mapping = collection_of(section)
            if isinstance(mapping, Mapping):
                yield from _of_mapping(mapping, keys)
    for found, shift in zip(section.facts_of_children(_in_section), section.shifts_of_children, strict=True):
        if found is None:
            raise _AliasError
        for repeated in found:
            yield repeated.shifted(shift)


def _may_have_repeated(root: Node) -> bool:
    """Whether a key may be repeated in any mapping: what is hardly ever so is looked for without regard to order."""
    stack: list[Node | None] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            entries = node.entries
            if len(entries) == 1 and type(entries[0][1]) is Scalar:  # as of every other step
                stack.append(entries[0][2])
                continue
            names = tuple([key[1] for _, key, _ in entries if type(key) is Scalar])
            if len(names) < len(entries) or _may_repeat(names):
                return True
            stack += [value for _, _, value in entries if type(value) in _COLLECTIONS]
        elif isinstance(node, Sequence):
            stack += [item for item in node.items if type(item) in _COLLECTIONS]
    return False


def _beneath(root: Node, resolve: Resolver) -> Iterator[RepeatedKey]:
    stack: list[Node | None] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            entries = node.entries
            names = [key.value for _, key, _ in entries if isinstance(key, Scalar)]
            if len(names) < len(entries):
                keys = [resolve(entry.key) for entry in entries]
                names = [key.value for key in keys if isinstance(key, Scalar)]
            if len(names) > 1 and _may_repeat(tuple(names)):
                yield from _of_mapping(node, [resolve(entry.key) for entry in entries])
            stack += [value for _, _, value in reversed(entries) if type(value) in _COLLECTIONS]
        elif isinstance(node, Sequence):
            stack += [item for item in reversed(node.items) if type(item) in _COLLECTIONS]


_COLLECTIONS = frozenset({Mapping, Sequence})


def may_repeat(names: Collection[str]) -> bool:
    """Whether two keys with these texts may be the same: the texts are, or both may be something else than texts."""
    count = len(names)
    return len(set(names)) < count or (count > 1 and count - sum(map(_is_text, names)) > 1)


@lru_cache(maxsize=1024)
def _may_repeat(names: tuple[str, ...]) -> bool:
    """``may_repeat`` of the keys of a mapping, most of which are those of a step."""
    return may_repeat(names)


@lru_cache(maxsize=4096)
def _is_text(name: str) -> bool:
    """Whether a plain scalar is a text. Few keys are written in ten thousand files, each in many."""
    return type_of(name) is ScalarType.STRING


def _of_mapping(mapping: Mapping, keys: Iterable[Node | None]) -> Iterator[RepeatedKey]:
    first: dict[Hashable, tuple[Entry, Scalar]] = {}
    run: set[Hashable] = set()
    for entry, key in zip(mapping.entries, keys, strict=True):
        if not isinstance(key, Scalar) or is_merge(entry):
            continue
        value = key_value(key)
        earlier, as_written = first.setdefault(value, (entry, key))
        if earlier is entry:
            run.clear()
            continue
        continues = bool(run) and value not in run
        if not continues:
            run.clear()
        run.add(value)
        yield RepeatedKey(entry.key.span, key.value, earlier.key.span, as_written.value, continues)
