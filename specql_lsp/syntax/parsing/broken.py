"""A long text that is not YAML in a few places, cut by its lines: the other sections are what they would be without.

A text is in that state at most keys that are typed: a key has no colon yet, a quote is not closed. The cut depends on
the text alone. Sections that are known of a tree before, with the same text, are the same objects: a key costs what it
changes. A text of which more is not understood, or that cannot be cut, is for the parser to read as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as Table
from itertools import islice, pairwise
from typing import NamedTuple

from specql_lsp.syntax.nodes import Entry, Mapping
from specql_lsp.syntax.parsing.incremental import Understanding
from specql_lsp.syntax.parsing.parse_piece import parse_piece
from specql_lsp.syntax.parsing.sections import (
    MIN_DIVIDED_LINES,
    Section,
    is_lone_key,
    is_special,
    reassembled,
    text_of,
)
from specql_lsp.syntax.problems import SyntaxProblem
from specql_lsp.syntax.pyyaml import first_error
from specql_lsp.syntax.text import Span

LEAST_LINES = 200
"""A text with fewer lines is parsed as a whole: that takes no time, and may find more of it."""
MANY_LINES = 5_000
"""A text with more lines is cut only where something seems to be unfinished, or it has problems: cutting it takes as
long as parsing it where no section of it is known."""
_MOST_PROBLEMS = 3
"""Where more parts are not understood, they are no places that somebody is typing in."""

_HEAD = re.compile(r"(?:[ ]*(?:#[^\r\n]*)?\r?\n)*")
_MARGIN = re.compile(r"^(?=[^ #\n\r\t-])", re.MULTILINE)
_CONTENT = re.compile(r"^( *)(?=[^ \n\r#])", re.MULTILINE)
_DASHED = "-(?=[ \n\r])"
_KEYED = f"(?=[^ \n\r#])(?!{_DASHED})"
"""How a child of a mapping begins; items in its column are the value of the key before them."""
_DASH = re.compile(_DASHED)
_UNFINISHED = re.compile(r"^ *[A-Za-z_][A-Za-z0-9_ ]*\r?$", re.MULTILINE)
"""A line of words without a colon: among the keys of a mapping it is the beginning of a key."""


_OPEN = re.compile(r"""[:-] [ ]*+(?:"[^"\r\n]*+|'[^'\r\n]*+|\[[^\]\r\n]*+|\{[^}\r\n]*+)\r?$""", re.MULTILINE)
"""A value that begins with a quote or bracket which its line does not close."""


_STRAY = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*+(?::[ ]++[A-Za-z0-9_($/.][^\r\n]*+)?\r?$", re.MULTILINE)
"""A line that holds no block: words, or a key with a plain value."""


class BrokenText(NamedTuple):
    """A text in sections, some of which are not understood."""

    sections: Section
    problems: tuple[SyntaxProblem, ...]
    is_sure: bool
    """Whether no reading of the whole text could be without a problem."""


class _CannotBeCutError(Exception):
    """Only the whole says what the text is."""


def may_be_unfinished(text: str) -> bool:
    """Whether a key may be without its colon, or a quote or bracket without the closing one; quick to see."""
    return _UNFINISHED.search(text) is not None or _OPEN.search(text) is not None


def cut_broken(text: str, known: Table[str, Section], *, least: int = MIN_DIVIDED_LINES) -> BrokenText | None:
    """The sections of a text with problems; None where it cannot be cut, or where too much is not understood.

    Args:
        text: the whole text.
        known: sections of a text without problems, by their own text (``known_sections``).
        least: a part with more lines is cut into the children of its key.
    """
    head = _HEAD.match(text)
    begin = head.end() if head is not None else 0
    if is_special(text):
        return None
    margin = [match.start() for match in _MARGIN.finditer(text, begin)]
    if not margin or margin[0] != begin:
        return None
    starts = margin[:1]
    for start, end in pairwise([*margin[1:], len(text)]):
        if not _is_stray(text, starts[-1], Span(start, end), least):
            starts.append(start)
    cutting = _Cutting(text, known, least)
    root = Section(text[:begin], 0, len(text), head=begin)
    try:
        for start, end in pairwise([*starts, len(text)]):
            cutting.top(root, Span(start, end))
    except _CannotBeCutError:
        return None
    sections = reassembled(root, 0, tuple(cutting.found))
    if sections is None or not cutting.problems:
        return None
    return BrokenText(sections, tuple(cutting.problems), cutting.is_sure)


def _is_stray(text: str, before: int, span: Span, least: int) -> bool:
    """Whether a part at the margin is a line amid the children of the key that begins at ``before``, and more of them.

    As while a field is typed that is not indented yet.
    """
    line = _STRAY.match(text, span.start)
    if line is None or text.count("\n", before, span.end) <= least or not is_lone_key(text, before):
        return False
    content = _CONTENT.search(text, line.end(), span.end)
    first = _CONTENT.search(text, text.find("\n", before) + 1, span.start)
    return content is not None and first is not None and len(content[1]) == len(first[1]) > 0


class _Cutting:
    def __init__(self, text: str, known: Table[str, Section], least: int) -> None:
        self.text = text
        self._least = least
        self.known = known
        self.found: list[Section] = []
        self.problems: list[SyntaxProblem] = []
        self.is_sure = False
        self._parts = 0
        self._understanding = Understanding(text)

    def top(self, root: Section, span: Span) -> None:
        """A part that begins at the margin."""
        part = self.text[span.start : span.end]
        is_divided = part.count("\n") > self._least and is_lone_key(self.text, span.start)
        known = self._known(span, _children_stand_alone if is_divided else _stands_alone)
        if known is None and is_divided:
            known = self._divided(span)
        self.found += [known] if known is not None else self._parsed(span, root, is_top=True)

    def _divided(self, span: Span) -> Section | None:
        """A part whose value is cut in turn; None where its lines do not allow it."""
        text = self.text
        line_end = text.find("\n", span.start, span.end) + 1
        content = _CONTENT.search(text, line_end, span.end)
        if content is None:
            return None
        column, in_sequence = len(content[1]), _DASH.match(text, content.end()) is not None
        begin = _DASHED if in_sequence else _KEYED
        at_column = re.compile(rf"^ {{{column}}}{begin}", re.MULTILINE)
        starts = [match.start() for match in at_column.finditer(text, line_end, span.end)]
        lesser = re.compile(rf"^ {{0,{column - 1}}}[^ \n\r#]" if column else "^[^ \n\r#-]", re.MULTILINE)
        if not starts or starts[0] != content.start():
            return None
        # A line further out than the others is no child of theirs, and what is behind it goes on with them.
        strays = [match.start() for match in islice(lesser.finditer(text, line_end, span.end), _MOST_PROBLEMS + 1)]
        if len(strays) > _MOST_PROBLEMS:
            return None
        starts = sorted([*starts, *strays])
        head_text = text[span.start : starts[0]]
        head = parse_piece(head_text, span.start)
        if head.problems or not isinstance(head.root, Mapping) or len(head.root.entries) != 1:
            return None
        key = head.root.entries[0].key
        template = Section(
            head_text,
            span.start,
            len(head_text),
            entries=(Entry(key.span, key, None),),
            head=len(head_text),
            column=column,
            in_sequence=in_sequence,
        )
        children: list[Section] = []
        parts = [Span(start, end) for start, end in pairwise([*starts, span.end])]
        for part in parts:
            known = self._known(part, _stands_alone) if part.start not in strays else None
            if known is None and not children and not self._is_collection(parts, template):
                return None
            children += [known] if known is not None else self._parsed(part, template, is_top=False)
        return reassembled(template, span.start, tuple(children))

    def _is_collection(self, parts: list[Span], template: Section) -> bool:
        """Whether a value is a mapping or sequence: its first part is a child of one, or a key that is being typed."""
        if self._understanding.parsed(parts[0], template, is_top=False) is not None:
            return True
        typed = _UNFINISHED.match(self.text, parts[0].start)
        return (
            typed is not None
            and not template.in_sequence
            and typed.end() + 1 == parts[0].end
            and len(parts) > 1
            and bool(self._understanding.parsed(parts[1], template, is_top=False))
        )

    def _known(self, span: Span, is_same: Callable[[Section], bool]) -> Section | None:
        """The known section with the text of a part, where the part by itself is just that."""
        known = self.known.get(self.text[span.start : span.end]) if span.end < len(self.text) else None
        return known if known is not None and known.fact(is_same) else None

    def _parsed(self, span: Span, parent: Section, *, is_top: bool) -> tuple[Section, ...]:
        """The sections of a part, or one that is not understood."""
        found = self._understanding.parsed(span, parent, is_top=is_top)
        if found is not None:
            return found
        self._parts += 1
        if self._parts > _MOST_PROBLEMS or self.text.count("\n", *span) > LEAST_LINES:
            raise _CannotBeCutError
        section, problems = self._understanding.understood(span, in_sequence=parent.in_sequence)
        if self._parts == 1:
            self._refused(span, parent, is_top=is_top)
        self.problems += problems or (SyntaxProblem(span),)
        return (section,)

    def _refused(self, span: Span, parent: Section, *, is_top: bool) -> None:
        """Makes sure that PyYAML, too, refuses the text from the first part on that is not understood.

        What is before that part is closed. So PyYAML reads from there as from the beginning of a block, and its first
        error is one of the whole text.
        """
        line = _UNFINISHED.match(self.text, span.start)
        is_first = span.start == len(parent.text) and parent.origin == 0
        if line is not None and not parent.in_sequence and not is_first and line.end() <= span.end:
            self.is_sure = True  # its words can only be a key
            return
        rest = self.text[span.start :]
        if first_error(rest if is_top else f"_:\n{rest}") is None:
            raise _CannotBeCutError
        self.is_sure = True


def _stands_alone(section: Section) -> bool:
    """Whether a section's text by itself is understood: what is empty in it may only be seen among others."""
    text = text_of(section)
    content = _CONTENT.match(text)
    if content is None:
        return False
    column, in_sequence = len(content[1]), _DASH.match(text, content.end()) is not None
    parent = Section("", 0, 0, column=column, in_sequence=in_sequence)
    more = f"{text}{' ' * column}{'- _' if in_sequence else '_:'}\n"
    return Understanding(more).parsed(Span(0, len(text)), parent, is_top=column == 0) is not None


def _children_stand_alone(section: Section) -> bool:
    """Whether each child of a section does, and cutting it gives just these."""
    if not section.children or not all(section.facts_of_children(_stands_alone)):
        return False
    column, in_sequence = section.column, section.in_sequence
    begin = _DASHED if in_sequence else _KEYED
    more = re.compile(rf"^(?: {{{column}}}{begin}| {{0,{max(column - 1, 0)}}}[^ \n\r#])", re.MULTILINE)
    return all(len(more.findall(text_of(child))) == 1 for child in section.children)
