"""One piece of text → nodes, by the quickest reader that reads it as PyYAML does. Never raises.

Simple lines are read without a parser, nearly everything else with tree-sitter, which finds structure in broken text,
too. What it refuses, or takes for something else, although it is valid YAML 1.1, is made of PyYAML's events.
"""

from __future__ import annotations

import re

from specql_lsp.syntax.parsing.piece import Piece
from specql_lsp.syntax.parsing.scalars import with_line_feeds
from specql_lsp.syntax.parsing.simple_blocks import read_simple
from specql_lsp.syntax.parsing.tree_sitter_adapter import parse_with_tree_sitter

_QUESTION_MARK = re.compile(r"[\[{,][ \t\r\n]*+\?[^ \t\r\n]")
_TAG = re.compile(r"(?:[ \t\r\n\[{,]|\A)![^ \t\r\n\[\]{},]*+[\[\]{},]")


def parse_piece(text: str, base: int) -> Piece:
    """Parses a text that begins at offset ``base`` of the whole."""
    return parse_simple(text, base) or parse_any(text, base)


def parse_simple(text: str, base: int) -> Piece | None:
    """As ``parse_piece``, where the text has nothing but simple lines; else None, which takes no time."""
    root = read_simple(text, base)
    return Piece(root, (), (), 1, lost=False, is_simple=True) if root is not None else None


def parse_any(text: str, base: int) -> Piece:
    """As ``parse_piece``, with a parser also where the text is simple."""
    as_lines = with_line_feeds(text)
    piece = parse_with_tree_sitter(as_lines, base)
    if not piece.problems and not piece.is_doubtful and not _may_be_misread(text):
        return piece
    from specql_lsp.syntax.parsing.event_nodes import parse_with_events

    found = parse_with_events(text, base)
    if found is not None:
        return found
    return piece if as_lines is text else parse_with_tree_sitter(text, base)


def _may_be_misread(text: str) -> bool:
    """Whether a text may have what YAML 1.1 and 1.2 both allow and read otherwise: ``[?a]`` and ``[!a, b]``."""
    return ("?" in text and _QUESTION_MARK.search(text) is not None) or ("!" in text and _TAG.search(text) is not None)
