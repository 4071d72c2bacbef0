"""tree-sitter-yaml's tree turned into ``nodes``: one parse of one piece of text. Never raises."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Node, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.parsing import scalars
from specql_lsp.syntax.parsing.block_scalars import block_end, block_value
from specql_lsp.syntax.parsing.piece import Anchored, Piece
from specql_lsp.syntax.problems import SyntaxProblem
from specql_lsp.syntax.text import Span

if TYPE_CHECKING:
    import tree_sitter

_NAME = re.compile("[0-9A-Za-z_-]+")
"""The name of an anchor as PyYAML takes it."""
_SIGN = re.compile(r"(?<![^ \t\r\n])#[^\r\n]*|[^ \t\r\n]+")
"""A comment, or the sign of an item or key without a node."""
_WIDE = re.compile(r"[^\x00-\x7f]")


def parse_with_tree_sitter(text: str, base: int) -> Piece:
    """Parses a text that begins at offset ``base`` of the whole."""
    deep = _too_deep(text)
    if deep is not None:
        return Piece(None, (SyntaxProblem(deep.shifted(base)),), (), 1, lost=True)
    import tree_sitter

    kinds = _kinds()
    # A lone surrogate (an editor's half of a pair) has no UTF-8 of its own, but it can be passed through.
    source = _without_marks(text).encode("utf-8", errors="surrogatepass")
    tree = _tree(tree_sitter.Parser(kinds.language), source)
    within = None if len(source) == len(text) else _byte_map(text)
    root_node = tree.root_node
    problems = tuple(_problems(root_node, base, within)) if root_node.has_error else ()
    if root_node.is_error:
        return Piece(None, problems, (), 1, lost=True)
    builder = _Builder(text, base, within, root_node)
    contents = builder.contents()
    count = sum(child.kind_id == kinds.document for child in root_node.named_children)
    root = contents[0] if contents else None
    return Piece(
        root,
        problems,
        tuple(builder.anchored),
        count,
        lost=False,
        further_roots=tuple(contents[1:]),
        is_partial=builder.is_partial or builder.deepest > _MAX_DEPTH // 2,
        is_doubtful=builder.is_doubtful,
    )


def _without_marks(text: str) -> str:
    """The text with another character, as long in UTF-8, for each byte order mark that does not begin it.

    tree-sitter-yaml refuses them; to PyYAML they are characters of a text as any other.
    """
    return text if text.isascii() or text.rfind("\ufeff") <= 0 else text[0] + text[1:].replace("\ufeff", "\ufffd")


def _tree(parser: tree_sitter.Parser, source: bytes) -> tree_sitter.Tree:
    """tree-sitter's tree. It holds the interpreter's lock while it parses, but for the callbacks of a long text.

    So other threads go on meanwhile: a parse of 30,000 lines takes 140 ms or more.
    """
    if len(source) <= _PORTION:
        return parser.parse(source)
    return parser.parse(
        lambda at, _: source[at : at + _PORTION] or None, progress_callback=lambda _at, _has_error: False
    )


_PORTION = 32_768
"""How many bytes are parsed without a callback."""


def _too_deep(text: str) -> Span | None:
    """The line at which blocks are nested deeper than tree-sitter-yaml can bear; None where none is.

    Past 252 levels its scanner writes beyond a buffer of 1,024 bytes, which ends the process.
    """
    if not may_be_deep(text):
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


def may_be_deep(text: str) -> bool:
    """Whether anything in a text may be nested too deep; quick to see."""
    return _LONG_INDENT.search("\n" + text.replace("\r", "\n")) is not None


_MAX_LEVELS = 240
_LONG_INDENT = re.compile(r"\n[ \t?:-]{100}")
"""Without such a line nothing can be nested too deep: a level takes a column at least. It begins with a fixed
character, as the regular expressions' engine skips to such a one: every parse searches its whole text."""
_LINE = re.compile(r"(?:^|(?<=\r))(?P<indent>[ \t]*)(?P<marks>(?:[-?:][ \t]+)*)(?=[^\s#])", re.MULTILINE)
_MARK = re.compile(r"[-?:]")


@cache
def _kinds() -> _Kinds:
    # Imported when they are needed: many a session meets simple texts only, and the server's start waits for imports.
    import tree_sitter
    import tree_sitter_yaml

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
        self.block = kind("block_scalar")
        self.scalars = frozenset({self.plain, self.single, self.double, self.block})
        self.alias = kind("alias")
        self.anchor = kind("anchor")
        self.tag = kind("tag")
        self.properties = frozenset({self.alias, self.anchor, self.tag})
        self.colon = kind(":", named=False)
        self.document = kind("document")


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


def _problems(root: tree_sitter.Node, base: int, within: Callable[[int], int] | None) -> list[SyntaxProblem]:
    found: list[SyntaxProblem] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_missing or node.is_error:
            found.append(SyntaxProblem(_span(node, base, within)))
        elif node.has_error:
            stack.extend(reversed(node.children))
    # What is missing may have no node: the end of a text that tree-sitter gave up in the middle.
    return found or [SyntaxProblem(_span(root, base, within))]


class _Builder:
    """Turns tree-sitter's nodes into ours.

    This is where loading a registry spends its time, so: one cursor walks the tree (a list of children a node costs
    double), its methods and the kinds are bound once, and ``_new`` makes the named tuples.
    """

    def __init__(self, text: str, base: int, within: Callable[[int], int] | None, root: tree_sitter.Node) -> None:
        kinds = _kinds()
        self.text = text
        self.base = base
        self.within = within
        self.anchored: list[Anchored] = []
        self.depth = 0
        self.deepest = 0
        self.is_partial = False
        self.is_doubtful = False
        self.cursor = root.walk()
        self.enter = self.cursor.goto_first_child
        self.next = self.cursor.goto_next_sibling
        self.leave = self.cursor.goto_parent
        self.kinds = kinds
        self.wrappers = kinds.wrappers
        self.pairs = kinds.pairs
        self.colon = kinds.colon
        self.block = kinds.block
        # What a scalar's text was read as, by its kind: keys and many values come again and again in a text, so
        # that they are read once and all their nodes share one string.
        self.known: dict[int, dict[str, tuple[str, ScalarStyle]]] = {kind: {} for kind in kinds.scalars}

    def contents(self) -> list[Node]:
        """The first node of each document that holds any; the cursor is at the root."""
        found: list[Node] = []
        if not self.enter():
            return found
        while True:
            if _kind_at(self.cursor) == self.kinds.document:
                root = self.content()
                if root is not None:
                    found.append(root)
            if not self.next():
                return found

    def content(self) -> Node | None:
        """The first node of the document at the cursor."""
        if not self.enter():
            return None
        while _kind_at(self.cursor) not in self.wrappers:
            if not self.next():
                self.leave()
                return None
        found = self.node()
        self.leave()
        return found

    def node(self) -> Node | None:
        """The node at a ``block_node`` or ``flow_node``: anchor, tag and the node that they belong to."""
        if self.depth > self.deepest:
            self.deepest = self.depth
        if self.depth > _MAX_DEPTH or not self.enter():
            return None
        anchor: str | None = None
        tag: str | None = None
        built: Node | None = None
        self.depth += 1
        while True:
            child = self.cursor.node
            assert child is not None  # noqa: S101 - the cursor is inside its tree
            kind = child.kind_id
            known = self.known.get(kind)
            if known is not None:  # a scalar: read here, as most nodes are, and a call for each one is felt
                start, end, base = child.start_byte, child.end_byte, self.base
                if self.within is not None:
                    start, end = self.within(start), self.within(end)
                if kind == self.block:  # what is behind its last text belongs to it only at the end of a text
                    end = block_end(self.text, start, end)
                raw = self.text[start:end]
                read = known.get(raw) if kind != self.block else self.block_scalar(start, end)
                if read is None:
                    read = known[raw] = self.read(kind, raw)
                built = _new(Scalar, (_new(Span, (base + start, base + end)), read[0], read[1], tag))
            elif kind in self.kinds.mappings:
                built = self.mapping(child, kind)
            elif kind in self.kinds.sequences:
                built = self.sequence(child, kind)
            elif kind in self.kinds.properties:
                span = self.span(child)
                raw = self.text[span.start - self.base : span.end - self.base]
                if kind != self.kinds.tag and _NAME.fullmatch(raw, 1) is None:
                    self.is_doubtful = True
                if kind == self.kinds.alias:
                    built = Alias(span, raw[1:])
                elif kind == self.kinds.anchor:
                    anchor = raw[1:]
                else:
                    tag = raw
            if not self.next():
                break
        self.leave()
        self.depth -= 1
        if tag is not None and isinstance(built, Mapping | Sequence):
            built = built._replace(tag=tag)
        if anchor is not None and built is not None:
            self.anchored.append(Anchored(anchor, built))
        return built

    def read(self, kind: int, raw: str) -> tuple[str, ScalarStyle]:
        """What the text of a scalar says."""
        kinds = self.kinds
        if kind == kinds.plain:
            return scalars.plain(raw), ScalarStyle.PLAIN
        if kind == kinds.single:
            return scalars.single_quoted(raw), ScalarStyle.SINGLE_QUOTED
        return scalars.double_quoted(raw), ScalarStyle.DOUBLE_QUOTED

    def block_scalar(self, start: int, end: int) -> tuple[str, ScalarStyle]:
        """As ``read``, of a block scalar: what is around it is a part of what it says."""
        style = ScalarStyle.FOLDED if self.text[start] == ">" else ScalarStyle.LITERAL
        return block_value(self.text, start, end), style

    def mapping(self, node: tree_sitter.Node, kind: int) -> Mapping:
        flow = kind == self.kinds.flow_mapping
        entries: list[Entry] = []
        if self.enter():
            while True:
                kind = _kind_at(self.cursor)
                if kind in self.pairs:
                    entry = self.entry()
                    if entry is not None:
                        entries.append(entry)
                elif kind in self.wrappers:  # {a, b}: keys without values
                    key = self.node()
                    if key is not None:
                        entries.append(Entry(key.span, key, None))
                if not self.next():
                    break
            self.leave()
        # A block mapping is said to go on to the next token; it ends with its last entry.
        return Mapping(self.block_span(node, entries) if not flow else self.span(node), tuple(entries), flow)

    def entry(self) -> Entry | None:
        if not self.enter():
            return None
        cursor, following, wrappers = self.cursor, self.next, self.wrappers
        key: Node | None = None
        value: Node | None = None
        colon: tree_sitter.Node | None = None
        while True:
            node = cursor.node
            assert node is not None  # noqa: S101 - the cursor is inside its tree
            kind = node.kind_id
            if kind in wrappers:
                if colon is None:
                    key = self.node()
                else:
                    value = self.node()
            elif kind == self.colon:
                colon = node
            if not following():
                break
        self.leave()
        if key is None:
            self.is_partial = True
            return None
        start, end = key.span
        if value is not None:
            end = value.span.end
        elif colon is not None:
            end = self.span(colon).end
        return _new(Entry, (_new(Span, (start, end)), key, value))

    def sequence(self, node: tree_sitter.Node, kind: int) -> Sequence:
        flow = kind == self.kinds.flow_sequence
        items: list[Node] = []
        if self.enter():
            while True:
                kind = _kind_at(self.cursor)
                item: Node | None = None
                if kind == self.kinds.block_item:
                    item = self.item()
                elif kind in self.wrappers:
                    item = self.node()
                elif kind in self.pairs:  # [a: 1]: a mapping of one entry
                    entry = self.entry()
                    item = Mapping(entry.span, (entry,), flow=True) if entry is not None else None
                if item is not None:
                    items.append(item)
                if not self.next():
                    break
            self.leave()
        return Sequence(self.block_span(node, items) if not flow else self.span(node), tuple(items), flow)

    def item(self) -> Node | None:
        found: Node | None = None
        if self.enter():
            while True:
                if _kind_at(self.cursor) in self.wrappers:
                    found = self.node()
                if not self.next():
                    break
            self.leave()
        return found

    def block_span(self, node: tree_sitter.Node, children: list[Entry] | list[Node]) -> Span:
        """The span of a block collection: up to its last child, or the last sign of one that has none."""
        start, end = self.span(node)
        if children:
            end = children[-1].span.end
        else:  # what is behind belongs to it at the end of a text only
            for sign in _SIGN.finditer(self.text, start - self.base, end - self.base):
                if sign.group()[0] != "#":
                    end = self.base + sign.end()
        return _new(Span, (start, end))

    def span(self, node: tree_sitter.Node) -> Span:
        """The span of a node in the whole text."""
        return _span(node, self.base, self.within)


def _span(node: tree_sitter.Node, base: int, within: Callable[[int], int] | None) -> Span:
    """A node's bytes within its piece → code points within the whole text."""
    if within is None:
        return Span(base + node.start_byte, base + node.end_byte)
    return Span(base + within(node.start_byte), base + within(node.end_byte))


def _kind_at(cursor: tree_sitter.TreeCursor) -> int:
    node = cursor.node
    assert node is not None  # noqa: S101 - the cursor is inside its tree
    return node.kind_id


_new = tuple.__new__
"""Makes a named tuple in half the time of its own constructor, which is a Python function."""

_MAX_DEPTH = 200
"""Deeper nesting than any person writes: it must not exhaust the stack."""
