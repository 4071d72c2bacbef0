"""Names of fields that the entity has not; what may be something else is none of them."""

from __future__ import annotations

import pytest

from specql_lsp.severity import Severity
from tests.features.rules.fixes import fix
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED | {"generates-nothing", "key-not-read", "invalid-sql"}
HEAD = """
-- entities/crm/company.yaml --
entity: Company
schema: crm
fields: {name: text, city: text, parent: ref(Company), tier: 'enum(free, paid)'}
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
fields:
  email: email
  status: enum(lead, qualified) = lead
  score: integer
  firstName: text
  company: ref(Company)
  tags: list(text)
  home: SimpleAddress
actions:
  - name: act
    params: {reason: text, days: integer}
    steps:
"""


def of(steps: str) -> None:
    lines = steps.strip("\n").split("\n")
    margin = len(lines[0]) - len(lines[0].lstrip())
    found(HEAD + "".join(f"      {line[margin:]}\n" for line in lines), ignoring=QUIET)


def test_in_every_expression_that_specql_checks() -> None:
    of(
        """
        - validate: statu = 'lead'
                    ^^^^^ unknown-field: Did you mean status?
        - validate: "score > 1 AND (NOT statu = 'lead')"
                                        ^^^^^ unknown-field: Contact has no field statu
        - validate: 'STATU = ''lead'' OR nope = 1'
                     ^^^^^ unknown-field: Did you mean status?
                                         ^^^^ unknown-field: Contact has no field nope
        - if: scor > 1
              ^^^^ unknown-field: Did you mean score?
          then:
            - update: Contact SET statu = 'lead', score = scor + 1 WHERE emial = 'x'
                                  ^^^^^ unknown-field: status
                                                          ^^^^ unknown-field: score
                                                                         ^^^^^ unknown-field: email
            - delete: Contact WHERE emial = 'x'
                                    ^^^^^ unknown-field: email
            - find: Contact WHERE emial = 'x'
                                  ^^^^^ unknown-field: email
        - update: >
            Contact
            SET statu = 'lead'
                ^^^^^ unknown-field: status
            WHERE scor = 1
                  ^^^^ unknown-field: score
        """
    )


def test_what_specql_does_not_check() -> None:
    of(
        """
        - insert: Contact(statu = 'lead')
        - call: f(a = statu)
        - notify: ownr(email, "x")
        - return: statu
        - query: SELECT statu FROM contact
        - assign: v_n := statu
        """
    )


@pytest.mark.parametrize(
    "expression",
    [
        "status IN ('lead')",
        "email LIKE '%x'",
        "score < now()",
        "score = $statu",
        "score = :statu",
        "score = {{ statu }}",
        "score = v_statu",
        "score = input.statu",
        "reason IS NULL",
        "days > 3",
        "id = 1",
        "DELETED_AT IS NULL",
        "fk_company = 1",
        "pk_contact = 1",
        "firstName = 'x'",
        "firstname = 'x'",
        "auth_user_id = 1",
        "current_user = 'x'",
        "score BETWEEN 1 AND 2",
        "EXISTS (SELECT 1 FROM crm.tb_other WHERE statu = 1)",
        "EXISTS Company WHERE nope = 1",
        "email NOT EXISTS",
        "manager_approval EXISTS",
        "score > 1 AND email IS VALID",
        "company.city = 'x'",
        "company.parent.city = 'x'",
        "company.id = 1",
        "caller.can_edit",
        "home = caller.id",
        "item.quantity > 0",
        "Company.city = 'x'",
        "contact.firstName = 'x'",
        "tb_contact.whatever = 1",
        "home.street = 'x'",
        "tags.x = 1",
        "CASE WHEN score > 1 THEN true ELSE false END",
        "score::text = 'x'",
        "extract(year from score) = 1",
        "score = ANY(tags)",
        "company IS DISTINCT FROM NULL",
        'status = "it\'s"',
    ],
)
def test_what_is_valid_is_no_error(expression: str) -> None:
    made = HEAD + f"      - validate: >-\n          {expression}\n"
    findings = found(made, ignoring={*QUIET, "specql-refuses"})
    assert [f.code for f in findings["entities/crm/contact.yaml"] if f.code not in QUIET] == ["specql-refuses"]


def test_names_that_the_action_gives_itself() -> None:
    of(
        """
        - declare: total integer := 0
        - declare: {name: limit_of, type: integer}
        - assign: rest := 1
        - call: f(a = 1)
          store: answer
        - find: Company
          as: own
        - query: {sql: SELECT 1, into: one}
        - query: SELECT 1 INTO two
        - for_query: {alias: line, query: SELECT 1, body: []}
        - validate: total = 1
                    ^^^^^ specql-refuses
        - validate: limit_of = 1
                    ^^^^^^^^ specql-refuses
        - validate: rest = 1
                    ^^^^ specql-refuses
        - validate: answer = 1
                    ^^^^^^ specql-refuses
        - validate: own.city = 1
                    ^^^ specql-refuses
        - validate: one = two
                    ^^^ specql-refuses
        - validate: line.amount = 1
                    ^^^^ specql-refuses
        - validate: totl = 1
                    ^^^^ unknown-field
        """
    )


def test_paths_through_references() -> None:
    of(
        """
        - validate: company.citty = 'x'
                            ^^^^^ unknown-field: Company has no field citty
        - validate: company.parent.nam = 'x'
                            ^^^^^^ specql-refuses: Field 'parent'
                                   ^^^ unknown-field: Did you mean name?
        - validate: conpany.city = 'x'
                    ^^^^^^^ unknown-field: Did you mean company?
        - validate: contact.scor = 1
                    ^^^^^^^ specql-refuses: Field 'contact'
                            ^^^^ unknown-field: Contact has no field scor
        - validate: home.strete = 'x'
                         ^^^^^^ specql-refuses
        """
    )


def test_the_entity_whose_rows_are_meant() -> None:
    of(
        """
        - update: Company SET city = 'x', score = 1 WHERE nam = 'x'
                              ^^^^ specql-refuses: Field 'city'
                                                          ^^^ unknown-field: Company has no field nam
        - update: Company SET citi = 'x'
                              ^^^^ unknown-field: Did you mean city?
        - update: company SET status = 'lead'
        - find: Company WHERE tier = free
                              ^^^^ specql-refuses
                                     ^^^^ unknown-field: write 'free'
        - delete: crm.Company WHERE cty = 'x'
                                    ^^^ unknown-field: city
        - update: Nothing SET whatever = 1
                  ^^^^^^^ unknown-entity
                              ^^^^^^^^ specql-refuses
        """
    )


def test_values_without_quotes_and_functions_without_parentheses() -> None:
    of(
        """
        - validate: status = lead
                             ^^^^ unknown-field: If the value is meant, write 'lead'.
        - validate: score < now
                            ^^^ unknown-field: If the function is meant, write now().
        """
    )


def test_nothing_is_checked_without_fields() -> None:
    found("entity: Contact\nactions:\n  - name: act\n    steps:\n      - validate: statu = 1\n", ignoring=QUIET)


def test_nothing_is_said_while_fields_are_broken() -> None:
    text = (
        "entity: Contact\nfields:\n  name: text\n  other: [\n  status: text\nactions:\n"
        "  - name: act\n    steps:\n      - validate: status = 'a'\n      - validate: nam = 'a'\n"
    )
    findings = found(text, ignoring={*QUIET, "yaml-syntax"})
    assert {f.code for f in findings["a.yaml"]} <= {*QUIET, "yaml-syntax"}


def test_inherited_fields_count() -> None:
    found(
        """
        common: &common {created: date}
        entity: Contact
        fields:
          <<: *common
          name: text
        actions:
          - name: act
            steps:
              - validate: created = name
              - validate: creatd = name
                          ^^^^^^ unknown-field: Did you mean created?
        """,
        ignoring=QUIET,
    )


def test_translations_and_identifiers() -> None:
    findings = found(
        """
        entity: Contact
        fields: {name: text, code: text}
        translations:
          enabled: true
          fields: [nam, code, Name]
                   ^^^ unknown-field: Did you mean name?
                              ^^^^ unknown-field: Did you mean name?
        identifier:
          components:
            - cod
              ^^^ unknown-field: Did you mean code?
            - field: nme
                     ^^^ unknown-field
            - tenant_identifier
            - {field: code}
            - tenant_id
            - machine.path_identifier
        """
    )
    assert {f.severity for f in findings["a.yaml"] if f.code == "unknown-field"} == {Severity.WARNING}


def test_views() -> None:
    found(
        HEAD.partition("actions:")[0]
        + """\
table_views:
  include_relations:
    - Company:
        fields: [name, cty, id]
                       ^^^ unknown-field: Company has no field cty
        include_relations:
          - Company: {fields: ["*"]}
          - Contact: {fields: [emial]}
                               ^^^^^ unknown-field: Did you mean email?
    - Nothing: {fields: [whatever]}
  extra_filter_columns:
    - status
    - scroe
      ^^^^^ unknown-field: Did you mean score?
    - company_id
    - author.name
    - whatever
"""
    )


@pytest.mark.parametrize(
    ("before", "title", "after"),
    [
        ("validate: sta$0tu = 'lead'", "Change to status", "validate: status = 'lead'"),
        ("validate: 'sta$0tu = ''lead'''", "Change to status", "validate: 'status = ''lead'''"),
        ("validate: status = le$0ad", "Change to 'lead'", "validate: status = 'lead'"),
        ("validate: 'status = le$0ad'", "Change to 'lead'", "validate: 'status = ''lead'''"),
        ("update: Company SET cit$0i = 'x'", "Change to city", "update: Company SET city = 'x'"),
    ],
)
def test_fixes(before: str, title: str, after: str) -> None:
    contact = HEAD.partition("-- entities/crm/contact.yaml --\n")[2]
    fix(f"{HEAD}      - {before}\n", title, f"{contact}      - {after}\n")
