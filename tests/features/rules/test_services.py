"""Services and operations that steps call, against the service registry of the workspace."""

from __future__ import annotations

from tests.features.rules.fixes import fix
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED | {"specql-refuses", "generates-nothing"}
SERVICES = """
-- registry/service_registry.yaml --
services:
  - name: stripe
    type: payment
    category: financial
    operations: [{name: create_charge}, {name: refund}]
  - {name: empty, type: payment, category: financial, operations: []}
-- entities/crm/contact.yaml --
"""
HEAD = """\
entity: Contact
schema: crm
actions:
  - name: pay
    steps:
"""


def test_names_of_services_and_operations() -> None:
    found(
        SERVICES
        + HEAD
        + """\
      - call_service: {service: strpe, operation: refund}
                                ^^^^^ unknown-service: Did you mean stripe?
      - call_service:
          service: Stripe
          operation: REFUND
          on_failure:
            - call_service: {service: stripe, operation: "refnd"}
                                                          ^^^^^ unknown-operation: The service stripe has no operation
      - call_service: {service: paypal, operation: x}
                                ^^^^^^ unknown-service: no service paypal
      - call_service: {service: empty, operation: anything}
      - call_service: {service: '{{ service }}', operation: anything}
      - call_service: {operation: anything}
      - call_service: text
""",
        ignoring=QUIET,
    )


def test_nothing_is_said_without_a_service_registry() -> None:
    found(HEAD + "      - call_service: {service: strpe, operation: refund}\n", ignoring=QUIET)


def test_fixes() -> None:
    step = "      - call_service: {service: stripe, operation: ref$0nd}\n"
    fix(SERVICES + HEAD + step, "Change to refund", HEAD + step.replace("ref$0nd", "refund"))
