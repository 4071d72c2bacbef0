"""Text → syntax tree: tree-sitter-yaml's tree turned into ``nodes``, with the errors it found. Never raises.

tree-sitter gives a tree for broken text. Where its root itself is an error, whole keys are lost, so the keys are
then read by indentation (``recovery``).
"""

from __future__ import annotations

import re
from bisect import bisect_left

from specql_lsp.syntax.nodes import Mapping
from specql_lsp.syntax.parsing.broken import LEAST_LINES, cut_broken, may_be_unfinished
from specql_lsp.syntax.parsing.incremental import edited, guessed
from specql_lsp.syntax.parsing.long_texts import MAX_ROWS, Pieces
from specql_lsp.syntax.parsing.recovery import mappings_by_indentation
from specql_lsp.syntax.parsing.sections import collection_of
from specql_lsp.syntax.parsing.tree_sitter_adapter import Piece, parse_piece
from specql_lsp.syntax.problems import SyntaxProblem
from specql_lsp.syntax.pyyaml import parse_events
from specql_lsp.syntax.text import LineIndex, Span
from specql_lsp.syntax.tree import SyntaxTree

_CLOSE_COMMENT = re.compile("[]}'\",]#")
_COMMENT = re.compile("#[^\n\r\x85\u2028\u2029]*")
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
    may_be_cut = lines.line_count >= LEAST_LINES
    if may_be_cut and may_be_unfinished(text):
        cut = _cut(text, lines, previous, only_sure=True)
        if cut is not None:
            return cut
    piece = parse_piece(text, 0)
    is_whole = False
    if piece.problems and _CLOSE_COMMENT.search(text) is not None:
        without = _without_close_comments(text)
        piece, is_whole = (without, True) if without is not None else (piece, False)
    if piece.problems and may_be_cut:
        cut = _cut(text, lines, previous, only_sure=False)
        if cut is not None:
            return cut
    root = piece.root
    lost = piece.lost or _loses_keys(text, piece.problems)
    if lost or (piece.problems and not isinstance(root, Mapping)):
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
        is_whole=is_whole or piece.is_partial,
        is_simple=piece.is_simple,
    )


def _cut(text: str, lines: LineIndex, previous: SyntaxTree | None, *, only_sure: bool) -> SyntaxTree | None:
    """The tree of a text with problems in a few places; None where there is no such one."""
    cut = cut_broken(text, previous.sections_by_text if previous is not None else {})
    if cut is None or (only_sure and not cut.is_sure):
        return None
    return SyntaxTree(text, lines, collection_of(cut.sections), cut.problems, sections=cut.sections)


def parse_edit(previous: SyntaxTree, text: str, lines: LineIndex | None = None) -> SyntaxTree | None:
    """The syntax tree of an edited text at the cost of the edit: that of ``parse(text)``.

    None where more of the text than single sections is concerned, or where the tree before has problems, which its
    sections do not say: then the text has to be parsed as a whole.
    """
    if previous.has_problems:
        return None
    sections = edited(previous.sections, previous.text, text)
    if sections is None:
        return None
    root = collection_of(sections)
    return SyntaxTree(text, lines or LineIndex(text), root, sections=sections)


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


def _without_close_comments(text: str) -> Piece | None:
    """What tree-sitter finds without comments right behind a bracket or quote (``{}#c``), which YAML 1.1 allows.

    None where there are other problems.
    """
    parsed = parse_events(text)
    if parsed.error is not None:
        return None
    pieces: list[str] = []
    at = 0
    for token in parsed.tokens:
        if token.end > max(at, token.start) and text.startswith("#", token.end):
            comment = _COMMENT.match(text, token.end)
            assert comment is not None  # noqa: S101 - it begins with its sign
            pieces += text[at : token.end], " " * len(comment.group())
            at = comment.end()
    piece = parse_piece("".join([*pieces, text[at:]]), 0)
    return None if piece.problems or piece.lost else piece


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
