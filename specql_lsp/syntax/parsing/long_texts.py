"""Texts with more rows than tree-sitter-yaml can count, parsed block by block."""

from __future__ import annotations

import re
from collections.abc import Iterable

from specql_lsp.syntax.nodes import Entry, Mapping, Node
from specql_lsp.syntax.parsing.parse_piece import parse_piece
from specql_lsp.syntax.parsing.piece import Anchored
from specql_lsp.syntax.parsing.recovery import KEY_LINE
from specql_lsp.syntax.parsing.sections import is_lone_key
from specql_lsp.syntax.problems import SyntaxProblem
from specql_lsp.syntax.text import LineIndex, Span

MAX_ROWS = 32_000
"""tree-sitter-yaml's scanner counts rows in 16 bits: past row 32,767 everything is an error to it."""
PIECE_ROWS = 1_000
"""Rows to parse at once where that surely gives the same. tree-sitter's own tree is several times as big as ours: a
small one leaves the peak of memory where it is, and fits in the processor's cache, which makes the walk faster."""

_CONTENT = re.compile(r"(?:^|(?<=\r)) *(?=[^ \n\r#])", re.MULTILINE)
_ENDS = ("\n...", "\r...", "\0")
"""The end of a document; tree-sitter ends the whole text at a null character. What is behind does not count."""
_MARGIN = re.compile(r"(?:^|(?<=\r))( *)(?=[^ \n\r#-])", re.MULTILINE)


class Pieces:
    """Cuts a long block mapping between its entries, and an entry too long itself between those of its value."""

    def __init__(self, text: str, lines: LineIndex) -> None:
        self.text = text
        self.lines = lines
        self.problems: list[SyntaxProblem] = []
        self.anchored: list[Anchored] = []

    def mapping(self, first: int, last: int) -> Mapping | None:
        """The block mapping on the lines from ``first`` up to ``last``; None where no key begins there."""
        entries: list[Entry] = []
        for begin, end in _groups(self._entry_lines(first, last), last, MAX_ROWS):
            entries.extend(self._entries(begin, end))
        return _mapping_of(entries) if entries else None

    def _entries(self, begin: int, end: int) -> Iterable[Entry]:
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
        start = self.lines.line_start(begin)
        piece = parse_piece(self.text[start : self.lines.line_start(end)], start)
        self.problems.extend(piece.problems)
        self.anchored.extend(piece.anchored)
        return piece.root.entries if isinstance(piece.root, Mapping) else ()

    def _small(self, begin: int, end: int) -> list[Entry] | None:
        """The same by several runs; None where it is not sure that they find the same."""
        if end - begin <= PIECE_ROWS:
            return None
        start, stop = self.lines.line_start(begin), self.lines.line_start(end)
        if any(self.text.find(end_mark, start, stop) >= 0 for end_mark in _ENDS):
            return None
        anchored: list[Anchored] = []
        try:
            entries = self._cut(begin, end, -1, anchored)
        except _MustBeWholeError:
            return None
        if entries is not None:
            self.anchored.extend(anchored)
        return entries

    def _cut(self, first: int, last: int, outer: int, anchored: list[Anchored]) -> list[Entry] | None:
        """The entries of a block mapping right of column ``outer``; None where the lines hold anything else."""
        starts = self._entry_lines(first, last)
        content = _CONTENT.search(self.text, self.lines.line_start(first), self.lines.line_start(last))
        if not starts or content is None or content.start() != self.lines.line_start(starts[0]):
            return None
        column = content.end() - content.start()
        if column <= outer:
            return None
        entries: list[Entry] = []
        for begin, end in _groups(starts, last, PIECE_ROWS):
            inner = None
            if end - begin > PIECE_ROWS and is_lone_key(self.text, self.lines.line_start(begin)):
                inner = self._cut(begin + 1, end, column, anchored)
            if inner is None:
                entries.extend(self._faultless(begin, end, column, anchored))
            else:
                head = self._faultless(begin, begin + 1, column, anchored)[0]
                entries.append(_with_value(head, _mapping_of(inner)))
        return entries

    def _faultless(self, begin: int, end: int, column: int, anchored: list[Anchored]) -> tuple[Entry, ...]:
        """The entries of a run without a problem, as a text cut at a wrong place has problems.

        A key at the same column is put behind the run, as in the whole: a block scalar at the end of a text ends
        elsewhere than before a key; and where that key is not found as an entry, something is left open.
        """
        start, stop = self.lines.line_start(begin), self.lines.line_start(end)
        behind = " " * column + "_:\n" if stop < len(self.text) else ""
        piece = parse_piece(self.text[start:stop] + behind, start)
        entries = piece.root.entries if isinstance(piece.root, Mapping) and not piece.problems else ()
        if behind and entries:
            closed = entries[-1].span.start == stop + column
            entries = entries[:-1] if closed else ()
        if not entries or piece.document_count > 1:
            raise _MustBeWholeError
        anchored.extend(piece.anchored)
        return entries

    def _entry_lines(self, first: int, last: int) -> list[int]:
        """The lines with keys at the margin: that of the first line that is no comment and no item of a sequence."""
        text, lines = self.text, self.lines
        stop = lines.line_start(last)
        content = _MARGIN.search(text, lines.line_start(first), stop)
        if content is None:
            return []
        # One search over the text, as taking every line costs ten times as much. It begins with a fixed character
        # wherever it can, as the regular expressions' engine skips to such a one.
        line_break = "[\n\r]" if "\r" in text else "\n"
        at_margin = re.compile(rf"{line_break} {{{len(content[1])}}}(?=[^ \n\r#-])")
        numbers = [lines.line_of(content.start())]
        numbers.extend(lines.line_of(match.end()) for match in at_margin.finditer(text, content.end(), stop))
        return [number for number in numbers if KEY_LINE.match(lines.line_text(number))]


class _MustBeWholeError(Exception):
    """A piece of a block has a problem: the whole may have none, or another one."""


def _mapping_of(entries: list[Entry]) -> Mapping:
    return Mapping(Span(entries[0].span.start, entries[-1].span.end), tuple(entries), flow=False)


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
