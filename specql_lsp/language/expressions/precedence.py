"""Operators and their precedence: a flat list of operands and operators → a tree.

Operands of one level make one node, however many there are, so that the tree of a long chain is flat.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from specql_lsp.language.expressions.lexer import TokenKind
from specql_lsp.language.expressions.nodes import Expression, Operation, Operator, Prefix
from specql_lsp.syntax.text import Span

if TYPE_CHECKING:
    from specql_lsp.language.expressions.cursor import TokenCursor

JUXTAPOSED = 0
"""The level of two operands without an operator between them."""
# From the loosest to the tightest.
_ASSIGNMENT, _OR, _AND, _NOT, _IS, _COMPARISON, _PATTERN, _OTHER = range(1, 9)
_SUM, _PRODUCT, _POWER, _ZONE, _SIGN, _TIGHTEST = range(9, 15)
_LEVELS = {
    ":=": _ASSIGNMENT,
    "=>": _ASSIGNMENT,
    "OR": _OR,
    "AND": _AND,
    "IS": _IS,
    "=": _COMPARISON,
    "<": _COMPARISON,
    ">": _COMPARISON,
    "<=": _COMPARISON,
    ">=": _COMPARISON,
    "<>": _COMPARISON,
    "!=": _COMPARISON,
    "IN": _PATTERN,
    "LIKE": _PATTERN,
    "ILIKE": _PATTERN,
    "MATCHES": _PATTERN,
    "BETWEEN": _PATTERN,
    "SIMILAR": _PATTERN,
    "ESCAPE": _PATTERN,
    "AT": _ZONE,
    "COLLATE": _ZONE,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "%": _PRODUCT,
    "^": _POWER,
}
OPERATOR_WORDS = frozenset(word for word in _LEVELS if word.isalpha()) - {"AT", "SIMILAR", "ESCAPE", "COLLATE"}
"""Words that are operators wherever they are written."""
_FOLLOWED_BY = {"AT": ("TIME", "ZONE"), "SIMILAR": ("TO",)}
_NEGATED = frozenset({"IN", "LIKE", "ILIKE", "MATCHES", "BETWEEN", "SIMILAR"})


class OperatorItem(NamedTuple):
    """An operator in a flat list; ``is_prefix`` says that it is before its operand."""

    operator: Operator
    level: int
    is_prefix: bool = False

    @property
    def text(self) -> str:
        """The operator as ``Operator.text`` has it."""
        return self.operator.text


Item: TypeAlias = Expression | OperatorItem


def prefix_operator(cursor: TokenCursor) -> OperatorItem | None:
    """Takes NOT or a sign at the cursor; None if there is none."""
    token = cursor.token()
    if token is None:
        return None
    if token.kind is TokenKind.OPERATOR and token.text in {"+", "-"}:
        cursor.advance()
        return OperatorItem(Operator(token.span, token.text), _SIGN, is_prefix=True)
    if cursor.word() == "NOT" and not cursor.is_name():
        cursor.advance()
        return OperatorItem(Operator(token.span, "NOT"), _NOT, is_prefix=True)
    return None


def binary_operator(cursor: TokenCursor, *, in_between: bool) -> OperatorItem | None:
    """Takes the operator at the cursor; None if there is none.

    Args:
        cursor: the place.
        in_between: whether a BETWEEN is waiting for its AND.
    """
    token = cursor.token()
    if token is None:
        return None
    if token.kind is TokenKind.OPERATOR:
        cursor.advance()
        return OperatorItem(Operator(token.span, token.text), _LEVELS.get(token.text, _OTHER))
    word = cursor.word()
    if not word or cursor.is_name():
        return None
    following = cursor.token(1)
    words = [word]
    if word == "NOT" and following is not None and following.word in _NEGATED:
        words.append(following.word)
    elif word not in _LEVELS:
        return None
    last = words[-1]
    for index, expected in enumerate(_FOLLOWED_BY.get(last, ())):
        further = cursor.token(len(words))
        if further is None or further.word != expected:
            if index == 0:
                return None  # a name: "at" or "similar"
            break
        words.append(expected)
    if word == "IS":
        words += _after_is(cursor)
    end = cursor.token(len(words) - 1)
    cursor.advance(len(words))
    span = Span(token.span.start, end.span.end if end is not None else token.span.end)
    level = _PATTERN if word == "AND" and in_between else _LEVELS[last]
    return OperatorItem(Operator(span, " ".join(words)), level)


def _after_is(cursor: TokenCursor) -> list[str]:
    words: list[str] = []
    for expected in ("NOT", "DISTINCT", "FROM"):
        token = cursor.token(1 + len(words))
        if token is not None and token.word == expected and (expected != "FROM" or "DISTINCT" in words):
            words.append(expected)
    return words


def close_test(items: list[Item], operator: OperatorItem, right: Expression) -> None:
    """Puts ``x IS NULL`` or ``x IN (…)`` in the place of ``x`` at the end of the list, for what follows it."""
    start = len(items)
    while start and not (isinstance(item := items[start - 1], OperatorItem) and item.level <= operator.level):
        start -= 1
    operand = build(items[start:])
    span = Span(operand.span.start, right.span.end)
    items[start:] = [Operation(span, (operand, right), (operator.operator,))]


def build(items: Sequence[Item]) -> Expression:
    """The tree of operands and operators; there is at least one operand, and one between two binary operators."""
    first = items[0]
    if len(items) == 1 and not isinstance(first, OperatorItem):
        return first
    binary = [item.level for item in items if isinstance(item, OperatorItem) and not item.is_prefix]
    lowest = min(binary, default=_TIGHTEST)
    prefixes = 0
    while isinstance(prefix := items[prefixes], OperatorItem) and prefix.is_prefix and prefix.level < lowest:
        prefixes += 1
    if prefixes:
        return _prefixed(items, prefixes)
    operands: list[Expression] = []
    operators: list[Operator] = []
    start = 0
    for index, item in enumerate(items):
        if isinstance(item, OperatorItem) and not item.is_prefix and item.level == lowest:
            operands.append(build(items[start:index]))
            operators.append(item.operator)
            start = index + 1
    operands.append(build(items[start:]))
    return Operation(Span(operands[0].span.start, operands[-1].span.end), tuple(operands), tuple(operators))


def _prefixed(items: Sequence[Item], count: int) -> Expression:
    operators = tuple(item.operator for item in items[:count] if isinstance(item, OperatorItem))
    operand = build(items[count:])
    return Prefix(Span(operators[0].span.start, operand.span.end), operators, operand)
