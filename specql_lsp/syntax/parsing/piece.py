"""What the readers of YAML give for one piece of text: ``simple_blocks``, ``tree_sitter_adapter``, ``event_nodes``."""

from __future__ import annotations

from typing import NamedTuple

from specql_lsp.syntax.nodes import Node
from specql_lsp.syntax.problems import SyntaxProblem


class Anchored(NamedTuple):
    """A node with an anchor."""

    name: str
    node: Node


class Piece(NamedTuple):
    """What a reader made of a text; ``lost`` where not even its structure is understood."""

    root: Node | None
    problems: tuple[SyntaxProblem, ...]
    anchored: tuple[Anchored, ...]
    """The nodes with an anchor, in the order in which they were completed."""
    document_count: int
    lost: bool
    further_roots: tuple[Node, ...] = ()
    """The contents of the documents behind the one of ``root``; empty documents have none."""
    is_partial: bool = False
    """Whether nodes do not hold all of it: an entry without a key, or nesting that may be deeper than what is read."""
    is_doubtful: bool = False
    """Whether there is an anchor or alias whose name PyYAML ends before tree-sitter does, as in ``&a: b``."""
    is_simple: bool = False
    """Whether it is a text of simple lines (``simple_blocks``)."""
    is_of_events: bool = False
    """Whether it is made of PyYAML's events (``event_nodes``)."""
