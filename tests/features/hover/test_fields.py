"""Hover of a field: the column first, then what is lost, what it refers to, and how it is written."""

from __future__ import annotations

import pytest

from specql_lsp.features.markdown import to_plaintext
from tests.features.hover.support import PROVENANCE, check, column, hover_in
from tests.features.workspace_snippets import workspace

CONTACT = "entities/crm/contact.yaml"
WORKSPACE = workspace(
    """
    -- entities/crm/contact.yaml --
    entity: Contact
    schema: crm
    common: &base
      note: text
      kind: enum(new, old)!
    fields:
      <<: *base
      email: email!
      status: enum(lead, customer) = lead
      company: ref(Company)
      agent: ref(sales.Company|Person)!
      lost: ref(Company)?
      rate: {type: percentage, nullable: false, default: 5, description: How | it is}
      seen: timestamp  # When | it was
      "odd ` name": text
      wrong: {type: [text]}
      id: uuid
      long:
        type: email!
        required: true
        # A comment
        description: |
          Several
          lines
    identifier: {components: [email, {field: note}]}
    translations: {enabled: true, fields: [note]}
    table_views:
      include_relations:
        - Company: {fields: [city]}
      extra_filter_columns: [{town: {source: company.city}}]
    actions:
      - name: qualify
        steps:
          - validate: email IS NOT NULL AND company.owner.name = 'x' AND company.nothing = 1
          - update: Company SET city = 'Paris'
          - query: SELECT c.city, fk_owner FROM sales.tb_company c WHERE tb_company.owner = 1
    -- entities/sales/company.yaml --
    entity: Company
    schema: sales
    fields:
      city: {type: text, nullable: false}
      owner: ref(User)!
    -- entities/sales/user.yaml --
    entity: User
    schema: sales
    fields: {name: text!}
    """
)


@pytest.mark.parametrize(
    ("marked", "under", "lines", "expected"),
    [
        (
            "  em¦ail: email!",
            "email",
            ["email TEXT NOT NULL", r"CHECK (email ~* '^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$')"],
            ["**email** · field of Contact", "Written `email: email!`", "GraphQL `Email`"],
        ),
        (
            "sta¦tus: enum",
            "status",
            ["status TEXT", "CHECK (status IN ('lead', 'customer'))"],
            ["The default `lead` is not written"],
        ),
        (
            "com¦pany: ref",
            "company",
            ["fk_company INTEGER", "REFERENCES crm.tb_company(pk_company)"],
            ["Refers to **Company** · [company.yaml](", "schema sales; SpecQL 0.9.2 looks for its table in crm"],
        ),
        (
            "age¦nt: ref",
            "agent",
            ["fk_agent INTEGER NOT NULL", "REFERENCES crm.tb_company(pk_company)"],
            ["No foreign key to Person", "The schema `sales` is not used"],
        ),
        ("lo¦st: ref", "lost", ["lost TEXT"], ["The foreign key to Company is lost", "makes the column TEXT"]),
        (
            "ra¦te: {type",
            "rate",
            ["rate NUMERIC(5,2) NOT NULL", "CHECK (rate >= 0.0 AND rate <= 100.0)"],
            ["The default `5` is not written", "How \\| it is", "rate: {type: percentage"],
        ),
        (
            "se¦en: timestamp",
            "seen",
            ["seen TEXT"],
            ["`timestamp` is not a type", "Write `datetime`.", "When \\| it was"],
        ),
        ('"odd ` na¦me"', '"odd ` name"', ["odd ` name TEXT"], ["**odd \\` name**"]),
        ("  i¦d: uuid", "id", ["id UUID"], ["SpecQL 0.9.2 refuses a field of this name"]),
        ("  ki¦nd: enum", "kind", ["kind TEXT NOT NULL", "CHECK (kind IN ('new', 'old'))"], ["field of Contact"]),
        (
            "lo¦ng:\n",
            "long",
            ["long TEXT"],
            ["```yaml\nlong:\n  type: email!\n  required: true\n  # A comment\n", "NOT NULL is lost", "Several lines"],
        ),
        ("components: [em¦ail", "email", ["email TEXT NOT NULL"], ["field of Contact"]),
        ("{field: no¦te}", "note", ["note TEXT"], ["merged through `<<`"]),
        ("fields: [no¦te]", "note", ["note TEXT"], []),
        ("{fields: [ci¦ty]", "city", ["city TEXT NOT NULL"], ["field of Company · [company.yaml]("]),
        ("source: company.ci¦ty", "city", ["city TEXT NOT NULL"], []),
        ("source: com¦pany.city", "company", ["fk_company INTEGER"], []),
        ("validate: em¦ail", "email", ["email TEXT NOT NULL"], []),
        ("company.ow¦ner.name", "owner", ["fk_owner INTEGER NOT NULL"], ["field of Company"]),
        ("company.owner.na¦me", "name", ["name TEXT NOT NULL"], ["field of User · [user.yaml]("]),
        ("SELECT c.ci¦ty", "city", ["city TEXT NOT NULL"], ["field of Company"]),
        ("tb_company.ow¦ner", "owner", ["fk_owner INTEGER NOT NULL"], ["field of Company"]),
        ("SET ci¦ty", "city", ["city TEXT NOT NULL"], ["field of Company"]),
    ],
)
def test_a_field(marked: str, under: str, lines: list[str], expected: list[str]) -> None:
    markdown = check(WORKSPACE, CONTACT, marked, under, *expected)
    shown = column(markdown)
    assert shown[: len(lines)] == lines
    assert shown[0] in to_plaintext(markdown).split("\n")
    assert PROVENANCE in markdown


def test_the_table_of_an_entity() -> None:
    check(WORKSPACE, CONTACT, "FROM sales.tb_com¦pany", "sales.tb_company", "**Company**", "city: text")


def test_sql_does_not_compare_case() -> None:
    it = workspace("entity: A\nfields: {name: text!}\nactions: [{name: a, steps: [{if: NAME = 1}]}]\n")
    check(it, "a.yaml", "NA¦ME", "NAME", "name TEXT NOT NULL")


def test_nothing_of_fields_that_no_entity_has() -> None:
    assert hover_in(WORKSPACE, CONTACT, "company.noth¦ing") is None
    assert hover_in(WORKSPACE, CONTACT, "{to¦wn: {") is None


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("created_at", ["created_at TIMESTAMPTZ NOT NULL DEFAULT now()"]),
        ("pk_task", ["pk_task INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"]),
        ("fk_owner", ["fk_owner INTEGER NOT NULL", "REFERENCES crm.tb_user(pk_user)"]),
        ("owner.id", ["id UUID DEFAULT gen_random_uuid() NOT NULL"]),
        ("fk_title", []),
        ("fk_other", []),
    ],
)
def test_a_column_that_is_no_field(name: str, lines: list[str]) -> None:
    text = "entity: Task\nschema: crm\nfields: {owner: ref(User)!, title: text}\nactions:\n  - name: a\n"
    it = workspace(f"-- a.yaml --\n{text}    steps: [{{if: {name} = 1}}]\n-- user.yaml --\nentity: User\nschema: crm\n")
    found = hover_in(it, "a.yaml", f"{name}¦ = 1")
    assert (column(found.markdown) if found is not None else []) == lines
    assert found is None or "refuses a condition with this name" in found.markdown


def test_a_field_that_specql_refuses() -> None:
    check(WORKSPACE, CONTACT, "wro¦ng:", "wrong", "refuses the field: its `type` is no text", absent=["```sql"])


def test_without_a_registry() -> None:
    found = hover_in(WORKSPACE, CONTACT, "  em¦ail: email!", registry=False)
    assert found is not None
    assert column(found.markdown)[0] == "email TEXT NOT NULL"
    assert found.markdown.endswith("No registry: There is no registry.")


@pytest.mark.parametrize(
    "text",
    [
        "entity: A\nfields:\n  a: email!\n  b: {type: \n",
        "entity: A\nfields:\n  a: email!\n\tb: text\n",
        "entity: A\r\nfields:\r\n  a: email!\r\n  b: [x\r\n",
        "entity: A\nfields:\n  a: email!\nactions:\n  - name: 'x\n",
    ],
)
def test_in_broken_text(text: str) -> None:
    it = workspace(text)
    found = hover_in(it, "a.yaml", "¦a: email!")
    assert found is not None
    assert column(found.markdown)[0] == "a TEXT NOT NULL"
