"""Texts with more rows than tree-sitter-yaml can count, parsed block by block."""

from __future__ import annotations

from specql_lsp.syntax.builder import SyntaxProblem, parse_piece
from specql_lsp.syntax.nodes import Entry, Mapping, Node
from specql_lsp.syntax.outline import KEY_LINE
from specql_lsp.syntax.text import LineIndex, Span

MAX_ROWS = 32_000
"""tree-sitter-yaml's scanner counts rows in 16 bits: past row 32,767 everything is an error to it."""


class Pieces:
    """Cuts a long block mapping between its entries, and an entry too long itself between those of its value."""

    def __init__(self, text: str, lines: LineIndex) -> None:
        self.text = text
        self.lines = lines
        self.problems: list[SyntaxProblem] = []
        self.anchors: dict[str, Node] = {}

    def mapping(self, first: int, last: int) -> Mapping | None:
        """The block mapping on the lines from ``first`` up to ``last``; None where no key begins there."""
        starts = self._entry_lines(first, last)
        if not starts:
            return None
        entries: list[Entry] = []
        begin = starts[0]
        bounds = [*starts[1:], last]
        for index, end in enumerate(bounds):
            following = bounds[index + 1] if index + 1 < len(bounds) else None
            if following is not None and following - begin <= MAX_ROWS:
                continue
            entries.extend(self._entries(begin, end))
            begin = end
        if not entries:
            return None
        return Mapping(Span(entries[0].span.start, entries[-1].span.end), tuple(entries), flow=False)

    def _entry_lines(self, first: int, last: int) -> list[int]:
        margin: int | None = None
        found: list[int] = []
        for number in range(first, last):
            line = self.lines.line_text(number)
            bare = line.lstrip(" ")
            if not bare or bare[0] in "#-":
                continue
            indent = len(line) - len(bare)
            if margin is None:
                margin = indent
            if indent == margin and KEY_LINE.match(line):
                found.append(number)
        return found

    def _entries(self, begin: int, end: int) -> tuple[Entry, ...]:
        start = self.lines.line_start(begin)
        if end - begin <= MAX_ROWS:
            piece = parse_piece(self.text[start : self.lines.line_start(end)], start)
            self.problems.extend(piece.problems)
            self.anchors.update(piece.anchors)
            return piece.root.entries if isinstance(piece.root, Mapping) else ()
        head = parse_piece(self.lines.line_text(begin), start)
        if not isinstance(head.root, Mapping) or not head.root.entries:
            return ()
        entry = head.root.entries[0]
        value = self.mapping(begin + 1, end) or entry.value
        return (Entry(Span(entry.span.start, value.span.end if value else entry.span.end), entry.key, value),)
