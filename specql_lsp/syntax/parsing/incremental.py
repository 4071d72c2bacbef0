"""The sections of an edited text, of those before the edit: only what the edit touched is parsed.

Where a part that was touched parses without a problem, and ends where the next section begins, the parts before and
after it are what they were (``tests/syntax/test_incremental.py`` holds that). Everything else is for a parse of the
whole text to say: a problem, a document's mark, a change that concerns the structure around it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from specql_lsp.syntax.nodes import Entry, Mapping, Node, Sequence, shifted_entries
from specql_lsp.syntax.parsing.parse_piece import parse_piece
from specql_lsp.syntax.parsing.piece import Piece
from specql_lsp.syntax.parsing.recovery import mappings_by_indentation
from specql_lsp.syntax.parsing.sections import Section, has_special_characters, is_special, reassembled, sections_of
from specql_lsp.syntax.parsing.tree_sitter_adapter import may_be_deep
from specql_lsp.syntax.problems import SyntaxProblem
from specql_lsp.syntax.pyyaml import first_error
from specql_lsp.syntax.text import LineIndex, Span

MAX_LINES = 2_000
"""A part with more lines is parsed with the whole."""

_CONTENT = re.compile(r"(?:\A|(?<=[\n\r])) *(?=[^ \n\r#])")
_COMMENT_LINE = re.compile(r"(?:\A|(?<=[\n\r]))[ ]*(?:#[^\n\r]*)?(?:\r\n|\n|\r|\Z)")


class Edit(NamedTuple):
    """One replacement: ``[start, old_end)`` of the old text is ``[start, new_end)`` of the new one."""

    start: int
    old_end: int
    new_end: int


class _WholeError(Exception):
    """Only a parse of the whole text can say what the new text is."""


def difference(old: str, new: str) -> Edit:
    """The smallest replacement that makes ``new`` of ``old``; of whole lines where that is as small."""
    start = _common_prefix(old, new)
    end = _common_suffix(old, new, min(len(old), len(new)) - start)
    old_end, new_end = len(old) - end, len(new) - end
    column = start - max(new.rfind("\n", 0, start), new.rfind("\r", 0, start)) - 1
    if old[old_end - column : old_end] == new[new_end - column : new_end]:
        return Edit(start - column, old_end - column, new_end - column)
    return Edit(start, old_end, new_end)


def _common_prefix(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning, by halving: comparing is done by memcmp."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(one: str, other: str, most: int) -> int:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def edited(root: Section, old: str, new: str, *, is_of_events: bool = False) -> Section | None:
    """The sections of ``new``, of those of ``old``; None where the whole has to be parsed.

    Args:
        root: the sections of ``old``.
        old: the text before the edit.
        new: the text after it.
        is_of_events: whether ``old`` was read by PyYAML's rules, so that the new part has to be.
    """
    if not root.children:
        return None
    edit = difference(old, new)
    try:
        return _Editing(old, new, edit, is_of_events=is_of_events).section(root, 0, is_root=True)
    except _WholeError:
        return None


def guessed(root: Section, old: str, new: str) -> tuple[Section, tuple[Span, ...]] | None:
    """Sections of ``new`` and the parts among them that are not understood; None where even that cannot be said.

    To be used only until the whole has been parsed: what an edit broke, the parts around it do not show.
    """
    if not root.children:
        return None
    guessing = _Guessing(old, new, difference(old, new))
    try:
        sections = guessing.section(root, 0, is_root=True)
    except _WholeError:
        return None
    return (sections, tuple(guessing.problems)) if sections is not None else None


def _without_comments(head: str) -> str:
    """What comes before the content, without lines that say nothing."""
    return _COMMENT_LINE.sub("", head)


class _Editing:
    def __init__(self, old: str, text: str, edit: Edit, *, is_of_events: bool | None = False) -> None:
        self.old = old
        self.is_of_events = is_of_events
        """Whether all of it has to be read by PyYAML's rules, or none; None where parts stand for themselves."""
        self.text = text
        self.edit = edit
        self.by = edit.new_end - edit.old_end

    def section(self, section: Section, at: int, *, is_root: bool = False, may_end: bool = False) -> Section | None:
        """The section that begins at ``at``, edited within its children; None where the edit concerns more of it.

        Args:
            section: has children.
            at: where it begins, in both texts.
            is_root: whether it is the document.
            may_end: whether the edit may go up to the section's end, as what follows begins a line of its own.

        Raises:
            _WholeError: the whole text has to be parsed.
        """
        edit, starts, children = self.edit, section.starts, section.children
        end = at + section.length
        first, last = edit.start - at, edit.old_end - at
        if edit.old_end > end or (edit.old_end == end != len(self.old) and not may_end):
            return None
        if first < section.head:
            return self._new_head(section) if is_root and last < section.head else None
        # The children from i to j are touched; none where whole lines come between two of them.
        i, j = bisect_right(starts, first) - 1, bisect_right(starts, last) - 1
        if last == starts[j] and self._ends_line():
            j -= 1
        if i > j >= 0 and children[j].children:
            within = self.section(children[j], at + starts[j], may_end=True)
            if within is not None:
                return self._with(section, at, j, j, (within,))
        if i == j and children[i].children:
            within = self.section(children[i], at + starts[i])
            if within is not None:
                return self._with(section, at, i, j, (within,))
        stop = at + (starts[j] + children[j].length if j >= 0 else section.head) + self.by
        for begin in (i, i - 1)[: i + 1]:  # what does not begin with a child belongs to the child before it
            parsed = self.parsed(Span(at + starts[begin], stop), section, is_top=is_root)
            if parsed is not None:
                return self._with(section, at, begin, j, parsed)
        return None

    def _ends_line(self) -> bool:
        """Whether what is behind the edit begins a line, in the new text as in the old one."""
        end = self.edit.new_end
        return end == 0 or self.text[end - 1] in "\n\r"

    def _with(self, section: Section, at: int, i: int, j: int, parsed: tuple[Section, ...]) -> Section | None:
        return reassembled(section, at, (*section.children[:i], *parsed, *section.children[j + 1 :]))

    def _new_head(self, root: Section) -> Section:
        """The root after a change before the first section, where that is one of comments and empty lines."""
        before, after = self.old[: root.head], self.text[: root.head + self.by]
        if has_special_characters(after) or _without_comments(before) != _without_comments(after):
            raise _WholeError
        return Section(after, 0, root.length + self.by, head=len(after), column=root.column, children=root.children)

    def parsed(self, span: Span, parent: Section, *, is_top: bool) -> tuple[Section, ...] | None:
        """The sections of a part of the new text; None where it does not begin with a child of ``parent``."""
        text, column = self.text, parent.column
        part = text[span.start : span.end]
        if not part and span.end < len(text):
            return ()
        content = _CONTENT.match(part)
        if content is None or content.end() != column:
            return None
        if (
            is_special(part)
            or may_be_deep(part)
            or part.count("\n") > MAX_LINES
            or text[span.start - 1 : span.start + 1] == "\r\n"
            or text[span.end - 1 : span.end + 1] == "\r\n"
        ):
            raise _WholeError
        # A key or item is put behind the part, as in the whole: a block scalar at the end of a text ends elsewhere
        # than before a key; and where it is not found, something is left open.
        has_more = span.end < len(text)
        behind = " " * column + ("- _\n" if parent.in_sequence else "_:\n") if has_more else ""
        if has_more and part[-1:] not in {"\n", "\r"}:
            raise _WholeError
        piece = parse_piece(part + behind, span.start)
        if piece.problems or piece.document_count != 1 or piece.is_partial or not self._agrees(piece, part + behind):
            raise _WholeError
        root = piece.root
        if isinstance(root, Mapping) and not root.flow and not parent.in_sequence:
            entries = root.entries
            if has_more:
                if not entries or entries[-1].span.start != span.end + column:
                    raise _WholeError
                entries = entries[:-1]
            if not entries or entries[0].span.start != span.start + column:
                raise _WholeError
            collection: Mapping | Sequence = Mapping(Span(root.span.start, entries[-1].span.end), entries, flow=False)
        elif isinstance(root, Sequence) and not root.flow and parent.in_sequence:
            items = root.items
            if has_more:
                if not items or items[-1].span != Span(span.end + column + 2, span.end + column + 3):
                    raise _WholeError
                items = items[:-1]
            if root.span.start != span.start + column:
                raise _WholeError
            collection = Sequence(Span(root.span.start, items[-1].span.end if items else span.end), items, flow=False)
        else:
            raise _WholeError
        found = sections_of(text, span, collection, piece.anchored, is_top=is_top)
        if found is None:
            raise _WholeError
        return found[1]

    def _agrees(self, piece: Piece, text: str) -> bool:
        """Whether the reader of the whole reads a part: some texts tree-sitter alone reads, some PyYAML alone."""
        if self.is_of_events is None or piece.is_of_events == self.is_of_events:
            return True
        return self.is_of_events and (piece.is_simple or first_error(text) is None)


class Understanding:
    """Reads parts of a text by themselves, also those that have problems.

    Args:
        text: the whole text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._editing = _Editing("", text, Edit(0, 0, 0), is_of_events=None)

    def parsed(self, span: Span, parent: Section, *, is_top: bool) -> tuple[Section, ...] | None:
        """The sections of a part; None where it has problems, or does not begin with a child of ``parent``."""
        try:
            return self._editing.parsed(span, parent, is_top=is_top)
        except _WholeError:
            return None

    def understood(self, span: Span, *, in_sequence: bool) -> tuple[Section, tuple[SyntaxProblem, ...]]:
        """What can be read of a part that has problems, and these as far as the parser says more than that."""
        part = self.text[span.start : span.end]
        entries: tuple[Entry, ...] = ()
        items: tuple[Node, ...] = ()
        problems: tuple[SyntaxProblem, ...] = ()
        if part.count("\n") <= MAX_LINES:
            piece = parse_piece(part, span.start)
            root, problems = piece.root, piece.problems
            if isinstance(root, Sequence) and in_sequence:
                items = root.items
            elif isinstance(root, Mapping) and root.entries and not in_sequence:
                entries = root.entries
            elif not in_sequence:
                found = mappings_by_indentation(LineIndex(part))
                entries = shifted_entries(found[0].entries, span.start) if found else ()
        section = Section(part, span.start, len(part), entries=entries, items=items, is_understood=False)
        return section, problems


class _Guessing(_Editing):
    """Takes what can be read of a part that has problems."""

    def __init__(self, old: str, text: str, edit: Edit) -> None:
        super().__init__(old, text, edit, is_of_events=None)
        self.problems: list[Span] = []

    def parsed(self, span: Span, parent: Section, *, is_top: bool) -> tuple[Section, ...] | None:
        try:
            return super().parsed(span, parent, is_top=is_top)
        except _WholeError:
            self.problems.append(span)
            return (Understanding(self.text).understood(span, in_sequence=parent.in_sequence)[0],)
