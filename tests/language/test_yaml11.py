"""Plain scalars mean what PyYAML, SpecQL's reader, takes them for."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from specql_lsp.syntax import yaml11
from specql_lsp.syntax.yaml11 import ScalarType

TYPES = {
    bool: ScalarType.BOOLEAN,
    int: ScalarType.INTEGER,
    float: ScalarType.FLOAT,
    type(None): ScalarType.NULL,
    dt.date: ScalarType.TIMESTAMP,
    dt.datetime: ScalarType.TIMESTAMP,
    str: ScalarType.STRING,
}
WORDS = "yes no on off true false null ~ 012031 012032 0120 08 0o7 0x1F 0b11 1_000 190:20:30 1e3 1.5e+3 .inf -.inf .nan"
plain = st.one_of(
    st.text("0123456789", min_size=1, max_size=7),
    st.text("0123456789abcdefx_:.+-eE", min_size=1, max_size=8),
    st.sampled_from([w.format() for word in WORDS.split() for w in (word, word.upper(), word.capitalize())]),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?", fullmatch=True),
)


@given(plain)
def test_types_and_integers_are_those_of_pyyaml(text: str) -> None:
    tokens = [t for t in _scan(text) if isinstance(t, yaml.ScalarToken)]
    assume(len(tokens) == 1 and tokens[0].plain and tokens[0].value == text)
    tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))
    try:
        value = yaml.safe_load(text)
    except (ValueError, yaml.YAMLError):
        assume(tag in {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp"})
        assert yaml11.integer(text) is None  # PyYAML fails on it, too
        return
    assert yaml11.type_of(text) is TYPES[type(value)]
    if isinstance(value, int) and not isinstance(value, bool):
        assert yaml11.integer(text) == value
    else:
        assert yaml11.integer(text) is None


def _scan(text: str) -> list[yaml.Token]:
    try:
        return list(yaml.scan(text))
    except yaml.YAMLError:
        return []


@given(st.one_of(plain, st.text(st.characters(exclude_categories=["Cs"]), max_size=20)))
def test_what_is_written_reads_back(text: str) -> None:
    assume("\ufeff" not in text)
    written = yaml11.write(text)
    assert yaml.safe_load(f"k: {written}\n") == {"k": text}
    assert yaml.safe_load(yaml11.double_quote(text)) == text


@pytest.mark.parametrize("text", ["012031", "yes", "~", "", "a: b", "a #b", "- a", "'a", "=", "<<", " a", "a:", "1.0"])
def test_what_needs_quotes(text: str) -> None:
    assert yaml11.needs_quotes(text)


@pytest.mark.parametrize("text", ["crm", "A3", "01203G", "a-b", "-a", "a:b", "größe"])
def test_what_needs_none(text: str) -> None:
    assert not yaml11.needs_quotes(text)
