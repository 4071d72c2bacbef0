"""Occurrences of what actions are made of: actions, variables, parameters, patterns, services."""

from __future__ import annotations

from tests.features.occurrences_support import check_occurrences


def test_an_action() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        actions:
          - name: qualify
                  ^^^^^^^ def
            steps: [{call: qualify(a = 1)}]
                           ^^^^^^^ ref
        agents: [{name: b, can_execute: [qualify]}]
                                         ^^^^^^^ ref
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        actions: [{name: a, steps: [{call: qualify()}]}]
                                           ^^^^^^^ ref
        -- sales/order.yaml --
        entity: Order
        schema: sales
        actions:
          - name: qualify
            steps: [{call: qualify()}]
        """
    )


def test_variables_and_parameters_of_one_action() -> None:
    check_occurrences(
        """
        entity: A
        actions:
          - name: other
            steps: [{declare: v_total integer}]
          - name: a
            steps:
              - declare: v_total integer := 0
                         ^^^^^^^ def
              - assign: v_total := v_total + 1
                        ^^^^^^^ set
                                   ^^^^^^^ ref
              - query: {sql: SELECT 1, into: v_total}
                                             ^^^^^^^ def
        """
    )
    check_occurrences(
        """
        entity: A
        fields: {b: text}
        actions:
          - name: a
            params: {limit: integer, b: ref(B)}
                     ^^^^^ def
            steps:
              - validate: $limit > 1 AND input.limit < 3
                           ^^^^^ ref
                                               ^^^^^ ref
          - name: other
            steps: [{validate: $limit > 1}]
        """
    )


def test_a_parameter_of_an_action_that_is_called() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        actions:
          - name: qualify
            params: {limit: integer}
                     ^^^^^ def
            steps: [{validate: $limit > 1}]
                                ^^^^^ ref
          - name: all
            steps: [{call: qualify(limit = $limit)}]
                                   ^^^^^ ref
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        actions: [{name: a, steps: [{call: "qualify(limit = 1, other = limit)"}, {call: notify(limit = 1)}]}]
                                                    ^^^^^ ref
        """
    )


def test_a_pattern_and_its_parameters() -> None:
    text = """
        -- crm/contact.yaml --
        entity: Contact
        actions:
          - name: a
            pattern: own/move
                     ^^^^^^^^ ref-pattern
            config: {target: a}
                     ^^^^^^ ref-parameter
        -- stdlib/actions/own/move.yaml --
        pattern: own/move
                 ^^^^^^^^ def-pattern
        parameters:
          - {name: target, type: string}
                   ^^^^^^ def-parameter
        template: |
          steps:
            - update: "X SET a = '{{ target }}'{% if target %}, target = 1{% endif %}"
                                     ^^^^^^ ref-parameter
                                                     ^^^^^^ ref-parameter
        """
    for kind in ("pattern", "parameter"):
        check_occurrences(text.replace(f"-{kind}\n", "\n"))


def test_a_service_and_its_operations() -> None:
    text = """
        -- crm/contact.yaml --
        entity: Contact
        actions:
          - name: a
            steps:
              - call_service: {service: Mailer, operation: SEND}
                                        ^^^^^^ ref-service
                                                           ^^^^ ref-operation
        -- registry/service_registry.yaml --
        services:
          - name: mailer
                  ^^^^^^ def-service
            operations: [{name: send}]
                                ^^^^ def-operation
          - name: other
            operations: [{name: send}]
        """
    for kind in ("service", "operation"):
        check_occurrences(text.replace(f"-{kind}\n", "\n"))


def test_steps_of_the_beta_line() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
                ^^^^^^^ def
        schema: crm
        fields: {email: text}
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        actions:
          - name: a
            steps:
              - duplicate_check: {entity: Contact, fields: [email], where: email = 1}
                                          ^^^^^^^ ref
              - select: Contact WHERE email = 1
                        ^^^^^^^ ref
              - raw_sql: SELECT email FROM crm.tb_contact
                                                  ^^^^^^^ ref
        """
    )
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        fields: {email: text}
                 ^^^^^ def
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        actions:
          - name: a
            steps:
              - duplicate_check: {entity: Contact, fields: [email], where: email = 1}
                                                            ^^^^^ ref
                                                                           ^^^^^ ref
              - select: Contact WHERE email = 1
                                      ^^^^^ ref
        """
    )


def test_a_variable_without_the_convention() -> None:
    check_occurrences(
        """
        entity: A
        fields: {total: text}
        actions:
          - name: a
            steps:
              - declare: count integer := 0
                         ^^^^^ def
              - assign: count := count + total
                        ^^^^^ set
                                 ^^^^^ ref
        """
    )
