"""How a YAML text is laid out: its block collections with their columns, and to which of them each line belongs.

Made of the tokens of PyYAML's scanner, so that it is right for every text that PyYAML reads. Lines and columns count
from 0; a byte order mark takes no column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from specql_lsp.syntax.pyyaml.tokens import Kind, Token
from specql_lsp.syntax.text import LineIndex


class Place(IntEnum):
    """Where a block collection begins, seen from the collection that holds it."""

    ROOT = 0
    BELOW_KEY = 1
    """On a line of its own below its key; the dashes of a sequence may be in the column of the key."""
    BELOW_DASH = 2
    BEHIND_DASH = 3
    """On the line of its dash: ``- name: a``, ``- - a``."""
    OTHER = 4
    """In an entry with ``?`` or with a colon on a line of its own."""


class Block:
    """A block collection.

    Attributes:
        holder: the collection that holds it.
        column: that of its keys or dashes.
        new_column: where its keys or dashes are to be; ``column`` until that is decided.
        first: its first line.
        last: the last line of its content.
    """

    __slots__ = ("column", "first", "holder", "is_indentless", "is_sequence", "last", "new_column", "place")

    def __init__(
        self, holder: Block | None, place: Place, column: int, first: int, *, is_sequence: bool, is_indentless: bool
    ) -> None:
        self.holder = holder
        self.place = place
        self.column = self.new_column = column
        self.first = self.last = first
        self.is_sequence = is_sequence
        self.is_indentless = is_indentless

    @property
    def shift(self) -> int:
        """By how many columns it moves."""
        return self.new_column - self.column


class LineKind(IntEnum):
    """What a line begins with."""

    ENTRY = 0
    """An entry or item of ``block``."""
    NODE = 1
    """A scalar, alias, anchor, tag or bracket that is a value in ``block``, on a line of its own."""
    CONTINUED = 2
    """The inside of a flow collection, or of a plain or quoted scalar, that begins in line ``origin``."""
    COMMENT = 3


class Line(NamedTuple):
    """A line that is neither empty nor in a block scalar.

    Attributes:
        number: its number.
        column: where what is on it begins.
        kind: what it begins with.
        block: the innermost block collection; of a comment, that of what follows if that is an entry.
        before: of a comment: the innermost block collection of what is before it.
        origin: the line with the beginning of what goes on here.
    """

    number: int
    column: int
    kind: LineKind
    block: Block | None
    before: Block | None = None
    origin: int = -1


class BlockText(NamedTuple):
    """A literal or folded scalar.

    Attributes:
        token: its token.
        block: the block collection that holds it.
        first: the first line of its text, behind that of the ``|`` or ``>``.
        last: the last line of its text that counts: with ``+`` also an empty one; ``first - 1`` where it has none.
        indentation: how many columns of each line are no text.
        keeps_end: whether it has a ``+``: every empty line at its end counts.
        strips_end: whether it has a ``-``: no line break at its end counts.
    """

    token: Token
    block: Block | None
    first: int
    last: int
    indentation: int
    keeps_end: bool
    strips_end: bool


class Gap(NamedTuple):
    """Two tokens on one line, one of them a mark, that do not have the usual blanks: none before it and one behind."""

    before: Token
    after: Token
    line: int
    in_flow: bool
    block: Block | None
    """The collection that begins at ``after``, behind a dash."""


class QuotedScalar(NamedTuple):
    """A quoted scalar on one line, without a tag."""

    token: Token
    line: int
    in_flow: bool
    is_key: bool


class Layout(NamedTuple):
    """The layout of a text."""

    blocks: list[Block]
    """In the order of the text: each behind the one that holds it."""
    lines: list[Line]
    block_texts: list[BlockText]
    quoted: list[Token]
    """Quoted scalars of several lines."""
    quoted_scalars: list[QuotedScalar]
    gaps: list[Gap]


_PROPERTIES = frozenset({Kind.ANCHOR, Kind.TAG})
_MARKS = frozenset({Kind.DOCUMENT_START, Kind.DOCUMENT_END, Kind.DIRECTIVE})
_ENTRIES = frozenset({Kind.BLOCK_ENTRY, Kind.KEY, Kind.VALUE})
_OPENING = frozenset({Kind.FLOW_SEQUENCE_START, Kind.FLOW_MAPPING_START})
_CLOSING = frozenset({Kind.FLOW_SEQUENCE_END, Kind.FLOW_MAPPING_END})
_BLOCK_STARTS = frozenset({Kind.BLOCK_MAPPING_START, Kind.BLOCK_SEQUENCE_START})
_TIGHT = frozenset({Kind.VALUE, Kind.FLOW_ENTRY})
"""What has no blank before it."""
_SPACED = frozenset({Kind.VALUE, Kind.BLOCK_ENTRY, Kind.FLOW_ENTRY})
_HEADER = re.compile(r"[|>](?:([+-])([1-9])?|([1-9])([+-])?)?[^\r\n]*(?:\r\n|\n|\r|\Z)")


def layout_of(text: str, lines: LineIndex, tokens: Iterable[Token]) -> Layout:
    """The layout of a text, made of its tokens; of a text that the parser refuses it may be any."""
    reader = _Reader(text, lines)
    for token in tokens:
        reader.take(token)
    return reader.found


class _Reader:
    def __init__(self, text: str, lines: LineIndex) -> None:
        self.text = text
        self.starts = [*lines.line_starts, len(text) + 1]
        self.index = lines
        self.line = 0
        """The line of the token that is being read."""
        self.stack: list[Block] = []
        self.open_flow: list[tuple[int, Block | None]] = []
        self.last = Token(Kind.STREAM_END, 0, 0)
        """The last token with a width."""
        self.last_line = -1
        """The line on which it ends."""
        self.last_block: Block | None = None
        """The innermost collection when it was read."""
        self.holder = self.last
        """The last token that is no anchor or tag."""
        self.holder_line = -1
        self.holder_is_lone = False
        """Whether it is an explicit ``?``, or a colon that begins a line."""
        self.is_key = False
        """Whether what follows is a key without a ``?``."""
        self.is_tagged = False
        self.new_block: Block | None = None
        """The collection that begins at the next token with a width."""
        self.found = Layout([], [], [], [], [], [])

    def column(self, at: int) -> int:
        column = at - self.starts[self.line]
        return column - 1 if not self.line and self.text[:1] == "\ufeff" else column

    def column_of(self, line: int) -> int:
        """The column of what a line begins with."""
        start, end = self.starts[line], self.starts[line + 1]
        row = self.text[start:end].removeprefix("\ufeff")
        return len(row) - len(row.lstrip(" "))

    def take(self, token: Token) -> None:
        kind, start, end = token
        starts = self.starts
        while starts[self.line + 1] <= start:
            self.line += 1
        if start == end:
            self._mark(kind, start)
            return
        in_flow = bool(self.open_flow)
        if kind in _ENTRIES and not in_flow and self.stack:
            self._entry(kind, start, self.stack[-1])
        block = self.stack[-1] if self.stack else None
        is_first = self.line > self.last_line
        if is_first:
            self._begin_line(kind, start, block)
        elif (kind in _TIGHT and start > self.last.end) or (
            self.last.kind in _SPACED and start != self.last.end + 1 and not self.holder_is_lone
        ):
            self.found.gaps.append(Gap(self.last, token, self.line, in_flow, self.new_block))
        end_line = self.line
        if kind is Kind.SCALAR:
            if starts[end_line + 1] < end or (starts[end_line + 1] == end and self.text[start] in "|>"):
                end_line = self._long_scalar(token, block)
            elif self.text[start] in "'\"" and not self.is_tagged:
                self.found.quoted_scalars.append(QuotedScalar(token, self.line, in_flow, self.is_key))
            elif not in_flow and self.text[start] in "|>":
                self._block_text(token, block)
        elif kind in _OPENING:
            self.open_flow.append((self.line, block) if not in_flow else self.open_flow[0])
        elif kind in _CLOSING and in_flow:
            self.open_flow.pop()
        if kind in _PROPERTIES:
            self.is_tagged = self.is_tagged or kind is Kind.TAG
        else:
            self.holder, self.holder_line = token, self.line
            self.holder_is_lone = kind is Kind.KEY or (kind is Kind.VALUE and is_first)
            self.is_key = self.is_tagged = False
        self.last, self.last_line, self.last_block = token, end_line, block
        self.new_block = None
        if block is not None:
            block.last = end_line

    def _mark(self, kind: Kind, start: int) -> None:
        """A token without a width: where a collection or a key begins, or where collections end."""
        if self.open_flow:
            self.is_key = self.is_key or kind is Kind.KEY
        elif kind is Kind.STREAM_END:
            self.line = len(self.starts) - 1
            self._comments(None)
        elif kind is Kind.KEY:
            self._end_indentless()
            self.is_key = True
        elif kind in _BLOCK_STARTS:
            self._open(start, is_sequence=kind is Kind.BLOCK_SEQUENCE_START)
        elif kind is Kind.BLOCK_END:
            self._end_indentless()
            self._close()

    def _entry(self, kind: Kind, start: int, block: Block) -> None:
        """Begins or ends a sequence whose dashes are in the column of its key: it has no tokens of its own."""
        if kind is Kind.BLOCK_ENTRY and not block.is_sequence:
            self._open(start, is_sequence=True, is_indentless=True)
        elif kind is not Kind.BLOCK_ENTRY:
            self._end_indentless()

    def _end_indentless(self) -> None:
        if self.stack and self.stack[-1].is_indentless:
            self._close()

    def _close(self) -> None:
        closed = self.stack.pop() if self.stack else None
        if closed is not None and self.stack:
            self.stack[-1].last = max(self.stack[-1].last, closed.last)

    def _open(self, start: int, *, is_sequence: bool, is_indentless: bool = False) -> None:
        holder = self.stack[-1] if self.stack else None
        if holder is None:
            place = Place.ROOT
        elif self.holder_is_lone:
            place = Place.OTHER
        elif self.holder.kind is Kind.BLOCK_ENTRY:
            place = Place.BEHIND_DASH if self.holder_line == self.line else Place.BELOW_DASH
        else:
            place = Place.BELOW_KEY
        block = Block(
            holder, place, self.column(start), self.line, is_sequence=is_sequence, is_indentless=is_indentless
        )
        if place is Place.BEHIND_DASH:
            self.new_block = block
        self.stack.append(block)
        self.found.blocks.append(block)

    def _begin_line(self, kind: Kind, start: int, block: Block | None) -> None:
        is_entry = not self.open_flow and (self.is_key or kind in _ENTRIES)
        self._comments(block if is_entry else None)
        lines = self.found.lines
        if self.open_flow:
            origin, holder = self.open_flow[0]
            lines.append(Line(self.line, self.column(start), LineKind.CONTINUED, holder, None, origin))
        elif is_entry:
            lines.append(Line(self.line, self.column(start), LineKind.ENTRY, block))
        elif kind not in _MARKS:
            lines.append(Line(self.line, self.column(start), LineKind.NODE, block))

    def _comments(self, following: Block | None) -> None:
        """Notes the comments on the lines between the last token and the one that is being read."""
        for number in range(self.last_line + 1, self.line):
            bare = self.text[self.starts[number] : self.starts[number + 1] - 1].strip(" \t\r\n\ufeff")
            if not bare:
                continue
            if self.open_flow:
                origin, holder = self.open_flow[0]
                self.found.lines.append(Line(number, self.column_of(number), LineKind.CONTINUED, holder, None, origin))
            else:
                self.found.lines.append(
                    Line(number, self.column_of(number), LineKind.COMMENT, following, self.last_block)
                )

    def _long_scalar(self, token: Token, block: Block | None) -> int:
        """Notes a scalar of several lines, and gives its last line."""
        if self.text[token.start] in "|>" and not self.open_flow:
            return self._block_text(token, block)
        if self.text[token.start] in "'\"":
            self.found.quoted.append(token)
        last = self.index.line_of(token.end)
        origin, holder = self.open_flow[0] if self.open_flow else (self.line, block)
        for number in range(self.line + 1, last + 1):
            if self.text[self.starts[number] : self.starts[number + 1] - 1].strip(" \t\r\n"):
                self.found.lines.append(Line(number, self.column_of(number), LineKind.CONTINUED, holder, None, origin))
        return last

    def _block_text(self, token: Token, block: Block | None) -> int:
        header = _HEADER.match(self.text, token.start)
        assert header is not None  # noqa: S101 - the scanner has read it
        sign, digit = header[1] or header[4], header[2] or header[3]
        first = self.line + 1
        behind = self.index.line_of(token.end - 1) if token.end > header.end() else self.line
        widths: dict[int, int] = {}
        for number in range(first, behind + 1):
            row = self.text[self.starts[number] : min(self.starts[number + 1], token.end)].rstrip("\r\n")
            bare = row.lstrip(" ")
            widths[number] = len(row) - len(bare) if bare else -len(row) - 1
        least = max((block.column if block is not None else -1) + 1, 1)
        if digit:
            indentation = least + int(digit) - 1
        else:
            indentation = least
            for width in widths.values():
                indentation = max(indentation, width if width >= 0 else -width - 1)
                if width >= 0:
                    break
        last = behind
        while last >= first and sign != "+" and 0 <= -widths[last] - 1 <= indentation:
            last -= 1
        text = BlockText(token, block, first, last, indentation, sign == "+", sign == "-")
        self.found.block_texts.append(text)
        return behind
