"""What is being typed in open documents: a finding there may only be about a word that is not complete yet.

A finding of a rule that waits (``Rule.waits``) is withheld while its place is the one that was edited last, until the
document has not changed for ``QUIET_MS``. Pure logic: the caller has the clock.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from specql_lsp.features.diagnostics.rules import RULES
from specql_lsp.features.diagnostics.rules.syntax import YAML_SYNTAX
from specql_lsp.features.model import Finding
from specql_lsp.syntax.parsing.incremental import difference
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

QUIET_MS = 500
"""How long a document must not change until everything that is found in it is published."""
_LINES_BELOW = 2
"""How far below an edit YAML may break by it: where the line is no key yet, the lines that follow fit nothing."""
_BEHIND_KEY = re.compile(r":\s*(?:-\s+)*\Z")
_MOST_BLANKS = 200
"""How far before an edit the colon is looked for, in code points."""


class _Edited(NamedTuple):
    document: Document
    place: Span


class TypingPlaces:
    """The place of the last edit of each document that is being typed in, by URI. Used on one thread."""

    def __init__(self) -> None:
        self._edited: dict[str, _Edited] = {}

    def edited(self, before: Document, after: Document) -> None:
        """A document has another text: what differs is being typed. With the same text nothing changes."""
        if before.text == after.text:
            return
        edit = difference(before.text, after.text)
        self._edited[after.uri] = _Edited(after, Span(_start(after.text, edit.start), edit.new_end))

    def ended(self, uri: str) -> None:
        """A document was not edited for a while, or is closed."""
        self._edited.pop(uri, None)

    def published_now(self, document: Document, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The findings of a document that do not wait; all of them where nothing is being typed in it."""
        edited = self._edited.get(document.uri)
        if edited is None or edited.document.text is not document.text:
            return findings
        return tuple(finding for finding in findings if not _waits(document, edited.place, finding))


def _start(text: str, start: int) -> int:
    """Where the place of an edit begins: at the end of the key whose value it begins, else at the edit itself."""
    behind_key = _BEHIND_KEY.search(text, max(start - _MOST_BLANKS, 0), start)
    return behind_key.start() if behind_key is not None else start


def _waits(document: Document, place: Span, finding: Finding) -> bool:
    if not RULES[finding.code].waits:
        return False
    if finding.span.overlaps(place):
        return True
    if finding.code != YAML_SYNTAX.code:
        return False
    line_of = document.lines.line_of
    return line_of(place.start) <= line_of(finding.span.start) <= line_of(place.end) + _LINES_BELOW
