"""Whether PyYAML would read a text: tokens against the grammar of YAML 1.1, without recursion and without values."""

from __future__ import annotations

from enum import IntEnum

from specql_lsp.syntax.grammar.model import Kind, Token, Trouble, YamlError
from specql_lsp.syntax.grammar.scanner import ScanError, Scanner
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


_PROPERTIES = frozenset({Kind.ANCHOR, Kind.TAG})
_AFTER_KEY = frozenset({Kind.KEY, Kind.VALUE, Kind.BLOCK_END})
_AFTER_ITEM = frozenset({Kind.BLOCK_ENTRY, Kind.BLOCK_END})
_AFTER_INDENTLESS_ITEM = frozenset({Kind.BLOCK_ENTRY, Kind.KEY, Kind.VALUE, Kind.BLOCK_END})
_OPENING = frozenset({Kind.FLOW_SEQUENCE_START, Kind.FLOW_MAPPING_START})
_CLOSING = frozenset({Kind.FLOW_SEQUENCE_END, Kind.FLOW_MAPPING_END})
_CONTEXT = 12
_EMPTY_DOCUMENT = frozenset({Kind.DIRECTIVE, Kind.DOCUMENT_START, Kind.DOCUMENT_END, Kind.STREAM_END})


def first_error(text: str, start: int = 0) -> YamlError | None:
    """The first error that PyYAML would find in ``text`` from ``start``, a line's beginning; None where it is YAML."""
    reader = _Reader(Scanner(text, start))
    try:
        reader.stream()
    except _UnexpectedError as unexpected:
        token = unexpected.token
        error = YamlError(Trouble.UNEXPECTED, Span(token.start, token.end), token.kind)
        return _with_context(error, reader.tokens, reader.index)
    except ScanError as stopped:
        return _with_context(stopped.error, reader.tokens, len(reader.tokens))
    return None


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
    def __init__(self, token: Token) -> None:
        super().__init__()
        self.token = token


class _Reader:
    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.tokens = scanner.tokens
        self.index = 0
        self.stack: list[_State] = []

    @property
    def kind(self) -> Kind:
        while self.index >= len(self.tokens):
            self.scanner.read_more()
        return self.tokens[self.index].kind

    def stream(self) -> None:
        explicit = False
        while True:
            while explicit and self.kind is Kind.DOCUMENT_END:
                self.index += 1
            if self.kind is Kind.STREAM_END:
                return
            if not explicit and self.kind not in _EMPTY_DOCUMENT:
                self._node(in_block=True)
            else:
                while self.kind is Kind.DIRECTIVE:
                    self.index += 1
                if self.kind is not Kind.DOCUMENT_START:
                    raise _UnexpectedError(self.tokens[self.index])
                self.index += 1
                if self.kind not in _EMPTY_DOCUMENT:
                    self._node(in_block=True)
            explicit = True
            self._collections()

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
        if kind is Kind.ALIAS:
            self.index += 1
            return
        first = kind
        if kind in _PROPERTIES:
            self.index += 1
            kind = self.kind
            if kind in _PROPERTIES and kind is not first:
                self.index += 1
                kind = self.kind
        if kind is Kind.SCALAR:
            self.index += 1
        elif indentless and kind is Kind.BLOCK_ENTRY:
            self.stack.append(_State.INDENTLESS_SEQUENCE)
        elif kind is Kind.FLOW_SEQUENCE_START:
            self._open(_State.FLOW_SEQUENCE_FIRST)
        elif kind is Kind.FLOW_MAPPING_START:
            self._open(_State.FLOW_MAPPING_FIRST)
        elif in_block and kind is Kind.BLOCK_SEQUENCE_START:
            self._open(_State.BLOCK_SEQUENCE)
        elif in_block and kind is Kind.BLOCK_MAPPING_START:
            self._open(_State.BLOCK_KEY)
        elif first not in _PROPERTIES:
            raise _UnexpectedError(self.tokens[self.index])

    def _open(self, state: _State) -> None:
        self.index += 1
        self.stack.append(state)

    def _close(self, end: Kind) -> None:
        if self.kind is not end:
            raise _UnexpectedError(self.tokens[self.index])
        self.index += 1
        self.stack.pop()

    def _block(self, state: _State) -> None:
        kind = self.kind
        if state is _State.BLOCK_KEY:
            if kind is not Kind.KEY:
                self._close(Kind.BLOCK_END)
                return
            self.index += 1
            self.stack[-1] = _State.BLOCK_VALUE
            if self.kind not in _AFTER_KEY:
                self._node(in_block=True, indentless=True)
        elif state is _State.BLOCK_VALUE:
            self.stack[-1] = _State.BLOCK_KEY
            if kind is Kind.VALUE:
                self.index += 1
                if self.kind not in _AFTER_KEY:
                    self._node(in_block=True, indentless=True)
        elif kind is Kind.BLOCK_ENTRY:
            self.index += 1
            empty = _AFTER_ITEM if state is _State.BLOCK_SEQUENCE else _AFTER_INDENTLESS_ITEM
            if self.kind not in empty:
                self._node(in_block=True)
        elif state is _State.BLOCK_SEQUENCE:
            self._close(Kind.BLOCK_END)
        else:
            self.stack.pop()

    def _flow(self, state: _State) -> None:
        kind = self.kind
        if state in {_State.FLOW_SEQUENCE_FIRST, _State.FLOW_SEQUENCE}:
            self._flow_item(Kind.FLOW_SEQUENCE_END, _State.FLOW_SEQUENCE)
        elif state in {_State.FLOW_MAPPING_FIRST, _State.FLOW_MAPPING}:
            self._flow_item(Kind.FLOW_MAPPING_END, _State.FLOW_MAPPING)
        elif state is _State.FLOW_PAIR_END:
            self.stack.pop()
        else:
            in_pair = state is _State.FLOW_PAIR_VALUE
            end = Kind.FLOW_SEQUENCE_END if in_pair else Kind.FLOW_MAPPING_END
            self.stack[-1] = _State.FLOW_PAIR_END if in_pair else _State.FLOW_MAPPING
            if kind is Kind.VALUE:
                self.index += 1
                if self.kind not in {Kind.FLOW_ENTRY, end}:
                    self._node(in_block=False)

    def _flow_item(self, end: Kind, state: _State) -> None:
        first = self.stack[-1] is not state
        self.stack[-1] = state
        if self.kind is not end and not first:
            if self.kind is not Kind.FLOW_ENTRY:
                raise _UnexpectedError(self.tokens[self.index])
            self.index += 1
        if self.kind is end:
            self.index += 1
            self.stack.pop()
        elif self.kind is Kind.KEY:
            self.index += 1
            self.stack.append(_State.FLOW_PAIR_VALUE if state is _State.FLOW_SEQUENCE else _State.FLOW_MAPPING_VALUE)
            if state is _State.FLOW_MAPPING:
                self.stack.pop()
                self.stack[-1] = _State.FLOW_MAPPING_VALUE
            if self.kind not in {Kind.VALUE, Kind.FLOW_ENTRY, end}:
                self._node(in_block=False)
        else:
            self._node(in_block=False)
