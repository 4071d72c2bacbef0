"""The keys of a mapping, and of those in it, in SpecQL's order: their lines are moved, with the comments about them.

The empty lines between two entries stay where they are. Names that users choose, as those of fields, are not sorted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from specql_lsp.features.code_actions.request import ActionRequest
from specql_lsp.features.model import ActionKind, CodeAction
from specql_lsp.language.key_order import usual_rank
from specql_lsp.language.keys import KeyTable, Level, ValueSpec
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.text_edit import TextEdit, apply
from specql_lsp.syntax.nodes import Mapping, Node, Sequence, Step, path_at
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree

TITLE = "Sort the keys in SpecQL's order"
_KEEPS_LINES = re.compile(r"[|>][0-9]?\+")
"""A block scalar whose value depends on the empty lines behind it."""

_DASHES = re.compile(r" *(?:- +)+")


def actions(request: ActionRequest) -> Iterator[CodeAction]:
    """Offered at a key of the language, where the mapping that it is in, or one inside that, is not sorted."""
    tree, document = request.document.tree, request.document
    table = document.key_table
    if table is None or tree.has_problems or tree.anchors or tree.document_count > 1:
        return
    path = path_at(tree.root, request.span.start)
    if not path.on_key or tree.root is None:
        return
    names = path.names[:-1]
    mapping = _mapping_of(tree.root, path.steps[:-1])
    place = table.walk(names)
    if mapping is None or place.value is None or _sortable(table, mapping, place.value) is None:
        return
    if not _is_unsorted(table, mapping, place.value):
        return
    if _KEEPS_LINES.search(tree.text) is not None or not tree.text.endswith(("\n", "\r")):
        return
    later = partial(_sorted_whole, tree, table, mapping, place.value)
    if later():
        yield CodeAction(TITLE, ActionKind.REFACTOR_REWRITE, later=later)


def _mapping_of(root: Node, steps: Iterable[Step]) -> Mapping | None:
    node: Node | None = root
    for step in steps:
        if step.entry is not None:
            node = step.entry.value
        elif isinstance(node, Sequence) and step.item is not None:
            node = node.items[step.item]
    return node if isinstance(node, Mapping) else None


def _inner(table: KeyTable, node: Node, spec: ValueSpec) -> Iterator[tuple[Node, ValueSpec]]:
    """The collections directly in a node, with what the language says of them."""
    if isinstance(node, Mapping):
        level = table.levels.get(spec.level)
        for entry in node.entries:
            key = level.key(entry.name) if level is not None and entry.name is not None else None
            if key is not None and isinstance(entry.value, Mapping | Sequence):
                yield entry.value, key.value
    elif isinstance(node, Sequence) and spec.items is not None:
        for item in node.items:
            if isinstance(item, Mapping | Sequence):
                yield item, spec.items


def _sortable(table: KeyTable, node: Node, spec: ValueSpec) -> Level | None:
    """The level of a mapping in block style whose keys have an order."""
    level = table.levels.get(spec.level) if isinstance(node, Mapping) and not node.flow else None
    return level if level is not None and level.any_key is None else None


def _is_unsorted(table: KeyTable, mapping: Mapping, spec: ValueSpec) -> bool:
    pending: list[tuple[Node, ValueSpec]] = [(mapping, spec)]
    while pending:
        node, spec = pending.pop()
        level = _sortable(table, node, spec)
        if level is not None and isinstance(node, Mapping):
            ranks = [usual_rank(level, entry.name or "") for entry in node.entries]
            if any(one > two for one, two in pairwise(ranks)):
                return True
        pending.extend(_inner(table, node, spec))
    return False


def _sorted_whole(tree: SyntaxTree, table: KeyTable, mapping: Mapping, spec: ValueSpec) -> tuple[TextEdit, ...]:
    return tuple(sorted(_Sorter(tree, table).edits(mapping, spec)))


class _Chunk(NamedTuple):
    rank: int
    span: Span
    """The entry with the comments about it."""
    has_comments: bool


class _Sorter:
    def __init__(self, tree: SyntaxTree, table: KeyTable) -> None:
        self.tree = tree
        self.table = table
        self.writer = YamlWriter(tree)

    def edits(self, node: Node, spec: ValueSpec) -> list[TextEdit]:
        """The edits that sort a collection and what is in it; those of one mapping are one edit."""
        inner = [edit for child, child_spec in _inner(self.table, node, spec) for edit in self.edits(child, child_spec)]
        level = _sortable(self.table, node, spec)
        if level is None or not isinstance(node, Mapping):
            return inner
        chunks = self._chunks(node, level)
        order = sorted(chunks, key=lambda chunk: chunk.rank)
        if chunks == order or not self._may_move(chunks, order):
            return inner
        first = next(index for index, chunk in enumerate(order) if chunk is not chunks[index])
        last = max(index for index, chunk in enumerate(order) if chunk is not chunks[index])
        start, end = chunks[first].span.start, chunks[last].span.end
        parts: list[str] = []
        for index in range(first, last + 1):
            parts.append(self._text(order[index].span, inner))
            if index < last:
                parts.append(self.tree.text[chunks[index].span.end : chunks[index + 1].span.start])
        kept = [edit for edit in inner if edit.span.end <= start or edit.span.start >= end]
        return [*kept, TextEdit(Span(start, end), "".join(parts))]

    def _text(self, span: Span, edits: list[TextEdit]) -> str:
        """The text of a chunk after the edits in it."""
        own = [
            TextEdit(edit.span.shifted(-span.start), edit.new_text)
            for edit in edits
            if span.start <= edit.span.start and edit.span.end <= span.end
        ]
        return apply(self.tree.text[span.start : span.end], own)

    def _chunks(self, mapping: Mapping, level: Level) -> list[_Chunk]:
        lines, chunks = self.tree.lines, []
        after = -1
        """The last line of the entry before."""
        for index, entry in enumerate(mapping.entries):
            line = lines.line_of(entry.span.start)
            column = entry.span.start - lines.line_start(line)
            first = self._first_line(line, column, after, is_first=not index)
            after = self._last_line(lines.line_of(self.writer.entry_end(entry)), column)
            start = entry.span.start if first == line else lines.line_start(first) + column
            span = Span(start, lines.line_span(after).end)
            chunks.append(_Chunk(usual_rank(level, entry.name or ""), span, first != line))
        return chunks

    def _first_line(self, line: int, column: int, after: int, *, is_first: bool) -> int:
        """The first of the comments about an entry: in its column, above it; the line itself without any."""
        lines, first = self.tree.lines, line
        for above in range(line - 1, after, -1):
            text = lines.line_text(above)
            if text.startswith(" " * column + "#"):
                first = above
            elif text.strip() or is_first:  # a comment on top of a file is about all of it
                break
        return first

    def _last_line(self, line: int, column: int) -> int:
        """The last of the comments that are deeper than an entry and behind it; ``line``, its end, without any."""
        lines, last = self.tree.lines, line
        for below in range(line + 1, lines.line_count):
            text = lines.line_text(below)
            bare = text.lstrip(" ")
            if bare.startswith("#") and len(text) - len(bare) > column:
                last = below
            elif bare.strip():
                break
        return last

    def _may_move(self, chunks: list[_Chunk], order: list[_Chunk]) -> bool:
        """Whether the chunks are lines of their own, and none with comments comes behind a dash."""
        lines, text = self.tree.lines, self.tree.text
        margins = [text[lines.line_start(lines.line_of(start)) : start] for _, (start, _), _ in chunks]
        is_behind_dash = _DASHES.fullmatch(margins[0]) is not None
        if is_behind_dash and order[0].has_comments:
            return False
        if any(margin != " " * len(margins[0]) for margin in margins[is_behind_dash:]):
            return False
        return all(one.span.end < two.span.start for one, two in pairwise(chunks))
