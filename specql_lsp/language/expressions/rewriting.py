"""Expressions that SpecQL 0.9.2 refuses, in other words that it takes: IN and BETWEEN as comparisons."""

from __future__ import annotations

from typing import NamedTuple

from specql_lsp.language.expressions.nodes import Expression, Group, Missing, Operation, Operator, Path, Prefix, walk
from specql_lsp.syntax.text import Span


class Rewritten(NamedTuple):
    """What replaces a span of a text."""

    span: Span
    text: str


def as_comparisons(text: str, expression: Expression, operator: Span) -> Rewritten | None:
    """The comparisons that say the same as an IN or a BETWEEN.

    Args:
        text: the parsed text.
        expression: what it was parsed to.
        operator: the word IN or BETWEEN in the text.

    Returns:
        None if there is no such operator, or no name and values that can be compared.
    """
    for node in walk(expression):
        if isinstance(node, Operation):
            for index, each in enumerate(node.operators):
                if each.span.start <= operator.start and operator.end <= each.span.end:
                    return _rewritten(text, node, index, each)
    return None


def _rewritten(text: str, node: Operation, index: int, operator: Operator) -> Rewritten | None:
    left, right = node.operands[index], node.operands[index + 1]
    if not isinstance(left, Path):
        return None
    name = _of(text, left)
    is_negated = operator.text.startswith("NOT ")
    span = Span(left.span.start, right.span.end)
    match operator.text.removeprefix("NOT "):
        case "IN" if isinstance(right, Group) and right.closed and right.items:
            values = [_operand(text, item) for item in right.items if not isinstance(item, Missing)]
            sign, joint = (" != ", " AND ") if is_negated else (" = ", " OR ")
            joined = joint.join(f"{name}{sign}{value}" for value in values)
            return Rewritten(span, joined if len(values) == 1 else f"({joined})") if values else None
        case "BETWEEN" if len(node.operators) > index + 1 and node.operators[index + 1].text == "AND":
            upper = node.operands[index + 2]
            low, high = _operand(text, right), _operand(text, upper)
            span = Span(left.span.start, upper.span.end)
            if is_negated:
                return Rewritten(span, f"({name} < {low} OR {name} > {high})")
            return Rewritten(span, f"({name} >= {low} AND {name} <= {high})")
    return None


def _operand(text: str, node: Expression) -> str:
    """A value as it is compared: in parentheses where it has operators of its own."""
    written = _of(text, node)
    return f"({written})" if isinstance(node, Operation | Prefix) else written


def _of(text: str, node: Expression) -> str:
    return text[node.span.start : node.span.end]
