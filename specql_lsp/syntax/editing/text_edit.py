"""Edits of a text, and their application."""

from __future__ import annotations

from collections.abc import Iterable
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
