"""Hover of what files of the workspace add to the language: action patterns and services; and the way to them."""

from __future__ import annotations

import pytest

from tests.features.hover.support import check, hover_in
from tests.features.test_navigation import check_definition
from tests.features.workspace_snippets import workspace

FILES = """
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
actions:
  - name: pay
    steps:
      - call_service: {service: Stripe, operation: create_charge, input: {amount: 1}}
      - call_service: {service: stripe, operation: refund}
      - call_service: {service: nobody, operation: nothing}
  - name: move
    pattern: own/move
    config: {to: a}
  - name: change
    pattern: state_machine/transition
    config: {to_state: a}
-- registry/service_registry.yaml --
services:
  - name: stripe
    type: payment
    category: financial
    execution_type: http
    operations:
      - name: create_charge
        input_schema: {amount: integer, currency: string}
        output_schema: {charge_id: string}
        timeout: 45
      - name: refund
-- stdlib/actions/own/move.yaml --
pattern: own/move
description: Moves | things
parameters:
  - {name: to, type: string, required: true, description: Where to}
  - {name: how, type: 'enum[a, b]'}
-- stdlib/actions/state_machine/transition.yaml --
pattern: state_machine/transition
parameters: [{name: to_state, type: string}]
"""
CONTACT = "entities/crm/contact.yaml"
WORKSPACE = workspace(FILES)


@pytest.mark.parametrize(
    ("marked", "under", "expected"),
    [
        (
            "service: Str¦ipe",
            "Stripe",
            ["**stripe** · service · payment · financial · http · [service_"],
        ),
        ("service: Str¦ipe", "Stripe", ["Operations: `create_charge`, `refund`"]),
        ("create¦_charge", "create_charge", ["operation of stripe", "Input: `amount`, `currency`", "Timeout 45 s"]),
        ("operation: ref¦und", "refund", ["**refund** · operation of stripe", "Timeout 30 s · at most 3 retries"]),
        (
            "own/mo¦ve",
            "own/move",
            ["action pattern · [move.yaml](", "Moves \\| things", "| `to` | `string` | req"],
        ),
        ("{to¦: a}", "to", ["parameter of own/move · `string` · required", "Where to"]),
        ("{to_st¦ate:", "to_state", ["`string` · optional", "Target state"]),
    ],
)
def test_what_the_workspace_has(marked: str, under: str, expected: list[str]) -> None:
    check(WORKSPACE, CONTACT, marked, under, *expected)


def test_what_no_file_has() -> None:
    assert hover_in(WORKSPACE, CONTACT, "no¦body") is None
    assert hover_in(WORKSPACE, CONTACT, "noth¦ing") is None


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Stripe, operation: create", "  - name: stripe\n          ^^^^^^ def"),
        ("refund}", "      - name: refund\n              ^^^^^^ def"),
        ("own/move\n    config", "pattern: own/move\n         ^^^^^^^^ def"),
    ],
)
def test_where_it_is_defined(name: str, line: str) -> None:
    defined = line.partition("\n")[0]
    before, _, rest = FILES.partition(name)
    assert f"\n{defined}\n" in rest
    head, _, tail = rest.partition(f"\n{defined}\n")
    check_definition(f"{before}$0{name}{head}\n{line}\n{tail}")


OWN = workspace(
    """
-- stdlib/actions/own/move.yaml --
pattern: own/move
version: 1.0
description: Moves
parameters:
  - {name: to, type: string, required: true}
template: |
  steps:
    - update: "{{ entity.name }} SET place = '{{ to }}'"
-- registry/service_registry.yaml --
services:
  - name: stripe
    type: payment
    category: financial
    execution_type: shell
    operations: []
"""
)
MOVE, SERVICES = "stdlib/actions/own/move.yaml", "registry/service_registry.yaml"


@pytest.mark.parametrize(
    ("path", "marked", "under", "expected"),
    [
        (
            MOVE,
            "vers¦ion",
            "version",
            ["**version**", "does not read it; the beta line", "refuses the mapping without"],
        ),
        (MOVE, "requi¦red", "required", ["Whether an action without it is refused", "Values: `true`, `false`"]),
        (MOVE, "own/mo¦ve", "own/move", ["action pattern"]),
        (MOVE, "'{{ t¦o }}", "to", ["parameter of own/move"]),
        (SERVICES, "serv¦ices:", "services", ["The services that `call_service` can call"]),
        (SERVICES, "execution¦_type", "execution_type", ["Values: `http`, `shell`, `docker`, `serverless`"]),
        (SERVICES, "sh¦ell", "shell", ["**`shell`** · value of `execution_type`"]),
        (SERVICES, "stri¦pe", "stripe", ["service · payment · financial · shell"]),
    ],
)
def test_in_their_own_files(path: str, marked: str, under: str, expected: list[str]) -> None:
    check(OWN, path, marked, under, *expected)
