"""Positions in a text: spans of offsets, and the index of its lines.

Offsets count Unicode code points from 0, so that ``text[span.start:span.end]`` is the text of a span. What a
protocol counts (UTF-8, UTF-16 or UTF-32 code units) is converted at the edge, never here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
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


class LineIndex:
    r"""Where the lines of a text begin.

    Lines end at ``\n``, ``\r\n`` and ``\r`` and nowhere else (LSP 3.17, "Text Documents"); ``str.splitlines``
    also splits at form feeds, U+0085, U+2028 and U+2029.
    """

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        if "\r" in text:
            self._starts = [0, *(m.end() for m in _LINE_BREAK.finditer(text))]
        else:
            # The same without a loop in Python, which is most of the time: what stands before a line and its breaks.
            lengths = [len(line) for line in text.split("\n")]
            self._starts = list(map(add, accumulate(lengths[:-1], initial=0), range(len(lengths))))

    @property
    def line_count(self) -> int:
        """How many lines there are; a text that ends in a line break has an empty last line."""
        return len(self._starts)

    def line_of(self, offset: int) -> int:
        """The line, from 0, that holds ``offset``; the last one for an offset past the end."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def line_start(self, line: int) -> int:
        """The offset at which ``line`` begins; the end of the text for a line past the last."""
        return self._starts[line] if line < len(self._starts) else len(self.text)

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
        return Position(line, offset - self._starts[line])

    def offset(self, position: Position) -> int:
        """The offset of ``position``; a column past the end of its line means that end (LSP 3.17, "Position")."""
        span = self.line_span(max(position.line, 0))
        return min(span.start + max(position.column, 0), span.end)
