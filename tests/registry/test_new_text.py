"""New YAML: PyYAML, SpecQL's reader, reads back what was written, and every value stays on one line."""

from __future__ import annotations

import re

import yaml
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.registry.sources.yaml.new_text import new_yaml
from specql_lsp.syntax.editing.values import ListValue, MapValue, Quotes, RawScalar, TextScalar, YamlValue
from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.pyyaml.errors import syntax_errors

TYPED = (
    "012031",
    "0x10",
    "0o7",
    "1:30",
    "yes",
    "No",
    "~",
    "null",
    "=",
    "<<",
    "1.5",
    "1e3",
    "2025-01-01",
    ".inf",
    "",
    "-",
)
texts = st.one_of(
    st.sampled_from(TYPED),
    st.sampled_from(
        ("a: b", "#x", "x #y", " x ", "- a", "? b", "{a", "[b]", "a, b", "&a", "*b", "!c", "%d", "@e", "`f")
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x85\u2028\u2029\ufeff\ufffe\uffff")),
    st.sampled_from(("a\nb", "tab\there", "\u2028", "\x85", "\x07", "\x7f", "\ufeff", "word " * 60, "a\\b", "'\"")),
)
scalars = st.builds(TextScalar, texts, st.sampled_from((Quotes.AS_NEEDED, Quotes.SINGLE, Quotes.DOUBLE)))
raws = st.sampled_from(("true", "false", "0", "-3", "934")).map(RawScalar)
lists = st.builds(ListValue, st.lists(scalars, max_size=3).map(tuple), st.booleans())


def maps(values: st.SearchStrategy[YamlValue]) -> st.SearchStrategy[MapValue]:
    entries = st.lists(st.tuples(scalars, values), max_size=3, unique_by=lambda entry: entry[0].value)
    return st.builds(MapValue, entries.map(tuple), st.booleans())


leaves: st.SearchStrategy[YamlValue] = st.one_of(scalars, raws, lists)
values = st.recursive(leaves, maps, max_leaves=8)
BLOCKS = maps(values).map(lambda found: MapValue(found.entries))


def meant(value: YamlValue) -> object:
    """What a value means."""
    match value:
        case MapValue(entries=entries):
            return {key.value: meant(each) for key, each in entries}
        case ListValue(items=items):
            return [item.value for item in items]
        case RawScalar(text=text):
            return yaml.safe_load(text)
        case TextScalar(value=text):
            return text


@given(BLOCKS)
def test_pyyaml_reads_back_what_was_written(value: MapValue) -> None:
    text = new_yaml(value)
    assert yaml.safe_load(text) == meant(value), text
    tree = parse(text)
    assert not syntax_errors(tree)
    assert not tree.problems


@given(st.lists(scalars, min_size=1, max_size=3))
def test_a_value_is_never_folded(written: list[TextScalar]) -> None:
    text = new_yaml(MapValue(tuple((TextScalar(f"key{number}"), value) for number, value in enumerate(written))))
    assert len(re.findall(r"\n", text)) == len(written)
