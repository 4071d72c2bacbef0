"""IN and BETWEEN as comparisons."""

from __future__ import annotations

import pytest

from specql_lsp.language.expressions.parser import parse_expression
from specql_lsp.language.expressions.rewriting import as_comparisons
from specql_lsp.syntax.text import Span


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a IN (1, 2)", "(a = 1 OR a = 2)"),
        ("a IN ('x')", "a = 'x'"),
        ("a IN (b OR c, -1)", "(a = (b OR c) OR a = (-1))"),
        ("b AND a NOT IN (1, 'it''s') OR c", "b AND (a != 1 AND a != 'it''s') OR c"),
        ("a.b in (now(), c + 1)", "(a.b = now() OR a.b = (c + 1))"),
        ("NOT a BETWEEN 1 AND 2 AND b", "NOT (a >= 1 AND a <= 2) AND b"),
        ("a NOT BETWEEN 1 AND b + 1", "(a < 1 OR a > (b + 1))"),
        ("(x = 1 OR (a IN (1)))", "(x = 1 OR (a = 1))"),
        ("a IN (SELECT 1)", None),
        ("a IN (", None),
        ("a IN ()", None),
        ("a IN b", None),
        ("lower(a) IN (1)", None),
        ("a BETWEEN 1", None),
    ],
)
def test_comparisons(text: str, expected: str | None) -> None:
    word = "BETWEEN" if "BETWEEN" in text else "in" if " in " in text else "IN"
    at = text.index(word)
    found = as_comparisons(text, parse_expression(text), Span(at, at + len(word)))
    written = text[: found.span.start] + found.text + text[found.span.end :] if found is not None else None
    assert written == expected
