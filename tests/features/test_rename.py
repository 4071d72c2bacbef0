"""Rename, by kind of name: every place in every file, and back again byte for byte."""

from __future__ import annotations

import re

import pytest

from specql_lsp.registry.requests import DomainRename, EntityRename
from tests.features.rename_support import after_rename, check_rename, crm_registry, rename_in
from tests.features.workspace_snippets import workspace

REGISTRY = crm_registry(
    "Company:",
    "  table_code: '012032'",
    "  entity_code: CMP",
    "  assigned_at: '2025-01-01'",
    inference="\n  crm: {customer: {patterns: [contact]}}",
)

CRM = """
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
organization: {table_code: '012031'}
fields:
  email: email!
  company: ref(Company)
  parent: ref(crm.Contact)
actions:
  - name: merge
    steps:
      - update: Contact SET email = 'x' WHERE email IS NULL
-- entities/crm/company.yaml --
entity: Company
schema: crm
fields:
  city: text
  owner: ref(contact)   # in another case
table_views:
  mode: force
  include_relations:
    - Contact: {fields: [email]}
-- entities/sales/order.yaml --
entity: Order
schema: sales
fields:
  buyer: 'ref(crm.Contact)'
  other: "ref(Company|Contact)"
"""


def test_an_entity_in_every_file() -> None:
    done = check_rename(
        CRM.replace("entity: Contact", "entity: Con$0tact") + REGISTRY,
        "Person",
        CRM.replace("contact.yaml", "person.yaml").replace("Contact", "Person").replace("ref(contact)", "ref(person)")
        + REGISTRY.replace(
            "Contact: {table_code: '012031', entity_code: CNT", "Person: {table_code: '012031', entity_code: PRS"
        ),
    )
    assert done.groups == {
        "entities/crm/contact.yaml": "This file",
        "entities/crm/company.yaml": "Other files",
        "entities/sales/order.yaml": "Other files",
        "registry/domain_registry.yaml": "Registry",
    }
    assert done.plan.registry == EntityRename("2", "Contact", "Person", "03", "012031")
    assert done.plan.files[done.plan.key].document.uri.endswith("contact.yaml")


def test_an_entity_from_where_it_is_used() -> None:
    done = check_rename(
        CRM.replace("'ref(crm.Contact)'", "'ref(crm.Con$0tact)'") + REGISTRY,
        "BusinessPartner",
        CRM.replace("contact.yaml", "business_partner.yaml")
        .replace("Contact", "BusinessPartner")
        .replace("ref(contact)", "ref(businesspartner)")
        + REGISTRY.replace(
            "Contact: {table_code: '012031', entity_code: CNT",
            "BusinessPartner: {table_code: '012031', entity_code: BSN",
        ),
    )
    assert done.groups["entities/crm/contact.yaml"] == "Other files"
    assert done.plan.files[0].document.uri.endswith("order.yaml")
    assert done.plan.files[done.plan.key].document.uri.endswith("contact.yaml")


def test_an_entity_from_the_registry_yaml() -> None:
    check_rename(
        CRM + REGISTRY.replace("          Company:", "          Com$0pany:"),
        "Firm",
        CRM.replace("company.yaml", "firm.yaml").replace("Company", "Firm")
        + REGISTRY.replace("          Company:", "          Firm:").replace("CMP", "FRM"),
    )


def test_a_chosen_short_code_stays() -> None:
    chosen = REGISTRY.replace("CNT", "KON")
    check_rename(
        CRM.replace("entity: Contact", "entity: Con$0tact") + chosen,
        "Person",
        CRM.replace("contact.yaml", "person.yaml").replace("Contact", "Person").replace("ref(contact)", "ref(person)")
        + chosen.replace("Contact: {", "Person: {"),
    )


def test_a_file_that_is_not_named_after_its_entity_stays() -> None:
    done = check_rename(
        "-- things/k.yaml --\nentity: Con$0tact\nschema: crm\n",
        "Person",
        "-- things/k.yaml --\nentity: Person\nschema: crm\n",
    )
    assert done.plan.move is None


def test_a_field() -> None:
    before = """
    -- entities/crm/contact.yaml --
    entity: Contact
    schema: crm
    fields:
      ema$0il: email!
      company: ref(Company)
    identifier:
      strategy: slug
      components: [email, {field: email, transform: slugify}]
    actions:
      - name: merge
        steps:
          - validate: email IS NOT NULL AND company.city = 'email'
          - update: Contact SET email = lower(email) WHERE email = $email
    -- entities/crm/company.yaml --
    entity: Company
    schema: crm
    fields:
      city: text
      email: email
      owner: ref(Contact)
    actions:
      - name: check
        steps:
          - validate: owner.email != email
    table_views:
      include_relations:
        - Contact: {fields: [email]}
    """
    after = """
    -- entities/crm/contact.yaml --
    entity: Contact
    schema: crm
    fields:
      mail_address: email!
      company: ref(Company)
    identifier:
      strategy: slug
      components: [mail_address, {field: mail_address, transform: slugify}]
    actions:
      - name: merge
        steps:
          - validate: mail_address IS NOT NULL AND company.city = 'email'
          - update: Contact SET mail_address = lower(mail_address) WHERE mail_address = $email
    -- entities/crm/company.yaml --
    entity: Company
    schema: crm
    fields:
      city: text
      email: email
      owner: ref(Contact)
    actions:
      - name: check
        steps:
          - validate: owner.mail_address != email
    table_views:
      include_relations:
        - Contact: {fields: [mail_address]}
    """
    check_rename(before, "mail_address", after)


def test_an_action_and_who_calls_it() -> None:
    before = """
    entity: Contact
    fields: {email: text}
    actions:
      - name: mer$0ge
        steps: [{validate: email IS NULL}]
      - name: other
        steps:
          - call: merge(email = 'merge')
      - name: merge_all
        steps: []
    """
    check_rename(before, "join_up", before.replace("mer$0ge", "join_up").replace("call: merge", "call: join_up"))


def test_a_parameter_that_is_declared() -> None:
    before = """
    entity: Contact
    fields: {email: text}
    actions:
      - name: one
        params: {email: text, other: text}
        steps:
          - call: merge(email = $em$0ail)
          - validate: input.email = 'x' AND email = $other
      - name: two
        params: {email: text}
        steps: [{validate: $email = 'x'}]
    """
    after = """
    entity: Contact
    fields: {email: text}
    actions:
      - name: one
        params: {mail: text, other: text}
        steps:
          - call: merge(email = $mail)
          - validate: input.mail = 'x' AND email = $other
      - name: two
        params: {email: text}
        steps: [{validate: $email = 'x'}]
    """
    check_rename(before, "mail", after)


def test_an_entity_whose_table_is_queried() -> None:
    before = """
    -- contact.yaml --
    entity: Con$0tact
    schema: crm
    fields: {email: text}
    -- other.yaml --
    entity: Other
    schema: crm
    fields: {a: text}
    actions:
      - name: x
        steps:
          - query: SELECT email FROM crm.tb_contact c WHERE c.email = 'contact'
    """
    check_rename(
        before,
        "BigPerson",
        before.replace("Con$0tact", "BigPerson")
        .replace("tb_contact", "tb_bigperson")
        .replace("-- contact.", "-- big_person."),
    )


def test_an_enum_value() -> None:
    before = """
    -- contact.yaml --
    entity: Contact
    fields:
      status: enum(le$0ad, customer) = lead
      other: {type: 'enum(lead, b)', default: lead}
    actions:
      - name: grow
        steps:
          - validate: status = 'lead'
          - update: Contact SET status = 'customer' WHERE status IN ('lead', 'x') AND other = 'lead'
    """
    after = """
    -- contact.yaml --
    entity: Contact
    fields:
      status: enum(prospect, customer) = prospect
      other: {type: 'enum(lead, b)', default: lead}
    actions:
      - name: grow
        steps:
          - validate: status = 'prospect'
          - update: Contact SET status = 'customer' WHERE status IN ('prospect', 'x') AND other = 'lead'
    """
    check_rename(before, "prospect", after)


def test_an_anchor_and_its_aliases() -> None:
    before = """
    entity: Contact
    fields:
      email: &ba$0se {type: text, nullable: false}
      phone: *base
      fax: {<<: *base, nullable: true}
    """
    check_rename(before, "plain-text", before.replace("ba$0se", "plain-text").replace("*base", "*plain-text"))


def test_a_parameter_and_a_variable_of_one_action() -> None:
    before = """
    entity: Contact
    fields: {email: text, total: integer}
    actions:
      - name: one
        steps:
          - declare: v_count integer = 0
          - validate: email = $em$0ail AND total > v_count
          - update: Contact SET email = $email
      - name: two
        steps:
          - validate: email = $email
    """
    after = before.replace("$em$0ail", "$mail").replace("SET email = $email", "SET email = $mail")
    check_rename(before, "mail", after)
    variable = before.replace("$em$0ail", "$email").replace("total > v_count", "total > v_co$0unt")
    check_rename(variable, "v_sum", variable.replace("v_co$0unt", "v_sum").replace("v_count", "v_sum"))


def test_a_domain_by_its_name_and_by_its_alias() -> None:
    before = CRM.replace("schema: sales", "schema: customers") + REGISTRY
    done = check_rename(
        before.replace("name: crm", "name: c$0rm"),
        "relations",
        before.replace("schema: crm", "schema: relations")
        .replace("ref(crm.", "ref(relations.")
        .replace("name: crm", "name: relations")
        .replace("  crm: {cust", "  relations: {cust"),
    )
    assert done.plan.registry == DomainRename("2", "crm", "relations")
    done = check_rename(
        before.replace("schema: customers", "schema: cust$0omers"),
        "clients",
        before.replace("schema: customers", "schema: clients").replace("aliases: [customers]", "aliases: [clients]"),
    )
    assert done.plan.registry == DomainRename("2", "customers", "clients")


def test_a_domain_before_tables() -> None:
    before = """
    -- crm/contact.yaml --
    entity: Contact
    schema: c$0rm
    fields: {email: text}
    -- sales/order.yaml --
    entity: Order
    schema: sales
    description: crm.tb_contact is read
    fields: {a: text}
    actions:
      - name: x
        steps:
          - query: SELECT c.email FROM crm.tb_contact c JOIN sales.tb_order o ON o.a = 'crm.tb_contact'
          - update: crm.Contact SET email = 'x'
    """
    after = (
        before.replace("c$0rm", "relations")
        .replace("FROM crm.tb_contact", "FROM relations.tb_contact")
        .replace("update: crm.", "update: relations.")
    )
    check_rename(before, "relations", after)


def test_an_entity_that_only_the_registry_has() -> None:
    before = (
        """
-- crm/order.yaml --
entity: Order
schema: crm
fields: {buyer: ref(Con$0tact)}  # Person
"""
        + REGISTRY
    )
    after = before.replace("Con$0tact", "Person").replace(
        "Contact: {table_code: '012031', entity_code: CNT", "Person: {table_code: '012031', entity_code: PRS"
    )
    done = check_rename(before, "Person", after)
    assert done.plan.registry == EntityRename("2", "Contact", "Person", "03", "012031")
    assert done.plan.files[done.plan.key].group.value == "Registry"


def test_one_of_two_files_that_define_an_entity() -> None:
    """The registration is the first one's, where the registry YAML leads to."""
    before = (
        REGISTRY
        + """
-- crm/a.yaml --
entity: Contact
schema: crm
fields: {parent: text}
-- customers/b.yaml --
entity: Con$0tact
schema: customers
fields: {a: text}
"""
    )
    done = check_rename(before, "Person", before.replace("Con$0tact", "Person"), back=False)
    assert (done.plan.registry, done.plan.move) == (None, None)
    first = before.replace("Con$0tact", "Contact").replace(
        "entity: Contact\nschema: crm", "entity: Con$0tact\nschema: crm"
    )
    assert rename_in(workspace(first), "Person").plan.registry == EntityRename("2", "Contact", "Person", "03", "012031")


OTHER_FILE = """
-- crm/contact.yaml --
entity: Contact
schema: crm
fields:
  email: text
  status: enum(lead, customer) = lead
actions:
  - name: qualify
    params: {note: text}
-- crm/visit.yaml --
entity: Visit
schema: crm
fields:
  contact: ref(Contact)
actions:
  - name: plan
    steps:
      - validate: contact.email IS NOT NULL AND contact.status = 'lead'
      - call: qualify(note = 'x')
"""


@pytest.mark.parametrize(
    ("use", "new"),
    [
        ("ref(Con$0tact)", "Person"),
        ("contact.ema$0il", "mail"),
        ("contact.status = 'le$0ad'", "prospect"),
        ("call: qual$0ify", "promote"),
        ("qualify(no$0te", "remark"),
    ],
)
def test_from_a_use_in_another_file(use: str, new: str) -> None:
    written = use.replace("$0", "")
    assert OTHER_FILE.count(written) == 1
    place = workspace(OTHER_FILE.replace(written, use))
    done = rename_in(place, new)
    assert len(done.plan.files) == 2
    old = done.plan.old
    assert done.texts == {
        path.replace("contact", "person") if new == "Person" else path: re.sub(rf"\b{old}\b", new, text)
        for path, text in place.texts.items()
    }
    assert rename_in(after_rename(place, done), old).texts == place.texts
