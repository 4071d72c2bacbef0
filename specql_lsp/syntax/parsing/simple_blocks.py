"""Texts of simple lines read without tree-sitter, in a third of its time: the same nodes.

Most entity files have nothing but block mappings and sequences, scalars on one line, literal and folded scalars, and
short flow collections. ``read_simple`` reads such a text line by line. It answers None for anything else, and wherever
it is not sure: then tree-sitter parses the text, broken ones included.

PyYAML reads every such text, too, unless a plain scalar looks like a number or a date and is none
(``simple_text.may_have_odd_values``): the text has no tags and anchors, no tabs, and keys that are short.
"""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern
from typing import Any, NamedTuple

from specql_lsp.syntax.line_patterns import ODD, ODD_ASCII
from specql_lsp.syntax.nodes import Entry, Mapping, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.parsing import scalars
from specql_lsp.syntax.parsing.block_scalars import block_end, block_value
from specql_lsp.syntax.text import Span

_QUOTED = r"'(?:[^'\n\r]|'')*+'|\"[^\"\\\n\r]*+\""
_KEY = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,500}+|'(?:[^'\n\r]|''){0,250}+'|\"[^\"\\\n\r]{0,500}+\""
_PLAIN = r"[A-Za-z0-9_(./$](?:[^:#\n\r ]|:(?=[^\n\r ])|(?<! )#| ++(?=[^\n\r #]))*+"
_VALUE = rf"{_PLAIN}|{_QUOTED}|\[[^\n\r\[\]]*+\]|\{{[^\n\r{{}}]*+\}}|[|>][-+]?"
_TAIL = r"[ ]*+(?:(?<= )#[^\n\r]*+)?"
_LINE = re.compile(rf"([ ]*+)(-[ ]++)?(?:({_KEY}):(?=[ \r]|\Z)[ ]*+)?({_VALUE})?{_TAIL}\r?")
"""A line with what it says."""
_BLANK = re.compile(r"[ ]*+(?:#[^\n\r]*+)?\r?")
_SPACES = re.compile("[ ]*")
_WORD = r"[A-Za-z0-9_](?:[A-Za-z0-9_.]|[ -](?=[A-Za-z0-9_.]))*+"
_FLOW_ITEM = re.compile(rf"[ ]*+({_WORD}|{_QUOTED})[ ]*+(?:,|\Z)")
_FLOW_PAIR = re.compile(rf"[ ]*+({_KEY}):[ ]++({_WORD}|{_QUOTED})[ ]*+(?:,|\Z)")

_MOST_COLUMNS = 80
"""What is further in, or a line that is longer, is tree-sitter's."""
_LONGEST_LINE = 2_000
_BREAKS = frozenset({"", "\n", "\r"})
_KNOWN_LINE = 120
"""So long is a line at most that is kept for the next one that says the same."""
_new = tuple.__new__
_ROOT_KEY = Scalar(Span(0, 0), "", ScalarStyle.PLAIN)
"""The place of the root: the value of an entry that no one sees."""
_PLAIN_STYLE = ScalarStyle.PLAIN
_INDICATORS = frozenset("[{|>")
"""What a value begins with that is no scalar on the line itself."""


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


class _Line(NamedTuple):
    """What a line says by itself. Offsets are in the line.

    Attributes:
        level: that of the block (``_Block``) that the line belongs to; negative for a line without one.
        start: where it begins behind its spaces.
        inner: the column of the mapping that begins behind a dash; -1 if none does.
        key: the text of its key; None where it has none.
        key_style: how the key is written.
        key_start: where the key begins.
        key_end: where it ends, before the colon.
        value: what its value says, if that is a scalar on this line, else as it is written; None where it has none.
        value_style: how a scalar on this line is written; None for the header of a block scalar and for collections.
        value_start: where the value begins.
        value_end: where it ends.
    """

    level: int
    start: int
    inner: int
    key: str | None
    key_style: ScalarStyle
    key_start: int
    key_end: int
    value: str | None
    value_style: ScalarStyle | None
    value_start: int
    value_end: int


_BLANK_LINE = _Line(-1, 0, -1, None, _PLAIN_STYLE, 0, 0, None, None, 0, 0)
_ODD_LINE = _BLANK_LINE._replace(level=-2)
"""A line that is not read here, unless it is one of a literal or folded scalar."""


def _line(line: str) -> _Line:
    """What a line says, given without its line feed."""
    match = _LINE.fullmatch(line)
    if match is None:
        return _BLANK_LINE if _BLANK.fullmatch(line) else _ODD_LINE
    indent, dash, key, value = match.groups()
    start = len(indent)
    if start > _MOST_COLUMNS or len(line) > _LONGEST_LINE:
        return _ODD_LINE
    if key is value is None:
        return _BLANK_LINE if dash is None else _ODD_LINE
    level, column, inner = 2 * start, start, -1
    if dash is not None:
        level += 1
        column += len(dash)
        if key is not None:
            inner = column
    elif key is None:
        return _ODD_LINE
    key_text, key_style = _scalar(key) if key is not None else (None, _PLAIN_STYLE)
    if value is None:
        text, style = None, None
    else:
        text, style = (value, None) if value[0] in _INDICATORS else _scalar(value)
    return _Line(level, start, inner, key_text, key_style, column, match.end(3), text, style, *match.span(4))


_known_line = lru_cache(maxsize=2048)(_line)
"""Most lines of ten thousand files are in several of them: ``fields:``, ``type: text``, ``steps:``."""


def _scalar(raw: str) -> tuple[str, ScalarStyle]:
    """What a scalar on one line says, and how it is written. Equal texts share one string."""
    if raw[0] == "'":
        return intern(scalars.single_quoted(raw)), ScalarStyle.SINGLE_QUOTED
    if raw[0] == '"':
        return intern(raw[1:-1]), ScalarStyle.DOUBLE_QUOTED
    return intern(raw), _PLAIN_STYLE


def _read(text: str, base: int) -> Mapping | Sequence:
    new, known_line = tuple.__new__, _known_line
    lines = text.split("\n")
    if lines[-1].endswith("\r"):  # a line break by itself
        raise _NotSimpleError
    further = iter(lines)
    following = base
    stack: list[_Block] = []
    root = top = _Block(-1, 0)
    root.key = _ROOT_KEY
    for line in further:
        at, following = following, following + len(line) + 1
        found = known_line(line) if len(line) <= _KNOWN_LINE else _line(line)
        level, start, inner, key, key_style, key_start, key_end, value, style, begin, stop = found
        if level < 0:
            if found is _ODD_LINE:
                raise _NotSimpleError
            continue
        while top.level > level:
            top = _closed(top, stack)
        if top.level < level:
            if top.key is None:
                raise _NotSimpleError
            stack.append(top)
            top = _Block(level, at + start)
        elif top.key is not None:
            _end_without_value(top)
        if inner >= 0:
            stack.append(top)
            top = _Block(2 * inner, at + inner)
        if key is not None:
            key_start += at
            key_end += at
            key_node = new(Scalar, (new(Span, (key_start, key_end)), key, key_style, None))
            if value is None:
                top.key, top.key_end = key_node, key_end + 1
                continue
        assert value is not None  # noqa: S101 - a line has a key or a value
        begin += at
        stop += at
        node: Scalar | Mapping | Sequence
        if style is not None:
            node = new(Scalar, (new(Span, (begin, stop)), value, style, None))
        elif value[0] in "[{":
            node = _flow(value, begin)
        else:
            end = _end_of_body(text, following - base, inner if inner >= 0 else level >> 1)
            last = block_end(text, begin - base, end)
            stop = base + last
            style = ScalarStyle.FOLDED if value[0] == ">" else ScalarStyle.LITERAL
            node = Scalar(Span(begin, stop), block_value(text, begin - base, last), style)
            for _ in range(text.count("\n", following - base, end)):
                next(further)
            following = base + end
        if key is not None:
            top.children.append(new(Entry, (new(Span, (key_start, stop)), key_node, node)))
        else:
            top.children.append(node)
    while top is not root:
        top = _closed(top, stack)
    if not root.children:
        raise _NotSimpleError
    result: Mapping | Sequence = root.children[0].value
    return result


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


def _flow(raw: str, start: int) -> Mapping | Sequence:
    """A flow collection of scalars on one line, which begins at offset ``start`` of the whole."""
    children: list[Any] = []
    at, last = 1, len(raw) - 1
    is_mapping = raw[0] == "{"
    pattern = _FLOW_PAIR if is_mapping else _FLOW_ITEM
    while at < last and raw[at:last].strip(" "):
        match = pattern.match(raw, at, last)
        if match is None:
            raise _NotSimpleError
        nodes = [
            Scalar(Span(start + match.start(group), start + match.end(group)), *_scalar(match[group]))
            for group in range(1, pattern.groups + 1)
        ]
        children.append(Entry(Span(nodes[0].span.start, nodes[1].span.end), *nodes) if is_mapping else nodes[0])
        at = match.end()
    span = Span(start, start + len(raw))
    return Mapping(span, tuple(children), flow=True) if is_mapping else Sequence(span, tuple(children), flow=True)


def _end_of_body(text: str, at: int, edge: int) -> int:
    """Where the lines of a literal or folded scalar end.

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
    return end


@lru_cache(maxsize=_MOST_COLUMNS + 1)
def _body_lines(margin: int) -> re.Pattern[str]:
    return re.compile(rf"(?:(?: {{{margin}}}[^\n\r]*+| *+)\r?\n)*+")


def _match_end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    assert match is not None  # noqa: S101 - it matches nothing, too
    return match.end()
