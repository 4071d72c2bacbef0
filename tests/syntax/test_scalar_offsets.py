"""Spans of a scalar's value as spans of the text: whatever the style, the token is found where it is written."""

from __future__ import annotations

import random
import re

import pytest

from specql_lsp.syntax.nodes import Mapping, Scalar
from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.scalar_offsets import span_in_text
from specql_lsp.syntax.text import LineIndex, Span
from tests.support.effort import SEED, times

EXPRESSION = "status = 'lead' AND naïve.city > 18"
STYLES = {
    "plain": "k: status = 'lead' AND naïve.city > 18\n",
    "plain on lines": "k: status = 'lead'\n  AND\n   naïve.city > 18\n",
    "single quotes": "k: 'status = ''lead'' AND naïve.city > 18'\n",
    "single quotes on lines": "k: 'status = ''lead''\n  AND naïve.city\n\n  > 18'\n",
    "double quotes": "k: \"status = 'lead' AND naïve.city > 18\"\n",
    "escapes": "k: \"\\x73tatus = 'lead'\\u0020AND na\\xEFve.city > 18\"\n",
    "double quotes on lines": "k: \"status = 'lead' \\\n   AND naïve.city\n  > 18\"\n",
    "literal": "k: |\n  status = 'lead'\n  AND naïve.city > 18\n",
    "literal, indented further": "k: |-\n    status = 'lead'\n\n      AND naïve.city > 18\n\n",
    "folded": "k: >\n  status = 'lead'\n  AND naïve.city\n\n  > 18\n",
    "folded, indented further": "k: >-\n  status = 'lead'\n    AND naïve.city\n  > 18\n",
    "flow": "k: {e: \"status = 'lead' AND naïve.city > 18\"}\n",
}


def scalar_in(text: str) -> Scalar:
    tree = parse(text, LineIndex(text))
    assert isinstance(tree.root, Mapping)
    value = tree.mapping(tree.root).entries[-1].value  # type: ignore[union-attr]
    if isinstance(value, Mapping):
        value = value.entries[0].value
    assert isinstance(value, Scalar)
    return value


@pytest.mark.parametrize("breaks", ["\n", "\r\n"])
@pytest.mark.parametrize("style", STYLES)
def test_every_word_is_found(style: str, breaks: str) -> None:
    text = STYLES[style].replace("\n", breaks)
    scalar = scalar_in(text)
    for word in re.finditer(r"\w+|[=>]", scalar.value):
        found = span_in_text(text, scalar, Span(*word.span()))
        written = text[found.start : found.end].replace("\\x73", "s").replace("\\xEF", "ï")
        assert written == word[0], (style, word[0])


def test_an_alias_is_its_whole_self() -> None:
    text = "a: &it \"x = 'y'\"\nk: *it\n"
    assert span_in_text(text, scalar_in(text), Span(0, 1)) == Span(text.index("*it"), text.index("*it") + 3)


def test_empty_spans_and_ends() -> None:
    text = "k: 'it''s'\n"
    scalar = scalar_in(text)
    assert span_in_text(text, scalar, Span(3, 3)) == Span(8, 8)
    assert span_in_text(text, scalar, Span(2, 4)) == Span(6, 9)
    assert span_in_text(text, scalar, Span(4, 4)) == Span(9, 9)
    assert span_in_text(text, scalar, Span(0, 99)) == Span(4, 9)


def test_any_value_in_any_style() -> None:
    chosen = random.Random(SEED)
    for _ in range(times(300)):
        words = chosen.choices(["ab", "c", "'", '"', "é", "\\", "=", "x1", "''"], k=chosen.randrange(1, 9))
        value = " ".join(words)
        margin = chosen.choice(["  ", "     "])
        lines = "".join(f"{margin}{word}\n" for word in words)
        texts = [
            "k: '" + value.replace("'", "''") + "'\n",
            'k: "' + value.replace("\\", "\\\\").replace('"', '\\"') + '"\n',
            f"k: |\n{lines}",
            f"k: >\n{lines}",
            "k: '" + f"\n{margin}".join(word.replace("'", "''") for word in words) + "'\n",
        ]
        for text in texts:
            scalar = scalar_in(text)
            for word in re.finditer(r"\w+", scalar.value):
                found = span_in_text(text, scalar, Span(*word.span()))
                assert text[found.start : found.end] == word[0], (text, word)
