"""Scalars read as PyYAML reads them."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from specql_lsp.syntax.nodes import Mapping, Scalar
from specql_lsp.syntax.parsing.parse import parse


def ours(text: str) -> str:
    root = parse(text).root
    assert isinstance(root, Mapping)
    value = root.value("k")
    assert isinstance(value, Scalar)
    return value.value


@pytest.mark.parametrize(
    "text",
    [
        "k: plain",
        "k: plain  # comment",
        "k: two\n  lines\n\n  more\n",
        "k: 'it''s'",
        "k: 'two\n  lines\n\n  more'\n",
        'k: "a\\tb\\u00fc\\x41\\U0001F600\\"\\\\ \\N\\L\\_"',
        'k: "two\n  lines\n\n  more"\n',
        'k: "joined\\\n  up"\n',
        "k: |\n  a\n   b\n\n  c\n",
        "k: |-\n  a\n  b\n",
        "k: >\n  a\n  b\n\n  c\n",
        "k: >-\n  a\n  b\n",
        "k: >\n\n  a\n  b\n\n\n  c\n    d\n    e\n\n  f\n  g\n\n",
        'k: "a \\\\\n  b\\\n\n  c"\n',
        "k: |-\n  a \n",
        "k: |\n  a\t\n\nl: b\n",
        "k: >-\n  a \n  b  \n\n",
        "k: |-  \n  a \r\n",
        "k: |-\r  a\r   b \rl: c\r",
        "k: >\r\n  a\r\n  b \r\nl: c\r\n",
        "k: ''",
        'k: ""',
    ],
)
def test_as_pyyaml(text: str) -> None:
    assert ours(text) == yaml.load(text, yaml.BaseLoader)["k"]  # noqa: S506 - builds texts only


printable = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x1F9FF, exclude_categories=["Cs", "Cc", "Cn", "Co", "Zl", "Zp"]),
    max_size=30,
)


@given(printable, st.sampled_from(["'", '"']))
def test_dumped_text_comes_back(value: str, style: str) -> None:
    assume("\ufeff" not in value)
    text = yaml.safe_dump({"k": value}, default_style=style, allow_unicode=True, width=10**6)
    root = parse(text).root
    assert isinstance(root, Mapping)
    node = root.value("k")
    assert isinstance(node, Scalar)
    assert node.value == value
