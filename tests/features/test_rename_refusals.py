"""What a rename refuses, each with a sentence; and what it only seems to have to refuse."""

from __future__ import annotations

import pytest

from specql_lsp.features.rename.file_names import entity_named, followed
from specql_lsp.features.rename.model import RenameRefused
from specql_lsp.features.rename.renamable import renamable
from tests.features.rename_support import check_rename, crm_registry, refusal, rename_in
from tests.features.workspace_snippets import workspace

CONTACT = """
-- crm/contact.yaml --
entity: Contact
schema: crm
organization: {table_code: '012031'}
fields:
  email: text
  status: enum(lead, customer)
  base: &base {type: text}
  copy: *base
  phone: &other {type: text}
actions:
  - name: merge
    steps:
      - declare: v_count integer = 0
      - validate: email IS NOT NULL AND v_count > 0 AND status = 'lead'
  - name: split
    steps: []
-- crm/company.yaml --
entity: Company
schema: crm
fields: {contact: ref(Contact)}
-- hr/person.yaml --
entity: Person
schema: hr
fields: {a: text}
-- hr/team.yaml --
entity: Team
schema: hr
fields: {lead: ref(Person)}
""" + crm_registry(
    "Lead: {table_code: '012032', entity_code: LDE, assigned_at: '2025-01-01'}",
    domains="  '4': {name: hr, description: People, subdomains: {}}\n",
)

REFUSALS = [
    # Names that nothing of the kind can have.
    ("entity: Con$0tact", "1st", "not a digit first"),
    ("entity: Con$0tact", "Two words", "letters, digits and underscores"),
    ("entity: Con$0tact", "", "cannot name an entity"),
    ("entity: Con$0tact", "A" * 101, "101 characters"),
    ("ema$0il: text", "id", "is reserved"),
    ("ema$0il: text", "fk_thing", "is reserved"),
    ("ema$0il: text", "e-mail", "cannot name a field"),
    ("ema$0il: text", "order", "reserved word of PostgreSQL"),
    ("- name: mer$0ge", "a b", "cannot name an action"),
    ("enum(le$0ad, customer)", "a, b", "cannot be a value of an enum"),
    ("enum(le$0ad, customer)", "x)", "cannot be a value of an enum"),
    ("enum(le$0ad, customer)", "null", "meaning of its own"),
    ("&ba$0se {", "a b", "cannot name an anchor"),
    ("v_co$0unt integer", "auth_user_id", "meaning of its own"),
    ("schema: c$0rm", "New Name", "cannot name a domain"),
    ("schema: c$0rm", "core", "SpecQL's own"),
    # Names that are taken.
    ("entity: Con$0tact", "Company", "There is an entity Company in the schema crm already, in company.yaml"),
    ("entity: Con$0tact", "COMPANY", "There is an entity Company"),
    ("entity: Con$0tact", "Lead", "Lead is registered already, with the code 012032 in domain 2 (crm)"),
    ("ema$0il: text", "status", "has a field status already"),
    ("ema$0il: text", "Status", "has a field Status already"),
    ("- name: mer$0ge", "split", "has an action split already"),
    ("enum(le$0ad, customer)", "customer", "has the value customer already"),
    ("&ba$0se {", "other", "has an anchor other already"),
    ("schema: c$0rm", "hr", "is a name of domain 4 (hr) already"),
    ("schema: c$0rm", "customers", "is a name of domain 2 (crm) already"),
    # What is no name, or none that can be changed.
    ("en$0tity: Contact", "Person", "a word of SpecQL or SQL"),
    ("email: te$0xt", "Person", "a word of SpecQL or SQL"),
    ("table_code: '01$02031'", "Person", "allocated, not renamed"),
    ("IS N$0OT NULL", "Person", "a word of SpecQL or SQL"),
    ("  '2$0':", "Person", "part of its codes"),
    ("name: cust$0omer\n", "Person", "A subdomain is not renamed from here"),
]


@pytest.mark.parametrize(("place", "new", "part"), REFUSALS)
def test_refusals(place: str, new: str, part: str) -> None:
    plain = place.replace("$0", "")
    assert plain in CONTACT
    assert part in refusal(CONTACT.replace(plain, place, 1), new)


def test_a_text_that_is_not_understood() -> None:
    assert "is not valid YAML in line 3" in refusal("entity: Con$0tact\nfields:\n  a: [b\n")
    assert refusal("entity: Con$0tact\n", "") and "no name here" in refusal("entity: Contact\n$0\n")
    assert "No definition of 'Nothing' is known" in refusal("entity: A\nfields: {a: ref(Noth$0ing)}\n")
    escaped = 'entity: "Con\\x74a$0ct"\n'
    assert "written with escapes" in refusal(escaped)
    field = CONTACT.replace("  email: text", "  ema$0il: text")
    broken = field.replace("{contact: ref(Contact)}", "\n  contact: ref(Contact)\nbad: {a # contact.email")
    assert "company.yaml is not valid YAML in line 5" in refusal(broken, "mail")
    without = field.replace("{contact: ref(Contact)}", "\n  contact: ref(Contact)\nbad: {a")
    assert rename_in(workspace(without), "mail").groups == {"crm/contact.yaml": "This file"}


def test_several_entities_that_may_be_meant() -> None:
    several = """
    -- a/x.yaml --
    entity: Thing
    schema: one
    -- b/x.yaml --
    entity: Thing
    schema: two
    -- c/y.yaml --
    entity: User
    schema: three
    fields: {a: ref(Th$0ing)}
    """
    assert "defined in several files" in refusal(several)


def test_a_name_that_another_schema_has() -> None:
    """It is taken where no reference comes to mean another entity."""
    done = rename_in(workspace(CONTACT.replace("entity: Contact", "entity: Con$0tact")), "Team")
    assert "crm/team.yaml" in done.texts
    captured = CONTACT.replace("entity: Contact", "entity: Con$0tact").replace(
        "fields: {contact: ref(Contact)}", "fields: {contact: ref(Contact), person: ref(Person)}"
    )
    assert "There is another Person" in refusal(captured, "Person")


def test_a_variable_that_would_become_a_field() -> None:
    captured = CONTACT.replace("  email: text", "  ema$0il: text")
    assert "would mean something else" in refusal(captured, "v_count")


def test_case_alone() -> None:
    done = check_rename(
        CONTACT.replace("entity: Contact", "entity: Con$0tact"),
        "CONTACT",
        CONTACT.replace("Contact", "CONTACT"),
    )
    assert done.plan.move is None
    assert rename_in(workspace(CONTACT.replace("entity: Contact", "entity: Con$0tact")), "Contact").plan.files == ()


def test_a_place_that_has_the_new_case_already_is_no_change() -> None:
    before = CONTACT.replace("entity: Contact", "entity: Con$0tact").replace("ref(Contact)", "ref(CONTACT)")
    done = rename_in(workspace(before), "CONTACT")
    assert done.groups == {"crm/contact.yaml": "This file", "registry/domain_registry.yaml": "Registry"}


@pytest.mark.parametrize(
    ("uri", "old", "new", "expected"),
    [
        ("file:///w/sales_order.yaml", "SalesOrder", "Invoice", "file:///w/invoice.yaml"),
        ("file:///w/SalesOrder.yml", "SalesOrder", "Invoice", "file:///w/Invoice.yml"),
        ("file:///w/sales-order.yaml", "SalesOrder", "BigInvoice", "file:///w/big-invoice.yaml"),
        ("file:///w/salesorder.yaml", "SalesOrder", "BigInvoice", "file:///w/biginvoice.yaml"),
        ("file:///w/orders.yaml", "SalesOrder", "Invoice", None),
        ("file:///w/sales_order", "SalesOrder", "Invoice", None),
        ("untitled:sales", "SalesOrder", "Invoice", None),
    ],
)
def test_how_a_file_follows(uri: str, old: str, new: str, expected: str | None) -> None:
    assert followed(uri, old, new) == expected
    if expected is not None:
        assert followed(expected, new, old) == uri
        assert entity_named(uri, expected, old) in {new, new.lower().capitalize()} or old.lower() in uri


def test_what_is_prepared() -> None:
    place = workspace(CONTACT.replace("contact: ref(Contact)", "contact: ref(Con$0tact)"))
    found = renamable(place.analysis(), place.document(), place.offset)
    assert (found.name, place.document().text[found.span.start : found.span.end]) == ("Contact", "Contact")
    with pytest.raises(RenameRefused):
        renamable(place.analysis(), place.document(), 0)


@pytest.mark.parametrize(
    ("written", "expected", "meant"),
    [
        ("query: SELECT 1 FROM crm.tb_con$0tact", "contact", "Contact"),
        ("validate: EM$0AIL = 'x'", "EMAIL", "email"),
    ],
)
def test_the_name_is_prepared_as_its_definition_has_it(written: str, expected: str, meant: str) -> None:
    """What is typed over it becomes the name in the definition, and in each place in the case of that place."""
    place = workspace(
        f"""
        -- contact.yaml --
        entity: Contact
        schema: crm
        fields: {{email: text}}
        actions:
          - name: x
            steps:
              - {written}
        """
    )
    found = renamable(place.analysis(), place.document(), place.offset)
    assert (found.name, place.document().text[found.span.start : found.span.end]) == (meant, expected)


def test_a_name_is_taken_in_its_own_entity_alone() -> None:
    """Of several documents in a file, each has its own."""
    text = """
    -- two.yaml --
    entity: First
    schema: crm
    fields: {on$0e: text, other: text}
    ---
    entity: Second
    schema: crm
    fields: {name: text}
    """
    check_rename(text, "name", text.replace("on$0e", "name"))
    assert "First has a field other already" in refusal(text, "other")
