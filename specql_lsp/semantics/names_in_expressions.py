"""The names in the SQL of steps: fields, paths through references, variables, parameters, functions, operators.

A pure function of one text. Which entity's field a name is, is said by that entity's name alone; whether there is such
a field is for others to look up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from specql_lsp.index.symbols import SymbolKind
from specql_lsp.language.expressions.heads import parse_call_head, parse_declaration, parse_row_head
from specql_lsp.language.expressions.nodes import (
    Aliased,
    Assignment,
    Case,
    Cast,
    Clause,
    Expression,
    Group,
    Literal,
    LiteralKind,
    Name,
    NameRole,
    Operation,
    Parameter,
    Path,
    Prefix,
    Query,
    children,
)
from specql_lsp.language.expressions.parser import parse_assignments, parse_expression
from specql_lsp.language.keys import Meaning
from specql_lsp.language.sql import CONTEXT_VARIABLES, functions
from specql_lsp.semantics.symbol import EntityName, Role
from specql_lsp.syntax.text import Span

TABLE_PREFIX = "tb_"
"""How the names of the tables begin that SpecQL makes of entities."""


class ExpressionName(NamedTuple):
    """A name in a text.

    Attributes:
        kind: what it is by its place.
        name: the name; of an operator its words in capitals.
        span: where it is in the text, without quotes; of a parameter with its ``$``, of a table
            with its ``tb_``.
        entity: of a field or an enum's value: the entity that the text names; None for that of the file.
        through: of a field: the references before it in a path.
        field: of an enum's value: the field that it is compared with; of a parameter that a call names: the action.
        role: whether the text gives the name.
        writes: whether what is named gets a value.
    """

    kind: SymbolKind
    name: str
    span: Span
    entity: EntityName | None = None
    through: tuple[str, ...] = ()
    field: str = ""
    role: Role = Role.REFERENCE
    writes: bool = False


class _Scope(NamedTuple):
    """The entity of names without a qualifier, and the entities that qualifiers mean."""

    entity: EntityName | None = None
    aliases: Mapping[str, EntityName] = MappingProxyType({})


@lru_cache(maxsize=1024)
def names_in_expression(meaning: Meaning, text: str) -> tuple[ExpressionName, ...]:
    """The names of a text whose place has that meaning, in the order of the text; none where it is no SQL."""
    return tuple(sorted(_names(meaning, text), key=lambda name: name.span))


def _names(meaning: Meaning, text: str) -> Iterator[ExpressionName]:
    scope = _Scope()
    match meaning:
        case Meaning.EXPRESSION | Meaning.QUERY | Meaning.FIELD_PATH:
            yield from _of(parse_expression(text), scope)
        case Meaning.ROW_HEAD:
            head = parse_row_head(text)
            if head.entity is not None:
                own = _entity(head.entity)
                scope = _Scope(own, {head.entity.parts[-1].text.lower(): own})
            yield from _keywords(head.set_word, head.where_word)
            yield from _of_assignments(head.assignments, scope)
            yield from _of_all((head.extra, head.condition), scope)
        case Meaning.CALL_HEAD | Meaning.NOTIFICATION_HEAD:
            call = parse_call_head(text)
            if call.function is not None:
                last = call.function.parts[-1]
                kind = SymbolKind.FIELD if meaning is Meaning.NOTIFICATION_HEAD else _called(call.function)
                yield ExpressionName(kind, last.text, _span(last))
                if kind is SymbolKind.ACTION:
                    yield from _arguments(call.arguments, last.text)
            values = [argument.value for argument in call.arguments]
            if meaning is Meaning.NOTIFICATION_HEAD:
                # The first argument is its channel, which is no field; a text may be in double quotes.
                values = [value for value in values[1:] if not (isinstance(value, Path) and value.parts[0].quoted)]
            yield from _of_all((*values, call.extra), scope)
        case Meaning.DECLARATION:
            declaration = parse_declaration(text)
            if declaration.name is not None:
                yield _variable(declaration.name, Role.DEFINITION)
            yield from _of_all((declaration.default,), scope)
        case Meaning.ASSIGNMENT:
            for assignment in parse_assignments(text):
                if assignment.target is not None:
                    yield from _written(_of_path(assignment.target, scope))
                yield from _of(assignment.value, scope)
        case Meaning.VARIABLE:
            yield ExpressionName(SymbolKind.VARIABLE, text.strip(), Span(0, len(text)), role=Role.DEFINITION)


def _called(function: Path) -> SymbolKind:
    """What a step calls: an action, where it is neither a function of SQL nor in a schema."""
    is_function = len(function.parts) > 1 or function.parts[0].text.lower() in functions()
    return SymbolKind.FUNCTION if is_function else SymbolKind.ACTION


def _arguments(arguments: Iterable[Assignment], action: str) -> Iterator[ExpressionName]:
    """The parameters that a call names."""
    for argument in arguments:
        parts = argument.target.parts if argument.target is not None else ()
        if len(parts) == 1 and parts[0].text:
            yield ExpressionName(SymbolKind.PARAMETER, parts[0].text, _span(parts[0]), field=action)


def _entity(path: Path) -> EntityName:
    return EntityName(path.parts[0].text if len(path.parts) > 1 else "", path.parts[-1].text)


def _of_table(name: EntityName) -> EntityName:
    """The entity that a table in a query belongs to: ``tb_contact`` is that of Contact."""
    is_table = name.name.lower().startswith(TABLE_PREFIX)
    return name._replace(name=name.name[len(TABLE_PREFIX) :]) if is_table else name


def _keywords(*words: Name | None) -> Iterator[ExpressionName]:
    for word in words:
        if word is not None:
            yield ExpressionName(SymbolKind.OPERATOR, word.text.upper(), word.span)


def _variable(name: Name, role: Role = Role.REFERENCE) -> ExpressionName:
    return ExpressionName(SymbolKind.VARIABLE, name.text, name.span, role=role)


def _of_assignments(assignments: Iterable[Assignment], scope: _Scope) -> Iterator[ExpressionName]:
    for assignment in assignments:
        target = assignment.target
        if target is not None:
            yield from _written(_fields(target.parts, scope.entity))
            yield from _values(target, (assignment.value,), scope)
        yield from _of(assignment.value, scope)


def _written(names: Iterable[ExpressionName]) -> Iterator[ExpressionName]:
    """The names of a path that a value is assigned to: the last one gets it."""
    found = list(names)
    yield from found[:-1]
    yield from (name._replace(writes=True) for name in found[-1:])


def _of_all(expressions: Iterable[Expression | None], scope: _Scope) -> Iterator[ExpressionName]:
    for expression in expressions:
        if expression is not None:
            yield from _of(expression, scope)


def _of(expression: Expression, scope: _Scope) -> Iterator[ExpressionName]:
    match expression:
        case Path():
            yield from _of_path(expression, scope)
            return
        case Parameter(name=name):
            if name.text:
                yield ExpressionName(SymbolKind.PARAMETER, name.text, Span(expression.span.start, name.span.end))
            return
        case Query(clauses=clauses):
            scope = _within(expression, scope)
            yield from _clause_words(clauses)
        case Case(clauses=clauses):
            yield from _clause_words(clauses)
            compared = [item for item in clauses[0].items if isinstance(item, Path)] if clauses else []
            if compared and clauses[0].words == "CASE":
                values = (item for clause in clauses[1:] if clause.words == "WHEN" for item in clause.items)
                yield from _values(compared[0], values, scope)
        case Operation(operands=operands, operators=operators):
            for operator in operators:
                if operator.text:
                    yield ExpressionName(SymbolKind.OPERATOR, operator.text, operator.span)
            for operand in operands:
                field = operand.operand if isinstance(operand, Cast) else operand
                if isinstance(field, Path):
                    yield from _values(field, operands, scope)
        case Prefix(operators=operators):
            for operator in operators:
                yield ExpressionName(SymbolKind.OPERATOR, operator.text, operator.span)
    yield from _of_all(children(expression), scope)


def _clause_words(clauses: Iterable[Clause]) -> Iterator[ExpressionName]:
    for clause in clauses:
        if clause.words:
            start, end = clause.span
            yield ExpressionName(SymbolKind.OPERATOR, clause.words, Span(start, min(start + len(clause.words), end)))


def _within(query: Query, scope: _Scope) -> _Scope:
    """The scope of a query: its tables and their aliases."""
    aliases = dict(scope.aliases)
    tables: list[EntityName] = []
    for item in (item for clause in query.clauses for item in clause.items):
        table = item.operand if isinstance(item, Aliased) else item
        if isinstance(table, Path) and table.role is NameRole.TABLE:
            entity = _of_table(_entity(table))
            tables.append(entity)
            aliases[table.parts[-1].text.lower()] = entity
            if isinstance(item, Aliased):
                aliases[item.alias.parts[-1].text.lower()] = entity
    return _Scope(tables[0] if len(tables) == 1 else scope.entity, aliases)


def _of_path(path: Path, scope: _Scope) -> Iterator[ExpressionName]:
    first = path.parts[0]
    lowered = first.text.lower()
    if path.role is NameRole.FUNCTION:
        yield ExpressionName(SymbolKind.FUNCTION, path.parts[-1].text, path.parts[-1].span)
    elif path.role is NameRole.TABLE:
        entity = _of_table(_entity(path))
        if entity.schema:
            yield ExpressionName(SymbolKind.SCHEMA, entity.schema, _span(path.parts[0]))
        yield ExpressionName(SymbolKind.ENTITY, entity.name, _span(path.parts[-1]), entity)
    elif path.role is not NameRole.VALUE or not first.text:
        return
    elif path.is_input:
        yield _variable(first)
        yield from (ExpressionName(SymbolKind.PARAMETER, part.text, part.span) for part in path.parts[1:2] if part.text)
    elif path.is_variable or lowered in CONTEXT_VARIABLES:
        yield _variable(first)
    elif len(path.parts) > 1 and lowered in scope.aliases:
        yield from _fields(path.parts[1:], scope.aliases[lowered])
    elif len(path.parts) == 1 and lowered in functions() and lowered.startswith("current_"):
        yield ExpressionName(SymbolKind.FUNCTION, lowered, first.span)
    else:
        yield from _fields(path.parts, scope.entity)


def _fields(parts: tuple[Name, ...], entity: EntityName | None) -> Iterator[ExpressionName]:
    for index, part in enumerate(parts):
        if part.text and part.text != "*":
            through = tuple(each.text for each in parts[:index])
            yield ExpressionName(SymbolKind.FIELD, part.text, _span(part), entity, through)


def _span(name: Name) -> Span:
    """The span of a name without its quotes."""
    start, end = name.span
    return Span(start + 1, end - 1) if name.quoted and end - start > len(name.text) + 1 else name.span


def _values(field: Path, others: Iterable[Expression], scope: _Scope) -> Iterator[ExpressionName]:
    """The texts that a field is compared with, or set to."""
    names = [name for name in _of_path(field, scope) if name.kind is SymbolKind.FIELD]
    if not names:
        return
    last = names[-1]
    for other in others:
        for literal in other.items if isinstance(other, Group) else (other,):
            if isinstance(literal, Literal) and literal.kind is LiteralKind.STRING and literal.value:
                start = literal.span.start + 1
                span = Span(start, min(start + len(literal.value), literal.span.end))
                yield ExpressionName(
                    SymbolKind.ENUM_VALUE, literal.value, span, last.entity, last.through, field=last.name
                )
