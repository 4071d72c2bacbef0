"""Offsets ↔ LSP positions in the negotiated encoding (LSP 3.17, "PositionEncodingKind")."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types

from specql_lsp.syntax.text import LineIndex, Position, Span

if TYPE_CHECKING:
    from specql_lsp.index.symbols import Place


class Encoding(Enum):
    """The unit in which characters are counted (``specql_lsp.lsp.capabilities.position_encoding`` negotiates it)."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"

    def units(self, text: str) -> int:
        """How many units a text has."""
        if self is Encoding.UTF32 or text.isascii():
            return len(text)
        if self is Encoding.UTF8:
            return len(text.encode("utf-8", errors="surrogatepass"))
        return len(text) + sum(1 for c in text if ord(c) > 0xFFFF)

    def column(self, line: str, units: int) -> int:
        """The column in code points of a place ``units`` into a line; cut to the line, inside a character its start."""
        if self is Encoding.UTF32 or line.isascii():
            return min(units, len(line))
        left = units
        for column, character in enumerate(line):
            left -= self.units(character)
            if left < 0:
                return column
        return len(line)


class PlacedRange(NamedTuple):
    """A range of the protocol. Characters are counted in the client's encoding."""

    start_line: int
    start_character: int
    end_line: int
    end_character: int

    @property
    def json(self) -> dict[str, Any]:
        """The range as JSON."""
        line, character, last, end = self
        return {"start": {"line": line, "character": character}, "end": {"line": last, "character": end}}

    @property
    def json_text(self) -> str:
        """The text of the range as JSON."""
        line, character, last, end = self
        return f'{{"start":{{"line":{line},"character":{character}}},"end":{{"line":{last},"character":{end}}}}}'


class Positions:
    """Converts the positions of one text."""

    def __init__(self, lines: LineIndex, encoding: Encoding) -> None:
        self._lines = lines
        self._encoding = encoding
        self._last: tuple[Span, types.Range] | None = None

    def offset(self, position: types.Position) -> int:
        """The offset of a position; a line past the last means the end of the text."""
        if position.line >= self._lines.line_count:
            return len(self._lines.text)
        line = self._lines.line_text(position.line)
        return self._lines.line_start(position.line) + self._encoding.column(line, position.character)

    def span(self, range_: types.Range) -> Span:
        """The span of a range."""
        start = self.offset(range_.start)
        return Span(start, max(self.offset(range_.end), start))

    def position(self, offset: int) -> types.Position:
        """The position of an offset."""
        line, column = self._lines.position(offset)
        return types.Position(line, self._encoding.units(self._lines.line_text(line)[:column]))

    def json_range(self, span: Span) -> dict[str, Any]:
        """The range of a span as JSON: for diagnostics, which an edit converts by the hundred."""
        return self.place(span).json

    def range_texts(self) -> Callable[[Span], str]:
        """What gives the range of a span as the text of its JSON: for the thousands of spans of one answer."""
        starts, place = self._lines.line_starts, self.place
        is_plain, count = self._lines.text.isascii(), len(starts)

        def range_text(span: Span) -> str:
            if is_plain:
                start, end = span
                line = last = bisect_right(starts, start) - 1
                if line + 1 < count and end >= starts[line + 1]:
                    last = bisect_right(starts, end, line) - 1
                character, stop = start - starts[line], end - starts[last]
            else:
                line, character, last, stop = place(span)
            return f'{{"start":{{"line":{line},"character":{character}}},"end":{{"line":{last},"character":{stop}}}}}'

        return range_text

    def place(self, span: Span) -> PlacedRange:
        """The range of a span as numbers, a fifth of the size of JSON."""
        position, units, line_text = self._lines.position, self._encoding.units, self._lines.line_text
        (line, column), (last, end) = position(span.start), position(span.end)
        if self._lines.text.isascii():
            return PlacedRange(line, column, last, end)
        return PlacedRange(line, units(line_text(line)[:column]), last, units(line_text(last)[:end]))

    def json_position(self, offset: int) -> dict[str, int]:
        """The position of an offset as JSON."""
        line, column = self._lines.position(offset)
        if not self._lines.text.isascii():
            column = self._encoding.units(self._lines.line_text(line)[:column])
        return {"line": line, "character": column}

    def range(self, span: Span) -> types.Range:
        """The range of a span. Do not change it: the items of one completion, which replace the same text, share it."""
        if self._last is None or self._last[0] != span:
            self._last = (span, types.Range(self.position(span.start), self.position(span.end)))
        return self._last[1]


def place_range(place: Place, encoding: Encoding) -> types.Range:
    """The range of a place in a file whose text is not at hand."""

    def position(at: Position, text: str) -> types.Position:
        return types.Position(at.line, encoding.units(text[: at.column]))

    last = place.line_text if place.end.line == place.start.line else place.last_text
    return types.Range(position(place.start, place.line_text), position(place.end, last))
