"""Semantic tokens as the protocol's integers (LSP 3.17, "textDocument/semanticTokens").

Five integers a token: lines from the token before, characters from it on the same line, length, type, modifiers. What
a section of the text gives is kept with the section, so that after an edit only what it touched is converted again.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from specql_lsp.features.semantic_tokens.pieces import EnumValues, TokenPiece, WorkOut
from specql_lsp.features.semantic_tokens.token import SemanticToken, TokenModifier, TokenType
from specql_lsp.lsp.positions import Encoding
from specql_lsp.semantics.names_in_expressions import ExpressionName
from specql_lsp.syntax.parsing.sections import Section
from specql_lsp.syntax.text import LineIndex

Data: TypeAlias = "array[int]"
"""The integers of a document."""

_OF_TOKEN = 5
_TYPE = 3
_ENUM_VALUE = int(TokenType.ENUM_VALUE)


class _Asked(NamedTuple):
    """A text in SQL that may be the value of an enum: which token it is, where it is in its piece."""

    token: int
    offset: int
    value: ExpressionName


class _Chunk(NamedTuple):
    """The tokens of a piece of the text.

    Attributes:
        breaks: how many line breaks the piece has.
        first: the line of the first token, from the piece's first line; -1 where it has none.
        last: the line of the last one.
        data: the integers; the first token's line is 0, its characters are those from the beginning of its line.
        asked: what depends on other parts of the workspace.
    """

    breaks: int
    first: int
    last: int
    data: Data
    asked: tuple[_Asked, ...]


def encoded(
    pieces: Iterable[TokenPiece], text: str, values: EnumValues, encoding: Encoding, *, says_deprecated: bool
) -> Data:
    """The integers of a document's pieces, or of those of a part of it.

    Args:
        pieces: in the order of the text.
        text: the document's text.
        values: says which texts in SQL are values of enums.
        encoding: the client's.
        says_deprecated: whether keys that SpecQL does not read are marked.
    """
    data: Data = array("I")
    line = at = before = 0
    for piece in pieces:
        if piece.span.start > at:  # what is between is not asked for
            line += _breaks(text[at : piece.span.start])
        at = piece.span.end
        if piece.section is not None:
            chunk = piece.section.fact(_chunk_of(piece.work_out, encoding, says_deprecated=says_deprecated))
        else:
            chunk = _chunk(text[slice(*piece.span)], piece.tokens, encoding, says_deprecated=says_deprecated)
        if chunk.first >= 0:
            start = len(data)
            data += chunk.data
            data[start] = line + chunk.first - before
            if not data[start] and start:
                # Two pieces never share a line that both have tokens on: sections begin on lines of their own.
                data[start + 1] -= _column_of_last(data, start)
            before = line + chunk.last
            for asked in chunk.asked:
                if values.has(asked.value, piece.span.start + asked.offset):
                    data[start + asked.token * _OF_TOKEN + _TYPE] = _ENUM_VALUE
        line += chunk.breaks
    return data


def _column_of_last(data: Data, end: int) -> int:
    """Where the token before an index begins on its line."""
    column = 0
    for index in range(end - _OF_TOKEN, -1, -_OF_TOKEN):
        column += data[index + 1]
        if data[index]:
            break
    return column


def _breaks(text: str) -> int:
    return LineIndex(text).line_count - 1


@cache
def _chunk_of(work_out: WorkOut, encoding: Encoding, *, says_deprecated: bool) -> Callable[[Section], _Chunk]:
    """What converts a section; one function for each combination, by which the section keeps its chunk."""

    def convert(section: Section) -> _Chunk:
        return _chunk(section.text, work_out(section), encoding, says_deprecated=says_deprecated)

    return convert


def _chunk(text: str, tokens: Sequence[SemanticToken], encoding: Encoding, *, says_deprecated: bool) -> _Chunk:
    starts = LineIndex(text).line_starts
    found: list[int] = []
    asked: list[_Asked] = []
    is_plain = encoding is Encoding.UTF32 or text.isascii()
    first = -1
    line = before_line = before_column = 0
    last_line = len(starts) - 1
    for start, end, kind, modifiers, value in tokens:
        while line < last_line and starts[line + 1] <= start:
            line += 1
        line_start = starts[line]
        if line < last_line and end > starts[line + 1]:
            pieces = _by_lines(text, starts, line, start, end)
        else:
            pieces = [(line, start - line_start, end - start)]
        if not says_deprecated:
            modifiers &= ~TokenModifier.DEPRECATED
        if value is not None:
            asked.append(_Asked(len(found) // _OF_TOKEN, start, value))
        for at, column, length in pieces:
            if not is_plain:
                begin = starts[at]
                length = encoding.units(text[begin + column : begin + column + length])
                column = encoding.units(text[begin : begin + column])
            if first < 0:
                first = before_line = at
            delta = at - before_line
            found += (delta, column if delta else column - before_column, length, kind, modifiers)
            before_line, before_column = at, column
    return _Chunk(last_line, first, before_line, array("I", found), tuple(asked))


def _by_lines(text: str, starts: Sequence[int], line: int, start: int, end: int) -> list[tuple[int, int, int]]:
    """A token on several lines as one on each: line, column and length in code points, without indentation."""
    found: list[tuple[int, int, int]] = []
    while start < end:
        stop = starts[line + 1] if line + 1 < len(starts) else len(text)
        words = text[start : min(stop, end)]
        inner = words.strip()
        if inner:
            found.append((line, start + words.index(inner) - starts[line], len(inner)))
        start, line = stop, line + 1
    return found


def within_lines(data: Data, start: int, end: int) -> Data:
    """The tokens on the lines from ``start`` to ``end``, which are from 0 and both included."""
    found: Data = array("I")
    line = column = 0
    before_line = before_column = 0
    for index in range(0, len(data), _OF_TOKEN):
        if data[index]:
            column = 0
        line += data[index]
        column += data[index + 1]
        if start <= line <= end:
            delta = line - before_line
            found.extend((delta, column if delta else column - before_column))
            found.extend(data[index + 2 : index + _OF_TOKEN])
            before_line, before_column = line, column
    return found


def edits(before: Data, after: Data) -> list[dict[str, Any]]:
    """What makes one list of integers another: at most one edit, from the first difference to the last."""
    if before == after:
        return []
    shorter = min(len(before), len(after))
    start = _common(before, after, shorter)
    end = _common(before[::-1], after[::-1], shorter - start)
    return [
        {
            "start": start,
            "deleteCount": len(before) - end - start,
            "data": after[start : len(after) - end].tolist(),
        }
    ]


def _common(one: Data, other: Data, most: int) -> int:
    """How many integers two lists begin with in common; halves are compared, as that is done for all at once."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
