"""Names of domains: ``unknown-domain``."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.findings import finding
from specql_lsp.features.model import Finding
from specql_lsp.items.entity import EntityItem
from specql_lsp.language.names import FRAMEWORK_SCHEMAS, nearest, needs_no_domain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.workspace.analysis import Analysis


def check_domains(analysis: Analysis, entity: EntityItem) -> Iterator[Finding]:
    """The schema and the organization's domain, where the registry has none of that name."""
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
    """The finding for a name that is none of a domain; says the nearest one that is."""
    near = nearest_domain(snapshot, scalar.value)
    hint = f" Did you mean {near}?" if near else " Register the domain, or name one that exists."
    return finding(scalar.span, "unknown-domain", f"The registry has no domain or alias named {scalar.value}.{hint}")


def nearest_domain(snapshot: Snapshot, name: str) -> str | None:
    """The name, alias or framework schema that is nearest to ``name``; None where none is near."""
    candidates = [each for domain in snapshot.domains for each in (domain.name, *domain.aliases) if each]
    return nearest(name, [*candidates, *sorted(FRAMEWORK_SCHEMAS - set(candidates))])
