"""Service registries and action patterns as items."""

from __future__ import annotations

import pytest

from specql_lsp.items.pattern_file import lower_pattern
from specql_lsp.items.service_file import lower_services
from specql_lsp.syntax.parsing.parse import parse

SERVICES = """\
services:
  - name: SendGrid
    type: email
    category: communication
    execution_type: http
    operations:
      - name: send_email
        timeout: 30
      - &x {name: verify}
      - timeout: 3
  - name: stripe
    operations: [*x]
  - category: nothing
  - text
"""
PATTERN = """\
pattern: state_machine/transition
description: Moves on
parameters:
  - name: to_state
    type: enum[a, b]
    required: yes
    description: where to
  - {name: from_states, type: array<string>, required: "true", default: [a]}
  - type: string
"""


def test_services() -> None:
    file = lower_services(parse(SERVICES))
    assert file is not None
    assert [(each.name.value, each.type, each.execution_type) for each in file.services] == [
        ("SendGrid", "email", "http"),
        ("stripe", None, None),
    ]
    service = file.service("SENDGRID")
    assert service is not None
    assert [operation.name.value for operation in service.operations] == ["send_email", "verify"]
    found = service.operation("Verify")
    assert found is not None
    assert SERVICES[slice(*found.name.span)] == "verify"
    assert file.service("nobody") is None


def test_a_pattern() -> None:
    file = lower_pattern(parse(PATTERN))
    assert file is not None
    assert (file.name.value, file.description) == ("state_machine/transition", "Moves on")
    assert [(each.name.value, each.type, each.required) for each in file.parameters] == [
        ("to_state", "enum[a, b]", True),
        ("from_states", "array<string>", False),  # quoted, it is a text
    ]
    parameter = file.parameter("from_states")
    assert parameter is not None
    assert parameter.default is not None


@pytest.mark.parametrize(
    "text", ["", "a: 1\n", "services: text\n", "pattern:\n", "pattern: {a: b}\n", "entity: A\npattern: x\n", "- a\n"]
)
def test_other_files_are_neither(text: str) -> None:
    assert lower_services(parse(text)) is None
    assert lower_pattern(parse(text)) is None
