"""Text → syntax tree: tree-sitter-yaml's tree turned into ``nodes``, with the errors it found. Never raises.

tree-sitter gives a tree for broken text. Where its root itself is an error, whole keys are lost, so the keys are
then read by indentation (``outline``).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import tree_sitter
import tree_sitter_yaml

from specql_lsp.syntax import scalars
from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Node, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.outline import read_outline
from specql_lsp.syntax.text import LineIndex, Span


class SyntaxProblem(NamedTuple):
    """A place that is not YAML. ``missing`` names what should stand there, where the parser knows."""

    span: Span
    missing: str | None = None


class TextEdit(NamedTuple):
    """A change of a text: ``span`` of the old text became ``new_text``."""

    span: Span
    new_text: str


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


_WIDE = re.compile(r"[^\x00-\x7f]")


@cache
def _kinds() -> _Kinds:
    return _Kinds(tree_sitter.Language(tree_sitter_yaml.language()))


class _Kinds:
    """tree-sitter's numbers of the node kinds, as comparing numbers is what makes the walk fast."""

    def __init__(self, language: tree_sitter.Language) -> None:
        def kind(name: str) -> int:
            found = language.id_for_node_kind(name, True)  # noqa: FBT003 - positional in tree-sitter's API
            assert found is not None  # noqa: S101 - a wrong name here is a mistake of ours
            return found

        self.language = language
        self.wrappers = frozenset({kind("block_node"), kind("flow_node")})
        self.pairs = frozenset({kind("block_mapping_pair"), kind("flow_pair")})
        self.block_mapping = kind("block_mapping")
        self.flow_mapping = kind("flow_mapping")
        self.block_sequence = kind("block_sequence")
        self.flow_sequence = kind("flow_sequence")
        self.block_item = kind("block_sequence_item")
        self.plain = kind("plain_scalar")
        self.single = kind("single_quote_scalar")
        self.double = kind("double_quote_scalar")
        self.block_scalar = kind("block_scalar")
        self.alias = kind("alias")
        self.anchor = kind("anchor")
        self.tag = kind("tag")
        self.comment = kind("comment")
        self.document = kind("document")


def parse(text: str) -> SyntaxTree:
    """The syntax tree of a text."""
    kinds = _kinds()
    # A lone surrogate (an editor's half of a pair) has no UTF-8; it counts as one replacement character instead.
    source = text.encode("utf-8", errors="surrogatepass")
    tree = tree_sitter.Parser(kinds.language).parse(source)
    lines = LineIndex(text)
    if len(source) == len(text):
        offset_of: Callable[[int], int] = int
    else:
        offset_of = _byte_map(text)
    root_node = tree.root_node
    problems = tuple(_problems(root_node, offset_of)) if root_node.has_error else ()
    if root_node.is_error:
        outline = read_outline(text, lines)
        return SyntaxTree(text, lines, outline, problems, broken=True, anchors={}, document_count=1)
    builder = _Builder(text, offset_of)
    documents = [c for c in root_node.named_children if c.kind_id == kinds.document]
    root: Node | None = None
    for document in documents:
        root = builder.content(document)
        if root is not None:
            break
    if root_node.has_error and not isinstance(root, Mapping):
        outline = read_outline(text, lines)
        if outline is not None:
            return SyntaxTree(text, lines, outline, problems, broken=True, anchors={}, document_count=1)
    return SyntaxTree(text, lines, root, problems, broken=False, anchors=builder.anchors, document_count=len(documents))


def _byte_map(text: str) -> Callable[[int], int]:
    """Byte offsets of UTF-8 → offsets in code points, by what each wide character adds."""
    wide_ends: list[int] = []
    extras: list[int] = []
    extra = 0
    for match in _WIDE.finditer(text):
        width = len(match.group().encode("utf-8", errors="surrogatepass"))
        extra += width - 1
        wide_ends.append(match.start() + extra + 1)
        extras.append(extra)

    def offset_of(byte: int) -> int:
        index = bisect_right(wide_ends, byte)
        return byte - extras[index - 1] if index else byte

    return offset_of


def _problems(root: tree_sitter.Node, offset_of: Callable[[int], int]) -> list[SyntaxProblem]:
    found: list[SyntaxProblem] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_missing:
            found.append(SyntaxProblem(Span(offset_of(node.start_byte), offset_of(node.end_byte)), node.type))
        elif node.is_error:
            found.append(SyntaxProblem(Span(offset_of(node.start_byte), offset_of(node.end_byte))))
        elif node.has_error:
            stack.extend(reversed(node.children))
    return found


class _Builder:
    """Turns tree-sitter's nodes into ours."""

    def __init__(self, text: str, offset_of: Callable[[int], int]) -> None:
        self.text = text
        self.offset_of = offset_of
        self.anchors: dict[str, Node] = {}
        self.kinds = _kinds()
        # A YAML bomb of nested flow collections must not exhaust the stack.
        self.depth = 0

    def content(self, document: tree_sitter.Node) -> Node | None:
        """The first node of a document that is content."""
        for child in document.named_children:
            if child.kind_id in self.kinds.wrappers:
                return self.node(child)
        return None

    def span(self, node: tree_sitter.Node) -> Span:
        return Span(self.offset_of(node.start_byte), self.offset_of(node.end_byte))

    def node(self, wrapper: tree_sitter.Node) -> Node | None:
        """A ``block_node`` or ``flow_node``: anchor, tag and what they belong to."""
        if self.depth > _MAX_DEPTH:
            return None
        kinds = self.kinds
        anchor: str | None = None
        tag: str | None = None
        built: Node | None = None
        self.depth += 1
        for child in wrapper.named_children:
            kind = child.kind_id
            if kind == kinds.plain:
                span = self.span(child)
                built = Scalar(span, scalars.plain(self.text[span.start : span.end]), ScalarStyle.PLAIN, tag)
            elif kind == kinds.block_mapping or kind == kinds.flow_mapping:
                built = self.mapping(child, flow=kind == kinds.flow_mapping)
            elif kind == kinds.single:
                span = self.span(child)
                raw = self.text[span.start : span.end]
                built = Scalar(span, scalars.single_quoted(raw), ScalarStyle.SINGLE_QUOTED, tag)
            elif kind == kinds.double:
                span = self.span(child)
                raw = self.text[span.start : span.end]
                built = Scalar(span, scalars.double_quoted(raw), ScalarStyle.DOUBLE_QUOTED, tag)
            elif kind == kinds.block_sequence or kind == kinds.flow_sequence:
                built = self.sequence(child, flow=kind == kinds.flow_sequence)
            elif kind == kinds.block_scalar:
                span = self.span(child)
                raw = self.text[span.start : span.end]
                style = ScalarStyle.FOLDED if raw.startswith(">") else ScalarStyle.LITERAL
                built = Scalar(span, scalars.block(raw), style, tag)
            elif kind == kinds.alias:
                span = self.span(child)
                built = Alias(span, self.text[span.start + 1 : span.end])
            elif kind == kinds.anchor:
                span = self.span(child)
                anchor = self.text[span.start + 1 : span.end]
            elif kind == kinds.tag:
                span = self.span(child)
                tag = self.text[span.start : span.end]
        self.depth -= 1
        if anchor is not None and built is not None:
            self.anchors[anchor] = built
        return built

    def mapping(self, node: tree_sitter.Node, *, flow: bool) -> Mapping:
        kinds = self.kinds
        entries: list[Entry] = []
        for child in node.named_children:
            if child.kind_id in kinds.pairs:
                entry = self.entry(child)
                if entry is not None:
                    entries.append(entry)
            elif flow and child.kind_id in kinds.wrappers:  # {a, b}: keys without values
                key = self.node(child)
                if key is not None:
                    entries.append(Entry(key.span, key, None))
        start = self.offset_of(node.start_byte)
        if flow or not entries:
            return Mapping(Span(start, self.offset_of(node.end_byte)), tuple(entries), flow)
        return Mapping(Span(start, entries[-1].span.end), tuple(entries), flow)

    def entry(self, pair: tree_sitter.Node) -> Entry | None:
        key: Node | None = None
        value: Node | None = None
        colon_end = pair.start_byte
        seen_colon = False
        for child in pair.children:
            if child.kind_id in self.kinds.wrappers:
                if seen_colon:
                    value = self.node(child)
                else:
                    key = self.node(child)
            elif child.type == ":":
                seen_colon = True
                colon_end = child.end_byte
        if key is None:
            return None
        end = value.span.end if value is not None else max(self.offset_of(colon_end), key.span.end)
        return Entry(Span(key.span.start, end), key, value)

    def sequence(self, node: tree_sitter.Node, *, flow: bool) -> Sequence:
        kinds = self.kinds
        items: list[Node] = []
        for child in node.named_children:
            kind = child.kind_id
            if kind == kinds.block_item:
                inner = next((c for c in child.named_children if c.kind_id in kinds.wrappers), None)
                item = self.node(inner) if inner is not None else None
                if item is not None:
                    items.append(item)
            elif kind in kinds.wrappers:
                item = self.node(child)
                if item is not None:
                    items.append(item)
            elif kind in kinds.pairs:  # [a: 1]: a mapping of one entry
                entry = self.entry(child)
                if entry is not None:
                    items.append(Mapping(entry.span, (entry,), flow=True))
        start = self.offset_of(node.start_byte)
        end = self.offset_of(node.end_byte) if flow or not items else items[-1].span.end
        return Sequence(Span(start, end), tuple(items), flow)


_MAX_DEPTH = 200
