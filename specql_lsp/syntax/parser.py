"""Text → syntax tree: tree-sitter-yaml's tree turned into ``nodes``, with the errors it found. Never raises.

tree-sitter gives a tree for broken text. Where its root itself is an error, whole keys are lost, so the keys are
then read by indentation (``outline``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from specql_lsp.syntax.builder import SyntaxProblem, parse_piece
from specql_lsp.syntax.nodes import Alias, Mapping, Node
from specql_lsp.syntax.outline import read_outlines
from specql_lsp.syntax.pieces import MAX_ROWS, Pieces
from specql_lsp.syntax.text import LineIndex

_TOP_LEVEL_KEY = re.compile(r"^[A-Za-z_\"'][^:\n\r]*:(?=\s|\Z)", re.MULTILINE)


@dataclass(frozen=True)
class SyntaxTree:
    """A parsed document.

    ``root`` is the first YAML document's node (None where the text holds none); ``broken`` says that the parser
    lost the structure and the root was read by indentation.
    """

    text: str
    lines: LineIndex
    root: Node | None
    problems: tuple[SyntaxProblem, ...]
    broken: bool
    anchors: dict[str, Node]
    document_count: int
    further_roots: tuple[Node, ...] = ()
    """The nodes of the documents behind the one of ``root``, which SpecQL does not read."""

    def resolve(self, node: Node | None) -> Node | None:
        """The node itself, or what an alias stands for; None for an alias without an anchor."""
        seen: set[str] = set()
        while isinstance(node, Alias):
            if node.name in seen:
                return None
            seen.add(node.name)
            node = self.anchors.get(node.name)
        return node

    def mapping(self, node: Node | None) -> Mapping | None:
        """The mapping that ``node`` is or stands for."""
        node = self.resolve(node)
        return node if isinstance(node, Mapping) else None

    def raw(self, node: Node) -> str:
        """The text of a node as written."""
        return self.text[node.span.start : node.span.end]

    @cached_property
    def has_problems(self) -> bool:
        """Whether anything in it is not YAML."""
        return bool(self.problems)


def parse(text: str, lines: LineIndex | None = None) -> SyntaxTree:
    """The syntax tree of a text; ``lines`` is its index of lines where there is one already."""
    if lines is None:
        lines = LineIndex(text)
    if lines.line_count > MAX_ROWS:
        return _parse_in_pieces(text, lines)
    piece = parse_piece(text, 0)
    root = piece.root
    lost = piece.lost or _loses_keys(text, piece.problems)
    if lost or (piece.problems and not isinstance(root, Mapping)):
        outlines = read_outlines(lines)
        if outlines or lost:
            return SyntaxTree(
                text,
                lines,
                outlines[0] if outlines else None,
                piece.problems,
                broken=True,
                anchors={},
                document_count=max(len(outlines), 1),
                further_roots=tuple(outlines[1:]),
            )
    return SyntaxTree(
        text,
        lines,
        root,
        piece.problems,
        broken=False,
        anchors=piece.anchors,
        document_count=piece.document_count,
        further_roots=piece.further_roots,
    )


def _loses_keys(text: str, problems: tuple[SyntaxProblem, ...]) -> bool:
    """Whether a key of the top level lies in a part that was not understood, so that the mapping lacks it."""
    for problem in problems:
        key = _TOP_LEVEL_KEY.search(text, problem.span.start)
        if key is not None and key.start() < problem.span.end:
            return True
    return False


def _parse_in_pieces(text: str, lines: LineIndex) -> SyntaxTree:
    """Parses a text with more rows than tree-sitter-yaml can count: block by block, by indentation."""
    pieces = Pieces(text, lines)
    root = pieces.mapping(0, lines.line_count)
    return SyntaxTree(
        text, lines, root, tuple(pieces.problems), broken=root is None, anchors=pieces.anchors, document_count=1
    )
