"""tree-sitter-yaml's tree turned into ``nodes``: one parse of one piece of text. Never raises."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import tree_sitter
import tree_sitter_yaml

from specql_lsp.syntax import scalars
from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Node, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.text import Span

_WIDE = re.compile(r"[^\x00-\x7f]")


class SyntaxProblem(NamedTuple):
    """A place that is not YAML. ``missing`` names what should stand there, where the parser knows."""

    span: Span
    missing: str | None = None


class Piece(NamedTuple):
    """What one run of tree-sitter gave; ``lost`` where its root itself is an error."""

    root: Node | None
    problems: tuple[SyntaxProblem, ...]
    anchors: dict[str, Node]
    document_count: int
    lost: bool


def parse_piece(text: str, base: int) -> Piece:
    """Parses a text that begins at offset ``base`` of the whole."""
    deep = _too_deep(text)
    if deep is not None:
        return Piece(None, (SyntaxProblem(deep.shifted(base)),), {}, 1, lost=True)
    kinds = _kinds()
    # A lone surrogate (an editor's half of a pair) has no UTF-8 of its own, but it can be passed through.
    source = text.encode("utf-8", errors="surrogatepass")
    tree = tree_sitter.Parser(kinds.language).parse(source)
    offsets = _Offsets(base, None if len(source) == len(text) else _byte_map(text))
    root_node = tree.root_node
    problems = tuple(_problems(root_node, offsets)) if root_node.has_error else ()
    if root_node.is_error:
        return Piece(None, problems, {}, 1, lost=True)
    builder = _Builder(text, offsets)
    documents = [c for c in root_node.named_children if c.kind_id == kinds.document]
    root: Node | None = None
    for document in documents:
        root = builder.content(document)
        if root is not None:
            break
    return Piece(root, problems, builder.anchors, len(documents), lost=False)


def _too_deep(text: str) -> Span | None:
    """The line at which blocks are nested deeper than tree-sitter-yaml can bear; None where none is.

    Past 252 levels its scanner writes beyond a buffer of 1,024 bytes, which ends the process.
    """
    if _LONG_INDENT.search(text) is None:
        return None
    columns: list[int] = []
    for match in _LINE.finditer(text):
        column = match.end("indent") - match.start("indent")
        while columns and columns[-1] >= column:
            columns.pop()
        columns.append(column)
        columns.extend(column + 1 + n for n in range(len(_MARK.findall(match.group("marks")))))
        if 2 * len(columns) > _MAX_LEVELS:  # a mapping and a sequence can begin at one column
            return Span(match.start(), match.end())
    return None


_MAX_LEVELS = 240
_LONG_INDENT = re.compile(r"[ \t?:-]{100}")
"""Without such a run nothing can be nested too deep: a level takes a column at least."""
_LINE = re.compile(r"(?:^|(?<=\r))(?P<indent>[ \t]*)(?P<marks>(?:[-?:][ \t]+)*)(?=[^\s#])", re.MULTILINE)
_MARK = re.compile(r"[-?:]")


@cache
def _kinds() -> _Kinds:
    return _Kinds(tree_sitter.Language(tree_sitter_yaml.language()))


class _Kinds:
    """tree-sitter's numbers of the node kinds, as comparing numbers is what makes the walk fast."""

    def __init__(self, language: tree_sitter.Language) -> None:
        def kind(name: str, *, named: bool = True) -> int:
            found = language.id_for_node_kind(name, named)
            assert found is not None  # noqa: S101 - a wrong name here is a mistake of ours
            return found

        self.language = language
        self.wrappers = frozenset({kind("block_node"), kind("flow_node")})
        self.pairs = frozenset({kind("block_mapping_pair"), kind("flow_pair")})
        self.flow_mapping = kind("flow_mapping")
        self.mappings = frozenset({kind("block_mapping"), self.flow_mapping})
        self.flow_sequence = kind("flow_sequence")
        self.sequences = frozenset({kind("block_sequence"), self.flow_sequence})
        self.block_item = kind("block_sequence_item")
        self.plain = kind("plain_scalar")
        self.single = kind("single_quote_scalar")
        self.double = kind("double_quote_scalar")
        self.scalars = frozenset({self.plain, self.single, self.double, kind("block_scalar")})
        self.alias = kind("alias")
        self.anchor = kind("anchor")
        self.properties = frozenset({self.alias, self.anchor, kind("tag")})
        self.colon = kind(":", named=False)
        self.document = kind("document")


class _Offsets:
    """tree-sitter's byte offsets within a piece → offsets in code points within the whole text."""

    def __init__(self, base: int, within: Callable[[int], int] | None) -> None:
        self._base = base
        self._within = within

    def span(self, node: tree_sitter.Node) -> Span:
        """The span of a node in the whole text."""
        base, within = self._base, self._within
        if within is None:
            return Span(base + node.start_byte, base + node.end_byte)
        return Span(base + within(node.start_byte), base + within(node.end_byte))

    def local(self, node: tree_sitter.Node) -> slice:
        """The slice of a node in the piece's own text."""
        within = self._within
        if within is None:
            return slice(node.start_byte, node.end_byte)
        return slice(within(node.start_byte), within(node.end_byte))


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


def _problems(root: tree_sitter.Node, offsets: _Offsets) -> list[SyntaxProblem]:
    found: list[SyntaxProblem] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_missing:
            found.append(SyntaxProblem(offsets.span(node), node.type))
        elif node.is_error:
            found.append(SyntaxProblem(offsets.span(node)))
        elif node.has_error:
            stack.extend(reversed(node.children))
    return found


class _Builder:
    """Turns tree-sitter's nodes into ours, with one cursor over the tree: a list of children a node costs double."""

    def __init__(self, text: str, offsets: _Offsets) -> None:
        self.text = text
        self.span = offsets.span
        self.local = offsets.local
        self.anchors: dict[str, Node] = {}
        self.kinds = _kinds()
        self.depth = 0

    def content(self, document: tree_sitter.Node) -> Node | None:
        """The first node of a document that is content."""
        for child in document.named_children:
            if child.kind_id in self.kinds.wrappers:
                return self.node(child.walk())
        return None

    def node(self, cursor: tree_sitter.TreeCursor) -> Node | None:
        """What stands at a ``block_node`` or ``flow_node``: anchor, tag and the node that they belong to."""
        if self.depth > _MAX_DEPTH or not cursor.goto_first_child():
            return None
        kinds = self.kinds
        anchor: str | None = None
        tag: str | None = None
        built: Node | None = None
        self.depth += 1
        while True:
            child = cursor.node
            assert child is not None  # noqa: S101 - the cursor is inside its tree
            kind = child.kind_id
            if kind in kinds.scalars:
                built = self.scalar(child, kind, tag)
            elif kind in kinds.mappings:
                built = self.mapping(cursor, child)
            elif kind in kinds.sequences:
                built = self.sequence(cursor, child)
            elif kind in kinds.properties:
                span = self.span(child)
                raw = self.text[self.local(child)]
                if kind == kinds.alias:
                    built = Alias(span, raw[1:])
                elif kind == kinds.anchor:
                    anchor = raw[1:]
                else:
                    tag = raw
            if not cursor.goto_next_sibling():
                break
        cursor.goto_parent()
        self.depth -= 1
        if anchor is not None and built is not None:
            self.anchors[anchor] = built
        return built

    def scalar(self, node: tree_sitter.Node, kind: int, tag: str | None) -> Scalar:
        span = self.span(node)
        raw = self.text[self.local(node)]
        kinds = self.kinds
        if kind == kinds.plain:
            return Scalar(span, scalars.plain(raw), ScalarStyle.PLAIN, tag)
        if kind == kinds.single:
            return Scalar(span, scalars.single_quoted(raw), ScalarStyle.SINGLE_QUOTED, tag)
        if kind == kinds.double:
            return Scalar(span, scalars.double_quoted(raw), ScalarStyle.DOUBLE_QUOTED, tag)
        style = ScalarStyle.FOLDED if raw.startswith(">") else ScalarStyle.LITERAL
        return Scalar(span, scalars.block(raw), style, tag)

    def mapping(self, cursor: tree_sitter.TreeCursor, node: tree_sitter.Node) -> Mapping:
        kinds = self.kinds
        flow = node.kind_id == kinds.flow_mapping
        entries: list[Entry] = []
        if cursor.goto_first_child():
            while True:
                kind = _kind_at(cursor)
                if kind in kinds.pairs:
                    entry = self.entry(cursor)
                    if entry is not None:
                        entries.append(entry)
                elif kind in kinds.wrappers:  # {a, b}: keys without values
                    key = self.node(cursor)
                    if key is not None:
                        entries.append(Entry(key.span, key, None))
                if not cursor.goto_next_sibling():
                    break
            cursor.goto_parent()
        span = self.span(node)
        # A block mapping is said to go on to the next token; it ends with its last entry.
        return Mapping(span if flow or not entries else Span(span.start, entries[-1].span.end), tuple(entries), flow)

    def entry(self, cursor: tree_sitter.TreeCursor) -> Entry | None:
        kinds = self.kinds
        key: Node | None = None
        value: Node | None = None
        colon: tree_sitter.Node | None = None
        if not cursor.goto_first_child():
            return None
        while True:
            kind = _kind_at(cursor)
            if kind in kinds.wrappers:
                if colon is None:
                    key = self.node(cursor)
                else:
                    value = self.node(cursor)
            elif kind == kinds.colon:
                colon = cursor.node
            if not cursor.goto_next_sibling():
                break
        cursor.goto_parent()
        if key is None:
            return None
        end = value.span.end if value is not None else self.span(colon).end if colon is not None else key.span.end
        return Entry(Span(key.span.start, end), key, value)

    def sequence(self, cursor: tree_sitter.TreeCursor, node: tree_sitter.Node) -> Sequence:
        kinds = self.kinds
        flow = node.kind_id == kinds.flow_sequence
        items: list[Node] = []
        if cursor.goto_first_child():
            while True:
                kind = _kind_at(cursor)
                item: Node | None = None
                if kind == kinds.block_item:
                    item = self.item(cursor)
                elif kind in kinds.wrappers:
                    item = self.node(cursor)
                elif kind in kinds.pairs:  # [a: 1]: a mapping of one entry
                    entry = self.entry(cursor)
                    item = Mapping(entry.span, (entry,), flow=True) if entry is not None else None
                if item is not None:
                    items.append(item)
                if not cursor.goto_next_sibling():
                    break
            cursor.goto_parent()
        span = self.span(node)
        return Sequence(span if flow or not items else Span(span.start, items[-1].span.end), tuple(items), flow)

    def item(self, cursor: tree_sitter.TreeCursor) -> Node | None:
        found: Node | None = None
        if cursor.goto_first_child():
            while True:
                if _kind_at(cursor) in self.kinds.wrappers:
                    found = self.node(cursor)
                if not cursor.goto_next_sibling():
                    break
            cursor.goto_parent()
        return found


def _kind_at(cursor: tree_sitter.TreeCursor) -> int:
    node = cursor.node
    assert node is not None  # noqa: S101 - the cursor is inside its tree
    return node.kind_id


# Deeper nesting than any person writes: it must not exhaust the stack.
_MAX_DEPTH = 200
