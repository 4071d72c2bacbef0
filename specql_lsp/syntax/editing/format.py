"""The formatting of YAML as the smallest edits: nothing is written again, and no value changes.

- Indentation: that which most of the file has, else two columns; dashes where most of the file has them.
- One blank behind ``:``, ``,`` and ``-``, none before ``:`` and ``,``; none at the end of a line.
- One line break at the end of the text.
- Quotes only where a value needs them.

What is inside block scalars and quoted scalars stays as it is, but moves with what holds it. Comments, anchors, the
order of keys, empty lines and line breaks stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from specql_lsp.syntax import yaml11
from specql_lsp.syntax.editing.indentation import comment_column, steps_of
from specql_lsp.syntax.editing.layout import (
    Block,
    BlockText,
    Gap,
    Layout,
    Line,
    LineKind,
    Place,
    layout_of,
)
from specql_lsp.syntax.editing.quotes import is_plain_text, needs_no_quotes
from specql_lsp.syntax.editing.same_value import has_same_value
from specql_lsp.syntax.editing.text_edit import TextEdit, apply
from specql_lsp.syntax.pyyaml import construction_problems, parse_events
from specql_lsp.syntax.pyyaml.scanner import ScanError, Scanner
from specql_lsp.syntax.pyyaml.simple_text import first_unprintable
from specql_lsp.syntax.pyyaml.tokens import Kind, Token
from specql_lsp.syntax.pyyaml.validator import Parsed
from specql_lsp.syntax.text import LineIndex, Span

DEFAULT_INDENTATION = 2
_BEHIND_DASH = 2
"""The columns of ``- ``."""


class FormatOptions(NamedTuple):
    """What an editor asks for (LSP 3.17, "FormattingOptions").

    Attributes:
        indentation: the columns of a level in a text that has no level yet.
        trims_lines: whether blanks at the ends of lines are deleted.
        adds_final_break: whether a text without a line break at its end gets one.
        trims_final_breaks: whether empty lines at the end of the text are deleted.
    """

    indentation: int = DEFAULT_INDENTATION
    trims_lines: bool = True
    adds_final_break: bool = True
    trims_final_breaks: bool = True


DEFAULT_OPTIONS = FormatOptions()


class LineRange(NamedTuple):
    """Some lines of a text: numbers from 0, the last one included."""

    first: int
    last: int

    def holds(self, first: int, last: int) -> bool:
        """Whether all lines from one to another are in it."""
        return self.first <= first and last <= self.last


def format_edits(
    text: str,
    lines: LineIndex,
    options: FormatOptions = DEFAULT_OPTIONS,
    *,
    within: LineRange | None = None,
    quoted: Collection[Span] = (),
) -> tuple[TextEdit, ...]:
    """The edits that format a text, in its order; none where PyYAML does not read the text.

    Args:
        text: the text.
        lines: its lines.
        options: what the user wants.
        within: only these lines are changed; None: all.
        quoted: the spans of scalars that have quotes in any case.

    The text with the edits has the same value to PyYAML; if that cannot be seen, there are no edits.
    """
    tokens = _tokens(text)
    edits = layout_edits(text, lines, tokens, options, within=within, quoted=quoted) if tokens else ()
    # Most often there is nothing to change, and then the tokens are all that had to be read.
    parsed = understood(text) if edits else None
    return edits if parsed is not None and has_same_value(text, parsed, apply(text, edits)) else ()


def _tokens(text: str) -> list[Token]:
    """The tokens of a text; none where it is known to be refused."""
    scanner = Scanner(text)
    tokens = scanner.tokens
    try:
        while not tokens or tokens[-1].kind is not Kind.STREAM_END:
            scanner.read_more()
    except ScanError:
        return []
    return tokens


def understood(text: str) -> Parsed | None:
    """What PyYAML's parser makes of a text; None where it is refused, or has line breaks of YAML only."""
    if (not text.isascii() and _OTHER_BREAKS.search(text) is not None) or first_unprintable(text) is not None:
        return None
    parsed = parse_events(text)
    if parsed.error is not None or any(True for _ in construction_problems(text, parsed)):
        return None
    return parsed


def layout_edits(
    text: str,
    lines: LineIndex,
    tokens: Iterable[Token],
    options: FormatOptions = DEFAULT_OPTIONS,
    *,
    within: LineRange | None = None,
    quoted: Collection[Span] = (),
) -> tuple[TextEdit, ...]:
    """As ``format_edits``, by the tokens of a text, without asking whether it is valid and has the same value then."""
    layout = layout_of(text, lines, tokens)
    formatter = _Formatter(text, lines, layout, options, within)
    formatter.decide_columns()
    edits = [
        *formatter.indentation(),
        *formatter.blanks(),
        *formatter.quotes(quoted),
        *formatter.line_ends(),
        *formatter.end_of_text(),
    ]
    edits.sort()
    return tuple(edits)


_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]|(?<!\\A)\ufeff")
_TRAILING = re.compile(r"(?<![ \t])[ \t]++(?=[\r\n]|\Z)")
_INDENTED_MARK = re.compile(r"^\ufeff? +(?:---|\.\.\.)", re.MULTILINE)
"""What in the margin would begin or end a document."""
_LINE_BREAK = re.compile(r"\r\n|\n|\r")


class _Formatter:
    def __init__(
        self, text: str, lines: LineIndex, layout: Layout, options: FormatOptions, within: LineRange | None
    ) -> None:
        self.text = text
        self.lines = lines
        self.layout = layout
        self.options = options
        self.within = within
        self.mark = 1 if text.startswith("\ufeff") else 0

    def _is_within(self, line: int) -> bool:
        return self.within is None or self.within.first <= line <= self.within.last

    def _may_move(self, block: Block) -> bool:
        return self.within is None or self.within.holds(block.first, block.last)

    # Indentation

    def decide_columns(self) -> None:
        """Says for each block collection in which column it is to be."""
        self.steps = steps = steps_of(self.layout.blocks, self.options.indentation)
        for block in self.layout.blocks:
            holder = block.holder
            if not self._may_move(block):
                continue
            if holder is None:
                block.new_column = 0 if not block.column or _INDENTED_MARK.search(self.text) is None else block.column
            elif block.place is Place.OTHER:
                block.new_column = holder.new_column + block.column - holder.column
            elif block.place is Place.BELOW_KEY:
                block.new_column = holder.new_column + (steps.sequence if block.is_sequence else steps.mapping)
            else:
                block.new_column = holder.new_column + _BEHIND_DASH

    def indentation(self) -> Iterator[TextEdit]:
        """The edits of blanks at the beginnings of lines."""
        shifts: dict[int, int] = {}
        """By how many columns lines move whose beginning is not an entry."""
        for line in self.layout.lines:
            column, block = line.column, line.block
            if line.kind is LineKind.ENTRY and block is not None and block.new_column == column:
                continue
            new = self._new_column(line, column, shifts)
            if line.kind is LineKind.NODE:
                shifts[line.number] = new - column
            if new != column and self._is_within(line.number):
                start = self.lines.line_start(line.number) + (self.mark if not line.number else 0)
                yield self._moved(start, column, new)
        for block_text in self.layout.block_texts:
            yield from self._moved_text(block_text)

    def _width(self, start: int) -> int:
        text, at = self.text, start
        while text[at : at + 1] == " ":
            at += 1
        return at - start

    def _moved(self, start: int, column: int, new: int) -> TextEdit:
        if new < column:
            return TextEdit(Span(start, start + column - new), "")
        return TextEdit(Span(start, start), " " * (new - column))

    def _new_column(self, line: Line, column: int, shifts: dict[int, int]) -> int:
        block = line.block
        if line.kind is LineKind.ENTRY:
            return block.new_column if block is not None else column
        if line.kind is LineKind.COMMENT:
            return comment_column(line, column)
        if line.kind is LineKind.NODE:
            return self._node_column(block, column)
        if block is None or column <= block.column:
            return column
        least = min(column, block.new_column + self.steps.mapping)
        return max(column + shifts.get(line.origin, block.shift), least, block.new_column + 1)

    def _node_column(self, block: Block | None, column: int) -> int:
        """The column of a value on a line of its own."""
        if block is None or not self._may_move(block):
            return column
        return block.new_column + (_BEHIND_DASH if block.is_sequence else self.steps.mapping)

    def _moved_text(self, block_text: BlockText) -> Iterator[TextEdit]:
        """Moves the text of a block scalar with what holds it."""
        shift = block_text.block.shift if block_text.block is not None else 0
        if not shift:
            return
        end = block_text.token.end
        # Blanks at the end of the text are no part of the token.
        last = self.lines.line_of(end - 1 if self.text[end:].strip(" ") else len(self.text))
        # Lines behind the text have blanks only; where those stay, they must not become text.
        for number in range(block_text.first, (block_text.last if self.options.trims_lines else last) + 1):
            span = self.lines.line_span(number)
            width = self._width(span.start)
            is_empty = width == span.end - span.start and width <= block_text.indentation
            new = min(width, block_text.indentation + shift) if is_empty else width + shift
            if new != width:
                yield self._moved(span.start, width, new)

    # Blanks in lines

    def blanks(self) -> Iterator[TextEdit]:
        """The edits of blanks around marks."""
        for gap in self.layout.gaps:
            start, end = gap.before.end, gap.after.start
            wanted = _blanks_in(gap, self.text)
            if wanted is None or end - start == wanted or not self._is_within(gap.line):
                continue
            if gap.block is not None and not self._may_move(gap.block):
                continue
            yield TextEdit(Span(start, end), " " * wanted)

    # Quotes

    def quotes(self, quoted: Collection[Span]) -> Iterator[TextEdit]:
        """The edits that take quotes away, and put them around the scalars that have them in any case."""
        for start, end in quoted:
            raw = self.text[start:end]
            if self._is_within(self.lines.line_of(start)) and is_plain_text(raw):
                yield TextEdit(Span(start, end), yaml11.quote(raw))
        for found in self.layout.quoted_scalars:
            start, end = found.token.start, found.token.end
            if not self._is_within(found.line) or Span(start, end) in quoted or not needs_no_quotes(self.text, found):
                continue
            if self.text[start] == "'" and "''" in self.text[start + 1 : end - 1]:
                yield TextEdit(Span(start, end), self.text[start + 1 : end - 1].replace("''", "'"))
            else:
                yield TextEdit(Span(start, start + 1), "")
                yield TextEdit(Span(end - 1, end), "")

    # Ends of lines, end of the text

    def line_ends(self) -> Iterator[TextEdit]:
        """Takes blanks at the ends of lines away, but for those that are text."""
        if not self.options.trims_lines:
            return
        kept = self._kept()
        index, tail = 0, self._tail()
        for match in _TRAILING.finditer(self.text):
            start, end = match.span()
            if tail is not None and start >= tail:
                return
            while index < len(kept) and kept[index].end <= start:
                index += 1
            is_text = index < len(kept) and kept[index].start <= start
            # Without blanks between them, two line breaks would be one.
            is_between = self.text[start - 1 : start] == "\r" and self.text[end : end + 1] == "\n"
            if not is_text and not is_between and self._is_within(self.lines.line_of(start)):
                yield TextEdit(Span(start, end), "")

    def _kept(self) -> list[Span]:
        """The spans in which blanks at the ends of lines are text."""
        lines = self.lines
        quoted = (Span(token.start, token.end) for token in self.layout.quoted)
        block_texts = (
            Span(lines.line_start(each.first), lines.line_span(each.last).end)
            for each in self.layout.block_texts
            if each.last >= each.first
        )
        return sorted([*quoted, *block_texts])

    def _tail(self) -> int | None:
        """Where the blanks and line breaks begin that are to be one line break; None where the end stays as it is."""
        if self.within is not None and self.within.last < self.lines.line_count - 1:
            return None
        end = len(self.text.rstrip(" \t\r\n"))
        last = self.layout.block_texts[-1] if self.layout.block_texts else None
        if last is not None and last.token.end >= end:
            end = max(end, self.lines.line_span(last.last).end)
            # The line break at the end of this text is a part of its value, or all of them are.
            if last.keeps_end or (not last.strips_end and last.last >= last.first and end == len(self.text)):
                return None
        return end or None

    def end_of_text(self) -> Iterator[TextEdit]:
        """Has the text end in one line break."""
        tail = self._tail()
        if tail is None:
            return
        rest = self.text[tail:]
        breaks = _LINE_BREAK.findall(rest)
        if breaks:
            ending = breaks[0] if self.options.trims_final_breaks else "".join(breaks)
        else:
            found = _LINE_BREAK.search(self.text)
            ending = (found.group() if found else "\n") if self.options.adds_final_break else ""
        if not self.options.trims_lines:
            ending = rest if not self.options.trims_final_breaks or len(breaks) == 1 else ending
        if rest != ending and rest.startswith(ending):
            yield TextEdit(Span(tail + len(ending), len(self.text)), "")
        elif rest != ending:
            yield TextEdit(Span(tail, len(self.text)), ending)


def _blanks_in(gap: Gap, text: str) -> int | None:
    """How many blanks are to be between two tokens; None where they may have any number."""
    before, after = gap.before, gap.after
    if after.kind is Kind.FLOW_ENTRY:
        return None if before.kind not in _ENDS else 0
    if after.kind is Kind.VALUE and before.kind is Kind.SCALAR:
        return 0 if text[before.end - 1] not in ":*?" else None
    if before.kind is Kind.FLOW_ENTRY or (before.kind is Kind.VALUE and gap.in_flow):
        return None if after.kind in _CLOSES else 1
    return 1 if before.kind in _SPACED and after.kind is not Kind.VALUE else None


_ENDS = frozenset({Kind.SCALAR, Kind.ALIAS, Kind.FLOW_SEQUENCE_END, Kind.FLOW_MAPPING_END})
_CLOSES = frozenset({Kind.FLOW_SEQUENCE_END, Kind.FLOW_MAPPING_END, Kind.FLOW_ENTRY})
_SPACED = frozenset({Kind.VALUE, Kind.BLOCK_ENTRY})
