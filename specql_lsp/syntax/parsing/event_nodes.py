"""PyYAML's events turned into ``nodes``, for valid YAML that tree-sitter-yaml refuses. Never raises.

That is text in quotes or brackets that goes on in column 0, ``[?a]``, a comment right behind a bracket and more: what
YAML 1.1 allows and YAML 1.2 does not. For a text that both read, the nodes are those of ``tree_sitter_adapter``
(``tests/syntax/test_event_nodes.py`` holds that).
"""

from __future__ import annotations

from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Node, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.parsing import scalars
from specql_lsp.syntax.parsing.block_scalars import block_end, block_value
from specql_lsp.syntax.parsing.piece import Anchored, Piece
from specql_lsp.syntax.parsing.scalars import with_line_feeds
from specql_lsp.syntax.pyyaml import parse_events
from specql_lsp.syntax.pyyaml.tokens import Event, Kind, ParsedEvent
from specql_lsp.syntax.pyyaml.validator import Parsed
from specql_lsp.syntax.text import Span

MAX_DEPTH = 100
"""Deeper nesting than any person writes is not read here."""

_STYLES = {
    "'": ScalarStyle.SINGLE_QUOTED,
    '"': ScalarStyle.DOUBLE_QUOTED,
    "|": ScalarStyle.LITERAL,
    ">": ScalarStyle.FOLDED,
}


def parse_with_events(text: str, base: int) -> Piece | None:
    """Parses a text that begins at offset ``base`` of the whole.

    None where PyYAML's parser refuses it, or it is nested deeper than ``MAX_DEPTH``.
    """
    parsed = parse_events(text)
    return _Builder(with_line_feeds(text), parsed, base).piece() if parsed.error is None else None


class _Open:
    """A collection whose end is still to come."""

    __slots__ = ("anchor", "children", "event", "is_flow", "is_mapping", "is_pair", "start", "tag")

    def __init__(self, event: ParsedEvent, *, start: int, is_flow: bool, is_pair: bool) -> None:
        self.event = event
        self.start = start
        self.is_mapping = event.event is Event.MAPPING
        self.is_flow = is_flow
        self.is_pair = is_pair
        self.anchor: str | None = None
        self.tag: str | None = None
        self.children: list[tuple[Node | None, int]] = []
        """Items, or keys and values by turns: each with the index of its first token."""


class _Builder:
    def __init__(self, text: str, parsed: Parsed, base: int) -> None:
        self.text = text
        self.tokens = parsed.tokens
        self.events = parsed.events
        self.base = base
        self.anchored: list[Anchored] = []
        self.is_partial = False

    def piece(self) -> Piece | None:
        roots: list[Node] = []
        stack: list[_Open] = []
        documents = 0
        for event in self.events:
            kind = event.event
            if kind is Event.DOCUMENT:
                documents += 1
                continue
            if kind is Event.SEQUENCE or kind is Event.MAPPING:
                if len(stack) >= MAX_DEPTH:
                    return None
                stack.append(self._opened(event))
                continue
            if kind is Event.END:
                ended = stack.pop()
                first, node = ended.event.first, self._closed(ended, event)
            else:
                first, node = event.first, self._leaf(event)
            if stack:
                stack[-1].children.append((node, first))
            elif node is not None:
                roots.append(node)
        return Piece(
            roots[0] if roots else None,
            (),
            tuple(self.anchored),
            documents,
            lost=False,
            further_roots=tuple(roots[1:]),
            is_partial=self.is_partial,
            is_of_events=True,
        )

    # Scalars and aliases

    def _leaf(self, event: ParsedEvent) -> Node | None:
        if event.token is None:
            return None  # nothing, or an anchor or tag of nothing
        token = self.tokens[event.token]
        start, end = token.start, token.end
        raw = self.text[start:end]
        if event.event is Event.ALIAS:
            return Alias(self._span(start, end), raw[1:])
        anchor, tag = self._properties(event.first, event.token)
        style = _STYLES.get(raw[:1], ScalarStyle.PLAIN)
        if style is ScalarStyle.PLAIN:
            value = scalars.plain(raw)
        elif style is ScalarStyle.SINGLE_QUOTED:
            value = scalars.single_quoted(raw)
        elif style is ScalarStyle.DOUBLE_QUOTED:
            value = scalars.double_quoted(raw)
        else:
            end = block_end(self.text, start, end)
            value = block_value(self.text, start, end)
        return self._kept(Scalar(self._span(start, end), value, style, tag), anchor)

    # Collections

    def _opened(self, event: ParsedEvent) -> _Open:
        index = event.token
        assert index is not None  # noqa: S101 - a collection has a token
        token = self.tokens[index]
        is_pair = event.event is Event.MAPPING and self.tokens[event.first].kind is Kind.KEY
        is_flow = is_pair or token.kind in {Kind.FLOW_MAPPING_START, Kind.FLOW_SEQUENCE_START}
        opened = _Open(event, start=token.start, is_flow=is_flow, is_pair=is_pair)
        if not is_pair:
            opened.anchor, opened.tag = self._properties(event.first, index)
        return opened

    def _closed(self, ended: _Open, event: ParsedEvent) -> Node | None:
        node: Mapping | Sequence
        if ended.is_mapping:
            entries = self._entries(ended)
            if ended.is_pair:
                return Mapping(entries[0].span, entries, flow=True) if entries else None
            node = Mapping(self._span_of(ended, event, entries), entries, ended.is_flow, ended.tag)
        else:
            items = tuple(node for node, _ in ended.children if node is not None)
            node = Sequence(self._span_of(ended, event, items), items, ended.is_flow, ended.tag)
        return self._kept(node, ended.anchor)

    def _span_of(self, ended: _Open, event: ParsedEvent, children: tuple[Entry, ...] | tuple[Node, ...]) -> Span:
        """The span of a collection: with its brackets, or up to its last child, or the last sign of one without."""
        if ended.is_flow:
            end = self.tokens[event.first].end
        elif children:
            return Span(self.base + ended.start, children[-1].span.end)
        else:
            last = self.tokens[event.first]
            end = (self.tokens[event.first - 1] if last.kind is Kind.BLOCK_END else last).end
        return self._span(ended.start, end)

    def _entries(self, ended: _Open) -> tuple[Entry, ...]:
        found: list[Entry] = []
        children = iter(ended.children)
        for (key, _), (value, first) in zip(children, children, strict=True):
            if key is None:
                self.is_partial = True
                continue
            start, end = key.span
            if value is not None:
                end = value.span.end
            elif self.tokens[first - 1].kind is Kind.VALUE:
                end = self.base + self.tokens[first - 1].end
            found.append(Entry(Span(start, end), key, value))
        return tuple(found)

    # Both

    def _properties(self, first: int, index: int) -> tuple[str | None, str | None]:
        """Anchor and tag of the node whose own token has an index."""
        anchor: str | None = None
        tag: str | None = None
        for token in self.tokens[first:index]:
            if token.kind is Kind.ANCHOR:
                anchor = self.text[token.start + 1 : token.end]
            elif token.kind is Kind.TAG:
                tag = self.text[token.start : token.end]
        return anchor, tag

    def _kept(self, node: Node, anchor: str | None) -> Node:
        if anchor is not None:
            self.anchored.append(Anchored(anchor, node))
        return node

    def _span(self, start: int, end: int) -> Span:
        return Span(self.base + start, self.base + end)
