"""Fuzzy search for a name among many: in a text of all names, so that most of the work is the interpreter's own.

A text of names has each name once, a line each, in order, with a line break at both ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple


def text_of(names: Iterable[str]) -> str:
    """A text of names."""
    return "\n".join(["", *sorted(set(names)), ""])


def names_of(text: str) -> Iterator[str]:
    """The names of a text of names, in order."""
    at = 1
    while at < len(text):
        end = text.index("\n", at)
        yield text[at:end]
        at = end + 1


def line_start(text: str, name: str) -> int:
    """Where the first line begins that is not before a name; the end of the text if there is none."""
    low, high = 1, len(text)
    while low < high:
        middle = text.rfind("\n", low, (low + high) // 2) + 1 or low
        end = text.index("\n", middle)
        if text[middle:end] < name:
            low = end + 1
        else:
            high = middle
    return low


def candidates(text: str, query: str, most: int) -> set[str]:
    """Names of a text that match a query: that begin with it, hold it, or have its letters in their order.

    Args:
        text: a text of names in lower case.
        query: in lower case.
        most: how many of each kind are looked for; names with other letters before the query's first only where there
            are not so many in all.
    """
    found: set[str] = set()
    for names in (_beginning(text, query), _holding(text, query), _scattered(text, query)):
        found.update(islice(names, most))
    if len(found) < most:
        found.update(islice(_scattered_anywhere(text, query), most - len(found)))
    return found


def _beginning(text: str, query: str) -> Iterator[str]:
    at = line_start(text, query)
    while at < len(text) and text.startswith(query, at):
        end = text.index("\n", at)
        yield text[at:end]
        at = end + 1


def _holding(text: str, query: str) -> Iterator[str]:
    at = text.find(query, 1)
    while 0 <= at < len(text) - 1:
        end = text.index("\n", at)
        yield text[text.rfind("\n", 0, at) + 1 : end]
        at = text.find(query, end)


def _scattered(text: str, query: str) -> Iterator[str]:
    """Those that begin with the query's first letter."""
    if query:
        begin, end = line_start(text, query[0]), line_start(text, chr(ord(query[0]) + 1))
        pattern = f"^{re.escape(query[0])}{_rest(query)}[^\n]*$"
        yield from (match[0] for match in re.finditer(pattern, text[begin:end], re.MULTILINE))


def _scattered_anywhere(text: str, query: str) -> Iterator[str]:
    if query:
        first = re.escape(query[0])
        pattern = f"^[^\n{first}]*{first}{_rest(query)}[^\n]*$"
        yield from (match[0] for match in re.finditer(pattern, text, re.MULTILINE))


def _rest(query: str) -> str:
    """A pattern of the letters behind the first, each with others before it."""
    return "".join(f"[^\n{letter}]*{letter}" for letter in map(re.escape, query[1:]))


class Score(NamedTuple):
    """How well a name matches: the smaller, the better."""

    tier: int
    """0 the name itself, 1 its beginning, 2 the beginnings of its words, 3 the beginning of a word, 4 a part of it,
    5 its letters in order."""
    length: int


def score(name: str, query: str) -> Score:
    """How well a name, as it is written, matches a query in lower case; all the same for an empty one."""
    if not query:
        return Score(0, 0)
    lowered = name.lower()
    if lowered == query:
        return Score(0, len(name))
    if lowered.startswith(query):
        return Score(1, len(name))
    starts = [match.start() for match in re.finditer(_WORD_START, name)]
    if "".join(lowered[at] for at in starts).startswith(query):
        return Score(2, len(name))
    if any(lowered.startswith(query, at) for at in starts):
        return Score(3, len(name))
    return Score(4 if query in lowered else 5, len(name))


_WORD_START = r"(?<![^\W_])[^\W_]|(?<=[^\W_A-Z])[A-Z]"
