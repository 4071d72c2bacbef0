"""What other files may know of a file: definitions and uses with their places, and the keys that an edit changes."""

from __future__ import annotations

import pytest

from specql_lsp.index.summary import FileSummary, changed_keys, summarize
from specql_lsp.index.symbols import Key, SymbolKind, code_key, entity_key, field_key
from specql_lsp.items.lower import lower_entities
from specql_lsp.syntax.parser import parse

TEXT = """\
entity: Contact
schema: "crm"
organization: {table_code: '012031', domain_name: crm}
fields:
  name: text
  company: ref(sales.Company)   # ä
actions:
  - name: close
    steps:
      - update: Contact SET name = 'é'
"""


def summary(text: str) -> FileSummary:
    tree = parse(text)
    return summarize("file:///a.yaml", lower_entities(tree), tree.lines)


def test_definitions_and_uses_are_where_their_spots_say() -> None:
    found = summary(TEXT)
    assert [(d.key.kind.value, d.name, TEXT[slice(*d.spot.span)]) for d in found.definitions] == [
        ("entity", "Contact", "Contact"),
        ("field", "name", "name"),
        ("field", "company", "company"),
        ("action", "close", "close"),
    ]
    assert [(u.kind.value, u.key.name, TEXT[slice(*u.spot.span)]) for u in found.uses] == [
        ("schema", "crm", "crm"),
        ("code", "012031", "012031"),
        ("domain", "crm", "crm"),
        ("schema", "sales", "sales"),
        ("ref", "company", "Company"),
        ("step", "contact", "Contact"),
    ]
    lines = TEXT.split("\n")
    for spot in (*(d.spot for d in found.definitions), *(u.spot for u in found.uses)):
        assert lines[spot.line][spot.column : spot.column + spot.length] == TEXT[slice(*spot.span)]


def test_a_line_that_is_not_ascii_before_the_name_keeps_its_text() -> None:
    [_, field] = summary("entity: A\nfields: {ä: text}\n").definitions
    assert (field.spot.prefix, field.spot.column) == ("fields: {ä", 9)


CONTACT = entity_key("contact")
IN_CRM = entity_key("contact", "crm")
CODE = code_key("012031")
NAME = field_key("name", "contact", "crm")


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("'é'", "'è'", set()),
        ("# ä", "# another comment", set()),
        ("  - name: close", "  - name: shut", set()),
        ("name: text", "name: email", {NAME}),
        ("  name: text\n", "", {NAME}),
        ("012031", "012032", {CODE, code_key("012032")}),
        ("entity: Contact", "# above\nentity: Contact", {IN_CRM, CODE}),
        ("entity: Contact", "entity: contact", {CONTACT, IN_CRM, CODE}),
        (TEXT, "other: yaml\n", {CONTACT, IN_CRM, CODE, NAME, field_key("company", "contact", "crm")}),
    ],
)
def test_the_keys_that_an_edit_changes(old: str, new: str, changed: set[Key]) -> None:
    assert changed_keys(summary(TEXT), summary(TEXT.replace(old, new, 1))) == changed


def test_a_renamed_entity_changes_both_names_and_its_fields() -> None:
    changed = changed_keys(summary(TEXT), summary(TEXT.replace("entity: Contact", "entity: Person")))
    assert {key for key in changed if key.kind is SymbolKind.ENTITY} == {
        *(CONTACT, IN_CRM),
        *(entity_key("person"), entity_key("person", "crm")),
    }
    assert {NAME, field_key("name", "person", "crm")} <= changed


def test_a_file_that_comes_or_goes_changes_all_its_keys() -> None:
    found = summary(TEXT)
    assert changed_keys(None, found) == changed_keys(found, None) == set(found.signatures)
    assert changed_keys(None, None) == set()
