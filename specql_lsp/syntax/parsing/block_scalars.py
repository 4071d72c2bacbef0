"""Values of literal and folded block scalars, as PyYAML reads them (YAML 1.1, section 9.3)."""

from __future__ import annotations

import re
from typing import NamedTuple

_BREAK = re.compile(r"\r\n|\n|\r")
_BLANKS = frozenset(" \t")
_SIGNS = re.compile(r"[|>](?:[+-][1-9]?|[1-9][+-]?)?")
_ENDS_PLAINLY = re.compile(r"(?:\r\n?|\n)+(?:\Z| *[^\s])")
"""What follows most block scalars: nothing of it is a part of their values."""
_WHITE_LINES = re.compile(r"[ \t]*(?:(?:\r\n|\n|\r(?!\n))[ \t]*(?=[\r\n]|\Z))*")
_INDICATORS = re.compile(r" *(?:[-?:](?: +|\Z))*")
_PROPERTIES = re.compile(r"(?:[!&][^\s]*[ \t]*)+")


class BlockLines(NamedTuple):
    """The lines of a block scalar without their indentation."""

    margin: int
    """The columns that are no part of the value."""
    lines: tuple[str, ...]
    """Up to the last one that is not empty."""
    is_ended: bool
    """Whether a line break follows the last of them."""
    following: int
    """How many empty lines follow it."""


def block_end(text: str, start: int, end: int) -> int:
    """Where the last text of a block scalar ends, with the blanks behind it: they are part of its value.

    Args:
        text: what has the block scalar in it.
        start: where its indicator is.
        end: behind its last text, blanks and line breaks that follow it included or not.
    """
    raw = text[start:end].rstrip(" \t\n\r")
    end = start + len(raw)
    if "\n" in raw or "\r" in raw:  # behind the header nothing is part of it
        while text[end : end + 1] in _BLANKS:
            end += 1
    return end


def block_value(text: str, start: int, end: int) -> str:
    """The value of a literal or folded block scalar; folding of the latter is plain.

    Args:
        text: what has the block scalar in it, and what follows it.
        start: where its indicator is.
        end: behind its last text, as ``block_end`` gives it.
    """
    found = block_lines(text, start, end)
    signs = _signs(text, start)
    lines = list(found.lines)
    value = _folded_lines(lines) if text[start] == ">" else "\n".join(lines)
    if "-" in signs:
        return value
    value += "\n" if value and found.is_ended else ""
    return value + "\n" * found.following if "+" in signs else value


def block_lines(text: str, start: int, end: int) -> BlockLines:
    """The lines of a block scalar; arguments as those of ``block_value``."""
    raw, signs = text[start:end], _signs(text, start)
    _, *rows = _BREAK.split(raw) if "\r" in raw else raw.split("\n")
    if not rows:  # a comment behind the header may be no part of the span
        found = _BREAK.search(text, end)
        end = found.start() if found is not None else len(text)
    digit = next((int(sign) for sign in signs if sign.isdigit()), None)
    least = _parent_column(text, start) + digit if digit is not None else None
    comment = _first_comment(rows, least) if "#" in raw else None
    if comment is not None:
        del rows[comment:]
    indents = [_indentation(row) for row in rows if row.strip()]
    margin = min(indents, default=0) if least is None else least
    is_known = bool(indents) or least is not None
    is_ended = True
    if comment is not None:
        rows = rows if is_known else [""] * len(rows)
    elif least is not None or "+" in signs or _ENDS_PLAINLY.match(text, end) is None:
        is_ended = _take_following(text, end, margin if is_known else None, rows)
    lines = [row[margin:] for row in rows]
    following = 0
    while lines and not lines[-1]:
        lines.pop()
        following += 1
    return BlockLines(margin, tuple(lines), is_ended or following > 0, following)


def _signs(text: str, start: int) -> str:
    found = _SIGNS.match(text, start)
    return found.group()[1:] if found is not None else ""


def _indentation(row: str) -> int:
    return len(row) - len(row.lstrip(" "))


def _first_comment(rows: list[str], least: int | None) -> int | None:
    """The first line that is a comment behind a block scalar: less indented than its text, which it ends.

    Args:
        rows: the lines behind the header.
        least: the indentation of the text; None: the first line has it.
    """
    margin, is_known = least or 0, least is not None
    for number, row in enumerate(rows):
        if row.strip(" "):
            if _indentation(row) < margin and row.lstrip(" ").startswith("#"):
                return number
            margin, is_known = (margin, True) if is_known else (max(margin, _indentation(row)), True)
        elif not is_known:
            margin = max(margin, len(row))
    return None


def _take_following(text: str, end: int, margin: int | None, rows: list[str]) -> bool:
    """Adds the lines of white space behind a block scalar to its lines; whether a line break follows the last one.

    Args:
        text: the text.
        end: behind the last text of the scalar.
        margin: the columns that are no part of the value; None where white space alone is in the scalar: all of it.
        rows: the lines until there, changed in place.
    """
    found = _WHITE_LINES.match(text, end)
    assert found is not None  # noqa: S101 - it matches every text
    white = _BREAK.split(found.group())[1:]
    last = white.pop() if white and found.end() == len(text) else None
    rows += white if margin is not None else [""] * len(white)
    if last is None:
        return found.end() < len(text)
    if margin is not None and last[margin:]:
        rows.append(last)
        return False
    return True


def _parent_column(text: str, start: int) -> int:
    """The column of the collection that a block scalar is a value in; 0 for one that is a whole document."""
    at = start
    while True:
        line = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
        before = text[line:at]
        indicators = _INDICATORS.match(before)
        assert indicators is not None  # noqa: S101 - it matches every text
        rest = _PROPERTIES.sub("", before[indicators.end() :], count=1).strip()
        if before.startswith("---"):
            return 0
        if rest and not rest.startswith("#"):
            return indicators.end()
        if indicators.group().strip():
            return len(indicators.group().rstrip()) - 1
        if line == 0:
            return 0
        at = line - 1


def _folded_lines(lines: list[str]) -> str:
    """The lines of a folded block scalar as one text; lines that are indented further keep their breaks."""
    text, before, blank = "", None, 0
    for line in lines:
        if not line:
            blank += 1
            continue
        if before is None:
            text = "\n" * blank
        elif before[0] in " \t" or line[0] in " \t":
            text += "\n" * (blank + 1)
        else:
            text += "\n" * blank or " "
        text, before, blank = text + line, line, 0
    return text
