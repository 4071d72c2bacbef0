"""The tokens in one scalar: in a field's type, in SQL, or the scalar itself; spans count code points of its value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from specql_lsp.features.semantic_tokens.token import SemanticToken, TokenModifier, TokenType
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.language.expressions.heads import parse_row_head
from specql_lsp.language.expressions.lexer import TokenKind, tokenize
from specql_lsp.language.keys import Meaning
from specql_lsp.language.sql import KEYWORDS, functions
from specql_lsp.language.type_syntax import EnumType, ListType, RefType, Word, parse_field_type
from specql_lsp.language.types import type_named
from specql_lsp.semantics.names_in_expressions import ExpressionName, names_in_expression
from specql_lsp.semantics.symbol import Role
from specql_lsp.syntax.text import Span

_DECLARED = TokenModifier.DECLARATION
_BUILT_IN = TokenModifier.DEFAULT_LIBRARY
_NONE = TokenModifier.NONE

_WHOLE: Mapping[Meaning, tuple[TokenType, TokenModifier]] = MappingProxyType(
    {
        Meaning.BOOLEAN: (TokenType.KEYWORD, _NONE),
        Meaning.NUMBER: (TokenType.NUMBER, _NONE),
        Meaning.CHOICE: (TokenType.ENUM_VALUE, _NONE),
        Meaning.ENTITY: (TokenType.ENTITY, _DECLARED),
        Meaning.SCHEMA: (TokenType.NAMESPACE, _NONE),
        Meaning.DOMAIN: (TokenType.NAMESPACE, _NONE),
        Meaning.SUBDOMAIN: (TokenType.NAMESPACE, _NONE),
        Meaning.ALIAS: (TokenType.NAMESPACE, _NONE),
        Meaning.TABLE_CODE: (TokenType.TABLE_CODE, _NONE),
        Meaning.RESERVED_CODE: (TokenType.TABLE_CODE, _NONE),
        Meaning.FIELD: (TokenType.FIELD, _DECLARED),
        Meaning.FIELD_REFERENCE: (TokenType.FIELD, _NONE),
        Meaning.ACTION: (TokenType.FUNCTION, _DECLARED),
        Meaning.ACTION_REFERENCE: (TokenType.FUNCTION, _NONE),
        Meaning.ACTION_PATTERN: (TokenType.PATTERN, _NONE),
        Meaning.PATTERN: (TokenType.PATTERN, _NONE),
        Meaning.PARAMETER: (TokenType.PARAMETER, _NONE),
        Meaning.SERVICE: (TokenType.NAMESPACE, _NONE),
        Meaning.SERVICE_OPERATION: (TokenType.FUNCTION, _NONE),
        Meaning.DOMAIN_NUMBER: (TokenType.TABLE_CODE, _NONE),
        Meaning.SUBDOMAIN_NUMBER: (TokenType.TABLE_CODE, _NONE),
        Meaning.LAYER: (TokenType.TABLE_CODE, _NONE),
        Meaning.REGISTERED_ENTITY: (TokenType.ENTITY, _NONE),
    }
)
"""The values that are one word."""
_IN_SQL: Mapping[SymbolKind, TokenType] = MappingProxyType(
    {
        SymbolKind.FIELD: TokenType.FIELD,
        SymbolKind.ENTITY: TokenType.ENTITY,
        SymbolKind.SCHEMA: TokenType.NAMESPACE,
        SymbolKind.FUNCTION: TokenType.FUNCTION,
        SymbolKind.ACTION: TokenType.FUNCTION,
        SymbolKind.VARIABLE: TokenType.VARIABLE,
        SymbolKind.PARAMETER: TokenType.PARAMETER,
    }
)
_SQL = frozenset(
    {
        *(Meaning.EXPRESSION, Meaning.QUERY, Meaning.ROW_HEAD, Meaning.CALL_HEAD, Meaning.NOTIFICATION_HEAD),
        *(Meaning.DECLARATION, Meaning.ASSIGNMENT, Meaning.VARIABLE, Meaning.FIELD_PATH),
    }
)
_NUMBER = re.compile(r"[+-]?[\d.]+")
_CALL = re.compile(r"(\w+)\s*\(")
_CONSTANTS = frozenset({"true", "false", "null"})


@lru_cache(maxsize=2048)
def tokens_in(meaning: Meaning, text: str) -> tuple[SemanticToken, ...]:
    """The tokens of a scalar's value, in the order of the text; none overlap.

    Args:
        meaning: what the scalar is by its place.
        text: its value.
    """
    if meaning in _SQL:
        return _without_overlaps(_of_sql(meaning, text))
    match meaning:
        case Meaning.FIELD_TYPE | Meaning.TYPE:
            return _without_overlaps(_of_type(text))
        case Meaning.DEFAULT:
            return tuple(_of_default(Word(text, Span(0, len(text)))))
        case Meaning.ENTITY_REFERENCE | Meaning.TABLE:
            return tuple(_of_entity(text))
    found = _WHOLE.get(meaning)
    return (SemanticToken(0, len(text), *found),) if found is not None and text else ()


def _without_overlaps(tokens: Iterator[SemanticToken]) -> tuple[SemanticToken, ...]:
    found: list[SemanticToken] = []
    for token in sorted(tokens, key=lambda each: (each.start, -each.end)):
        if token.start < token.end and (not found or token.start >= found[-1].end):
            found.append(token)
    return tuple(found)


def _token(span: Span, kind: TokenType, modifiers: TokenModifier = _NONE) -> SemanticToken:
    return SemanticToken(span.start, span.end, kind, modifiers)


def _of_entity(text: str) -> Iterator[SemanticToken]:
    schema, dot, _ = text.rpartition(".")
    if schema:
        yield _token(Span(0, len(schema)), TokenType.NAMESPACE)
    if len(text) > len(schema) + len(dot):
        yield _token(Span(len(schema) + len(dot), len(text)), TokenType.ENTITY)


# Types.


def _of_type(text: str) -> Iterator[SemanticToken]:
    parsed = parse_field_type(text)
    for expression in parsed.expressions():
        if expression.name.text:
            is_known = (
                isinstance(expression, EnumType | RefType | ListType) or type_named(expression.name.text) is not None
            )
            yield _token(expression.name.span, TokenType.TYPE, _BUILT_IN if is_known else _NONE)
        if isinstance(expression, EnumType):
            yield from (_token(value.span, TokenType.ENUM_VALUE, _DECLARED) for value in expression.values)
        elif isinstance(expression, RefType):
            for target in expression.targets:
                if target.schema is not None:
                    yield _token(target.schema.span, TokenType.NAMESPACE)
                yield _token(target.name.span, TokenType.ENTITY)
    for mark in (parsed.not_null, parsed.equals):
        if mark is not None:
            yield _token(mark, TokenType.OPERATOR)
    if parsed.default is not None:
        values = parsed.type.values if isinstance(parsed.type, EnumType) else ()
        bare = parsed.default.text.strip("'\"")
        if any(value.text == bare for value in values):
            yield _token(parsed.default.span, TokenType.ENUM_VALUE)
        else:
            yield from _of_default(parsed.default)


def _of_default(word: Word) -> Iterator[SemanticToken]:
    text, span = word
    call = _CALL.match(text)
    if call is not None:
        yield _token(Span(span.start, span.start + len(call[1])), TokenType.FUNCTION, _built_in_function(call[1]))
    elif text.lower() in _CONSTANTS:
        yield _token(span, TokenType.KEYWORD)
    elif _NUMBER.fullmatch(text):
        yield _token(span, TokenType.NUMBER)
    elif text:
        yield _token(span, TokenType.STRING)


def _built_in_function(name: str) -> TokenModifier:
    return _BUILT_IN if name.lower() in functions() else _NONE


# SQL.


def _of_sql(meaning: Meaning, text: str) -> Iterator[SemanticToken]:
    compared: dict[int, ExpressionName] = {}
    named: set[int] = set()
    entity = parse_row_head(text).entity if meaning is Meaning.ROW_HEAD else None
    if entity is not None:
        for part in entity.parts:
            named.add(part.span.start)
            kind = TokenType.ENTITY if part is entity.parts[-1] else TokenType.NAMESPACE
            yield _token(part.span, kind)
    for name in names_in_expression(meaning, text):
        if name.kind is SymbolKind.ENUM_VALUE:
            compared[name.span.start - 1] = name
            continue
        kind, modifiers = _of_name(name)
        named.add(name.span.start)
        yield _token(name.span, kind, modifiers)
    for kind_, word, span in tokenize(text):
        if span.start in named:
            continue
        match kind_:
            case TokenKind.STRING:
                yield SemanticToken(span.start, span.end, TokenType.STRING, _NONE, compared.get(span.start))
            case TokenKind.QUOTED_NAME if meaning is Meaning.NOTIFICATION_HEAD:
                yield _token(span, TokenType.STRING)  # the message
            case TokenKind.NUMBER:
                yield _token(span, TokenType.NUMBER)
            case TokenKind.PARAMETER:
                yield _token(span, TokenType.PARAMETER)
            case TokenKind.OPERATOR:
                yield _token(span, TokenType.OPERATOR)
            case TokenKind.NAME if word.lower() in KEYWORDS or word.lower() in _CONSTANTS:
                yield _token(span, TokenType.KEYWORD)


def _of_name(name: ExpressionName) -> tuple[TokenType, TokenModifier]:
    if name.kind is SymbolKind.OPERATOR:
        return (TokenType.KEYWORD if name.name[:1].isalpha() else TokenType.OPERATOR), _NONE
    kind = _IN_SQL.get(name.kind, TokenType.VARIABLE)
    if kind is TokenType.FUNCTION:
        return kind, _built_in_function(name.name)
    return kind, _DECLARED if name.role is Role.DEFINITION else _NONE
