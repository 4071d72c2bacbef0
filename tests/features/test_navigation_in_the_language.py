"""Definition and references of names that are not entities: fields in SQL, actions, anchors."""

from __future__ import annotations

import pytest

from tests.features.test_navigation import check_definition, check_references

COMPANY = """
-- sales/company.yaml --
entity: Company
schema: sales
fields: {name: text, city: text}
         ^^^^ def
"""


@pytest.mark.parametrize(
    "step",
    ["validate: na$0me = 'x'", "update: Contact SET na$0me = 'x'", "if: length(na$0me) > 1", "call: f(a = na$0me)"],
)
def test_a_field_of_the_files_entity(step: str) -> None:
    check_definition(
        f"""
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        fields:
          name: text
          ^^^^ def
          company: ref(Company)
        actions:
          - name: a
            steps:
              - {step}
        """
    )


@pytest.mark.parametrize(
    "step", ["validate: company.na$0me = 'x'", "update: Company SET na$0me = 'x'", "find: Company WHERE na$0me = 'x'"]
)
def test_a_field_of_another_entity(step: str) -> None:
    text = f"""\
-- crm/contact.yaml --
entity: Contact
schema: crm
fields: {{name: text, company: ref(Company)}}
actions:
  - name: a
    steps:
      - {step}
"""
    check_definition(text + COMPANY)


def test_an_action_that_an_agent_may_execute() -> None:
    check_definition(
        """
        entity: A
        actions:
          - name: close
                  ^^^^^ def
        agents: [{name: b, can_execute: [clo$0se]}]
        """
    )


@pytest.mark.parametrize("cursor", [0, 1])
def test_an_anchor_and_its_aliases(cursor: int) -> None:
    marks = ["", ""]
    marks[cursor] = "$0"
    text = f"""
        entity: A
        common: &ba{marks[0]}se
                ^^^^^ def
          a: text
        fields:
          <<: *ba{marks[1]}se
              ^^^^^ ref
        more: *base
              ^^^^^ ref
        """
    check_definition(text.replace(" ref\n", " other\n"))
    check_references(text)


@pytest.mark.parametrize(
    "step",
    [
        "declare: v_count integer := 0\n                   ^^^^^^^ def",
        "declare: {name: v_count}\n                          ^^^^^^^ def",
        "query: {sql: SELECT 1, into: v_count}\n                                       ^^^^^^^ def",
        "if: a = 1\n          then: [{call: f(), store: v_count}]\n                                    ^^^^^^^ def",
    ],
)
def test_a_variable_of_the_action(step: str) -> None:
    text = "entity: A\nactions:\n  - name: other\n    steps: [{declare: v_count integer}]\n  - name: a\n    steps:\n"
    check_definition(f"{text}        - {step}\n        - assign: v_total := v_co$0unt + 1\n")
