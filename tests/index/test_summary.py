"""What other files may know of a file: definitions and uses with their places, and the keys that an edit changes."""

from __future__ import annotations

import pytest

from specql_lsp.index.summary import UNNAMED, FileSummary, changed_keys, summarize
from specql_lsp.index.symbols import Key, Spot, SymbolKind, code_key, entity_key, field_key, member_owner
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.workspace.documents import Document

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


def summary(text: str) -> FileSummary | None:
    return summarize(Document("file:///a.yaml", text))


def known(text: str) -> FileSummary:
    found = summary(text)
    assert found is not None
    return found


def written(text: str, spot: Spot) -> str:
    return text.split("\n")[spot.line][spot.column : spot.column + spot.length]


def test_definitions_and_uses_are_where_their_spots_say() -> None:
    found = known(TEXT)
    [entity] = found.entities
    assert [(field.name, field.type) for field in entity.fields] == [
        ("name", "text"),
        ("company", "ref(sales.Company)"),
    ]
    assert (entity.actions, written(TEXT, entity.name_spot)) == (("close",), "Contact")
    assert [(use.kind.value, use.name, written(TEXT, use.spot)) for use in found.uses] == [
        ("schema", "crm", "crm"),
        ("code", "012031", "012031"),
        ("domain", "crm", "crm"),
        ("schema", "sales", "sales"),
        ("ref", "company", "Company"),
        ("step", "contact", "Contact"),
    ]


def test_a_line_that_is_not_ascii_before_the_name_keeps_its_text() -> None:
    [use] = known("entity: A\nfields: {ä: ref(B)}\n").uses
    assert use.spot == Spot(1, 16, 1, "fields: {ä: ref(B")


def test_a_file_whose_entity_has_no_name_yet_uses_names_all_the_same() -> None:
    found = known("entity:\nfields: {a: ref(B)}\n")
    assert (found.entities, [use.key for use in found.uses]) == ((), [entity_key("B")])


CONTACT = entity_key("contact")
IN_CRM = entity_key("contact", "crm")
CODE = code_key("012031")
NAME = field_key("name", "contact", "crm")
CLOSE = Key(SymbolKind.ACTION, "close", member_owner("contact", "crm"))
OF_OTHERS = {CONTACT, IN_CRM, CODE, NAME, CLOSE, field_key("company", "contact", "crm")}


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("'é'", "'è'", set()),
        ("# ä", "# another comment", set()),
        ("update: Contact", "update: Company", set()),
        ("  - name: close", "  - name: shut", {CLOSE, Key(SymbolKind.ACTION, "shut", member_owner("contact", "crm"))}),
        ("name: text", "name: email", {NAME}),
        ("  name: text\n", "", {NAME}),
        ("012031", "012032", {CODE, code_key("012032")}),
        ("entity: Contact", "# above\nentity: Contact", {IN_CRM, CODE}),
        ("entity: Contact", "entity: contact", {CONTACT, IN_CRM, CODE}),
        (TEXT, "other: yaml\n", OF_OTHERS),
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
    found = known(TEXT)
    assert changed_keys(None, found) == changed_keys(found, None) == OF_OTHERS
    assert changed_keys(None, None) == set()


@pytest.mark.parametrize("entity", ["entity:", "entity: [Contact", "entity: 'Contact", "entity: {}"])
def test_the_code_of_an_entity_without_a_name_is_used(entity: str) -> None:
    rest = "\nschema: crm\norganization:\n  table_code: '01203a'\n"
    named, unnamed = known("entity: Contact" + rest), known(entity + rest)
    other = known(entity + rest.replace("01203a", "01203b"))
    assert (unnamed.entities, unnamed.codes) == ((), ("01203A",))
    for before, after in ((named, unnamed), (unnamed, other), (other, named), (None, unnamed), (unnamed, None)):
        had, has = (frozenset(each.codes if each is not None else ()) for each in (before, after))
        assert {code_key(each) for each in had ^ has} <= changed_keys(before, after)


def test_its_code_is_free_again_with_a_file_that_is_gone() -> None:
    index = WorkspaceIndex([known("entity:\nschema: crm\norganization: {table_code: '01203A'}\n")])
    assert list(index.codes()) == ["01203A"]
    assert [each.name for each in index.using_code("01203A")] == [UNNAMED]
    assert index.named(UNNAMED) == () and index.entity("file:///a.yaml") is None
    assert list(index.put("file:///a.yaml", None).codes()) == []
