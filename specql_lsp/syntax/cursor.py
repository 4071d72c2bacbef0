"""The cursor's context: which key or value is being typed, and which text an accepted completion replaces.

Read from the lines, by indentation, and not from the tree: the line under the cursor is the one that is half
typed. Flow collections are read from their opening bracket on, over several lines if need be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from specql_lsp.syntax.parsing.recovery import BLOCK_SCALAR, KEY_LINE, LONE_BLOCK_SCALAR, value_length
from specql_lsp.syntax.text import LineIndex, Span

ITEM = "[]"
"""In a path: an item of a sequence."""

_PARTIAL = re.compile(r"(?P<indent>[ \t]*)(?P<dashes>(?:-[ \t]+)*)(?P<rest>.*)\Z")
_DASHES = re.compile(r"(?P<indent>[ \t]*)(?P<dashes>(?:-(?:[ \t]+|\Z))+)")
_MAX_LINES_UP = 200_000
LONGEST_LINE = 10_000
"""Code points of a line that anything is said about; of a longer line above only its beginning is read."""
LONGEST_FLOW = 50_000
"""Code points before the cursor in a flow collection that anything is said about: they are read one by one."""
_BEHIND_FLOW_COLON = frozenset({" ", "\t", "\n", "\r", "", ",", "}", "]"})


class CursorKind(Enum):
    """What the cursor is in."""

    KEY = "key"
    VALUE = "value"
    OUTSIDE = "outside"
    """A comment, the text of a block scalar, or a line or collection too long to look at while a request waits."""


@dataclass(frozen=True, slots=True)
class CursorContext:
    """Where the cursor is.

    Attributes:
        kind: in a key, in a value, or outside of both.
        path: the keys from the root to the cursor. For a value it ends with the value's own key; for a key it
            names the mapping that the key is typed in. An item of a sequence is ``[]``.
        replace: the span of the whole scalar under the cursor, quotes and what follows the cursor included.
        prefix: the text of the scalar before the cursor, without an opening quote.
        quote: the opening quote of the scalar, or an empty string.
        closed: whether the scalar's closing quote is there.
        needs_space: whether a space must be put between the colon and the value.
        in_flow: whether the cursor is inside ``{}`` or ``[]``.
        has_colon: for a key, whether a colon follows it on the line.
        is_continued: whether the scalar begins on a line above; ``replace`` is what this line has of it, and
            ``prefix`` has the lines above.
    """

    kind: CursorKind
    path: tuple[str, ...] = ()
    replace: Span = Span(0, 0)  # noqa: RUF009 - immutable
    prefix: str = ""
    quote: str = ""
    closed: bool = False
    needs_space: bool = False
    in_flow: bool = False
    has_colon: bool = False
    is_continued: bool = False


def context_at(lines: LineIndex, offset: int) -> CursorContext:
    """The context of the cursor at ``offset`` (code points from 0). Never raises; broken text is what it is for."""
    offset = min(max(offset, 0), len(lines.text))
    number = lines.line_of(offset)
    start = lines.line_start(number)
    line = lines.line_text(number)
    column = min(offset - start, len(line))
    if len(line) > LONGEST_LINE:
        return CursorContext(CursorKind.OUTSIDE)
    path, flow_start, inside_block = ancestors(lines, number, column)
    if inside_block:
        return CursorContext(CursorKind.OUTSIDE)
    if flow_start is not None:
        return _flow_context(lines, path, flow_start, offset)
    if in_comment(line, column):
        return CursorContext(CursorKind.OUTSIDE)
    match = KEY_LINE.match(line) or _key_without_space(line)
    if match is not None and column > match.end("key"):
        return _value_context(lines, match, line, start, offset, path)
    partial = _PARTIAL.match(line)
    assert partial is not None  # noqa: S101 - the pattern matches every line
    if match is not None:
        key_start, key_end = match.start("key"), match.end("key")
        if column < key_start:  # in the indentation: whatever went there would run into the key
            return CursorContext(CursorKind.OUTSIDE)
        return _scalar_context(CursorKind.KEY, line, start, key_start, key_end, offset, path, has_colon=True)
    item_path = path
    rest_start = partial.start("rest")
    if column < rest_start:
        rest_start = rest_end = column
    else:
        rest_end = rest_start + value_length(line[rest_start:])
    if line[rest_start : rest_start + 1] in {"{", "["} and column > rest_start:
        return _flow_context(lines, item_path, start + rest_start, offset)
    kind = CursorKind.VALUE if partial.group("dashes") and column >= partial.end("dashes") else CursorKind.KEY
    return _scalar_context(kind, line, start, rest_start, max(rest_end, column), offset, item_path)


def _key_without_space(line: str) -> re.Match[str] | None:
    """``key:value`` typed without the space: the colon right behind the first word of the line counts."""
    return re.match(
        r"(?P<indent>[ \t]*)(?P<dashes>(?:-[ \t]+)*)(?P<key>[A-Za-z_][A-Za-z0-9_]*)[ \t]*:(?P<value>[^:/].*)\Z", line
    )


def _value_context(
    lines: LineIndex, match: re.Match[str], line: str, start: int, offset: int, path: tuple[str, ...]
) -> CursorContext:
    key = unquoted(match.group("key"))
    value_start = match.start("value")
    column = offset - start
    path = (*path, key)
    colon = line.index(":", match.end("key"))
    if column <= colon:
        return CursorContext(CursorKind.OUTSIDE)
    raw = match.group("value")
    if raw[:1] in {"{", "["} and column > value_start:
        return _flow_context(lines, path, start + value_start, offset)
    if BLOCK_SCALAR.match(raw):
        return CursorContext(CursorKind.OUTSIDE)
    value_end = max(value_start + value_length(raw), column)
    # The replaced range has to hold the cursor (LSP 3.17, "Completion"), white space before the value included.
    value_start = min(value_start, column)
    if not raw or raw.startswith("#"):
        value_start = value_end = column
    needs_space = value_start == colon + 1
    return _scalar_context(CursorKind.VALUE, line, start, value_start, value_end, offset, path, needs_space=needs_space)


def _scalar_context(
    kind: CursorKind,
    line: str,
    start: int,
    begin: int,
    end: int,
    offset: int,
    path: tuple[str, ...],
    *,
    needs_space: bool = False,
    has_colon: bool = False,
    in_flow: bool = False,
) -> CursorContext:
    raw = line[begin:end].lstrip(" \t")
    quote = raw[:1] if raw[:1] in {"'", '"'} else ""
    closed = bool(quote) and len(raw) > 1 and raw.endswith(quote)
    before = line[begin : offset - start].lstrip(" \t")
    if closed and offset - start >= end:
        before = before[:-1]
    return CursorContext(
        kind,
        path,
        Span(start + begin, start + end),
        before[1:] if quote and before else before,
        quote,
        closed,
        needs_space,
        in_flow,
        has_colon,
    )


def in_comment(line: str, column: int) -> bool:
    """Whether a comment begins before a column of a line."""
    quote = ""
    for index, character in enumerate(line[:column]):
        if quote:
            if character == quote:
                quote = ""
        elif character in "'\"" and (index == 0 or line[index - 1] in " \t:[{,-"):
            quote = character
        elif character == "#" and (index == 0 or line[index - 1] in " \t"):
            return True
    return False


def unquoted(key: str) -> str:
    """A key without its quotes."""
    return key[1:-1] if len(key) > 1 and key[0] in "'\"" and key[-1] == key[0] else key


def ancestors(lines: LineIndex, number: int, column: int) -> tuple[tuple[str, ...], int | None, bool]:
    """The keys above a line; the offset of an open flow collection; whether the line is a block scalar's text."""
    line = lines.line_text(number)
    stripped = line.lstrip(" \t")
    indent = len(line) - len(stripped) if stripped else column
    path: list[str] = []
    level = indent
    own_item = False
    dashes = _DASHES.match(line)
    if dashes:
        # The dash is one level, the key behind it the next.
        own_item = True
        if column >= dashes.end("dashes") or column > dashes.start("dashes"):
            path.append(ITEM)
    in_item = own_item
    for above in range(number - 1, max(number - _MAX_LINES_UP, -1), -1):
        if level == 0 and not in_item:
            break
        # Deeper lines say nothing of what is above; most lines of a large file are skipped here, unread.
        if lines.text.startswith(" " * (level + in_item), lines.line_start(above)):
            continue
        text = lines.line_text(above)[:LONGEST_LINE]
        bare = text.strip()
        if not bare or bare.startswith("#"):
            continue
        if text.startswith(("---", "...")):
            break
        text_indent = len(text) - len(text.lstrip(" \t"))
        match = KEY_LINE.match(text)
        dash = _DASHES.match(text)
        if match is None:
            if text_indent < level and dash and LONE_BLOCK_SCALAR.match(text, dash.end("dashes")):
                return (), None, True
            if text_indent < level and dash and not in_item:
                path.append(ITEM)
                level = text_indent
                in_item = True
            elif text_indent < level:
                open_flow = _open_flow(lines, above, number)
                if open_flow is not None:
                    return tuple(reversed(path)), open_flow, False
            continue
        key_column = match.start("key")
        value = match.group("value")
        # An item in the column of a key that is without a value, also where that key begins an item itself.
        is_value = in_item and key_column == level and (dash is None or not value or value.startswith("#"))
        opens = text_indent < level or (text_indent <= level and in_item and is_value)
        if dash and text_indent < level <= key_column and not in_item and key_column == level:
            # A sibling key's line that carries the item's dash.
            path.append(ITEM)
            level = text_indent
            in_item = True
            continue
        if key_column < level or is_value:
            if LONE_BLOCK_SCALAR.match(value):
                return (), None, True
            if value[:1] in {"{", "["} and not _closed(lines, lines.line_start(above) + match.start("value"), number):
                path.append(unquoted(match.group("key")))
                flow_at = lines.line_start(above) + match.start("value")
                return _finish(lines, above, match, dash, path), flow_at, False
            if opens or key_column < level:
                path.append(unquoted(match.group("key")))
                level = key_column
                in_item = False
                if dash:
                    path.append(ITEM)
                    level = text_indent
                    in_item = True
        if level == 0 and not in_item:
            break
    return tuple(reversed(path)), None, False


def _finish(
    lines: LineIndex, number: int, match: re.Match[str], dash: re.Match[str] | None, path: list[str]
) -> tuple[str, ...]:
    above, _, _ = ancestors(lines, number, match.start("key"))
    return (*above, *reversed(path))


def _open_flow(lines: LineIndex, above: int, number: int) -> int | None:
    text = lines.line_text(above)
    at = len(text) - len(text.lstrip(" \t"))
    dashes = _DASHES.match(text)
    if dashes:
        at = dashes.end("dashes")
    if text[at : at + 1] in {"{", "["}:
        start = lines.line_start(above) + at
        if not _closed(lines, start, number):
            return start
    return None


def _closed(lines: LineIndex, start: int, number: int) -> bool:
    """Whether the flow collection that opens at ``start`` is closed before line ``number``."""
    depth = 0
    quote = ""
    for character in lines.text[start : min(lines.line_start(number), start + LONGEST_FLOW)]:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if depth <= 0:
                return True
    return False


class _Frame:
    """One open bracket of a flow collection."""

    def __init__(self, opener: str) -> None:
        self.opener = opener
        self.key: str | None = None


def _flow_context(lines: LineIndex, path: tuple[str, ...], start: int, offset: int) -> CursorContext:
    """The context inside the flow collection that opens at ``start``."""
    if offset - start > LONGEST_FLOW:
        return CursorContext(CursorKind.OUTSIDE)
    text = lines.text
    frames: list[_Frame] = []
    token_start = start
    index = start
    quote = ""
    while index < offset:
        character = text[index]
        if quote:
            if character == quote:
                quote = ""
        elif character in "'\"" and not text[token_start:index].strip():
            quote = character
            token_start = index
        elif character in "{[":
            frames.append(_Frame(character))
            token_start = index + 1
        elif character in "}]":
            if frames:
                frames.pop()
            token_start = index + 1
            if not frames:
                return CursorContext(CursorKind.OUTSIDE)
        elif character == "," and frames and not _inside_call(text, token_start, index):
            frames[-1].key = None
            token_start = index + 1
        elif (
            character == ":"
            and frames
            and frames[-1].key is None
            and (
                text[index + 1 : index + 2] in _BEHIND_FLOW_COLON
                or index + 1 == offset
                or text[token_start:index].rstrip(" \t")[-1:] in {"'", '"'}  # JSON's way: no white space is needed
            )
        ):
            frames[-1].key = unquoted(text[token_start:index].strip())
            token_start = index + 1
        elif character == "#" and text[index - 1] in " \t\n" and "\n" not in text[index:offset]:
            return CursorContext(CursorKind.OUTSIDE)
        index += 1
    full = list(path)
    for frame in frames:
        if frame.opener == "[":
            full.append(ITEM)
        if frame.key is not None:
            full.append(frame.key)
    while token_start < offset and text[token_start] in " \t\r\n":
        token_start += 1
    end = _flow_token_end(text, token_start, offset)
    inner = frames[-1] if frames else None
    kind = CursorKind.KEY if inner is not None and inner.opener == "{" and inner.key is None else CursorKind.VALUE
    line_start = lines.line_start(lines.line_of(token_start))
    line = text[line_start:end]
    has_colon = kind is CursorKind.KEY and text[end : end + 2].lstrip(" ").startswith(":")
    needs_space = kind is CursorKind.VALUE and token_start > 0 and text[token_start - 1] == ":"
    return _scalar_context(
        kind,
        line,
        line_start,
        token_start - line_start,
        end - line_start,
        offset,
        tuple(full),
        in_flow=True,
        has_colon=has_colon,
        needs_space=needs_space,
    )


def _inside_call(text: str, start: int, index: int) -> bool:
    """Whether a comma at ``index`` is inside parentheses, as in ``{status: enum(a, b)}`` being typed."""
    return text.count("(", start, index) > text.count(")", start, index)


def _flow_token_end(text: str, start: int, offset: int) -> int:
    """The end of the flow scalar that begins at ``start``, at least ``offset``."""
    if text[start : start + 1] in {"'", '"'}:
        quote = text[start]
        end = start + 1
        while end < len(text) and text[end] not in quote + "\r\n":
            end += 1
        return max(end + 1 if text[end : end + 1] == quote else end, offset)
    end = offset
    while end < len(text) and text[end] not in ",]}\r\n:#":
        end += 1
    while end > offset and text[end - 1] in " \t":
        end -= 1
    return end
