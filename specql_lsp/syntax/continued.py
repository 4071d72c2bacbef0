"""The cursor's context on the further lines of a scalar: of a block, or of one that is plain or quoted.

``context_at`` reads such a line by itself: what is typed in it may as well be a key. A caller that knows that the value
of the key above is no mapping asks here first. Read from the lines, as ``context_at`` is, since the text is half typed.
"""

from __future__ import annotations

import re

from specql_lsp.syntax.cursor import (
    LONGEST_FLOW,
    LONGEST_LINE,
    CursorContext,
    CursorKind,
    ancestors,
    in_comment,
    unquoted,
)
from specql_lsp.syntax.parsing.recovery import BLOCK_SCALAR, KEY_LINE, PROPERTIES
from specql_lsp.syntax.text import LineIndex, Span

_MOST_LINES = 500
"""Lines of a scalar before the cursor that anything is said about."""
_NO_PLAIN = frozenset("{[&*!|>%@`#")
"""What a plain scalar does not begin with; anchors and tags before a scalar are not looked behind."""
_IN_QUOTES = {"'": re.compile(r"(?:[^']|'')*\Z"), '"': re.compile(r'(?:[^"\\]|\\.)*\Z', re.DOTALL)}
"""By the quote: what is behind an opening one that is not closed; an escape is whole."""


def continued_at(lines: LineIndex, offset: int) -> CursorContext | None:
    """The context of a cursor in a scalar that begins on a line above, or whose key is there.

    Args:
        lines: the text.
        offset: the cursor, in code points from 0, cut to the text.

    Returns:
        The value's context; None where the line is no part of such a scalar, or not by itself (a comment). The path
        is that of the key above, whatever belongs there.
    """
    offset = min(max(offset, 0), len(lines.text))
    number = lines.line_of(offset)
    start = lines.line_start(number)
    line = lines.line_text(number)
    column = min(offset - start, len(line))
    indentation = _indentation(line) if line.strip() else column
    if len(line) > LONGEST_LINE or column < indentation:
        return None
    above = _key_above(lines, number, indentation)
    if above is None:
        return None
    key_number, key_line, between = above
    value = key_line.group("value")
    parts = [*between, line[indentation:column]]
    if BLOCK_SCALAR.match(value):
        quote, prefix = "", ("\n" if value.startswith("|") else " ").join(parts)
    else:
        read = _flowing("" if value.startswith("#") else value, parts, line, column)
        if read is None:
            return None
        quote, prefix = read
    path, flow_start, inside_block = ancestors(lines, key_number, key_line.start("key"))
    if flow_start is not None or inside_block:
        return None
    return CursorContext(
        CursorKind.VALUE,
        (*path, unquoted(key_line.group("key"))),
        Span(start + indentation, max(start + len(line.rstrip()), offset)),
        prefix,
        quote,
        is_continued=True,
    )


def is_beneath_value(lines: LineIndex, offset: int) -> bool:
    """Whether a cursor is deeper than a key whose value is on the key's own line, so that no key belongs there.

    Args:
        lines: the text.
        offset: the cursor, in code points from 0, cut to the text.
    """
    number = lines.line_of(min(max(offset, 0), len(lines.text)))
    line = lines.line_text(number)
    column = offset - lines.line_start(number)
    above = _key_above(lines, number, _indentation(line) if line.strip() else column)
    value = above[1].group("value") if above is not None else ""
    value = value[prefix.end() :] if (prefix := PROPERTIES.match(value)) is not None else value
    return bool(value) and not value.startswith(("#", "&", "!"))


def is_above_value(lines: LineIndex, offset: int) -> bool:
    """Whether a cursor is behind a key whose value begins on a line below, so that none belongs behind the key.

    Args:
        lines: the text.
        offset: the cursor, in code points from 0, cut to the text.
    """
    number = lines.line_of(min(max(offset, 0), len(lines.text)))
    match = KEY_LINE.match(lines.line_text(number)[:LONGEST_LINE])
    if match is None or (match.group("value") and not match.group("value").startswith("#")):
        return False
    for below in range(number + 1, min(number + _MOST_LINES, lines.line_count)):
        text = lines.line_text(below)[:LONGEST_LINE]
        bare = text.strip()
        if bare and not bare.startswith("#"):
            indentation, column = _indentation(text), match.start("key")
            is_item = indentation == column and not match.group("dashes") and bare.startswith("- ")
            return (indentation > column or is_item) and not bare.startswith(("---", "..."))
    return False


def _key_above(lines: LineIndex, number: int, indentation: int) -> tuple[int, re.Match[str], list[str]] | None:
    """The line with the key that a line is deeper than, and the text of the lines between."""
    between: list[str] = []
    length = 0
    for above in range(number - 1, max(number - _MOST_LINES, -1), -1):
        text = lines.line_text(above)
        length += len(text)
        if length > LONGEST_FLOW or len(text) > LONGEST_LINE or text.startswith(("---", "...")):
            return None
        if not text.strip():
            between.append("")
            continue
        if text.lstrip(" \t").startswith("#"):  # a comment may be anywhere
            between.append(text.strip())
            continue
        match = KEY_LINE.match(text)
        if match is not None and match.start("key") < indentation:
            return above, match, between[::-1]
        indentation = min(indentation, _indentation(text))
        if not indentation:
            return None
        between.append(text.strip())
    return None


def _flowing(value: str, parts: list[str], line: str, column: int) -> tuple[str, str] | None:
    """The quote of a scalar that is no block, and what of it is before the cursor; None where it has ended."""
    begun = " ".join(part for part in (value, *parts[:-1]) if part)
    begun = f"{begun} {parts[-1]}" if begun else parts[-1]
    quote = begun[:1] if begun[:1] in _IN_QUOTES else ""
    if quote:
        return (quote, begun[1:]) if _IN_QUOTES[quote].match(begun, 1) else None
    if begun[:1] in _NO_PLAIN or in_comment(line, column) or KEY_LINE.match(line):
        return None
    if any(part.startswith(("#", "- ")) or " #" in part or KEY_LINE.match(part) for part in (value, *parts)):
        return None
    return "", begun


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
