"""Text → syntax tree: what ``parse_piece`` gives for the whole or for its parts, with the errors found. Never raises.

tree-sitter gives a tree for broken text. Where its root itself is an error, whole keys are lost, so the text is then
cut by its lines (``broken``), or where it cannot be, the keys are read by indentation (``recovery``).
"""

from __future__ import annotations

import re
from bisect import bisect_left

from specql_lsp.syntax.nodes import Mapping
from specql_lsp.syntax.parsing.broken import LEAST_LINES, MANY_LINES, BrokenText, cut_broken, may_be_unfinished
from specql_lsp.syntax.parsing.incremental import edited, guessed
from specql_lsp.syntax.parsing.long_texts import MAX_ROWS, Pieces
from specql_lsp.syntax.parsing.parse_piece import parse_any, parse_simple
from specql_lsp.syntax.parsing.recovery import mappings_by_indentation
from specql_lsp.syntax.parsing.sections import MIN_DIVIDED_LINES, collection_of
from specql_lsp.syntax.parsing.unclosed import parse_unclosed
from specql_lsp.syntax.problems import SyntaxProblem
from specql_lsp.syntax.text import LineIndex, Span
from specql_lsp.syntax.tree import SyntaxTree

_TOP_LEVEL_KEY = re.compile(r"^[A-Za-z_\"'][^:\n\r]*:(?=\s|\Z)", re.MULTILINE)


def parse(text: str, lines: LineIndex | None = None, previous: SyntaxTree | None = None) -> SyntaxTree:
    """The syntax tree of a text.

    Args:
        text: the text.
        lines: its index of lines if there is one already.
        previous: the tree of a text without problems that may have sections in common; the answer is the same without.
    """
    if lines is None:
        lines = LineIndex(text)
    if lines.line_count > MAX_ROWS:
        return _parse_in_pieces(text, lines)
    unclosed = parse_unclosed(text)
    if unclosed is not None and unclosed.problems:
        return SyntaxTree(text, lines, unclosed.root, unclosed.problems, broken=True)
    may_be_cut = lines.line_count >= LEAST_LINES
    is_unfinished = may_be_cut and may_be_unfinished(text)
    broken = _cut(text, previous) if is_unfinished else None
    if broken is not None and broken.is_sure:
        return _tree_of(text, lines, broken)
    piece = parse_simple(text, 0)
    if piece is None and may_be_cut and not is_unfinished and lines.line_count <= MANY_LINES:
        broken = _cut(text, previous)
        if broken is not None and broken.is_sure:
            return _tree_of(text, lines, broken)
    piece = piece or parse_any(text, 0)
    if piece.problems and may_be_cut:
        broken = broken or _cut(text, previous)
        if broken is not None:
            return _tree_of(text, lines, broken)
    root = piece.root
    lost = piece.lost or _loses_keys(text, piece.problems)
    if lost or (piece.problems and not isinstance(root, Mapping)):
        broken = None if may_be_cut else _cut(text, previous, least=0)
        if broken is not None:
            return _tree_of(text, lines, broken)
        found = mappings_by_indentation(lines)
        if found or lost:
            return SyntaxTree(
                text,
                lines,
                found[0] if found else None,
                piece.problems,
                broken=True,
                document_count=max(len(found), 1),
                further_roots=tuple(found[1:]),
            )
    return SyntaxTree(
        text,
        lines,
        root,
        piece.problems,
        anchored=piece.anchored,
        document_count=piece.document_count,
        further_roots=piece.further_roots,
        is_whole=piece.is_partial,
        is_simple=piece.is_simple,
        is_of_events=piece.is_of_events,
    )


def _cut(text: str, previous: SyntaxTree | None, *, least: int = MIN_DIVIDED_LINES) -> BrokenText | None:
    """The sections of a text with problems in a few places; None if there is no such one."""
    return cut_broken(text, previous.sections_by_text if previous is not None else {}, least=least)


def _tree_of(text: str, lines: LineIndex, broken: BrokenText) -> SyntaxTree:
    return SyntaxTree(text, lines, collection_of(broken.sections), broken.problems, sections=broken.sections)


def parse_edit(previous: SyntaxTree, text: str, lines: LineIndex | None = None) -> SyntaxTree | None:
    """The syntax tree of an edited text at the cost of the edit: that of ``parse(text)``.

    None where more of the text than single sections is concerned, or where the tree before has problems, which its
    sections do not say: then the text has to be parsed as a whole.
    """
    if previous.has_problems:
        return None
    sections = edited(previous.sections, previous.text, text, is_of_events=previous.is_of_events)
    if sections is None:
        return None
    root = collection_of(sections)
    return SyntaxTree(text, lines or LineIndex(text), root, sections=sections, is_of_events=previous.is_of_events)


def parse_meanwhile(previous: SyntaxTree | None, text: str, lines: LineIndex) -> SyntaxTree:
    """A tree to answer from until the whole text has been parsed: what surrounds an edit is as it was before it.

    It is never checked: it has problems that the text may not have. Without a tree before, it is empty.
    """
    known = guessed(previous.sections, previous.text, text) if previous is not None else None
    if known is None:
        return SyntaxTree(text, lines, None, (SyntaxProblem(Span(0, len(text))),), broken=True)
    sections, spans = known
    problems = tuple(SyntaxProblem(span) for span in spans or (Span(0, len(text)),))
    return SyntaxTree(text, lines, collection_of(sections), problems, sections=sections)


def _loses_keys(text: str, problems: tuple[SyntaxProblem, ...]) -> bool:
    """Whether a key of the top level lies in a part that was not understood, so that the mapping lacks it."""
    if not problems:
        return False
    keys = [match.start() for match in _TOP_LEVEL_KEY.finditer(text)]
    return any(bisect_left(keys, start) < bisect_left(keys, end) for (start, end), _ in problems)


def _parse_in_pieces(text: str, lines: LineIndex) -> SyntaxTree:
    """Parses a text with more rows than tree-sitter-yaml can count: block by block, by indentation."""
    pieces = Pieces(text, lines)
    root = pieces.mapping(0, lines.line_count)
    return SyntaxTree(text, lines, root, tuple(pieces.problems), broken=root is None, anchored=pieces.anchored)
