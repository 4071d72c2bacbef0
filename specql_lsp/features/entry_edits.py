"""Entries of a file by the place of their keys, and edits of them: for fixes, which work on the text as it is now."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple, TypeVar

from specql_lsp.features.entity_edits import shared_anchor
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.removal import removals
from specql_lsp.syntax.editing.scalars import replace_text
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import RawScalar, TextScalar, YamlValue
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree

_Placed = TypeVar("_Placed", bound=Node | Entry)


class WrittenEntry(NamedTuple):
    """An entry where it is written.

    Attributes:
        mapping: the mapping that it is in.
        entry: the entry.
        holder: the entry whose value the mapping is; None at the top and in an item of a list.
        in_flow: whether it is in a flow collection.
    """

    mapping: Mapping
    entry: Entry
    holder: WrittenEntry | None
    in_flow: bool


def written_entry(tree: SyntaxTree, span: Span) -> WrittenEntry | None:
    """The innermost entry whose key or scalar value holds a span; None if there is none, or an alias repeats it."""
    if shared_anchor(tree, span) is not None:
        return None
    return next((found for root in tree.roots if (found := _beneath(root, span)) is not None), None)


def _beneath(root: Node, span: Span) -> WrittenEntry | None:
    node: Node | None = root
    found: WrittenEntry | None = None
    holder: WrittenEntry | None = None
    in_flow = False
    while node is not None:
        if isinstance(node, Mapping):
            in_flow = in_flow or node.flow
            entry = _holding(node.entries, span)
            if entry is None:
                return None
            found = WrittenEntry(node, entry, holder, in_flow)
            if _holds(entry.key.span, span) or isinstance(entry.value, Scalar):
                return found
            node, holder = entry.value, found
        elif isinstance(node, Sequence):
            in_flow = in_flow or node.flow
            node, holder = _holding(node.items, span), None
        else:
            return None
    return None


def _holding(nodes: tuple[_Placed, ...], span: Span) -> _Placed | None:
    """The one that holds a span of some that follow one another in the text."""
    at = bisect_right(nodes, span.start, key=lambda each: each.span.start) - 1
    return nodes[at] if at >= 0 and _holds(nodes[at].span, span) else None


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def remove(tree: SyntaxTree, place: WrittenEntry) -> tuple[TextEdit, ...]:
    """Takes an entry out."""
    holder = place.holder.entry if place.holder is not None else None
    return removals(YamlWriter(tree), place.mapping, (place.entry,), holder)


def rename(tree: SyntaxTree, place: WrittenEntry, name: str) -> tuple[TextEdit, ...]:
    """Gives an entry another key."""
    key = place.entry.key
    return (replace_text(tree, key.text_span if isinstance(key, Scalar) else key.span, name),)


def set_value(tree: SyntaxTree, place: WrittenEntry, value: TextScalar | RawScalar) -> tuple[TextEdit, ...]:
    """Gives an entry a scalar for its value."""
    return YamlWriter(tree).set_scalar(place.entry, value, in_flow=place.in_flow)


def replace_entry(
    tree: SyntaxTree, place: WrittenEntry, name: str, value: TextScalar | RawScalar
) -> tuple[TextEdit, ...]:
    """Gives an entry another key and a scalar for its value."""
    return (*rename(tree, place, name), *set_value(tree, place, value))


def add_last(tree: SyntaxTree, mapping: Mapping, name: str, value: YamlValue) -> tuple[TextEdit, ...]:
    """Puts an entry at the end of a mapping that has entries, which may be an item of a list."""
    return add_after(tree, mapping, mapping.entries[-1], name, value)


def add_after(tree: SyntaxTree, mapping: Mapping, after: Entry, name: str, value: YamlValue) -> tuple[TextEdit, ...]:
    """Puts an entry behind another one of a mapping, which may be an item of a list."""
    writer = YamlWriter(tree)
    if mapping.flow:
        return writer.add(mapping, TextScalar(name), value, after=after)
    lines = writer.block_lines(TextScalar(name), value, writer.column(writer.entry_start(mapping.entries[0])))
    return (writer.lines_after(max(writer.extent(after).end - 1, after.span.start), lines),)


def sibling(place: WrittenEntry, name: str) -> WrittenEntry | None:
    """The entry of that name in the same mapping; the last one of duplicates."""
    entry = place.mapping.entry(name)
    return place._replace(entry=entry) if entry is not None else None
