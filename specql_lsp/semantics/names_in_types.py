"""The name at a place in a field's type: the type itself, a value of ``enum(…)``, the default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.index.symbols import SymbolKind
from specql_lsp.language.type_syntax import EnumType, FieldType, TypeExpression, Word, parse_field_type
from specql_lsp.semantics.names_in_scalars import part_at
from specql_lsp.semantics.symbol import Role
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.scalar_offsets import span_in_text
from specql_lsp.syntax.text import Span


class TypeName(NamedTuple):
    """A name in a type; ``span`` is in the file."""

    kind: SymbolKind
    role: Role
    name: str
    span: Span


def name_in_type(text: str, scalar: Scalar, offset: int) -> TypeName | None:
    """The name at an offset of the file in the scalar of a type; None if there is none.

    Args:
        text: the text of the file.
        scalar: the type with its marks and default. Entities that it refers to are found elsewhere.
        offset: code points from 0.
    """
    names = sorted(_names(parse_field_type(scalar.value)), key=lambda name: name[2].span)
    found = part_at(text, scalar, [word.span for _, _, word in names], offset)
    if found is None:
        return None
    index, span = found
    kind, role, word = names[index]
    return TypeName(kind, role, word.text, span)


def enum_value_spans(text: str, scalar: Scalar, value: str) -> Iterator[Span]:
    """Where ``enum(…)`` in the scalar of a type has a value.

    Args:
        text: the text of the file.
        scalar: the type.
        value: the value as written.
    """
    for kind, role, word in _names(parse_field_type(scalar.value)):
        if kind is SymbolKind.ENUM_VALUE and role is Role.DEFINITION and word.text == value:
            yield span_in_text(text, scalar, word.span)


def enum_values(text: str) -> tuple[str, ...]:
    """The values of the ``enum(…)`` in a type's text; empty where it is none."""
    found = parse_field_type(text).type
    return tuple(value.text for value in found.values) if isinstance(found, EnumType) else ()


def _names(parsed: FieldType) -> Iterator[tuple[SymbolKind, Role, Word]]:
    for expression in parsed.expressions():
        yield from _of_expression(expression)
    for mark in parsed.ignored_marks:
        yield SymbolKind.TYPE, Role.REFERENCE, mark
    if parsed.not_null is not None:
        yield SymbolKind.TYPE, Role.REFERENCE, Word("!", parsed.not_null)
    if parsed.default is not None:
        word = _unquoted(parsed.default)
        is_value = isinstance(parsed.type, EnumType) and any(v.text == word.text for v in parsed.type.values)
        if is_value:
            yield SymbolKind.ENUM_VALUE, Role.REFERENCE, word


def _of_expression(expression: TypeExpression) -> Iterator[tuple[SymbolKind, Role, Word]]:
    if expression.name.text:
        yield SymbolKind.TYPE, Role.REFERENCE, expression.name
    if isinstance(expression, EnumType):
        for value in expression.values:
            yield SymbolKind.ENUM_VALUE, Role.DEFINITION, value


def _unquoted(word: Word) -> Word:
    text, (start, end) = word
    is_quoted = len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]
    return Word(text[1:-1], Span(start + 1, end - 1)) if is_quoted else word
