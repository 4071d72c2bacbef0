"""Names in steps and patterns of the beta line: as far as its parser and its standard patterns make them certain."""

from __future__ import annotations

import pytest

from specql_lsp.semantics.classify import classify
from specql_lsp.semantics.identity import identities
from tests.features.occurrences_support import check_occurrences
from tests.features.rename_support import check_rename
from tests.features.test_semantic_tokens import words
from tests.features.workspace_snippets import workspace

CONTACT = """
-- crm/contact.yaml --
entity: Contact
        ^^^^^^^ entity
schema: crm
fields:
  email: text
  ^^^^^ email
  total: integer
  ^^^^^ total
  status: enum(lead, done)
               ^^^^ lead
"""
ORDER = """
-- sales/order.yaml --
entity: Order
schema: sales
fields:
  status: enum(draft, done)!
  contact: ref(Contact)
actions:
  - name: a
    steps:
"""


def meant(step: str) -> str:
    """The mark of what the name at the cursor in a step means; empty for nothing."""
    it = workspace(CONTACT + ORDER + "".join(f"      {line}\n" for line in step.split("\n")))
    document = it.document()
    symbol = classify(document, it.offset)
    found = identities(it.analysis(), document, symbol) if symbol is not None else frozenset()
    return " ".join(f"{each.owner}.{each.name}" for each in found)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- select: Con$0tact", "crm.contact"),
        ("- select: {entity: Contact, fields: [em$0ail]}", "crm.contact.email"),
        ("- duplicate_check: {fields: [sta$0tus], entity: crm.Contact}", "crm.contact.status"),
        ("- duplicate_check: {fields: [sta$0tus]}", "sales.order.status"),
        ("- aggregate: {operation: sum, field: to$0tal, from: crm.tb_contact, as: v_sum}", "crm.contact.total"),
        ("- aggregate: {operation: sum, field: total, from: crm.tb_con$0tact, as: v_sum}", "crm.contact"),
        ("- aggregate: {operation: sum, field: total, from: 'tb_Con$0tact', as: v_sum}", "crm.contact"),
        ("- aggregate: {field: x, from: tb_contact, where: \"status = 'le$0ad'\", as: v}", "crm.contact.status.lead"),
        ("- aggregate: {field: x, from: tb_contact, group_by: em$0ail, as: v}", "crm.contact.email"),
        # A table that SpecQL makes of no entity: its columns are nobody's fields.
        ("- aggregate: {operation: sum, field: sta$0tus, from: orders, as: v_sum}", ""),
        ("- aggregate: {operation: sum, field: total, from: ord$0ers, as: v_sum}", ""),
        ("- subquery: {query: 'SELECT to$0tal FROM crm.tb_contact', as: v_x}", "crm.contact.total"),
        ("- recursive_cte: {name: t, base_query: 'SELECT 1 FROM tb_con$0tact'}", "crm.contact"),
        ("- cursor:\n    name: c\n    query: |\n      SELECT em$0ail\n      FROM tb_contact", "crm.contact.email"),
        ("- upsert: {entity: Contact, fields: {em$0ail: x}, conflict_target: email}", "crm.contact.email"),
        ("- upsert: {entity: Contact, fields: {status: le$0ad}}", "crm.contact.status.lead"),
        ("- upsert: {entity: Contact, fields: {status: other$0s}}", ""),
        ("- upsert: {entity: Contact, conflict_target: [em$0ail]}", "crm.contact.email"),
        ("- batch_operation: {type: update, entity: Con$0tact, data: {}}", "crm.contact"),
        ("- insert: Contact\n  fields: {em$0ail: x}", "crm.contact.email"),
        ("- update: crm.Contact\n  set:\n    status: le$0ad", "crm.contact.status.lead"),
        ("- insert: {entity: Con$0tact, fields: {email: x}}", "crm.contact"),
        ("- switch: {expression: sta$0tus, cases: []}", "sales.order.status"),
        ("- switch:\n    cases:\n      - when: x\n        then: [{update: Con$0tact SET total = 1}]", "crm.contact"),
        ("- switch: {cases: [{when: x, then: [{update: Contact SET to$0tal = 1}]}]}", "crm.contact.total"),
        ("- switch: {default: [{validate: sta$0tus = 1}]}", "sales.order.status"),
        ("- exception_handling: {try: [{validate: status = 'dr$0aft'}]}", "sales.order.status.draft"),
        ("- exception_handling: {catch: [{when: x, then: [{delete: Con$0tact}]}], finally: []}", "crm.contact"),
        ("- exception_handling: {finally: [{validate: status = 'dr$0aft'}]}", "sales.order.status.draft"),
        ("- while: status = 'dr$0aft'\n  loop:\n    - validate: status = 1", ""),
        ("- while: x\n  loop:\n    - validate: sta$0tus = 1", "sales.order.status"),
        # What nothing says.
        ("- window_function: {name: rank, partition_by: sta$0tus}", ""),
        ("- call_service: {service: x, operation: y, input: {a: sta$0tus}}", ""),
        ("- transaction_control: {command: sta$0tus}", ""),
    ],
)
def test_names_in_steps(step: str, expected: str) -> None:
    assert meant(step) == expected


STATES = """
-- crm/item.yaml --
entity: MachineItem
schema: crm
fields: {status: "enum(active, archived)"}
                               ^^^^^^^^ def
-- sales/machine.yaml --
entity: Machine
schema: sales
fields:
  status: enum(draft, archived)!
actions:
  - name: retire
    pattern: state_machine/transition
    config:
      from_states: [draft]
      to_state: archived
      side_effects:
        - entity: MachineItem
          updates: {status: archived, other: archived}
                            ^^^^^^^^ ref
          where: "status = 'archived'"
                            ^^^^^^^^ ref
  - name: more
    steps:
      - update: MachineItem SET status = 'archived'
                                          ^^^^^^^^ ref
      - upsert: {entity: MachineItem, fields: {status: "archived"}}
                                                        ^^^^^^^^ ref
"""


def test_values_of_another_entity_in_a_config() -> None:
    check_occurrences(STATES)


def test_states_are_values_of_the_status() -> None:
    check_occurrences(
        """
        entity: Machine
        fields:
          é: text
          status: enum(draft, 'open', done) = draft
                       ^^^^^ def
                                              ^^^^^ ref
        actions:
          - name: retire
            pattern: state_machine/transition
            config:
              from_states: ["draft", 'done']
                             ^^^^^ ref
              to_state: done
          - name: back
            pattern: actions/state_machine/guarded_transition
            config: {from_states: [done], to_state: draft}
                                                    ^^^^^ ref
          - name: again
            pattern: state_machine_guarded_transition
            config:
              # which ones
              from_states:
                - draft
                  ^^^^^ ref
          - name: other
            pattern: some/other
            config: {from_states: [draft], to_state: draft}
        """
    )


def test_a_state_is_renamed() -> None:
    before = """
    entity: Machine
    fields: {status: "enum(draft, old)"}
    actions:
      - name: retire
        pattern: state_machine/transition
        config: {from_states: [draft], to_state: ol$0d}
      - name: more
        steps: [{upsert: {entity: Machine, fields: {status: 'old', name: old}}}]
    """
    after = before.replace("ol$0d", "retired").replace("draft, old", "draft, retired").replace("'old'", "'retired'")
    check_rename(before, "retired", after)


def test_the_tokens() -> None:
    found = words(STATES, path="sales/machine.yaml")
    assert found[found.index("config keyword") :] == [
        "config keyword",
        *("from_states parameter", "draft enumMember", "to_state parameter", "archived enumMember"),
        *("side_effects parameter", "MachineItem class", "status property", "archived enumMember"),
        *("other property", "archived string"),
        *("status property", "= operator", "'archived' enumMember"),
        *("name keyword", "more function declaration", "steps keyword"),
        *(
            "update keyword",
            "MachineItem class",
            "SET keyword",
            "status property",
            "= operator",
            "'archived' enumMember",
        ),
        *("upsert keyword", "MachineItem class", "status property", "archived enumMember"),
    ]


def test_the_tokens_of_steps_beneath_steps() -> None:
    steps = "    - switch: {expression: status, cases: [{when: x, then: [{validate: status = 'a'}]}]}\n"
    found = words(f"entity: A\nfields: {{status: 'enum(a, b)'}}\nactions:\n- name: x\n  steps:\n{steps}")
    assert found[found.index("switch keyword") :] == [
        *("switch keyword", "status property", "then keyword", "validate keyword"),
        *("status property", "= operator", "'a' enumMember"),
    ]
