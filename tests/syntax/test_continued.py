"""Where the cursor (``$0``) is on the further lines of a scalar."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from specql_lsp.syntax.continued import continued_at
from specql_lsp.syntax.text import LineIndex
from tests.syntax.test_cursor import pieces


@pytest.mark.parametrize(
    ("snippet", "path", "prefix", "quote", "replaced"),
    [
        ("a: |\n  x $0y  \n", "a", "x ", "", "x y"),
        ("a: |\n  x\n\n    y$0", "a", "x\n\ny", "", "y"),
        ("a: >-\n  x\n  y$0", "a", "x y", "", "y"),
        ("a: |\n  x\n  $0\n  y", "a", "x\n", "", ""),
        ("l:\n  - a: >\n      x$0", "l/[]/a", "x", "", "x"),
        ("l:\n  - b: 1\n    a:\n      x$0", "l/[]/a", "x", "", "x"),
        ("a: 'it''s\n  x$0'", "a", "it''s x", "'", "x'"),
        ('a: "\\"\n  x$0"', "a", '\\" x', '"', 'x"'),
        ("a: x\n  y$0", "a", "x y", "", "y"),
    ],
)
def test_contexts(snippet: str, path: str, prefix: str, quote: str, replaced: str) -> None:
    offset, text = snippet.index("$0"), snippet.replace("$0", "")
    context = continued_at(LineIndex(text), offset)
    assert context is not None
    assert ("/".join(context.path), context.prefix, context.quote) == (path, prefix, quote)
    assert text[context.replace.start : context.replace.end] == replaced
    assert context.is_continued


@pytest.mark.parametrize(
    "snippet",
    [
        "$0",
        "a: $0",
        "a: |\n$0",
        "a: |\n $0 x",
        "a: 'x'\n  y$0",
        "a: {x\n  y$0",
        "a: [x,\n  y$0]",
        "a: x # c\n  y$0",
        "a:\n  b: x\n  c$0",
        "a:\n  b: $0",
        "a: |\n  b: x\n    y$0",
        "{a: |\n  x$0",
        "a: |\n---\n  x$0",
    ],
)
def test_where_no_scalar_goes_on(snippet: str) -> None:
    assert continued_at(LineIndex(snippet.replace("$0", "")), snippet.index("$0")) is None


@given(st.lists(pieces, max_size=25).map("".join), st.integers(-2, 80))
@example("a: |\n  x", 9)
def test_it_never_raises_and_stays_on_the_line_of_the_cursor(text: str, offset: int) -> None:
    lines = LineIndex(text)
    context = continued_at(lines, offset)
    if context is not None:
        inside = min(max(offset, 0), len(text))
        start, end = context.replace
        assert start <= inside <= end <= len(text)
        assert lines.line_of(start) == lines.line_of(inside)


def test_what_is_too_long_to_be_read_while_a_request_waits_has_no_context() -> None:
    text = "a: |\n" + "  x\n" * 600 + "  y"
    assert continued_at(LineIndex(text), len(text)) is None
    text = "a: |\n  " + "x" * 20_000 + "\n  y"
    assert continued_at(LineIndex(text), len(text)) is None
    text = "a: '" + "x\\" * 4_000 + "\n  y"
    assert continued_at(LineIndex(text), len(text)) is not None
