"""Texts of simple lines read without tree-sitter, in a third of its time: the same nodes.

Most entity files have nothing but block mappings and sequences, scalars on one line, literal and folded scalars, and
short flow collections. ``read_simple`` reads such a text line by line. It answers None for anything else, and wherever
it is not sure: then tree-sitter parses the text, broken ones included.

PyYAML reads every such text, too, unless a plain scalar looks like a number or a date and is none
(``simple_text.may_have_odd_values``): the text has no tags and anchors, no tabs, and keys that are short.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from specql_lsp.syntax.line_patterns import ODD, ODD_ASCII
from specql_lsp.syntax.nodes import Entry, Mapping, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.parsing import scalars
from specql_lsp.syntax.text import Span

_QUOTED = r"'(?:[^'\n\r]|'')*+'|\"[^\"\\\n\r]*+\""
_KEY = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,500}+|'(?:[^'\n\r]|''){0,250}+'|\"[^\"\\\n\r]{0,500}+\""
_PLAIN = r"[A-Za-z0-9_(./$](?:[^:#\n\r ]|:(?=[^\n\r ])|(?<! )#| ++(?=[^\n\r #]))*+"
_VALUE = rf"{_PLAIN}|{_QUOTED}|\[[^\n\r\[\]]*+\]|\{{[^\n\r{{}}]*+\}}|[|>][-+]?"
_TAIL = r"[ ]*+(?:(?<= )#[^\n\r]*+)?"
_BLANK = r"(?:[ ]*+(?:#[^\n\r]*+)?\r?\n)*+"
_LINE = re.compile(rf"{_BLANK}([ ]*+)(-[ ]++)?(?:({_KEY}):(?=[ \n\r]|\Z)[ ]*+)?({_VALUE})?{_TAIL}(?:\r?\n|\Z)")
"""A line with what it says, the blank lines and comments before it included."""
_SPACES = re.compile("[ ]*")
_WORD = r"[A-Za-z0-9_](?:[A-Za-z0-9_.]|[ -](?=[A-Za-z0-9_.]))*+"
_FLOW_ITEM = re.compile(rf"[ ]*+({_WORD}|{_QUOTED})[ ]*+(?:,|\Z)")
_FLOW_PAIR = re.compile(rf"[ ]*+({_KEY}):[ ]++({_WORD}|{_QUOTED})[ ]*+(?:,|\Z)")

_MOST_COLUMNS = 80
"""What is further in, or a line that is longer, is tree-sitter's."""
_LONGEST_LINE = 2_000
_BREAKS = frozenset({"", "\n", "\r"})
_new = tuple.__new__
_ROOT_KEY = Scalar(Span(0, 0), "", ScalarStyle.PLAIN)
"""The place of the root: the value of an entry that no one sees."""
_PLAIN_STYLE = ScalarStyle.PLAIN
_QUOTES = frozenset("'\"")
_INDICATORS = frozenset("'\"[{|>")
"""What a value begins with that is no plain scalar."""


_Shared = Callable[[str, str], str]
"""Gives one string for all equal ones."""


class _NotSimpleError(Exception):
    """The text has something that is not read here."""


class _Block:
    """A block collection that is still open.

    ``level`` is twice its column, and one more for a sequence: of a mapping and a sequence at one column, the sequence
    is the inner one.
    """

    __slots__ = ("children", "key", "key_end", "level", "start")

    def __init__(self, level: int, start: int) -> None:
        self.level = level
        self.start = start
        self.children: list[Any] = []
        """Its entries or items."""
        self.key: Scalar | None = None
        """The key whose value is still to come."""
        self.key_end = 0
        """Where the colon of that key ends."""


def read_simple(text: str, base: int) -> Mapping | Sequence | None:
    """The root of a text of simple lines, as tree-sitter and ``tree_sitter_adapter`` give it; None for other texts.

    Args:
        text: a text that begins at offset ``base`` of the whole.
        base: added to every offset.
    """
    if re.search(ODD_ASCII if text.isascii() else ODD, text) is not None:
        return None
    try:
        return _read(text, base)
    except _NotSimpleError:
        return None


def _read(text: str, base: int) -> Mapping | Sequence:
    match_line, new = _LINE.match, tuple.__new__
    # Keys and many values come again and again in a text: all their nodes share one string.
    known: dict[str, str] = {}
    shared = known.setdefault
    at, size = 0, len(text)
    stack: list[_Block] = []
    root = top = _Block(-1, 0)
    root.key = _ROOT_KEY
    while at < size:
        match = match_line(text, at)
        if match is None:
            raise _NotSimpleError
        indent, dash, key, value = match.groups()
        content, end = match.end(1), match.end()
        column = len(indent)
        if end - content > _LONGEST_LINE or column > _MOST_COLUMNS:
            raise _NotSimpleError
        if dash is not None:
            level = 2 * column + 1
        elif key is not None:
            level = 2 * column
        elif value is None and end == size:  # a comment or spaces at the end
            break
        else:
            raise _NotSimpleError
        at = end
        while top.level > level:
            top = _closed(top, stack)
        if top.level < level:
            if top.key is None:
                raise _NotSimpleError
            stack.append(top)
            top = _Block(level, base + content)
        elif top.key is not None:
            _end_without_value(top)
        edge = column
        if dash is not None:
            content += len(dash)
            if key is not None:
                column += len(dash)
                edge = column
                stack.append(top)
                top = _Block(2 * column, base + content)
        if key is not None:
            start = base + content
            key_end = start + len(key)
            if key[0] in _QUOTES:
                key_node = _scalar(key, start, shared)
            else:
                key_node = new(Scalar, (new(Span, (start, key_end)), shared(key, key), _PLAIN_STYLE, None))
            if value is None:
                top.key, top.key_end = key_node, key_end + 1
                continue
        elif value is None:
            raise _NotSimpleError
        begin = base + match.start(4)
        first = value[0]
        node: Scalar | Mapping | Sequence
        if first not in _INDICATORS:
            stop = begin + len(value)
            node = new(Scalar, (new(Span, (begin, stop)), shared(value, value), _PLAIN_STYLE, None))
        else:
            if first in _QUOTES:
                node = _scalar(value, begin, shared)
            elif first in "[{":
                node = _flow(value, begin, shared)
            else:
                at, last = _body(text, at, edge)
                style = ScalarStyle.FOLDED if first == ">" else ScalarStyle.LITERAL
                node = Scalar(Span(begin, base + last), scalars.block(text[begin - base : last]), style)
            stop = node[0][1]
        if key is not None:
            top.children.append(new(Entry, (new(Span, (start, stop)), key_node, node)))
        else:
            top.children.append(node)
    while top is not root:
        top = _closed(top, stack)
    if not root.children:
        raise _NotSimpleError
    found: Mapping | Sequence = root.children[0].value
    return found


def _closed(block: _Block, stack: list[_Block]) -> _Block:
    """Ends the innermost block; the one around it, which has it now."""
    if not stack:
        raise _NotSimpleError
    if block.key is not None:
        _end_without_value(block)
    children = tuple(block.children)
    span = _new(Span, (block.start, children[-1][0][1]))
    node = _new(Sequence if block.level & 1 else Mapping, (span, children, False, None))
    around = stack.pop()
    key = around.key
    if key is not None:
        around.children.append(_new(Entry, (_new(Span, (key[0][0], span[1])), key, node)))
        around.key = None
    else:
        around.children.append(node)
    return around


def _end_without_value(block: _Block) -> None:
    key = block.key
    assert key is not None  # noqa: S101 - the caller looked
    block.children.append(Entry(Span(key.span.start, block.key_end), key, None))
    block.key = None


def _scalar(raw: str, start: int, shared: _Shared) -> Scalar:
    """A scalar on one line, which begins at offset ``start`` of the whole."""
    if raw[0] == "'":
        value, style = scalars.single_quoted(raw), ScalarStyle.SINGLE_QUOTED
    elif raw[0] == '"':
        value, style = raw[1:-1], ScalarStyle.DOUBLE_QUOTED
    else:
        value, style = raw, ScalarStyle.PLAIN
    return Scalar(Span(start, start + len(raw)), shared(value, value), style)


def _flow(raw: str, start: int, shared: _Shared) -> Mapping | Sequence:
    """A flow collection of scalars on one line, which begins at offset ``start`` of the whole."""
    children: list[Any] = []
    at, last = 1, len(raw) - 1
    is_mapping = raw[0] == "{"
    pattern = _FLOW_PAIR if is_mapping else _FLOW_ITEM
    while at < last and raw[at:last].strip(" "):
        match = pattern.match(raw, at, last)
        if match is None:
            raise _NotSimpleError
        nodes = [_scalar(match[group], start + match.start(group), shared) for group in range(1, pattern.groups + 1)]
        children.append(Entry(Span(nodes[0].span.start, nodes[1].span.end), *nodes) if is_mapping else nodes[0])
        at = match.end()
    span = Span(start, start + len(raw))
    return Mapping(span, tuple(children), flow=True) if is_mapping else Sequence(span, tuple(children), flow=True)


def _body(text: str, at: int, edge: int) -> tuple[int, int]:
    """Where the lines of a literal or folded scalar end, and where their last text ends.

    Args:
        text: the text.
        at: where the line behind the header begins.
        edge: the column of what the scalar belongs to; its lines are further in.
    """
    margin = _match_end(_SPACES, text, at) - at
    if not edge < margin <= _MOST_COLUMNS or text[at + margin : at + margin + 1] in _BREAKS:
        raise _NotSimpleError
    end = _match_end(_body_lines(margin), text, at)
    if _match_end(_SPACES, text, end) - end > edge:
        raise _NotSimpleError
    return end, at + len(text[at:end].rstrip(" \n\r"))


@lru_cache(maxsize=_MOST_COLUMNS + 1)
def _body_lines(margin: int) -> re.Pattern[str]:
    return re.compile(rf"(?:(?: {{{margin}}}[^\n\r]*+| *+)\r?\n)*+")


def _match_end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    assert match is not None  # noqa: S101 - it matches nothing, too
    return match.end()
