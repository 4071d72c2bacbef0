"""Positions in a text: spans of offsets, and the index of its lines.

Offsets count Unicode code points from 0, so that ``text[span.start:span.end]`` is the text of a span. What a
protocol counts (UTF-8, UTF-16 or UTF-32 code units) is converted at the edge, never here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from operator import add
from typing import NamedTuple

_LINE_BREAK = re.compile(r"\r\n|\n|\r")


class Span(NamedTuple):
    """A half-open range of a text, in code points from 0."""

    start: int
    end: int

    def contains(self, offset: int) -> bool:
        """Whether ``offset`` lies in the span or at its end, as a cursor does."""
        return self.start <= offset <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share a character or touch."""
        return self.start <= other.end and other.start <= self.end

    def shifted(self, by: int) -> Span:
        """The span moved by ``by`` code points."""
        return Span(self.start + by, self.end + by)


class Position(NamedTuple):
    """A place in a text: line and column from 0, the column in code points."""

    line: int
    column: int


class _Starts(NamedTuple):
    """Where lines begin: those from ``moved`` on ``shift`` further on than ``entries`` says.

    So an edit leaves the entries of the lines behind it as they are.
    """

    entries: list[int]
    moved: int
    shift: int


class LineIndex:
    r"""Where the lines of a text begin.

    Lines end at ``\n``, ``\r\n`` and ``\r`` and nowhere else (LSP 3.17, "Text Documents"); ``str.splitlines``
    also splits at form feeds, U+0085, U+2028 and U+2029.
    """

    __slots__ = ("_moved", "_shift", "_starts", "text")

    def __init__(self, text: str, starts: _Starts | None = None) -> None:
        self.text = text
        self._starts, self._moved, self._shift = starts or _Starts(found := _line_starts(text), len(found), 0)

    def edited(self, start: int, end: int, new: str) -> LineIndex:
        """The index of the text in which ``new`` replaces what is between two offsets.

        Costs a copy of the list of lines, and the lines between this edit and the one before.
        """
        text = self.text[:start] + new + self.text[end:]
        starts, moved, shift = self._starts, self._moved, self._shift
        # A line feed put behind a carriage return moves the end of the line before.
        first = self.line_of(max(start - 1, 0))
        behind = self.line_of(end) + 1
        begin = self.line_start(first)
        stop = self.line_start(behind) + len(new) - (end - start) if behind < len(starts) else len(text)
        added = [begin + at for at in _line_starts(text[begin:stop])[1:]]
        if behind < len(starts):
            del added[-1:]
        before, after = starts[: first + 1], starts[behind:]
        if first >= moved:
            before[moved:] = [at + shift for at in before[moved:]]
        if behind < moved:
            after[: moved - behind] = [at - shift for at in after[: moved - behind]]
        shift += len(new) - (end - start)
        return LineIndex(text, _Starts(before + added + after, len(before) + len(added), shift))

    @property
    def line_starts(self) -> Sequence[int]:
        """The offset at which each line begins; not to be changed. After an edit it costs a copy of those behind it."""
        starts, moved, shift = self._starts, self._moved, self._shift
        return [*starts[:moved], *(at + shift for at in starts[moved:])] if shift and moved < len(starts) else starts

    @property
    def line_count(self) -> int:
        """How many lines there are; a text that ends in a line break has an empty last line."""
        return len(self._starts)

    def line_of(self, offset: int) -> int:
        """The line, from 0, that holds ``offset``; the last one for an offset past the end."""
        starts, moved = self._starts, self._moved
        if moved < len(starts) and offset >= starts[moved] + self._shift:
            return bisect_right(starts, offset - self._shift, moved) - 1
        return max(bisect_right(starts, offset, 0, moved) - 1, 0)

    def line_start(self, line: int) -> int:
        """The offset at which ``line`` begins; the end of the text for a line past the last."""
        if line >= len(self._starts):
            return len(self.text)
        return self._starts[line] + (self._shift if line >= self._moved else 0)

    def line_span(self, line: int) -> Span:
        """The span of ``line`` without its line break."""
        start = self.line_start(line)
        end = self.line_start(line + 1)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def line_text(self, line: int) -> str:
        """The text of ``line`` without its line break."""
        span = self.line_span(line)
        return self.text[span.start : span.end]

    def position(self, offset: int) -> Position:
        """The position of ``offset``, which is cut to the text."""
        offset = min(max(offset, 0), len(self.text))
        line = self.line_of(offset)
        return Position(line, offset - self.line_start(line))

    def offset(self, position: Position) -> int:
        """The offset of ``position``; a column past the end of its line means that end (LSP 3.17, "Position")."""
        span = self.line_span(max(position.line, 0))
        return min(span.start + max(position.column, 0), span.end)


def _line_starts(text: str) -> list[int]:
    if "\r" in text:
        return [0, *(m.end() for m in _LINE_BREAK.finditer(text))]
    # The same without a loop in Python, which is most of the time: what is before a line and its breaks.
    lengths = [len(line) for line in text.split("\n")]
    return list(map(add, accumulate(lengths[:-1], initial=0), range(len(lengths))))
