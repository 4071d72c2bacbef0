"""Texts with a comma that YAML cuts: ``{status: enum(a, b)}`` has the key ``status: enum(a`` and the key ``b)``.

Between braces a comma ends a value that is not quoted, and what is behind it is a key without a value. A parenthesis
that one part opens and another one closes says that they are one text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.syntax.nodes import Entry, Mapping, Scalar
from specql_lsp.syntax.text import Span


class CutValue(NamedTuple):
    """A text that is cut.

    Attributes:
        entry: the entry whose value is its beginning.
        span: all of it, from that value to the last key that belongs to it.
        text: all of it, on one line.
        rest: the keys that belong to it.
    """

    entry: Entry
    span: Span
    text: str
    rest: tuple[Scalar, ...]


def cut_values(body: Mapping) -> Iterator[CutValue]:
    """The texts that are cut in a mapping; none in one that is written without braces."""
    if not body.flow:
        return
    entries = body.entries
    for number, entry in enumerate(entries[:-1]):
        if isinstance(entry.value, Scalar) and _opened(entry.value) > 0:
            found = _cut(entry, entry.value, entries[number + 1 :])
            if found is not None and body.span.contains(found.span.end):
                yield found


def _opened(part: Scalar) -> int:
    """How many parentheses a plain text leaves open; fewer than none if it closes more than it opens."""
    return part.value.count("(") - part.value.count(")") if part.is_plain else 0


def _cut(entry: Entry, first: Scalar, following: tuple[Entry, ...]) -> CutValue | None:
    opened, rest = _opened(first), list[Scalar]()
    for each in following:
        if each.value is not None or not isinstance(each.key, Scalar) or not each.key.is_plain:
            return None
        rest.append(each.key)
        opened += _opened(each.key)
        if opened <= 0:
            text = ", ".join(part.value for part in (first, *rest))
            return CutValue(entry, Span(first.span.start, each.key.span.end), text, tuple(rest))
    return None
