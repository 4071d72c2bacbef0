"""Keys that are the same to PyYAML, however they are written."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.features import diagnostics
from specql_lsp.features.diagnostics.rules import duplicate_key
from specql_lsp.features.model import Finding
from specql_lsp.index.symbols import Place, place
from tests.features.support import analysis, document


def duplicates(text: str) -> list[Finding]:
    it = document("entity: A\n" + text)
    return [finding for finding in diagnostics.check(analysis(it), it) if finding.code == "duplicate-key"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("yes", "true"),
        ("on", "Yes"),
        ("1", "0x1"),
        ("1", "true"),
        ("1", "1.0"),
        ("010", "8"),
        ("1:0", "60"),
        ("~", "null"),
        ("1_0", "10"),
        (".nan", ".NaN"),
        ("2024-01-01", "2024-01-01"),
        ("'1'", '"1"'),
        ("name", "'name'"),
        ("!!str 1", "'1'"),
    ],
)
def test_keys_of_one_value_are_duplicates(first: str, second: str) -> None:
    text = f"k:\n  {first}: a\n  {second}: b\n"
    assert len(yaml.safe_load(text)["k"]) == 1
    (found,) = duplicates(text)
    assert found.message.endswith("SpecQL keeps only the last value. Delete one.")


@pytest.mark.parametrize(
    ("first", "second"),
    [("1", "'1'"), ("yes", "'true'"), ("012", "12"), ("~", "''"), ("0", "'0'"), ("!!int '1'", "'1'")],
)
def test_keys_of_other_values_are_not(first: str, second: str) -> None:
    text = f"k:\n  {first}: a\n  {second}: b\n"
    assert len(yaml.safe_load(text)["k"]) == 2
    assert not duplicates(text)


def test_another_spelling_is_named() -> None:
    (found,) = duplicates("k:\n  yes: a\n  true: b\n")
    assert found.message.startswith("The key true is the same as yes on line 3:")


def test_an_alias_is_a_key_and_a_merge_key_is_none() -> None:
    assert len(duplicates("n: &n x\nk: {x: 1, *n : 2}\n")) == 1
    assert not duplicates("a: &a {x: 1}\nk: {<<: *a, <<: *a, x: 2}\n")


def test_keys_that_are_repeated_one_after_the_other_are_one_finding() -> None:
    (found,) = duplicates("actions:\n- name: a\n  description: x\n  steps: []\n  description: y\n  steps: []\n")
    assert found.message.startswith("The keys description and steps are already in this mapping, from line 4 on:")
    assert [each.place.start.line for each in found.related] == [3, 4]
    assert len(duplicates("k: {a: 1, b: 2, a: 3, c: 4, b: 5}\n")) == 2
    assert len(duplicates("k: {a: 1, a: 2, a: 3}\n")) == 2


def test_many_duplicates_are_cut_and_no_more_than_those_are_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Place] = []

    def counted(*arguments: object) -> Place:
        made.append(place(*arguments))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(duplicate_key, "place", counted)
    assert len(duplicates("k: {" + "a: 1, " * 50_000 + "}\n")) == 20
    assert len(made) == 20


KEYS = st.sampled_from(
    ["1", "0x1", "true", "yes", "'1'", "~", "null", "''", "a", '"a"', "0", "off", "1.0", "012", "10", "=", "b"]
)


@given(st.lists(KEYS, max_size=6))
def test_as_many_as_pyyaml_drops(keys: list[str]) -> None:
    text = "k: {" + ", ".join(f"{key}: v" for key in keys) + "}\n"
    repeated = [first for found in duplicates(text) for first in found.related]
    assert len(repeated) == len(keys) - len(yaml.safe_load(text)["k"])
