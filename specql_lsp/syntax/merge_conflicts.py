"""Unresolved merge conflicts in a text: where they are, and the text of either side. Pure.

Source of the form: git's conflict markers of seven characters, also in its styles ``diff3`` and ``zdiff3``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from specql_lsp.syntax.text import Span

CONFLICT_MARK = "<<<<<<<"
"""What every text with a conflict has."""


class Conflict(NamedTuple):
    """A conflict, from its first marker to the end of its last one."""

    marker: Span
    """The first marker with what is written behind it."""
    span: Span
    ours: Span
    """The lines of the first side."""
    theirs: Span
    """The lines of the second side; empty where the markers are not complete."""
    names: tuple[str, str]
    """What git calls the two sides, such as ``HEAD`` and a branch; empty where nothing is written."""


def conflicts_in(text: str) -> tuple[Conflict, ...]:
    """The conflicts of a text in their order. One whose markers are not complete ends with the text, or at the next."""
    return tuple(_conflicts(text)) if CONFLICT_MARK in text else ()


def sides_of(text: str, conflicts: Iterable[Conflict]) -> tuple[str, str]:
    """The text as either side has it: markers and the lines of the other side are blanks, so that offsets stay."""
    first: list[str] = []
    second: list[str] = []
    at = 0
    for conflict in conflicts:
        for parts, kept in ((first, conflict.ours), (second, conflict.theirs)):
            parts += [
                text[at : conflict.span.start],
                _blank(text[conflict.span.start : kept.start]),
                text[kept.start : kept.end],
                _blank(text[kept.end : conflict.span.end]),
            ]
        at = conflict.span.end
    return "".join([*first, text[at:]]), "".join([*second, text[at:]])


@cache
def _marker() -> re.Pattern[str]:
    return re.compile(r"^(?:([<|>])\1{6}(?: ([^\r\n]*))?|={7})(?=\r?$)", re.MULTILINE)


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def _conflicts(text: str) -> Iterator[Conflict]:
    begun: re.Match[str] | None = None
    ours_end = theirs_start = None
    for found in _marker().finditer(text):
        sign = text[found.start()]
        if sign == "<":
            if begun is not None:
                yield _conflict(text, begun, ours_end, theirs_start, None, found.start())
            begun, ours_end, theirs_start = found, None, None
        elif begun is None:
            continue
        elif sign == "|" and ours_end is None:
            ours_end = found.start()
        elif sign == "=" and theirs_start is None:
            ours_end = found.start() if ours_end is None else ours_end
            theirs_start = _behind(text, found.end())
        elif sign == ">":
            yield _conflict(text, begun, ours_end, theirs_start, found, found.end())
            begun = None
    if begun is not None:
        yield _conflict(text, begun, ours_end, theirs_start, None, len(text))


def _conflict(
    text: str,
    begun: re.Match[str],
    ours_end: int | None,
    theirs_start: int | None,
    last: re.Match[str] | None,
    end: int,
) -> Conflict:
    rest = last.start() if last is not None else end
    ours = _behind(text, begun.end())
    ours_end = rest if ours_end is None else ours_end
    theirs = Span(rest if theirs_start is None else theirs_start, rest)
    names = (begun[2] or "", (last[2] or "") if last is not None else "")
    return Conflict(Span(*begun.span()), Span(begun.start(), end), Span(min(ours, ours_end), ours_end), theirs, names)


def _behind(text: str, end: int) -> int:
    """Where the line behind the one that ends at an offset begins."""
    at = text.find("\n", end)
    return at + 1 if at >= 0 else len(text)
