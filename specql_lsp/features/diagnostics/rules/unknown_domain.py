"""``unknown-domain``: a schema or a domain reference names no domain of the registry."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import Finding
from specql_lsp.language.names import FRAMEWORK_SCHEMAS, nearest, needs_no_domain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.severity import Severity
from specql_lsp.syntax.nodes import Scalar

RULE = Rule(
    code="unknown-domain",
    severity=Severity.WARNING,
    summary="A schema or a domain reference names no domain or alias of the registry.",
    explanation="""\
The `schema` of an entity is the domain that gives it its table code: a domain's name, one of its aliases, or a schema
that needs no domain (`common`, `app`, `core`, `public`). Without its domain an entity gets no code from the registry.

Write the name that was meant, or register the domain (`specql-lsp domain register`). Nothing is reported while no
registry can be read.
""",
    example="""\
entity: Contact
schema: crn
""",
    better="""\
entity: Contact
schema: crm
""",
    fix="Changes the name to the nearest one.",
    waits=True,
)


def check(context: RuleContext) -> Iterator[Finding]:
    """The schema and the organization's domain, where the registry has none of that name."""
    analysis, entity = context.analysis, context.entity
    snapshot = analysis.snapshot
    if snapshot is None:
        return
    schema = entity.schema_node
    if schema is not None and not analysis.known_schema(schema.value):
        yield unknown_domain(snapshot, schema)
    named = entity.domain_name
    if named is not None and not needs_no_domain(named.value) and snapshot.domain(named.value) is None:
        yield unknown_domain(snapshot, named)


def unknown_domain(snapshot: Snapshot, scalar: Scalar) -> Finding:
    """The finding for a name that is none of a domain; with the nearest one that is."""
    near = _nearest_domain(snapshot, scalar.value)
    hint = f" Did you mean {near}?" if near else " Register the domain, or name one that exists."
    message = f"The registry has no domain or alias named {shortened(scalar.value)}.{hint}"
    return RULE.finding(scalar.span, message, replacements=(near,) if near else ())


def _nearest_domain(snapshot: Snapshot, name: str) -> str | None:
    """The name, alias or framework schema that is nearest to ``name``; None where none is near."""
    candidates = [each for domain in snapshot.domains for each in (domain.name, *domain.aliases) if each]
    return nearest(name, [*candidates, *sorted(FRAMEWORK_SCHEMAS - set(candidates))])
