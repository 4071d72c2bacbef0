"""Where no code can be put into a file without changing something else: nothing is written, and a sentence says why."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from specql_lsp.features.code_actions import code_actions
from specql_lsp.features.entity_edits import set_table_code, why_no_table_code
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.text import Span
from tests.features.support import REGISTRY, analysis, document
from tests.support.effort import times
from tests.support.exports import NOW
from tests.syntax.mutations import mutated, real_files

CODE = "01203A"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("entity: A\norganization: text\n", "organization holds the text text and no mapping"),
        ("entity: A\norganization: ''\n", "organization holds an empty text and no mapping"),
        ("entity: A\norganization:\n- x\n", "organization holds a list and no mapping"),
        ("entity: A\norganization:\n-\n", "organization holds a list and no mapping"),
        ("entity: A\norganization: !!set {domain_name}\n", "organization holds a set and no mapping"),
        ("o: &o text\nentity: A\norganization: *o\n", "organization holds the text text"),
        ("entity: A\norganization:\n|2\n  table_code: '1'\n", "organization holds the text table_code: '1' and no"),
        ("entity: A\norganization: |2\nx\n", "organization holds an empty text and no mapping"),
        ("b: &b {organization: {domain: crm}}\n<<: *b\nentity: A\n", "organization comes from a merge key"),
        ("entity: A\norganization: &o {domain: crm}\nx: *o\n", "is used in another place, too, through the alias *o"),
        (
            "entity: A\norganization: {table_code: &c '1'}\nx: *c\n",
            "is used in another place, too, through the alias *c",
        ),
    ],
)
def test_a_refusal_says_why(text: str, why: str) -> None:
    it = document(text)
    assert set_table_code(it, CODE) == ()
    said = why_no_table_code(it)
    assert said is not None
    assert why in said
    assert said.endswith(".")


def test_a_code_action_that_is_refused_is_disabled_with_the_reason() -> None:
    it = document("entity: New\nschema: crm\norganization: text\n")
    actions = code_actions(analysis(it, registry=REGISTRY), it, Span(0, 6), (), NOW)
    assert [action.disabled for action in actions if action.title.startswith("Allocate")] == [why_no_table_code(it)]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("entity: A\n? organization\n", "entity: A\n? organization\n: {table_code: '01203A'}\n"),
        ("entity: A\n? organization\nx: 1\n", "entity: A\n? organization\n: {table_code: '01203A'}\nx: 1\n"),
        (
            "entity: A\n? organization\n: domain: crm\n",
            "entity: A\n? organization\n: table_code: '01203A'\n  domain: crm\n",
        ),
        ("entity: A\norganization: {a: b}#x\n", "entity: A\norganization: {table_code: '01203A', a: b}#x\n"),
        ("entity: A\norganization: {}#x\n", "entity: A\norganization: {table_code: '01203A'}#x\n"),
        (
            "o: &o {a: b}\nentity: A\norganization: *o\n",
            "o: &o {a: b}\nentity: A\norganization: {<<: *o, table_code: '01203A'}\n",
        ),
        ("b: &b {entity: A}\n<<: *b\n", "b: &b {entity: A}\n<<: *b\norganization:\n  table_code: '01203A'\n"),
    ],
)
def test_odd_places_for_a_code(before: str, expected: str) -> None:
    assert apply(before, set_table_code(document(before), CODE)) == expected
    assert yaml.safe_load(expected)["organization"]["table_code"] == CODE


@settings(max_examples=times(40), deadline=None)
@given(st.integers(0, 2**32))
def test_an_edited_text_means_the_same_but_for_the_code(seed: int) -> None:
    """Real files, mutated: whatever is written, SpecQL reads it and finds the code, and nothing else has changed."""
    entities = tuple(text for text in real_files() if text.startswith("entity:"))
    for text in mutated(entities, 10, seed):
        it = document(text)
        try:
            before = yaml.safe_load(text)
        except Exception:  # noqa: S112 - whatever PyYAML refuses is no matter here
            continue
        edits = set_table_code(it, CODE)
        if not edits or not isinstance(before, dict):
            continue
        after = yaml.safe_load(apply(text, edits))
        organization = before.pop("organization", None) or {}
        assert after.pop("organization") == {**organization, "table_code": CODE}, text
        assert repr(after) == repr(before), text  # what holds itself cannot be compared
    assume(True)


@pytest.mark.parametrize("header", ["|+", ">+", "|2+", "|+2"])
def test_the_empty_lines_that_a_block_scalar_keeps_are_left_to_it(header: str) -> None:
    text = f"entity:\n  name: Ticket\n  schema: {header}\n    crm\n\n\nfields: {{}}\n"
    after = yaml.safe_load(apply(text, set_table_code(document(text), CODE)))
    assert after == {**yaml.safe_load(text), "organization": {"table_code": CODE}}
