"""Items without a node: each lone dash is found, and no dash of an item, a scalar or a comment."""

from __future__ import annotations

import pytest
import yaml

from specql_lsp.syntax.empty_items import empty_items, may_have_empty_items
from specql_lsp.syntax.nodes import Sequence, walk
from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.text import LineIndex

TEXTS = [
    "-\n",
    "-",
    "- a\n-\n- b\n",
    "-\n- a\n",
    "- a\n- # none\n\n# more\n-  \n",
    "k:\n  -\n  - a\n  -\nl: 1\n",
    "k:\n- a\n-\nl:\n- b\n",
    "k:\n-\nl:\n-\n-\n",
    "-\n  a\n- - b\n  -\n-\n  # it\n  c: d\n",
    "- |\n  text\n  -\n- >\n -\n-\n",
    '- "a\n  -\n  b"\n-\n',
    "- [a, -1]\n-\n- {a: b-}\n",
    "- a: 1\n  b:\n  -\n  - c\n- d\n",
    "- a #-\n- b # -\n",
    "- x - y\n-\n",
    "- &x a\n- *x\n-\n",
    "[]\n",
]


@pytest.mark.parametrize("breaks", ["\n", "\r\n"])
@pytest.mark.parametrize("text", TEXTS)
def test_every_null_item(text: str, breaks: str) -> None:
    text = text.replace("\n", breaks)
    tree = parse(text, LineIndex(text))
    sequences = [node for node in walk(tree.root) if isinstance(node, Sequence)] if tree.root else []
    found = sorted(span for sequence in sequences for span in empty_items(text, sequence))
    assert [text[span.start : span.end] for span in found] == ["-"] * nulls(yaml.safe_load(text))
    assert len(set(found)) == len(found)
    assert not found or may_have_empty_items(text)


def nulls(value: object) -> int:
    if isinstance(value, dict):
        return sum(map(nulls, value.values()))
    if isinstance(value, list):
        return sum(item is None for item in value) + sum(map(nulls, value))
    return 0
