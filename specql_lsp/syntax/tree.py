"""The syntax tree of a text: nodes of every YAML document, problems, anchors, comments; and its sections."""

from __future__ import annotations

from collections.abc import Sequence

from specql_lsp.lazily import lazily
from specql_lsp.syntax.comments import comments_of
from specql_lsp.syntax.merging import Merging, may_merge, resolved
from specql_lsp.syntax.nodes import Alias, Mapping, Node, find, shifted
from specql_lsp.syntax.parsing.piece import Anchored
from specql_lsp.syntax.parsing.sections import Placed, Section, cut, known_sections, undivided
from specql_lsp.syntax.problems import SyntaxProblem
from specql_lsp.syntax.text import LineIndex, Span


class SyntaxTree:
    """A parsed text; never changed. Spans are those of the text: code points from 0.

    Attributes:
        text: the whole text.
        lines: its lines.
        root: the node of the first YAML document; None where the text holds none.
        further_roots: the nodes of the documents behind the first, which SpecQL does not read.
        problems: the places that are not YAML to the parser.
        broken: whether the parser lost the structure, so that ``root`` was read by indentation.
        document_count: how many YAML documents there are, empty ones included.
        is_simple: whether it is known to be a text of simple lines (``parsing.simple_blocks``).
        is_of_events: whether it was read by PyYAML's rules, as tree-sitter refuses it (``parsing.event_nodes``).

    Args:
        anchored: every node with an anchor, in the order in which the parser completed them.
        sections: the sections where they are known already; ``root`` is assembled from them.
        is_whole: whether the text can only be parsed as a whole.
    """

    def __init__(
        self,
        text: str,
        lines: LineIndex,
        root: Node | None,
        problems: tuple[SyntaxProblem, ...] = (),
        *,
        broken: bool = False,
        anchored: Sequence[Anchored] = (),
        document_count: int = 1,
        further_roots: tuple[Node, ...] = (),
        sections: Section | None = None,
        is_whole: bool = False,
        is_simple: bool = False,
        is_of_events: bool = False,
    ) -> None:
        self.text = text
        self.lines = lines
        self.root = root
        self.problems = problems
        self.broken = broken
        self.document_count = document_count
        self.further_roots = further_roots
        self.is_simple = is_simple
        self.is_of_events = is_of_events
        self._anchored = tuple(anchored)
        self._known_sections = sections
        self._is_whole = is_whole

    @property
    def roots(self) -> tuple[Node, ...]:
        """The node of every YAML document that holds any."""
        return (self.root, *self.further_roots) if self.root is not None else self.further_roots

    @property
    def has_problems(self) -> bool:
        """Whether anything in it is not YAML."""
        return bool(self.problems)

    # Sections

    @lazily
    def sections(self) -> Section:
        """The first document cut into sections; without children where it cannot be cut.

        Sections of an edited text are the same objects as before the edit where their text was not touched.
        """
        if self._known_sections is not None:
            return self._known_sections
        is_clean = not self.problems and not self.broken and self.document_count == 1 and not self._is_whole
        found = cut(self.text, self.root, self._anchored) if is_clean else None
        return found or undivided(self.text, self.root, self._anchored)

    @lazily
    def sections_by_text(self) -> dict[str, Section]:
        """The sections of a text without problems by their text, for a text with problems to be made of."""
        return known_sections(self.sections)

    @property
    def is_edited(self) -> bool:
        """Whether it was made of the tree before an edit, so that most of what is asked of its sections is known."""
        return self._known_sections is not None

    @property
    def knows_sections(self) -> bool:
        """Whether the sections are known already, so that asking for them costs nothing."""
        return self.is_edited or "sections" in self.__dict__

    @property
    def placed(self) -> Placed:
        """The sections with their place in the text."""
        return Placed(self.sections, 0)

    # Anchors and what they are merged into

    @lazily
    def anchors(self) -> dict[str, Node]:
        """The nodes with an anchor, by its name; the last one of those that share a name."""
        if self._known_sections is None:
            return {each.name: each.node for each in self._anchored}
        found: dict[str, Node] = {}
        for each, by in self._known_sections.anchored_nodes():
            # The very node of the root; one that the root lacks, as a key without a text does, is made.
            node = find(self.root, each.node.span.shifted(by), type(each.node))
            found[each.name] = shifted(each.node, by) if node is None else node
        return found

    def anchor_span(self, name: str) -> Span | None:
        """Where an anchor is written, its ``&`` included: before its node, nearer than any other text of that name."""
        node = self.anchors.get(name)
        at = self.text.rfind(f"&{name}", 0, node.span.start) if node is not None else -1
        return Span(at, at + len(name) + 1) if at >= 0 else None

    @lazily
    def merging(self) -> Merging:
        """The mappings as PyYAML reads them."""
        return Merging(self.anchors, may_merge=may_merge(self.text))

    def resolve(self, node: Node | None) -> Node | None:
        """The node itself, or the node that an alias refers to; None for an alias without an anchor."""
        return resolved(node, self.anchors) if isinstance(node, Alias) else node

    def mapping(self, node: Node | None) -> Mapping | None:
        """The mapping that ``node`` is or refers to, as PyYAML reads it: with what it merges and its aliases resolved.

        For what is written there, and so for edits, see ``written_mapping``.
        """
        if isinstance(node, Alias):
            node = resolved(node, self.anchors)
        return self.merging.read(node) if isinstance(node, Mapping) else None

    def written_mapping(self, node: Node | None) -> Mapping | None:
        """The mapping that ``node`` is or refers to, with the entries that are written in it."""
        found = resolved(node, self.anchors)
        return found if isinstance(found, Mapping) else None

    # Text

    def raw(self, node: Node) -> str:
        """The text of a node as written."""
        return self.text[node.span.start : node.span.end]

    @lazily
    def comments(self) -> tuple[Span, ...]:
        """Every comment, from its sign to the end of its line, in the order of the text."""
        return comments_of(self.text, self.roots)
