"""What PyYAML refuses in a text that its parser accepts: the rules of its composer and its safe constructor.

Anchors and aliases, tags, merge keys, keys that cannot be hashed, and plain scalars that have the form of a number or
a date and are none. Nothing is built but a light graph of nodes, and that only where a text has anchors, tags, merge
keys or collections as keys. Linear in the text.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from specql_lsp.syntax.parsing import scalars
from specql_lsp.syntax.parsing.block_scalars import block_end, block_value
from specql_lsp.syntax.problems import SyntaxProblem
from specql_lsp.syntax.pyyaml.implicit_types import ImplicitType, implicit_type, value_of
from specql_lsp.syntax.pyyaml.tags import read_tag
from specql_lsp.syntax.pyyaml.tokens import Event, Kind, Token
from specql_lsp.syntax.pyyaml.validator import Parsed
from specql_lsp.syntax.text import Span

_B = "\n\r\x85\u2028\u2029"
_FOLD = re.compile(rf"[ \t]*(\r\n|[{_B}])[ \t]*((?:(?:\r\n|[{_B}])[ \t]*)*)")
_BREAK = re.compile(rf"\r\n|[{_B}]")
_NEEDS_CHECK = frozenset("0123456789-+.")
_SPECIAL = frozenset({"=", "<<"})
_NEEDS_NODE = _NEEDS_CHECK | {"=", "<"}
_PROPERTIES = frozenset({Kind.ANCHOR, Kind.TAG})
_VALUE_KEY = re.compile(r"=[ ]*:")
_GRAPH_KINDS = frozenset({Kind.ALIAS, Kind.ANCHOR, Kind.TAG})
_PREFIX = "tag:yaml.org,2002:"
_SCALAR_TAGS = {
    _PREFIX + kind.value: kind
    for kind in (
        ImplicitType.STRING,
        ImplicitType.INTEGER,
        ImplicitType.FLOAT,
        ImplicitType.BOOLEAN,
        ImplicitType.NULL,
        ImplicitType.TIMESTAMP,
    )
}
_STRING, _BINARY = _PREFIX + "str", _PREFIX + "binary"
_MAP, _SET, _SEQUENCE = _PREFIX + "map", _PREFIX + "set", _PREFIX + "seq"
_PAIRS = frozenset({_PREFIX + "omap", _PREFIX + "pairs"})
_MERGE, _VALUE = _PREFIX + "merge", _PREFIX + "value"
_UNHASHABLE = frozenset({_MAP, _SET, _SEQUENCE}) | _PAIRS
_NAMES = {ImplicitType.INTEGER: "a number", ImplicitType.FLOAT: "a number", ImplicitType.TIMESTAMP: "a date"}


def construction_problems(text: str, parsed: Parsed) -> Iterator[SyntaxProblem]:
    """What PyYAML refuses in the first document of a text without an error of the grammar."""
    if parsed.has_collection_keys or any(token.kind in _GRAPH_KINDS for token in parsed.tokens):
        yield from _Graph(text, parsed).problems()
        return
    found: list[SyntaxProblem] = []
    for token in parsed.tokens:
        if token.kind is Kind.SCALAR:
            character = text[token.start]
            if character in _NEEDS_CHECK:
                problem = _number_problem(text, token)
                if problem is not None:
                    found.append(problem)
            elif character in "=<" and text[token.start : token.end] in _SPECIAL:
                yield from _Graph(text, parsed).problems()
                return
    yield from found


def composition_problems(text: str, parsed: Parsed) -> Iterator[SyntaxProblem]:
    """What PyYAML's composer refuses before it comes to the error of the grammar that a text has."""
    if any(token.kind in _GRAPH_KINDS for token in parsed.tokens):
        yield from _Graph(text, parsed).composed()


def _number_problem(text: str, token: Token) -> SyntaxProblem | None:
    value = _value(text, token)
    return _scalar_problem(value, implicit_type(value), Span(token.start, token.end))


def _scalar_problem(value: str, kind: ImplicitType, span: Span, tag: str | None = None) -> SyntaxProblem | None:
    try:
        value_of(value, kind)
    except ValueError:
        if tag is not None:
            return SyntaxProblem(span, f"SpecQL's reader cannot read this as {tag}: take the tag away.")
        shown = value if len(value) <= 40 else value[:39] + "…"
        wanted = _NAMES.get(kind, "a value")
        return SyntaxProblem(span, f"SpecQL's reader takes {shown} for {wanted}, but it is none: quote it.")
    return None


def _value(text: str, token: Token) -> str:
    """The value of a scalar."""
    raw = text[token.start : token.end]
    if raw.startswith("'"):
        return scalars.single_quoted(raw)
    if raw.startswith('"'):
        return scalars.double_quoted(raw)
    if raw.startswith(("|", ">")):
        return block_value(text, token.start, block_end(text, token.start, token.end))
    return _FOLD.sub(_folded, raw) if _BREAK.search(raw) else raw


def _folded(match: re.Match[str]) -> str:
    first = match[1] if match[1] in "\u2028\u2029" else "" if match[2] else " "
    return first + "".join(b if b in "\u2028\u2029" else "\n" for b in _BREAK.findall(match[2]))


class Anchors(NamedTuple):
    """What a part of a document has to do with anchors, by their names: for a part without a problem of its own."""

    defined: tuple[tuple[str, bool, bool], ...] = ()
    """The anchors in it, each with whether its node can be a key, and whether it can be merged."""
    used: frozenset[str] = frozenset()
    """Those that its aliases refer to and that it does not define; likewise the next two."""
    as_keys: frozenset[str] = frozenset()
    merged: frozenset[str] = frozenset()


NO_ANCHORS = Anchors()


def anchors_of_part(text: str, parsed: Parsed) -> Anchors | None:
    """What a part of a document has to do with anchors; None where it has a problem, or may be one of the whole."""
    kinds = {token.kind for token in parsed.tokens}
    if not (parsed.has_collection_keys or kinds & _GRAPH_KINDS or _has_special_scalar(text, parsed)):
        return None if any(True for _ in construction_problems(text, parsed)) else NO_ANCHORS
    graph = _Graph(text, parsed, is_part=True)
    if graph.problems() or not graph.shares:
        return None
    defined = tuple(
        (name, node.shape is _Shape.SCALAR and node.tag not in {_MERGE, _VALUE}, _is_mapping(node))
        for name, node in graph.anchors.items()
    )
    external = graph.external
    return Anchors(
        defined,
        frozenset(node.value for node in external),
        frozenset(node.value for node in external if node.is_key),
        frozenset(node.value for node in external if node.is_merged),
    )


def _has_special_scalar(text: str, parsed: Parsed) -> bool:
    return any(
        token.kind is Kind.SCALAR and text[token.start] in "=<" and text[token.start : token.end] in _SPECIAL
        for token in parsed.tokens
    )


class _Shape(Enum):
    SCALAR = "a scalar"
    SEQUENCE = "a list"
    MAPPING = "a mapping"


class _Node:
    __slots__ = ("children", "shape", "span", "tag", "value", "written_tag")

    def __init__(self, shape: _Shape, tag: str, span: Span, value: str = "", written_tag: str | None = None) -> None:
        self.shape = shape
        self.tag = tag
        self.span = span
        self.value = value
        self.written_tag = written_tag
        self.children: list[_Node] = []
        """The items of a sequence; the keys and values of a mapping by turns."""

    def pairs(self) -> Iterator[tuple[_Node, _Node]]:
        return zip(self.children[::2], self.children[1::2], strict=True)


class _External(_Node):
    """What an alias refers to that another part of the document defines."""

    __slots__ = ("is_key", "is_merged")

    def __init__(self, name: str, span: Span) -> None:
        super().__init__(_Shape.SCALAR, _STRING, span, name)
        self.is_key = False
        self.is_merged = False


class _Unknown(_Node):
    """What an alias without an anchor refers to: that is said, and nothing else of it."""

    __slots__ = ()


_HARMLESS = _Node(_Shape.SCALAR, _STRING, Span(0, 0))
"""In place of every scalar that nothing can be wrong with, which most are."""


class _Graph:
    """The nodes of the first document, or of a part of it, composed and then looked at as the constructor would."""

    def __init__(self, text: str, parsed: Parsed, *, is_part: bool = False) -> None:
        self.is_part = is_part
        self.external: list[_External] = []
        self.text = text
        self.tokens = parsed.tokens
        self.handles = parsed.handles[0] if parsed.handles else {}
        self.events = parsed.events
        self.anchors: dict[str, _Node] = {}
        self.found: list[SyntaxProblem] = []
        # Where a mapping can be read as a scalar, by its key =, each scalar's own value may matter.
        self.shares = _VALUE_KEY.search(text) is None

    def problems(self) -> list[SyntaxProblem]:
        root = self._compose()
        if root is not None:
            self._construct(root)
        return self.found

    def composed(self) -> list[SyntaxProblem]:
        """The problems of anchors and aliases alone."""
        self._compose()
        return self.found

    # Composer

    def _compose(self) -> _Node | None:
        root: _Node | None = None
        open_nodes: list[_Node] = []
        for index, event in enumerate(self.events):
            if event.event is Event.DOCUMENT:
                if index:
                    break
                continue
            if event.event is Event.END:
                open_nodes.pop()
                continue
            if event.event is Event.ALIAS:
                node = self._alias(event.first)
            elif event.event is Event.SCALAR and self._is_harmless(event.first, event.token):
                node = _HARMLESS
            else:
                node = self._node(event.event, event.first, event.token)
            if open_nodes:
                open_nodes[-1].children.append(node)
            else:
                root = root or node
            if event.event in {Event.SEQUENCE, Event.MAPPING}:
                open_nodes.append(node)
        return root

    def _is_harmless(self, first: int, token: int | None) -> bool:
        """Whether a scalar has no anchor and no tag, and can be a key and a value wherever it is."""
        if token is None:
            return self.tokens[first].kind not in _PROPERTIES
        return token == first and self.shares and self.text[self.tokens[token].start] not in _NEEDS_NODE

    def _alias(self, index: int) -> _Node:
        token = self.tokens[index]
        name = self.text[token.start + 1 : token.end]
        node = self.anchors.get(name)
        if node is None and self.is_part:
            external = _External(name, Span(token.start, token.end))
            self.external.append(external)
            return external
        if node is None:
            message = f"No anchor &{name} is defined before this alias: define it, or quote the value if it is a text."
            self.found.append(SyntaxProblem(Span(token.start, token.end), message))
            return _Unknown(_Shape.SCALAR, _STRING, Span(token.start, token.end))
        return node

    def _node(self, event: Event, first: int, token: int | None) -> _Node:
        anchor: Token | None = None
        tag_token: Token | None = None
        for each in self.tokens[first : first + 2]:
            if each.kind is Kind.ANCHOR:
                anchor = anchor or each
            elif each.kind is Kind.TAG:
                tag_token = tag_token or each
            else:
                break
        tag, written = self._tag(tag_token)
        tag_span = Span(tag_token.start, tag_token.end) if tag_token else None
        at = self.tokens[first] if token is None else self.tokens[token]
        span = Span(at.start, at.end if token is not None else at.start)
        if token is None and anchor is not None:
            span = Span(at.start, at.end)
        span = tag_span or span  # what a tag makes wrong is put right by taking it away
        if event is Event.SCALAR:
            value = "" if token is None else _value(self.text, at)
            is_plain = token is None or self.text[at.start] not in "'\"|>"
            if tag in {None, "!"}:
                implicit = is_plain or tag == "!"
                tag = _PREFIX + implicit_type(value).value if implicit else _STRING
            node = _Node(_Shape.SCALAR, tag or _STRING, span, value, written)
        else:
            is_sequence = event is Event.SEQUENCE
            usual = _SEQUENCE if is_sequence else _MAP
            shape = _Shape.SEQUENCE if is_sequence else _Shape.MAPPING
            node = _Node(shape, usual if tag in {None, "!"} else tag or usual, span, "", written)
        if anchor is not None:
            self._register(anchor, node)
        return node

    def _tag(self, token: Token | None) -> tuple[str | None, str | None]:
        read = read_tag(self.text, token.start) if token is not None else None
        if token is None or read is None:
            return None, None
        prefix = self.handles.get(read.handle, "") if read.handle is not None else ""
        return prefix + read.suffix, self.text[token.start : token.end]

    def _register(self, anchor: Token, node: _Node) -> None:
        name = self.text[anchor.start + 1 : anchor.end]
        if name in self.anchors:
            message = f"The anchor &{name} is defined above already: give one another name."
            self.found.append(SyntaxProblem(Span(anchor.start, anchor.end), message))
        self.anchors[name] = node

    # Constructor

    def _construct(self, root: _Node) -> None:
        seen: set[int] = {id(root)}
        flattened: set[int] = set()
        pending = [root]
        while pending:
            node = pending.pop()
            for child in self._constructed(node, flattened):
                if id(child) not in seen:
                    seen.add(id(child))
                    pending.append(child)

    def _constructed(self, node: _Node, flattened: set[int]) -> list[_Node]:
        """What has to be constructed for a node."""
        tag = node.tag
        if tag in {_MAP, _SET}:
            return self._mapping(node, flattened) if self._has_shape(node, _Shape.MAPPING) else []
        if tag == _SEQUENCE:
            return node.children if self._has_shape(node, _Shape.SEQUENCE) else []
        if tag in _PAIRS:
            return self._pairs(node) if self._has_shape(node, _Shape.SEQUENCE) else []
        kind = _SCALAR_TAGS.get(tag)
        if kind is None and tag != _BINARY:
            self._refuse_tag(node)
            return []
        scalar = self._scalar_of(node)
        if scalar is None:
            self._has_shape(node, _Shape.SCALAR)
        elif kind is None:
            self._binary(node, scalar)
        else:
            problem = _scalar_problem(scalar.value, kind, node.span, node.written_tag)
            if problem is not None:
                self.found.append(problem)
        return []

    def _has_shape(self, node: _Node, shape: _Shape) -> bool:
        if node.shape is shape:
            return True
        message = f"SpecQL's reader cannot read {node.shape.value} as {node.written_tag}: take the tag away."
        self.found.append(SyntaxProblem(node.span, message))
        return False

    def _refuse_tag(self, node: _Node) -> None:
        if node.tag in {_MERGE, _VALUE} and node.written_tag is None:
            message = f"SpecQL's reader refuses {node.value} as a value: quote it."
        else:
            remedy = "take it away, or quote the value if it is a text"
            message = f"SpecQL's reader knows no tag {node.written_tag}: {remedy}."
        self.found.append(SyntaxProblem(node.span, message))

    def _scalar_of(self, node: _Node) -> _Node | None:
        """A scalar, or the value of ``=`` in a mapping, as PyYAML takes it."""
        for _ in range(len(self.events)):
            if node.shape is _Shape.SCALAR:
                return node
            following = next((v for k, v in node.pairs() if k.tag == _VALUE), None) if _is_mapping(node) else None
            if following is None:
                return None
            node = following
        return None

    def _binary(self, node: _Node, scalar: _Node) -> None:
        try:
            base64.decodebytes(scalar.value.encode("ascii"))
        except (UnicodeEncodeError, binascii.Error):
            message = f"SpecQL's reader cannot read this as {node.written_tag}: take the tag away."
            self.found.append(SyntaxProblem(node.span, message))

    def _mapping(self, node: _Node, flattened: set[int]) -> list[_Node]:
        """Keys and values of a mapping, those that it merges included."""
        wanted: list[_Node] = []
        mappings = [node]
        while mappings:
            mapping = mappings.pop()
            if id(mapping) in flattened:
                continue
            flattened.add(id(mapping))
            for key, value in mapping.pairs():
                if isinstance(key, _External):
                    key.is_key = True
                if key.tag == _MERGE:
                    mappings.extend(self._merged(key, value))
                    continue
                if key.tag == _VALUE:
                    key.tag = _STRING
                if key.tag in _UNHASHABLE:
                    self.found.append(
                        SyntaxProblem(key.span, "SpecQL's reader refuses a key that is a list or a mapping.")
                    )
                wanted += key, value
        return wanted

    def _merged(self, key: _Node, value: _Node) -> list[_Node]:
        several = value.children if value.shape is _Shape.SEQUENCE else [value]
        for each in several:
            if isinstance(each, _External):
                each.is_merged = True
        several = [each for each in several if not isinstance(each, _External | _Unknown)]
        if all(_is_mapping(each) for each in several):
            return several
        message = "SpecQL's reader merges mappings only: give << a mapping or an alias of one."
        self.found.append(SyntaxProblem(key.span, message))
        return []

    def _pairs(self, node: _Node) -> list[_Node]:
        wanted: list[_Node] = []
        for item in node.children:
            if not _is_mapping(item) or len(item.children) != 2:
                message = f"Every item of {node.written_tag} must be a mapping with one key."
                self.found.append(SyntaxProblem(node.span, message))
                break
            wanted += item.children
        return wanted


def _is_mapping(node: _Node) -> bool:
    return node.shape is _Shape.MAPPING
