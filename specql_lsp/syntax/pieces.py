"""Texts with more rows than tree-sitter-yaml can count, parsed block by block."""

from __future__ import annotations

import re

from specql_lsp.syntax.builder import Piece, SyntaxProblem, parse_piece
from specql_lsp.syntax.nodes import Entry, Mapping, Node
from specql_lsp.syntax.outline import KEY_LINE
from specql_lsp.syntax.text import LineIndex, Span

MAX_ROWS = 32_000
"""tree-sitter-yaml's scanner counts rows in 16 bits: past row 32,767 everything is an error to it."""
PIECE_ROWS = 4_000
"""Rows to parse at once where that is surely the same: tree-sitter's own tree is several times as big as ours."""

_FIRST_CONTENT = re.compile(r"^( *)[^ \n\r#]", re.MULTILINE)


class Pieces:
    """Cuts a long block mapping between its entries, and an entry too long itself between those of its value."""

    def __init__(self, text: str, lines: LineIndex) -> None:
        self.text = text
        self.lines = lines
        self.problems: list[SyntaxProblem] = []
        self.anchors: dict[str, Node] = {}

    def mapping(self, first: int, last: int) -> Mapping | None:
        """The block mapping on the lines from ``first`` up to ``last``; None where no key begins there."""
        entries: list[Entry] = []
        for begin, end in _groups(self._entry_lines(first, last), last, MAX_ROWS):
            entries.extend(self._entries(begin, end))
        if not entries:
            return None
        return Mapping(Span(entries[0].span.start, entries[-1].span.end), tuple(entries), flow=False)

    def _entries(self, begin: int, end: int) -> tuple[Entry, ...]:
        if end - begin <= MAX_ROWS:
            return self._small(begin, end) or self._whole(begin, end)
        start = self.lines.line_start(begin)
        head = parse_piece(self.lines.line_text(begin), start)
        if not isinstance(head.root, Mapping) or not head.root.entries:
            return ()
        entry = head.root.entries[0]
        value = self.mapping(begin + 1, end) or entry.value
        return (_with_value(entry, value),)

    def _whole(self, begin: int, end: int) -> tuple[Entry, ...]:
        """The entries on the lines from ``begin`` up to ``end``, by one run of tree-sitter."""
        piece = self._piece(begin, end)
        self.problems.extend(piece.problems)
        self.anchors.update(piece.anchors)
        return piece.root.entries if isinstance(piece.root, Mapping) else ()

    def _small(self, begin: int, end: int) -> tuple[Entry, ...] | None:
        """The same by several runs; None where they cannot be told to find the same."""
        if end - begin <= PIECE_ROWS:
            return None
        anchors: dict[str, Node] = {}
        try:
            entries = self._cut(begin, end, anchors)
        except _NotCutError:
            return None
        self.anchors.update(anchors)
        return tuple(entries)

    def _cut(self, first: int, last: int, anchors: dict[str, Node]) -> list[Entry]:
        starts = self._entry_lines(first, last)
        content = _FIRST_CONTENT.search(self.text, self.lines.line_start(first), self.lines.line_start(last))
        if not starts or content is None or content.start() != self.lines.line_start(starts[0]):
            raise _NotCutError  # a sequence, a block scalar, a key that is not on one line
        entries: list[Entry] = []
        for begin, end in _groups(starts, last, PIECE_ROWS):
            bare = end - begin > PIECE_ROWS and KEY_LINE.match(self.lines.line_text(begin))
            if bare and (not bare["value"] or bare["value"].startswith("#")):
                head = self._faultless(begin, begin + 1, anchors)[0]
                inner = self._cut(begin + 1, end, anchors)
                span = Span(inner[0].span.start, inner[-1].span.end)
                entries.append(_with_value(head, Mapping(span, tuple(inner), flow=False)))
            else:
                entries.extend(self._faultless(begin, end, anchors))
        return entries

    def _faultless(self, begin: int, end: int, anchors: dict[str, Node]) -> tuple[Entry, ...]:
        """The entries of a run without a problem: a text cut at a wrong place has problems, or no entries."""
        piece = self._piece(begin, end)
        if piece.problems or not isinstance(piece.root, Mapping) or not piece.root.entries or piece.document_count > 1:
            raise _NotCutError
        anchors.update(piece.anchors)
        return piece.root.entries

    def _piece(self, begin: int, end: int) -> Piece:
        start = self.lines.line_start(begin)
        return parse_piece(self.text[start : self.lines.line_start(end)], start)

    def _entry_lines(self, first: int, last: int) -> list[int]:
        """The lines with keys at the margin: that of the first line that is no comment and no item of a sequence."""
        text, lines = self.text, self.lines
        start, stop = lines.line_start(first), lines.line_start(last)
        content = _MARGIN.search(text, start, stop)
        if content is None:
            return []
        # One search for all lines: to take each line's text and look at it costs four times as much.
        at_margin = re.compile(rf"(?:^|(?<=[\n\r])) {{{len(content[1])}}}(?=[^ \n\r#-])")
        found: list[int] = []
        for match in at_margin.finditer(text, content.start(), stop):
            number = lines.line_of(match.start())
            if KEY_LINE.match(lines.line_text(number)):
                found.append(number)
        return found


class _NotCutError(Exception):
    """A block that is not surely the same in pieces."""


def _with_value(entry: Entry, value: Node | None) -> Entry:
    return Entry(Span(entry.span.start, value.span.end if value else entry.span.end), entry.key, value)


def _groups(starts: list[int], last: int, rows: int) -> list[tuple[int, int]]:
    """Ranges of lines, each of as many entries as fit in ``rows``, or of one that does not."""
    groups: list[tuple[int, int]] = []
    begin = starts[0] if starts else last
    bounds = [*starts[1:], last]
    for index, end in enumerate(bounds):
        following = bounds[index + 1] if index + 1 < len(bounds) else None
        if following is None or following - begin > rows:
            groups.append((begin, end))
            begin = end
    return groups if starts else []
