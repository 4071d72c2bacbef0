"""References and highlights of patterns, their parameters, services and operations, from each of their places."""

from __future__ import annotations

import pytest

from tests.features.occurrences_support import check_occurrences

PATTERN = """
-- stdlib/actions/own/move.yaml --
pattern: {written}
         {carets} def
description: own/move
parameters:
  - {{name: to, type: string}}
template: '{{{{ to }}}}'
-- entities/contact.yaml --
entity: Contact
schema: crm
patterns:
  - own/move
  - {{type: own/move, params: {{to: x}}}}
actions:
  - name: own
    description: own/move
    pattern: own/move
             ^^^^^^^^ ref
    config: {{to: x}}
  - name: other
    pattern: "actions/own/move"
              ^^^^^^^^^^^^^^^^ ref
-- entities/broken.yaml --
entity: Broken
actions:
  - name: a
    pattern: own/move
             ^^^^^^^^ ref
  - nam
"""


@pytest.mark.parametrize("written", ["own/move", "move", "'own/move'", "something"])
def test_a_pattern(written: str) -> None:
    carets = "^" * len(written.strip("'"))
    check_occurrences(PATTERN.format(written=written, carets=" " * written.startswith("'") + carets))


def test_what_the_table_is_made_of_is_no_pattern_of_an_action() -> None:
    check_occurrences("""
        -- stdlib/actions/own/move.yaml --
        pattern: own/move
        template: x
        -- entities/a.yaml --
        entity: A
        patterns:
          - own/move
            ^^^^^^^^ ref
        actions: [{name: b, pattern: own/move}]
        -- entities/b.yaml --
        entity: B
        patterns:
          - type: own/move
                  ^^^^^^^^ ref
    """)


def test_a_standard_pattern_that_no_file_has() -> None:
    check_occurrences("""
        -- entities/a.yaml --
        entity: A
        actions:
          - {name: b, pattern: crud/create}
                               ^^^^^^^^^^^ ref
          - {name: c, pattern: actions/crud/create}
                               ^^^^^^^^^^^^^^^^^^^ ref
    """)


def test_a_parameter() -> None:
    check_occurrences("""
        -- stdlib/actions/own/move.yaml --
        pattern: own/move
        parameters:
          - name: to
                  ^^ def
            type: string
        template: |
          {% if to %}{{ to | upper }}{% endif %} to {{ 'to' }} {{ x.to }}
                ^^ ref
                        ^^ ref
        -- stdlib/actions/own/other.yaml --
        pattern: own/other
        parameters: [{name: to}]
        template: '{{ to }}'
        -- entities/a.yaml --
        entity: A
        actions:
          - name: b
            pattern: own/move
            config: {to: x}
                     ^^ ref
          - {name: c, pattern: own/other, config: {to: x}}
    """)


def test_services_and_operations() -> None:
    check_occurrences("""
        -- registry/service_registry.yaml --
        services:
          - name: stripe
                  ^^^^^^ def
            operations:
              - {name: charge}
          - {name: other, operations: [{name: charge}]}
        -- entities/a.yaml --
        entity: A
        actions:
          - name: b
            steps:
              - call_service: {service: Stripe, operation: charge}
                                        ^^^^^^ ref
              - call_service:
                  service: stripe
                           ^^^^^^ ref
                  operation: CHARGE
              - call_service: {service: other, operation: charge}
    """)
    check_occurrences("""
        -- registry/service_registry.yaml --
        services:
          - name: stripe
            operations:
              - {name: charge}
                       ^^^^^^ def
          - {name: other, operations: [{name: charge}]}
        -- entities/a.yaml --
        entity: A
        actions:
          - name: b
            steps:
              - call_service: {service: Stripe, operation: charge}
                                                           ^^^^^^ ref
              - call_service:
                  operation: CHARGE
                             ^^^^^^ ref
                  service: stripe
              - call_service: {service: other, operation: charge}
    """)
