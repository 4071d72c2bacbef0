"""Edits of a text, and their application."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from specql_lsp.syntax.text import Span


class TextEdit(NamedTuple):
    """Replaces a span of a text (code points from 0)."""

    span: Span
    new_text: str


def apply(text: str, edits: Iterable[TextEdit]) -> str:
    """The text after the edits, which must not overlap; at one place they come in the order given."""
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda e: e.span):
        pieces += text[at : edit.span.start], edit.new_text
        at = edit.span.end
    return "".join([*pieces, text[at:]])


def composed(length: int, rounds: Iterable[Iterable[TextEdit]]) -> tuple[TextEdit, ...]:
    """The edits of a text that do what several rounds of edits do, each of which edits the text after the one before.

    Args:
        length: the text's.
        rounds: the edits of each round, as ``apply`` takes them.
    """
    pieces: list[_Piece] = [Span(0, length)]
    for edits in rounds:
        pieces = list(_spliced(pieces, edits))
    made: list[TextEdit] = []
    at, new_text = 0, ""
    for piece in [*pieces, Span(length, length)]:
        if isinstance(piece, str):
            new_text += piece
            continue
        if new_text or piece.start > at:
            made.append(TextEdit(Span(at, piece.start), new_text))
        at, new_text = piece.end, ""
    return tuple(made)


_Piece = Span | str
"""A part of the first text that is kept, or new text."""


def _spliced(pieces: Iterable[_Piece], edits: Iterable[TextEdit]) -> Iterator[_Piece]:
    """The pieces of a text after the edits of it."""
    left = deque(pieces)
    at = 0

    def until(offset: int) -> Iterator[_Piece]:
        nonlocal at
        while at < offset:
            piece = left.popleft()
            size = len(piece) if isinstance(piece, str) else piece.end - piece.start
            if at + size > offset:
                piece, rest = _cut(piece, offset - at)
                left.appendleft(rest)
                size = offset - at
            at += size
            yield piece

    for edit in sorted(edits, key=lambda e: e.span):
        yield from until(edit.span.start)
        if edit.new_text:
            yield edit.new_text
        for _ in until(edit.span.end):
            pass
    yield from left


def _cut(piece: _Piece, at: int) -> tuple[_Piece, _Piece]:
    if isinstance(piece, str):
        return piece[:at], piece[at:]
    return Span(piece.start, piece.start + at), Span(piece.start + at, piece.end)


def offset_before(offset: int, edits: Iterable[TextEdit]) -> int:
    """The offset before the edits of what is at ``offset`` after them; for new text, the start of its edit."""
    shift = 0
    for edit in sorted(edits, key=lambda e: e.span):
        start, end = edit.span
        if offset < start + shift:
            break
        if offset < start + shift + len(edit.new_text):
            return start
        shift += len(edit.new_text) - (end - start)
    return offset - shift
