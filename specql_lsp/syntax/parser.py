"""Text → syntax tree: tree-sitter-yaml's tree turned into ``nodes``, with the errors it found. Never raises.

tree-sitter gives a tree for broken text. Where its root itself is an error, whole keys are lost, so the keys are
then read by indentation (``outline``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from specql_lsp.lazily import lazily
from specql_lsp.syntax.merging import Merging, may_merge, resolved
from specql_lsp.syntax.nodes import Mapping, Node
from specql_lsp.syntax.parsing.pieces import MAX_ROWS, Pieces
from specql_lsp.syntax.parsing.recovery import read_outlines
from specql_lsp.syntax.parsing.tree_sitter_adapter import Piece, SyntaxProblem, parse_piece
from specql_lsp.syntax.pyyaml import parse_events
from specql_lsp.syntax.text import LineIndex

_CLOSE_COMMENT = re.compile("[]}'\",]#")
_COMMENT = re.compile("#[^\n\r\x85\u2028\u2029]*")
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

    merging: Merging = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "merging", Merging(self.anchors, may_merge=may_merge(self.text)))

    def resolve(self, node: Node | None) -> Node | None:
        """The node itself, or what an alias stands for; None for an alias without an anchor."""
        return resolved(node, self.anchors)

    def mapping(self, node: Node | None) -> Mapping | None:
        """The mapping that ``node`` is or stands for, as PyYAML reads it: with what it merges and what its aliases are.

        For what is written there, and so for edits, see ``written_mapping``.
        """
        found = resolved(node, self.anchors)
        return self.merging.read(found) if isinstance(found, Mapping) else None

    def written_mapping(self, node: Node | None) -> Mapping | None:
        """The mapping that ``node`` is or stands for, with the entries that are written in it."""
        found = resolved(node, self.anchors)
        return found if isinstance(found, Mapping) else None

    def raw(self, node: Node) -> str:
        """The text of a node as written."""
        return self.text[node.span.start : node.span.end]

    @lazily
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
    if piece.problems and _CLOSE_COMMENT.search(text) is not None:
        piece = _without_close_comments(text) or piece
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
