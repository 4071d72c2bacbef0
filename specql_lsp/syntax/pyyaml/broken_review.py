"""The first error of a text in sections one of which is not YAML: only what is near that one is scanned.

A section that PyYAML reads by itself, without an anchor, makes no difference to the errors of another: what is before
an error is closed, and how it is closed the nearest sections and the first one of each collection say.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.syntax.parsing.sections import Section
from specql_lsp.syntax.pyyaml import YamlError, first_error
from specql_lsp.syntax.pyyaml.section_review import is_plain
from specql_lsp.syntax.pyyaml.tokens import Token
from specql_lsp.syntax.text import Span


class _Part(NamedTuple):
    start: int
    """Where it begins in the whole text."""
    text: str


_OPENING = re.compile("['\"\\[\\]{}|>&*!%@`?\t]")
"""What may take the text behind a section with it, or has to do with another one."""


def review_near(root: Section) -> BrokenReview | None:
    """What looks for the errors of a text in sections; None where all of it has to be scanned."""
    odd = list(_odd(root))
    return BrokenReview(root) if len(odd) == 1 and _OPENING.search(odd[0].text) is None else None


def _odd(section: Section) -> Iterator[Section]:
    """The undivided sections that PyYAML may not read by themselves."""
    if section.children:
        for child, plain in zip(section.children, section.facts_of_children(is_plain), strict=True):
            if not plain:
                yield from _odd(child)
    else:
        yield section


class BrokenReview:
    """Looks for errors in a text in sections, all but one of which are plain.

    Args:
        root: the sections of the whole text.
    """

    def __init__(self, root: Section) -> None:
        self._parts = list(_parts(root, 0))

    def first_error(self, start: int) -> YamlError | None:
        """The first error behind ``start``, where a key of the top level begins, with the offsets of the whole text."""
        parts = [part for part in self._parts if part.start >= start]
        found = first_error("".join([part.text for part in parts])) if parts else None
        return _Offsets(parts).moved(found) if found is not None else None


def _parts(section: Section, start: int) -> Iterator[_Part]:
    """What is to be scanned of a section that begins at ``start``."""
    yield _Part(start, section.text)
    children = section.children
    plain = section.facts_of_children(is_plain)
    last = len(children) - 1
    for index, (child, at) in enumerate(zip(children, section.starts, strict=True)):
        near = plain[max(index - 1, 0) : index + 2]
        if index in {0, last} or not all(near):
            yield from _parts(child, start + at)


class _Offsets:
    """Leads from the offsets of some parts that follow each other to those of the whole text."""

    def __init__(self, parts: list[_Part]) -> None:
        self._parts = parts
        self._starts: list[int] = []
        at = 0
        for part in parts:
            self._starts.append(at)
            at += len(part.text)

    def moved(self, error: YamlError) -> YamlError:
        """The error with the offsets of the whole text."""
        return error._replace(
            span=self._span(error.span.start, error.span.end),
            before=tuple(self._token(token) for token in error.before),
            bracket=self._offset(error.bracket) if error.bracket is not None else None,
        )

    def _token(self, token: Token) -> Token:
        span = self._span(token.start, token.end)
        return token._replace(start=span.start, end=span.end)

    def _span(self, start: int, end: int) -> Span:
        # An end is one of the part in which the last character is.
        return Span(self._offset(start), self._offset(end - 1) + 1 if end > start else self._offset(end))

    def _offset(self, at: int) -> int:
        index = max(bisect_right(self._starts, at) - 1, 0)
        return self._parts[index].start + at - self._starts[index]
