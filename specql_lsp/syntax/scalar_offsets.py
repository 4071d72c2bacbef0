"""Where the text of a scalar is in the file: a span of its value → a span of the text, in every style.

What reads the value of a scalar (an expression, a type) has spans in the value. Quotes, escapes, the indentation of a
block and folded lines are no part of it, so that such a span is another one in the file.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from specql_lsp.syntax.nodes import Scalar, ScalarStyle
from specql_lsp.syntax.parsing import scalars
from specql_lsp.syntax.parsing.block_scalars import block_lines, block_value
from specql_lsp.syntax.text import Span

_DOUBLED_OR_FOLD = re.compile(f"(?P<quote>'')|{scalars.LINE_FOLD.pattern}")
_BLOCK_STYLES = frozenset({ScalarStyle.LITERAL, ScalarStyle.FOLDED})
_BLOCK_LINE = re.compile(r"(?P<line>[^\r\n]*)(?P<break>\r\n|\n|\r|\Z)")


def span_in_text(text: str, scalar: Scalar, span: Span) -> Span:
    """The span of the text that a part of a scalar's value is written as.

    Args:
        text: the text that the scalar's span counts in.
        scalar: the scalar. Of a scalar in the place of an alias the answer is the alias; where its value is not what is
            written there, all of it.
        span: the part: code points of ``scalar.value`` from 0, cut to it.
    """
    return spans_in_text(text, scalar, (span,))[0]


def spans_in_text(text: str, scalar: Scalar, spans: Sequence[Span]) -> list[Span]:
    """As ``span_in_text`` for several parts: the scalar's text is read once."""
    whole = scalar.text_span
    if text[whole.start : whole.end] == scalar.value:  # as almost all are written
        length = len(scalar.value)
        return [Span(whole.start + min(start, length), whole.start + min(end, length)) for start, end in spans]
    start = scalar.span.start
    is_block = scalar.style in _BLOCK_STYLES and text[start] in "|>"
    pieces = list(_block(text, scalar.span) if is_block else _pieces(text[start : scalar.span.end], scalar.style))
    if "".join(piece.value for piece in pieces) != scalar.value:
        return [whole for _ in spans]
    ends = list(accumulate(len(piece.value) for piece in pieces))
    return [_span_among(pieces, ends, span, whole.shifted(-start)).shifted(start) for span in spans]


class _Piece(NamedTuple):
    """A part of a value and where it is written; as it is where the two are of one length."""

    value: str
    start: int
    end: int

    @property
    def is_verbatim(self) -> bool:
        return len(self.value) == self.end - self.start


def _span_among(pieces: list[_Piece], ends: list[int], span: Span, whole: Span) -> Span:
    """The span of what is written for a part of the value; ``ends`` are those of the pieces in the value."""
    first = bisect_right(ends, span.start)
    if first == len(pieces):
        return Span(whole.end, whole.end)
    start = _at(pieces[first], ends[first], span.start, pieces[first].start)
    if span.end <= span.start:
        return Span(start, start)
    last = bisect_left(ends, span.end, first)
    return Span(start, _at(pieces[last], ends[last], span.end, pieces[last].end) if last < len(pieces) else whole.end)


def _at(piece: _Piece, end: int, offset: int, otherwise: int) -> int:
    """Where an offset of the value is written that is in a piece ending at ``end`` of the value."""
    return piece.start + offset - (end - len(piece.value)) if piece.is_verbatim else otherwise


def _pieces(raw: str, style: ScalarStyle) -> Iterator[_Piece]:
    match style:
        case ScalarStyle.PLAIN:
            return _substituted(raw, Span(0, len(raw)), scalars.LINE_FOLD, scalars.folded)
        case ScalarStyle.SINGLE_QUOTED:
            return _substituted(raw, _inner(raw), _DOUBLED_OR_FOLD, _undoubled)
        case ScalarStyle.DOUBLE_QUOTED:
            return _substituted(raw, _inner(raw), scalars.ESCAPE_OR_FOLD, scalars.unescaped)
        case _:  # an alias of a block scalar
            return iter(())


def _inner(raw: str) -> Span:
    return Span(1, len(raw) - 1 if len(raw) > 1 and raw[-1] == raw[0] else len(raw))


def _undoubled(match: re.Match[str]) -> str:
    return "'" if match["quote"] else scalars.folded_break(match.group(2))


def _substituted(
    raw: str, span: Span, pattern: re.Pattern[str], read: Callable[[re.Match[str]], str]
) -> Iterator[_Piece]:
    at = span.start
    for match in pattern.finditer(raw, *span):
        yield _Piece(raw[at : match.start()], at, match.start())
        yield _Piece(read(match), *match.span())
        at = match.end()
    yield _Piece(raw[at : span.end], at, span.end)


def _block(text: str, span: Span) -> Iterator[_Piece]:
    """The lines of a block scalar; breaks between folded lines are read as ``block_value`` reads them."""
    raw, margin = text[span.start : span.end], block_lines(text, *span).margin
    header = _BLOCK_LINE.match(raw)
    assert header is not None  # noqa: S101 - it matches every text
    lines = [m for m in _BLOCK_LINE.finditer(raw, header.end()) if m.start() < len(raw)]
    before: str | None = None
    value = block_value(text, *span)
    at, end = 0, header.end()
    for match in lines:
        line = match["line"][margin:]
        start = match.start() + margin
        if not line:
            continue
        # What is between two lines of the value is the break, or what it is folded to.
        found = value.find(line, at) if before is None else at
        while before is not None and found < len(value) and value[found] in " \n" and not value.startswith(line, found):
            found += 1
        yield _Piece(value[at:found], end, start)
        yield _Piece(line, start, start + len(line))
        at, end, before = found + len(line), start + len(line), line
    yield _Piece(value[at:], end, len(raw))
