"""A document in sections: pieces of text that can be parsed, checked and kept by themselves.

A section is a run of entries of a block mapping, or of items of a block sequence, with the text up to the next one:
nearly always it is one entry or item. The sections of a mapping or sequence follow each other without a gap. Every
entry of the top level is a section; one whose value is a block collection is divided into the sections of that
collection, and so on where these are long.

A section says nothing about where it is. Its nodes have the offsets that they had when they were parsed, when the
section began at ``origin``; their place in a text is found by adding where it begins there. So a section that an edit
did not touch is the same object before and after the edit, with all that was worked out of it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, TypeVar

from specql_lsp.lazily import lazily
from specql_lsp.syntax.nodes import (
    Deferred,
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    shifted,
    shifted_entries,
    shifted_items,
)
from specql_lsp.syntax.parsing.piece import Anchored
from specql_lsp.syntax.parsing.recovery import KEY_LINE
from specql_lsp.syntax.text import Span

_Fact = TypeVar("_Fact")

MIN_DIVIDED_LINES = 30
"""A section beneath the top level is divided where it has more lines."""

_DOCUMENT_MARK = re.compile(r"(?:\A|(?<=[\n\r]))(?:---|\.\.\.|%)")
_SPECIAL = re.compile("[\0\x85\u2028\u2029\ufeff]")
"""Characters whose meaning only the whole text says: an end of the text, line breaks of YAML 1.1, byte order marks."""


class Section:
    """A piece of a text with its nodes; never changed.

    Attributes:
        text: its text where it is not divided; else that of its head, the rest being its children's.
        origin: where it began when its nodes were parsed, in code points.
        length: how many code points of text it covers.
        entries: its entries, where it is part of a mapping; the document's, where that is one undivided section.
        items: its items, where it is part of a sequence.
        children: the sections of the collection that is the value of its only entry, where it is divided; the first
            document's top-level sections, for the root.
        head: how many code points there are before the first child.
        column: where its children's lines begin: the column of their keys or dashes.
        in_sequence: whether the children are items of a sequence.
        is_understood: whether it is YAML; else its nodes are what could be read of it.
        anchored: its nodes with an anchor, apart from those of its children.
    """

    def __init__(
        self,
        text: str,
        origin: int,
        length: int,
        *,
        entries: tuple[Entry, ...] = (),
        items: tuple[Node, ...] = (),
        anchored: tuple[Anchored, ...] = (),
        head: int = 0,
        column: int = 0,
        in_sequence: bool = False,
        children: tuple[Section, ...] = (),
        is_understood: bool = True,
    ) -> None:
        self.text = text
        self.origin = origin
        self.length = length
        self.entries = entries
        self.items = items
        self.anchored = anchored
        self.head = head
        self.column = column
        self.in_sequence = in_sequence
        self.children = children
        self.is_understood = is_understood
        self.has_anchors: bool = bool(anchored) or any(child.has_anchors for child in children)
        self._facts: dict[Callable[[Section], Any], Any] = {}

    @lazily
    def starts(self) -> tuple[int, ...]:
        """Where the children begin, from the section's own beginning."""
        lengths = [child.length for child in self.children[:-1]]
        return tuple(accumulate(lengths, initial=self.head)) if self.children else ()

    @lazily
    def shifts_of_children(self) -> tuple[int, ...]:
        """What the offsets of each child's nodes have to be moved by to be the section's own."""
        origin = self.origin
        return tuple([origin + start - child.origin for child, start in zip(self.children, self.starts, strict=True)])

    @lazily
    def keys_of_children(self) -> tuple[Node, ...]:
        """The keys of a divided mapping."""
        return tuple([entry.key for child in self.children for entry in child.entries])

    @lazily
    def names_of_children(self) -> tuple[str, ...]:
        """The texts of the scalars among those keys."""
        return tuple([key.value for key in self.keys_of_children if isinstance(key, Scalar)])

    @property
    def entry(self) -> Entry | None:
        """Its entry, where it has exactly one."""
        return self.entries[0] if len(self.entries) == 1 else None

    def fact(self, work_out: Callable[[Section], _Fact]) -> _Fact:
        """What a function says about this section: asked once, and kept as long as the section is.

        Args:
            work_out: has to be a function of a module, and its answer the same for the same text: it may depend on
                neither other sections nor the place of this one. Spans in the answer are those of the section's nodes.
        """
        known = self._facts
        if work_out not in known:
            known.setdefault(work_out, work_out(self))
        found: _Fact = known[work_out]
        return found

    def facts_of_children(self, work_out: Callable[[Section], _Fact]) -> list[_Fact]:
        """What a function says about each child (``fact``), where all but a few of thousands have been asked before."""
        return [
            child._facts[work_out] if work_out in child._facts else child.fact(work_out)  # noqa: SLF001 - its own class
            for child in self.children
        ]

    def anchored_nodes(self, by: int | None = None) -> Iterator[tuple[Anchored, int]]:
        """Every node with an anchor in it and its children, each with what its offsets have to be moved by."""
        by = -self.origin if by is None else by
        if not self.has_anchors:
            return
        for each in self.anchored:
            yield each, by
        for child, own in zip(self.children, self.shifts_of_children, strict=True):
            if child.has_anchors:
                yield from child.anchored_nodes(by + own)


class Placed(NamedTuple):
    """A section in a text; ``shift`` is what its nodes' offsets have to be moved by."""

    section: Section
    shift: int

    @property
    def start(self) -> int:
        """Where the section begins in the text."""
        return self.section.origin + self.shift

    @property
    def span(self) -> Span:
        """The section's text, comments and empty lines up to the next section included."""
        return Span(self.start, self.start + self.section.length)

    @property
    def children(self) -> Iterator[Placed]:
        """The sections that it is divided into."""
        for child, shift in self.shifted_children():
            yield Placed(child, shift)

    def shifted_children(self) -> list[tuple[Section, int]]:
        """The sections that it is divided into, each with its shift: for what an edit asks of thousands."""
        by, section = self.shift, self.section
        return [(child, by + own) for child, own in zip(section.children, section.shifts_of_children, strict=True)]

    def leaves(self) -> Iterator[Placed]:
        """The section itself where it has no children; else those beneath it that have none, in the text's order."""
        if not self.section.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def known_sections(root: Section) -> dict[str, Section]:
    """The sections of a text without problems by their text, but for the last: what follows it may end it elsewhere."""
    known: dict[str, Section] = {}
    for top in root.children:
        for child in top.children:
            known[text_of(child)] = child
        known[text_of(top)] = top
    last = root.children[-1:]
    while last:
        known.pop(text_of(last[0]), None)
        last = last[0].children[-1:]
    return known


def text_of(section: Section) -> str:
    """All of a section's text."""
    return section.text + "".join([text_of(child) for child in section.children]) if section.children else section.text


def undivided(text: str, root: Node | None, anchored: tuple[Anchored, ...]) -> Section:
    """A document as one section."""
    return Section(
        text,
        0,
        len(text),
        entries=root.entries if isinstance(root, Mapping) else (),
        items=root.items if isinstance(root, Sequence) else (),
        anchored=anchored,
    )


def cut(text: str, root: Node | None, anchored: tuple[Anchored, ...]) -> Section | None:
    """The sections of a text without problems that holds one document; None where it cannot be cut.

    It cannot where something in it concerns all of the text, or where its content is no block mapping.
    """
    if not isinstance(root, Mapping) or root.flow or root.tag is not None or is_special(text, root.span.start):
        return None
    return _divided(Section(text, 0, len(text)), text, Span(0, len(text)), root, anchored, is_top=True)


def is_special(text: str, start: int = 0) -> bool:
    """Whether a text has, anywhere, a character that concerns all of it; or a document's mark behind ``start``."""
    has_marks = "---" in text or "..." in text or "%" in text
    return (has_marks and _DOCUMENT_MARK.search(text, start) is not None) or has_special_characters(text)


def has_special_characters(text: str) -> bool:
    """Whether a text has, anywhere, a character that concerns all of it."""
    return "\0" in text if text.isascii() else _SPECIAL.search(text) is not None


def sections_of(
    text: str,
    span: Span,
    collection: Mapping | Sequence,
    anchored: tuple[Anchored, ...],
    *,
    is_top: bool,
    least: int = 1,
) -> tuple[int, tuple[Section, ...]] | None:
    """The sections of a block collection whose text ends where ``span`` ends, and their column.

    None where they are fewer than ``least``, or the first does not begin on a line of its own.

    Args:
        text: the whole text.
        span: begins anywhere before the collection, on a line before its first.
        collection: its nodes, with the offsets of the text.
        anchored: the nodes with an anchor in it.
        is_top: whether the sections are those of the document's top level.
    """
    first = collection.span.start
    begin = max(text.rfind("\n", span.start, first), text.rfind("\r", span.start, first), span.start - 1) + 1
    column = first - begin
    indent = " " * column
    if text[begin:first] != indent:
        return None
    groups = (
        _entry_groups(text, indent, collection)
        if isinstance(collection, Mapping)
        else _item_groups(text, indent, Span(begin, span.end), collection)
    )
    if len(groups) < least or groups[0][0] != begin:
        return None
    starts = [start for start, _, _ in groups]
    anchors: dict[int, list[Anchored]] = {}
    for each in anchored:
        anchors.setdefault(bisect_right(starts, each.node.span.start) - 1, []).append(each)
    found: list[Section] = []
    for index, ((start, entries, items), (_, end)) in enumerate(
        zip(groups, pairwise([*starts, span.end]), strict=True)
    ):
        own = tuple(anchors.get(index, ()))
        section = Section(text[start:end], start, end - start, entries=entries, items=items, anchored=own)
        found.append(_maybe_divided(section, text, Span(start, end), own, is_top=is_top))
    return column, tuple(found)


_Group = tuple[int, tuple[Entry, ...], tuple[Node, ...]]
"""Where a section begins, and its entries or items."""


def _entry_groups(text: str, indent: str, mapping: Mapping) -> list[_Group]:
    """The entries of a mapping by the line on which they begin; one whose key does not begin its line joins another."""
    column = len(indent)
    groups: list[tuple[int, list[Entry]]] = []
    for entry in mapping.entries:
        start = entry.span.start - column
        if (start == 0 or text[start - 1] in "\n\r") and text.startswith(indent, start):
            groups.append((start, [entry]))
        elif groups:
            groups[-1][1].append(entry)
        else:
            return []
    return [(start, tuple(entries), ()) for start, entries in groups]


def _item_groups(text: str, indent: str, span: Span, sequence: Sequence) -> list[_Group]:
    """The items of a sequence by the line on which their dashes are."""
    dashes = re.compile(rf"(?:\A|(?<=[\n\r])){indent}-(?=[ \n\r])")
    items = iter(sequence.items)
    item = next(items, None)
    groups: list[tuple[int, list[Node]]] = []
    end = 0
    for match in dashes.finditer(text, span.start, span.end):
        start = match.start()
        while item is not None and item.span.start < start and groups:
            groups[-1][1].append(item)
            end = max(end, item.span.end)
            item = next(items, None)
        if start >= end:
            groups.append((start, []))
    if item is not None and groups:
        groups[-1][1].extend([item, *items])
    return [(start, (), tuple(found)) for start, found in groups]


def _maybe_divided(section: Section, text: str, span: Span, anchored: tuple[Anchored, ...], *, is_top: bool) -> Section:
    entry = section.entry
    value = entry.value if entry is not None else None
    if (
        entry is None
        or not isinstance(value, Mapping | Sequence)
        or value.flow
        or not (is_top or section.text.count("\n") > MIN_DIVIDED_LINES)
        or not is_lone_key(text, span.start)
    ):
        return section
    return _divided(section, text, span, value, anchored, is_top=False) or section


def _divided(
    section: Section,
    text: str,
    span: Span,
    collection: Mapping | Sequence,
    anchored: tuple[Anchored, ...],
    *,
    is_top: bool,
) -> Section | None:
    if any(each.node is collection for each in anchored):
        return None
    found = sections_of(text, span, collection, anchored, is_top=is_top, least=1 if is_top else 2)
    if found is None:
        return None
    column, children = found
    if not is_top and _KEY_AND_COMMENTS.fullmatch(text, span.start, children[0].origin) is None:
        return None
    return Section(
        text[span.start : children[0].origin],
        section.origin,
        section.length,
        entries=section.entries,
        head=children[0].origin - span.start,
        column=column,
        in_sequence=isinstance(collection, Sequence),
        children=children,
    )


_LINE = re.compile("[^\n\r]*")
_KEY_AND_COMMENTS = re.compile(r"[^\n\r]*(?:[\n\r]+[ ]*(?:#[^\n\r]*)?)*+")


def is_lone_key(text: str, start: int) -> bool:
    """Whether the line at ``start`` holds a key with neither a value nor an anchor or tag behind it."""
    line = _LINE.match(text, start)
    key = KEY_LINE.match(line.group()) if line is not None else None
    return key is not None and not key["dashes"] and (not key["value"] or key["value"].startswith("#"))


def reassembled(section: Section, start: int, children: tuple[Section, ...]) -> Section | None:
    """A divided section with other children, beginning at ``start``; None where its value's end is not known."""
    head, column = section.head, section.column
    length = head + sum(child.length for child in children)
    made = Section(
        section.text,
        start,
        length,
        head=head,
        column=column,
        in_sequence=section.in_sequence,
        children=children,
    )
    value = collection_of(made)
    if value is None:
        return None
    entry = section.entry
    if entry is not None:  # the root has none
        key = shifted(entry.key, start - section.origin)
        made.entries = (Entry(Span(key.span.start, value.span.end), key, value),)
    return made


def collection_of(section: Section) -> Mapping | Sequence | None:
    """The mapping or sequence that a divided section's children make; None where it has no end of its own."""
    children, starts, origin = section.children, section.starts, section.origin
    for child, start in zip(reversed(children), reversed(starts), strict=True):
        last = child.entries[-1:] or child.items[-1:]
        if last:
            end = last[0].span.end + origin + start - child.origin
            break
    else:
        return None
    span = Span(origin + section.head + section.column, end)
    # Not of the section itself, which holds what is made here: it would stay until the garbage collector comes, which
    # does not look at a large tree.
    if section.in_sequence:
        return Sequence(span, Deferred(partial(_items, children, starts, origin)), flow=False)
    return Mapping(span, Deferred(partial(_entries, children, starts, origin)), flow=False)


def _entries(children: tuple[Section, ...], starts: tuple[int, ...], origin: int) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for child, start in zip(children, starts, strict=True):
        found.extend(shifted_entries(child.entries, origin + start - child.origin))
    return tuple(found)


def _items(children: tuple[Section, ...], starts: tuple[int, ...], origin: int) -> tuple[Node, ...]:
    found: list[Node] = []
    for child, start in zip(children, starts, strict=True):
        found.extend(shifted_items(child.items, origin + start - child.origin))
    return tuple(found)
