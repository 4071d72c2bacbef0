"""The texts that steps begin with: ``Contact SET status = 'lead' WHERE …``, ``send(a = 1)``, ``v_count integer := 0``.

Tolerant, as the parser of expressions: every text is accepted, spans count from the start of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.language.expressions.lexer import TokenKind
from specql_lsp.language.expressions.nodes import Assignment, Expression, Name, NameRole, Path
from specql_lsp.language.expressions.parser import ExpressionParser

_SET, _WHERE = "SET", "WHERE"
_ROW_WORDS = frozenset({_SET, _WHERE})
_WHERE_WORDS = frozenset({_WHERE})


class RowHead(NamedTuple):
    """The text of ``insert``, ``update``, ``delete`` and ``find``.

    Attributes:
        text: the whole text.
        entity: the entity whose rows are meant; None where none is typed.
        extra: what follows the entity before SET and WHERE, which no release reads.
        set_word: the word SET as written (SpecQL 0.9.2 wants it in capitals between blanks); None without it.
        assignments: what follows SET, or is in parentheses behind the entity.
        where_word: the word WHERE as written; None without it.
        condition: what follows WHERE; None without it.
    """

    text: str
    entity: Path | None
    extra: Expression | None
    set_word: Name | None
    assignments: tuple[Assignment, ...]
    where_word: Name | None
    condition: Expression | None


class CallHead(NamedTuple):
    """The text of ``call`` and ``notify``: a name and arguments.

    Attributes:
        text: the whole text.
        function: the function, or the recipient of a notification; None where none is typed.
        opened: whether an opening parenthesis follows the name.
        arguments: ``name = value``, or a value alone with neither target nor ``=``.
        closed: whether the closing parenthesis is there.
        extra: what follows it.
    """

    text: str
    function: Path | None
    opened: bool
    arguments: tuple[Assignment, ...]
    closed: bool
    extra: Expression | None


class DeclarationHead(NamedTuple):
    """The text of ``declare``: ``v_count integer := 0``."""

    text: str
    name: Name | None
    type: Path | None
    default: Expression | None


def parse_row_head(text: str) -> RowHead:
    """The head of a step about rows: ``Entity``, ``Entity SET a = 1, b = 2 WHERE c``, ``Entity WHERE c``."""
    parser = ExpressionParser(text)
    entity = parser.path(NameRole.TABLE) if parser.is_identifier() and not parser.stops_at(_ROW_WORDS) else None
    assignments: tuple[Assignment, ...] = ()
    extra: Expression | None = None
    set_word = where_word = None
    condition: Expression | None = None
    token = parser.token()
    if entity is not None and token is not None and token.text == "(":
        parser.advance()
        assignments = parser.assignments(frozenset())
        parser.close()
    if parser.token() is not None and not parser.stops_at(_ROW_WORDS):
        extra = parser.expression(_ROW_WORDS)
    while parser.token() is not None and not parser.stops_at(_ROW_WORDS):
        parser.advance()  # a comma, or a parenthesis that nothing has opened
    if parser.stops_at(frozenset({_SET})):
        set_word = _take_word(parser)
        assignments = (*assignments, *parser.assignments(_WHERE_WORDS))
    while (token := parser.token()) is not None and not parser.stops_at(_WHERE_WORDS):
        parser.advance()
    if token is not None:
        where_word = _take_word(parser)
        condition = parser.whole()
    return RowHead(text, entity, extra, set_word, assignments, where_word, condition)


def parse_call_head(text: str) -> CallHead:
    """The head of ``call`` and ``notify``: ``function(a = 1)``, ``owner(email, "It is done")``."""
    parser = ExpressionParser(text)
    function = parser.path(NameRole.FUNCTION) if parser.is_identifier() else None
    token = parser.token()
    opened = token is not None and token.text == "("
    arguments: tuple[Assignment, ...] = ()
    closed = False
    if opened:
        parser.advance()
        arguments = parser.assignments(frozenset(), in_call=True)
        closed = parser.close()
    extra = parser.whole() if parser.token() is not None else None
    return CallHead(text, function, opened, arguments, closed, extra)


def calls_in(text: str) -> Iterator[CallHead]:
    """The calls in the text of a file, or of a part of one: those on one line with their parenthesis, in its order."""
    return (parse_call_head(match["head"]) for match in _CALLED.finditer(text))


_CALLED = re.compile(r"\bcall:[ \t]*['\"]?(?P<head>\w+[ \t]*\([^\n]*)")


def parse_declaration(text: str) -> DeclarationHead:
    """The head of ``declare``: ``v_count integer := 0``."""
    parser = ExpressionParser(text)
    name: Name | None = None
    kind: Path | None = None
    default: Expression | None = None
    if parser.is_identifier():
        name = parser.path().parts[0]
    if parser.is_identifier():
        kind = parser.path(NameRole.TYPE)
    while (token := parser.token()) is not None:
        parser.advance()
        if (token.kind is TokenKind.OPERATOR and token.text in {":=", "="}) or token.word == "DEFAULT":
            default = parser.whole()
            break
    return DeclarationHead(text, name, kind, default)


def _take_word(parser: ExpressionParser) -> Name:
    token = parser.current()
    parser.advance()
    return Name(token.span, token.text)
