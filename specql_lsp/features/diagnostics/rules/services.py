"""``unknown-service`` and ``unknown-operation``: what ``call_service`` names, against the workspace's services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import Finding
from specql_lsp.items.entity import ActionNode, StepNode
from specql_lsp.language.names import nearest
from specql_lsp.severity import Severity
from specql_lsp.syntax.nodes import Mapping, Scalar

_FILES = """\
-- registry/service_registry.yaml --
services:
  - name: stripe
    type: payment
    category: finance
    operations:
      - name: create_charge
"""


def _example(service: str, operation: str) -> str:
    return f"""\
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
actions:
  - name: pay
    steps:
      - call_service:
          service: {service}
          operation: {operation}
{_FILES}"""


_WHERE = (
    "`call_service` of SpecQL's beta line calls an operation of a service that `registry/service_registry.yaml` lists; "
    "names compare without regard to case."
)
_WITHOUT = "Nothing is said where the workspace has no service registry. SpecQL 0.9.2 refuses the step in any case."
_BETTER = (
    """\
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
"""
    + _FILES
)
_SERVICE = Rule(
    code="unknown-service",
    severity=Severity.WARNING,
    summary="A step calls a service that the workspace's service registry does not have.",
    explanation=f"{_WHERE} The beta line refuses a service that is not there.\n\n{_WITHOUT}",
    example=_example("strpe", "create_charge"),
    better=_BETTER,
    waits=True,
    fix="Changes the name to the nearest one.",
)
_OPERATION = Rule(
    code="unknown-operation",
    severity=Severity.WARNING,
    summary="A step calls an operation that its service does not have.",
    explanation=f"{_WHERE} The beta line refuses an operation that the service does not list.\n\n{_WITHOUT}",
    example=_example("stripe", "create_charg"),
    better=_BETTER,
    waits=True,
    fix="Changes the name to the nearest one.",
)
RULES = (_SERVICE, _OPERATION)


def check(context: RuleContext) -> Iterator[Finding]:
    """The services and operations that steps name, at any depth."""
    for action in context.entity.actions:
        for call in action.node.fact(_calls):
            yield from _call(context, call, action.shift)


def _calls(action: ActionNode) -> tuple[Mapping, ...]:
    return tuple(_calls_in(action.steps))


def _calls_in(steps: Iterable[StepNode]) -> Iterator[Mapping]:
    for step in steps:
        if step.kind == "call_service" and isinstance(step.value, Mapping):
            yield step.value
        if step.steps:
            yield from _calls_in(step.steps)


def _call(context: RuleContext, call: Mapping, shift: int) -> Iterator[Finding]:
    index = context.analysis.index
    service = _named(call, "service")
    found = index.service(service.value) if service is not None else None
    names = index.service_names() if service is not None and found is None else ()
    if service is None or (found is None and not names) or not context.analysis.knows_all_files():
        return
    if found is None:
        yield _unknown(
            _SERVICE, service, f"The service registry has no service {shortened(service.value)}.", names, shift
        )
        return
    operation = _named(call, "operation")
    lowered = {name.lower() for name in found.operations}
    if operation is not None and found.operations and operation.value.lower() not in lowered:
        message = f"The service {shortened(found.name)} has no operation {shortened(operation.value)}."
        yield _unknown(_OPERATION, operation, message, found.operations, shift)


def _named(call: Mapping, key: str) -> Scalar | None:
    """The name behind a key; None for a template, which only the running action knows."""
    scalar = call.scalar(key)
    return scalar if scalar is not None and scalar.value.strip() and "{{" not in scalar.value else None


def _unknown(rule: Rule, scalar: Scalar, message: str, names: Iterable[str], shift: int) -> Finding:
    near = nearest(scalar.value, names)
    hint = f"Did you mean {shortened(near)}?" if near else "Name one that it has, or add it."
    span = scalar.text_span.shifted(shift)
    return rule.finding(span, f"{message} {hint}", replacements=(near,) if near else ())
