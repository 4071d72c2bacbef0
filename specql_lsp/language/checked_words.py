"""The words of expressions that SpecQL 0.9.2 takes for fields, found as it finds them itself.

Source: ``SpecQLParser._validate_expression_fields`` and the steps that call it. SpecQL removes what is between two
quotes, of whatever kind, puts the rest in lower case, and wants each word of it to be a field of the file's entity or
one of ``WORDS_THAT_SPECQL_ACCEPTS``. It does so only where the entity has fields.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from specql_lsp.language.sql import WORDS_THAT_SPECQL_ACCEPTS
from specql_lsp.syntax.text import Span

_QUOTED = re.compile(r"['\"]([^'\"]*)['\"]")
_WORD = re.compile(r"\b([a-z_][a-z0-9_]*)\b")


class CheckedWord(NamedTuple):
    """A word that has to be a field. ``span`` counts in the step's text, quotes inside the word included."""

    text: str
    """In lower case, as SpecQL compares it."""
    span: Span


CHECKED_KINDS = frozenset({"validate", "if", "update", "delete", "find"})
"""The kinds of steps whose text is checked."""


@lru_cache(maxsize=4096)
def checked_words(kind: str, text: str) -> tuple[CheckedWord, ...]:
    """The words of a step's text that SpecQL wants to be fields, in the order in which it looks at them.

    Args:
        kind: the step's kind; other kinds than ``CHECKED_KINDS`` have no such words.
        text: the value of the step's key, which SpecQL can read (an ``update`` with SET).
    """
    return tuple(
        [
            CheckedWord(word, span.shifted(start))
            for start, end in _checked(kind, text)
            for word, span in _words(text[start:end])
        ]
    )


def _checked(kind: str, text: str) -> tuple[Span, ...]:
    match kind:
        case "validate" | "if":
            return (Span(0, len(text)),)
        case "update":
            at = text.find(_SET)
            if at < 0:
                return ()
            start = at + len(_SET)
            where = text.find(_WHERE, start)
            if where < 0:
                return (Span(start, len(text)),)
            return (Span(start, where), Span(where + len(_WHERE), len(text)))
        case "delete" | "find":
            where = text.find(_WHERE)
            return () if where < 0 else (Span(where + len(_WHERE), len(text)),)
    return ()


_SET, _WHERE = " SET ", " WHERE "


def where_of(kind: str, text: str) -> Span | None:
    """The WHERE of a step with its condition, as SpecQL finds it; None without one."""
    parts = _checked(kind, text)
    has_where = len(parts) == 2 if kind == "update" else len(parts) == 1 and kind in {"delete", "find"}
    if not has_where:
        return None
    return Span(parts[-1].start - len(_WHERE) + 1, len(text.rstrip()))


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[CheckedWord, ...]:
    """The words of a condition or of assignments, which many steps have in common."""
    kept: list[str] = []
    begins: list[int] = []
    """Where each part that is kept begins in what is kept of the text."""
    moved: list[int] = []
    """How much further on that is in the text."""
    start = length = 0
    for begin, end in [*(match.span() for match in _QUOTED.finditer(text)), (len(text), len(text))]:
        begins.append(length)
        moved.append(start - length)
        kept.append(text[start:begin])
        length += begin - start
        start = end

    def where(at: int) -> int:
        return at + moved[bisect_right(begins, at) - 1]

    unquoted = "".join(kept)
    lowered = unquoted.lower()
    # Some letters become two code points, as İ does.
    at = None if len(lowered) == length else [i for i, letter in enumerate(unquoted) for _ in letter.lower()]
    found: list[CheckedWord] = []
    for match in _WORD.finditer(lowered):
        if match[1] not in WORDS_THAT_SPECQL_ACCEPTS:
            first, last = match.start(), match.end() - 1
            if at is not None:
                first, last = at[first], at[last]
            found.append(CheckedWord(match[1], Span(where(first), where(last) + 1)))
    return tuple(found)
