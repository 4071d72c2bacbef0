"""The table code put into a file: what is written, and that nothing else changes."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.features.entity_edits import set_table_code
from specql_lsp.syntax.editing.text_edit import apply
from tests.features.support import document

CODE = "012031"


def after(text: str) -> str:
    return apply(text, set_table_code(document(text), CODE))


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        # A code that stands there.
        (
            "entity: A\norganization:\n  table_code: 012031 # c\n",
            "entity: A\norganization:\n  table_code: '012031' # c\n",
        ),
        ('entity: A\norganization: {table_code: "9"}\n', 'entity: A\norganization: {table_code: "012031"}\n'),
        ("entity: A\norganization: {table_code: '012031'}\n", None),
        ("entity: A\norganization:\n  table_code: !!int 9\n", "entity: A\norganization:\n  table_code: '012031'\n"),
        ("entity: A\norganization:\n  table_code: &c 9\n", "entity: A\norganization:\n  table_code: &c '012031'\n"),
        ("entity: A\norganization:\n  table_code: [9,\n   8]\n", "entity: A\norganization:\n  table_code: '012031'\n"),
        # A key that waits for it.
        ("entity: A\norganization:\n  table_code:\n", "entity: A\norganization:\n  table_code: '012031'\n"),
        ("entity: A\norganization:\n  table_code:  # c\n", "entity: A\norganization:\n  table_code: '012031'  # c\n"),
        ("entity: A\norganization:\n  table_code: null\n", "entity: A\norganization:\n  table_code: '012031'\n"),
        ("entity: A\norganization: {table_code: }\n", "entity: A\norganization: {table_code: '012031' }\n"),
        ("entity: A\norganization: {table_code}\n", "entity: A\norganization: {table_code: '012031'}\n"),
        ("entity: A\norganization:\n  table_code: !!null\n", "entity: A\norganization:\n  table_code: '012031'\n"),
        (
            "entity: A\norganization:\n  table_code: &a !!null # c\n",
            "entity: A\norganization:\n  table_code: &a '012031' # c\n",
        ),
        (
            "entity: A\norganization: {? table_code : !!null }\n",
            "entity: A\norganization: {? table_code : '012031' }\n",
        ),
        # An organization without it.
        (
            "entity: A\norganization:\n    # c\n    domain_name: crm\n",
            "entity: A\norganization:\n    # c\n    table_code: '012031'\n    domain_name: crm\n",
        ),
        ("entity: A\norganization: {}\n", "entity: A\norganization: {table_code: '012031'}\n"),
        (
            "entity: A\norganization: { domain_name: crm }\n",
            "entity: A\norganization: { table_code: '012031', domain_name: crm }\n",
        ),
        ("entity: A\norganization: # c\nx: 1\n", "entity: A\norganization: # c\n  table_code: '012031'\nx: 1\n"),
        ("entity: A\norganization: ~ # c\n", "entity: A\norganization: # c\n  table_code: '012031'\n"),
        ("entity: A\norganization: null", "entity: A\norganization:\n  table_code: '012031'"),
        # No organization.
        ("entity: A\n", "entity: A\norganization:\n  table_code: '012031'\n"),
        ("entity: A", "entity: A\norganization:\n  table_code: '012031'"),
        (
            "entity: A # a\nschema: crm # b\n\n# c\nfields:\n    x: text\n    y: {type: text}\nz:\n    q: 1\n",
            (
                "entity: A # a\nschema: crm # b\norganization:\n    table_code: '012031'\n\n# c\nfields:\n    x: text\n"
                "    y: {type: text}\nz:\n    q: 1\n"
            ),
        ),
        ("entity: A\r\nx: 1\r\n", "entity: A\r\norganization:\r\n  table_code: '012031'\r\nx: 1\r\n"),
        (
            "entity:\n   name: A\n   schema: crm\nx: 1\n",
            "entity:\n   name: A\n   schema: crm\norganization:\n   table_code: '012031'\nx: 1\n",
        ),
        ("schema: 'a\n  b'\nentity: A\n", "schema: 'a\n  b'\norganization:\n  table_code: '012031'\nentity: A\n"),
        ("schema: >-\n  crm\n\nentity: A\n", "schema: >-\n  crm\norganization:\n  table_code: '012031'\n\nentity: A\n"),
        ("{entity: A, schema: crm}\n", "{entity: A, schema: crm, organization: {table_code: '012031'}}\n"),
    ],
)
def test_where_the_code_is_put(before: str, expected: str | None) -> None:
    if expected is None:
        assert set_table_code(document(before), CODE) == ()
        return
    assert after(before) == expected
    assert yaml.safe_load(expected)["organization"]["table_code"] == CODE
    assert set_table_code(document(expected), CODE) == ()


def test_a_file_without_an_entity_is_left_alone() -> None:
    assert set_table_code(document("a: 1\n"), CODE) == ()


def test_an_organization_by_its_alias() -> None:
    before = "x: &o\n  domain_name: crm\nentity: A\norganization: *o\n"
    assert yaml.safe_load(after(before))["organization"] == {"table_code": CODE, "domain_name": "crm"}


SCHEMA = st.sampled_from(
    [
        "",
        "schema: crm\n",
        "schema: 'crm' # s\n",
        "schema: >-\n  crm\n",
        "schema: |\n  crm\n\n",
        "schema:\n",
        "schema: a\n  b\n",
    ]
)
NAME = st.sampled_from(
    ["entity: A\n", "entity: 'A'   # e\n", "entity:\n    name: A\n", "entity: {name: A, schema: crm}\n"]
)
ORGANIZATION = st.sampled_from(
    [
        "",
        "organization:\n",
        "organization: ~\n",
        "organization: {}\n",
        "organization: {domain: crm, subdomain: x}\n",
        "organization: &o\n  # c\n  domain: crm\n",
        "organization:\n    table_code: 012031\n    domain: crm\n",
        "organization: {\n  domain: crm,\n}\n",
        "organization:\n  table_code:\n  domain: crm\n",
        "organization: {table_code: , a: b}\n",
        'organization:\n  domain: crm\n  table_code: "5" # c\n',
        "organization: !!map\n  domain: crm\n",
        "organization: # x\n",
        "organization:\n  table_code: >-\n    abc\n  domain: crm\n",
        "organization:\n  ? table_code\n  : 5\n",
        "? organization\n",
        "? organization\n: domain: crm\n",
        "? organization\n# c\n:\n  domain: crm\n",
        "? organization\n: {}\n",
        "? organization # c\n: ~\n",
        "? !!str organization\n",
        "organization: {}#x\n",
        "organization: {domain: crm}#x\n",
        "organization:\n  ? table_code\n",
        "organization:\n  ? domain\n  : crm\n",
    ]
)
REST = st.sampled_from(
    ["", "fields:\n  a: text\n", "# c\n", "\n\nactions:\n- name: x\n", "fields: {a: text}\n", "description: |\n  x\n"]
)
ENDINGS = st.sampled_from(["\n", "\r\n"])


def others(read: dict[str, object]) -> dict[str, object]:
    """All but the organization. A block scalar at the very end gets its line break from what comes behind it."""
    return {k: v.rstrip() if isinstance(v, str) else v for k, v in read.items() if k != "organization"}


@given(st.permutations([0, 1, 2, 3]), NAME, SCHEMA, ORGANIZATION, REST, ENDINGS, st.booleans())
def test_any_file_holds_the_code_and_all_else(
    order: list[int], name: str, schema: str, organization: str, rest: str, ending: str, cut: bool
) -> None:
    parts = [name, schema, organization, rest]
    text = "".join(parts[i] for i in order)
    text = text.rstrip("\n") if cut else text
    text = text.replace("\n", ending)
    before = yaml.safe_load(text)
    result = after(text)
    read = yaml.safe_load(result)
    assert read["organization"]["table_code"] == CODE
    kept = before.get("organization")
    if isinstance(kept, dict):
        assert {**kept, "table_code": CODE} == read["organization"]
    assert others(read) == others(before)
    assert document(result).entity is not None
    assert set_table_code(document(result), CODE) == ()
    if "\r\n" in text:  # a file of one line shows no line break to go on with
        assert "\n" not in result.replace("\r\n", "")


@given(st.text())
def test_any_text_is_edited_without_an_exception(text: str) -> None:
    for it in ("entity: " + text, "entity: A\norganization: " + text):
        apply(it, set_table_code(document(it), CODE))
