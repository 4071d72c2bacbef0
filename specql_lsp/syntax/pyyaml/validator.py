"""Whether PyYAML would read a text: tokens against the grammar of YAML 1.1, without recursion and without values."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from specql_lsp.syntax.pyyaml.scanner import ScanError, Scanner
from specql_lsp.syntax.pyyaml.tags import DEFAULT_HANDLES, read_directive, read_tag
from specql_lsp.syntax.pyyaml.tokens import MAX_DEPTH, ErrorKind, Event, Kind, ParsedEvent, Token, YamlError
from specql_lsp.syntax.text import Span


class _State(IntEnum):
    BLOCK_SEQUENCE = 0
    INDENTLESS_SEQUENCE = 1
    BLOCK_KEY = 2
    BLOCK_VALUE = 3
    FLOW_SEQUENCE_FIRST = 4
    FLOW_SEQUENCE = 5
    FLOW_PAIR_VALUE = 6
    FLOW_PAIR_END = 7
    FLOW_MAPPING_FIRST = 8
    FLOW_MAPPING = 9
    FLOW_MAPPING_VALUE = 10
    FLOW_NO_VALUE = 11
    """Behind a key of a flow mapping that has no indicator, and so no value."""


_PROPERTIES = frozenset({Kind.ANCHOR, Kind.TAG})
_AFTER_KEY = frozenset({Kind.KEY, Kind.VALUE, Kind.BLOCK_END})
_AFTER_ITEM = frozenset({Kind.BLOCK_ENTRY, Kind.BLOCK_END})
_AFTER_INDENTLESS_ITEM = frozenset({Kind.BLOCK_ENTRY, Kind.KEY, Kind.VALUE, Kind.BLOCK_END})
_OPENING = frozenset({Kind.FLOW_SEQUENCE_START, Kind.FLOW_MAPPING_START})
_CLOSING = frozenset({Kind.FLOW_SEQUENCE_END, Kind.FLOW_MAPPING_END})
_CONTEXT = 12
_EMPTY_DOCUMENT = frozenset({Kind.DIRECTIVE, Kind.DOCUMENT_START, Kind.DOCUMENT_END, Kind.STREAM_END})


class Parsed(NamedTuple):
    """A text as events, up to the error if there is one.

    ``tokens`` are those that were read; ``handles`` are the handles of tags in each document.
    """

    error: YamlError | None
    tokens: list[Token]
    events: list[ParsedEvent]
    handles: list[dict[str, str]]
    has_collection_keys: bool = False

    @property
    def second_document(self) -> Token | None:
        """Where the second document begins: its ``---``; None if there is one document, or none."""
        starts = [event for event in self.events if event.event is Event.DOCUMENT][1:2]
        return self.tokens[starts[0].first] if starts else None


def parse_events(text: str, start: int = 0) -> Parsed:
    """The events that PyYAML's parser would make of ``text`` from ``start``, a line's beginning. Never raises."""
    reader = _Parser(Scanner(text, start))
    error: YamlError | None = None
    try:
        reader.stream()
    except _UnexpectedError as unexpected:
        token = unexpected.token
        error = YamlError(unexpected.kind, Span(token.start, token.end), token.kind)
        error = _with_context(error, reader.tokens, reader.index)
    except ScanError as stopped:
        error = _with_context(stopped.error, reader.tokens, len(reader.tokens))
    return Parsed(error, reader.tokens, reader.events, reader.handles, reader.has_collection_keys)


def first_error(text: str, start: int = 0) -> YamlError | None:
    """The first error that PyYAML's parser would find in ``text`` from ``start``, a line's beginning; None for YAML."""
    return parse_events(text, start).error


def _with_context(error: YamlError, tokens: list[Token], index: int) -> YamlError:
    open_brackets: list[int] = []
    for token in tokens[:index]:
        if token.kind in _OPENING:
            open_brackets.append(token.start)
        elif token.kind in _CLOSING and open_brackets:
            open_brackets.pop()
    before = tuple(tokens[max(index - _CONTEXT, 0) : index])
    return error._replace(before=before, bracket=open_brackets[-1] if open_brackets else None)


class _UnexpectedError(Exception):
    def __init__(self, token: Token, kind: ErrorKind = ErrorKind.UNEXPECTED) -> None:
        super().__init__()
        self.token = token
        self.kind = kind


class _Parser:
    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.tokens = scanner.tokens
        self.index = 0
        self.stack: list[_State] = []
        self.events: list[ParsedEvent] = []
        self.handles: list[dict[str, str]] = []
        self.has_collection_keys = False

    @property
    def kind(self) -> Kind:
        while True:
            try:
                return self.tokens[self.index].kind
            except IndexError:
                self.scanner.read_more()

    def _emit(self, event: Event, first: int, token: int | None) -> None:
        self.events.append(_new_event(ParsedEvent, (event, first, token)))

    def _empty(self) -> None:
        self.events.append(_new_event(ParsedEvent, (Event.SCALAR, self.index, None)))

    def stream(self) -> None:
        explicit = False
        while True:
            while explicit and self.kind is Kind.DOCUMENT_END:
                self.index += 1
            if self.kind is Kind.STREAM_END:
                return
            self.handles.append(dict(DEFAULT_HANDLES))
            if not explicit and self.kind not in _EMPTY_DOCUMENT:
                self._emit(Event.DOCUMENT, self.index, None)
                self._node(in_block=True)
            else:
                self._directives()
                if self.kind is not Kind.DOCUMENT_START:
                    raise _UnexpectedError(self.tokens[self.index])
                self._emit(Event.DOCUMENT, self.index, self.index)
                self.index += 1
                if self.kind not in _EMPTY_DOCUMENT:
                    self._node(in_block=True)
                else:
                    self._empty()
            explicit = True
            self._collections()

    def _directives(self) -> None:
        handles: dict[str, str] = {}
        has_version = False
        while self.kind is Kind.DIRECTIVE:
            token = self.tokens[self.index]
            directive = read_directive(self.scanner.text, token.start)
            assert directive is not None  # noqa: S101 - the scanner has read it
            is_wrong_version = directive.version is not None and (has_version or directive.version != 1)
            if is_wrong_version or directive.handle in handles:
                raise _UnexpectedError(token, ErrorKind.BAD_DIRECTIVE)
            has_version = has_version or directive.version is not None
            if directive.handle is not None:
                handles[directive.handle] = directive.prefix
            self.index += 1
        self.handles[-1].update(handles)

    def _collections(self) -> None:
        while self.stack:
            state = self.stack[-1]
            if state <= _State.BLOCK_VALUE:
                self._block(state)
            else:
                self._flow(state)

    def _node(self, *, in_block: bool, indentless: bool = False) -> None:
        """Takes a scalar or alias, or opens a collection."""
        kind = self.kind
        begin = self.index
        if kind is Kind.ALIAS:
            self._emit(Event.ALIAS, begin, begin)
            self.index += 1
            return
        first = kind
        if kind in _PROPERTIES:
            self.index += 1
            kind = self.kind
            if kind in _PROPERTIES and kind is not first:
                self.index += 1
                kind = self.kind
            self._known_handle(begin)
        if kind is Kind.SCALAR:
            self.events.append(_new_event(ParsedEvent, (Event.SCALAR, begin, self.index)))
            self.index += 1
        elif indentless and kind is Kind.BLOCK_ENTRY:
            self._open(Event.SEQUENCE, begin, _State.INDENTLESS_SEQUENCE, step=0)
        elif kind is Kind.FLOW_SEQUENCE_START:
            self._open(Event.SEQUENCE, begin, _State.FLOW_SEQUENCE_FIRST)
        elif kind is Kind.FLOW_MAPPING_START:
            self._open(Event.MAPPING, begin, _State.FLOW_MAPPING_FIRST)
        elif in_block and kind is Kind.BLOCK_SEQUENCE_START:
            self._open(Event.SEQUENCE, begin, _State.BLOCK_SEQUENCE)
        elif in_block and kind is Kind.BLOCK_MAPPING_START:
            self._open(Event.MAPPING, begin, _State.BLOCK_KEY)
        elif first not in _PROPERTIES:
            raise _UnexpectedError(self.tokens[self.index])
        else:
            self._emit(Event.SCALAR, begin, None)

    def _known_handle(self, begin: int) -> None:
        for token in self.tokens[begin : self.index]:
            if token.kind is Kind.TAG:
                tag = read_tag(self.scanner.text, token.start)
                if tag is not None and tag.handle is not None and tag.handle not in self.handles[-1]:
                    raise _UnexpectedError(token, ErrorKind.UNKNOWN_HANDLE)

    def _open(self, event: Event, first: int, state: _State, *, step: int = 1) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise _UnexpectedError(self.tokens[self.index], ErrorKind.TOO_DEEP)
        self._emit(event, first, self.index)
        self.index += step
        self.stack.append(state)

    def _end(self) -> None:
        self.events.append(_new_event(ParsedEvent, (Event.END, self.index - 1, None)))
        self.stack.pop()

    def _close(self, end: Kind) -> None:
        if self.kind is not end:
            raise _UnexpectedError(self.tokens[self.index])
        self.index += 1
        self._end()

    def _block(self, state: _State) -> None:
        kind = self.kind
        if state is _State.BLOCK_KEY:
            if kind is not Kind.KEY:
                self._close(Kind.BLOCK_END)
                return
            self.index += 1
            self.stack[-1] = _State.BLOCK_VALUE
            self._key_unless(_AFTER_KEY, in_block=True, indentless=True)
        elif state is _State.BLOCK_VALUE:
            self.stack[-1] = _State.BLOCK_KEY
            if kind is Kind.VALUE:
                self.index += 1
                self._node_unless(_AFTER_KEY, in_block=True, indentless=True)
            else:
                self._empty()
        elif kind is Kind.BLOCK_ENTRY:
            self.index += 1
            self._node_unless(_AFTER_ITEM if state is _State.BLOCK_SEQUENCE else _AFTER_INDENTLESS_ITEM, in_block=True)
        elif state is _State.BLOCK_SEQUENCE:
            self._close(Kind.BLOCK_END)
        else:
            self._end()

    def _node_unless(self, without: frozenset[Kind], *, in_block: bool, indentless: bool = False) -> None:
        """A node, or an empty scalar before what can only follow one."""
        if self.kind in without:
            self._empty()
        else:
            self._node(in_block=in_block, indentless=indentless)

    def _key_unless(self, without: frozenset[Kind], *, in_block: bool, indentless: bool = False) -> None:
        self._node_unless(without, in_block=in_block, indentless=indentless)
        if self.events[-1].event in _COLLECTIONS:
            self.has_collection_keys = True

    def _flow(self, state: _State) -> None:
        kind = self.kind
        if state in {_State.FLOW_SEQUENCE_FIRST, _State.FLOW_SEQUENCE}:
            self._flow_item(Kind.FLOW_SEQUENCE_END, _State.FLOW_SEQUENCE)
        elif state in {_State.FLOW_MAPPING_FIRST, _State.FLOW_MAPPING}:
            self._flow_item(Kind.FLOW_MAPPING_END, _State.FLOW_MAPPING)
        elif state is _State.FLOW_PAIR_END:
            self._end()
        elif state is _State.FLOW_NO_VALUE:
            self._empty()
            self.stack[-1] = _State.FLOW_MAPPING
        else:
            in_pair = state is _State.FLOW_PAIR_VALUE
            self.stack[-1] = _State.FLOW_PAIR_END if in_pair else _State.FLOW_MAPPING
            if kind is Kind.VALUE:
                self.index += 1
                self._node_unless(_AFTER_PAIR_VALUE if in_pair else _AFTER_FLOW_VALUE, in_block=False)
            else:
                self._empty()

    def _flow_item(self, end: Kind, state: _State) -> None:
        first = self.stack[-1] is not state
        self.stack[-1] = state
        if self.kind is not end and not first:
            if self.kind is not Kind.FLOW_ENTRY:
                raise _UnexpectedError(self.tokens[self.index])
            self.index += 1
        if self.kind is end:
            self.index += 1
            self._end()
        elif self.kind is Kind.KEY:
            self.index += 1
            if state is _State.FLOW_SEQUENCE:
                self._open(Event.MAPPING, self.index - 1, _State.FLOW_PAIR_VALUE, step=0)
                self._key_unless(_AFTER_PAIR_KEY, in_block=False)
            else:
                self.stack[-1] = _State.FLOW_MAPPING_VALUE
                self._key_unless(_AFTER_FLOW_KEY, in_block=False)
        else:
            if state is _State.FLOW_MAPPING:
                self.stack[-1] = _State.FLOW_NO_VALUE
                self._key_unless(_NOWHERE, in_block=False)
            else:
                self._node(in_block=False)


_COLLECTIONS = frozenset({Event.SEQUENCE, Event.MAPPING})
_NOWHERE: frozenset[Kind] = frozenset()
_AFTER_PAIR_VALUE = frozenset({Kind.FLOW_ENTRY, Kind.FLOW_SEQUENCE_END})
_AFTER_FLOW_VALUE = frozenset({Kind.FLOW_ENTRY, Kind.FLOW_MAPPING_END})
_AFTER_PAIR_KEY = _AFTER_PAIR_VALUE | {Kind.VALUE}
_AFTER_FLOW_KEY = _AFTER_FLOW_VALUE | {Kind.VALUE}
_new_event = tuple.__new__
"""Makes a named tuple in half the time of its own constructor."""
