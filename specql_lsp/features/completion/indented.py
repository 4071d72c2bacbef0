"""A line further out than the lines around it, such as an empty one between two fields.

A key in its column would take the deeper lines below away from the mapping that they are in. So what is offered belongs
where these are, and is written with the blanks that are missing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from specql_lsp.features.model import CompletionItem, CompletionList
from specql_lsp.syntax.parsing.recovery import KEY_LINE
from specql_lsp.syntax.text import LineIndex, Span
from specql_lsp.workspace.documents import Document

_MOST_LINES = 1_000
_LONGEST_LINE = 1_000
_HALF_TYPED = re.compile(r"(?P<blanks> *)(?P<typed>[\w'\"]*)[ \t]*")
_ONLY_OPENS = re.compile(r"(?:[&!]\S*\s*)*(?:#.*)?\Z")
"""What may be behind the colon of a key whose value is on the lines below."""
_DASHES = re.compile(r"(?:-[ \t]+)*-[ \t]*\Z")


class Indented(NamedTuple):
    """The document as it is with the missing blanks."""

    document: Document
    offset: int
    """The cursor in it."""
    at: int
    """Where the blanks are put, in both documents."""
    blanks: str

    def as_written(self, found: CompletionList) -> CompletionList:
        """What was found for it, for the document without the blanks: they are written with each item."""
        items = tuple(self._item(item) for item in found.items)
        return CompletionList(tuple(item for item in items if item is not None), found.incomplete)

    def _item(self, item: CompletionItem) -> CompletionItem | None:
        start, end = (offset - len(self.blanks) for offset in item.replace)
        if start < self.at:
            return None
        return item._replace(
            replace=Span(start, end),
            new_text=self.blanks + item.new_text,
            snippet=self.blanks + item.snippet.replace("\n", f"\n{self.blanks}") if item.snippet else "",
        )


def indented(document: Document, offset: int) -> Indented | None:
    """The document with the cursor's line as deep as those around it; None where it is no further out than they are."""
    lines = document.lines
    number = lines.line_of(offset)
    start = lines.line_start(number)
    match = _HALF_TYPED.fullmatch(lines.line_text(number)[:_LONGEST_LINE])
    if match is None:
        return None
    own = match.end("blanks") if match["typed"] else min(offset - start, match.end("blanks"))
    if not own <= offset - start <= max(match.end("typed"), own):
        return None
    column = _column_below(lines, number)
    if column <= own or not _is_of(lines, number, column):
        return None
    blanks, at = " " * (column - own), start + own
    made = document.edited(lines.edited(at, at, blanks), document.version, is_registry=document.is_registry)
    return Indented(made.for_requests, offset + len(blanks), at, blanks)


def _column_below(lines: LineIndex, number: int) -> int:
    """The indentation of the next line that is neither empty nor a comment; 0 where there is none."""
    for below in range(number + 1, min(number + _MOST_LINES, lines.line_count)):
        text = lines.line_text(below)[:_LONGEST_LINE]
        bare = text.lstrip(" ")
        if bare.strip() and not bare.startswith("#"):
            return 0 if bare.startswith("\t") else len(text) - len(bare)
    return 0


def _is_of(lines: LineIndex, number: int, column: int) -> bool:
    """Whether what is above a line has, or is about to have, its children in a column."""
    deeper = " " * (column + 1)
    for above in range(number - 1, max(number - _MOST_LINES, -1), -1):
        if lines.text.startswith(deeper, lines.line_start(above)):
            continue
        text = lines.line_text(above)[:_LONGEST_LINE]
        bare = text.lstrip(" ")
        if not bare.strip() or bare.startswith("#"):
            continue
        key = KEY_LINE.match(text)
        if len(text) - len(bare) == column or (key is not None and key.start("key") == column):
            return True
        opens = _ONLY_OPENS.match(key["value"]) if key is not None else _DASHES.match(bare)
        return opens is not None and (key is None or key.start("key") < column)
    return False
