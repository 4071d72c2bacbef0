"""What differs between PostgreSQL and the registry YAML, at the YAML's nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from specql_lsp.features.diagnostics.rules.drift import finding
from specql_lsp.features.model import Finding
from specql_lsp.items.registry_file import EntityNode, RegistryFile
from specql_lsp.registry.state import Discrepancy
from specql_lsp.syntax.nodes import Mapping, Scalar
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

ATTRIBUTE_KEYS = {"sequence": ("sequence", "entity_sequence")}
"""The keys under which the YAML may have an attribute, where that is not the attribute's own name."""


def check_drift(document: Document, discrepancies: Iterable[Discrepancy]) -> Iterator[Finding]:
    """One finding for each discrepancy, in a registry YAML."""
    registry = document.registry
    if registry is None:
        return
    for discrepancy in discrepancies:
        yield finding(span_of(document, registry, discrepancy), discrepancy)


def span_of(document: Document, registry: RegistryFile, discrepancy: Discrepancy) -> Span:
    """The node concerned; for what the YAML lacks, the key above it."""
    domain = registry.domain(discrepancy.domain)
    if domain is None:
        return _root(document, registry)
    if discrepancy.subdomain is None:
        return _attribute(domain.body, discrepancy) or domain.number.span
    subdomain = registry.subdomain(discrepancy.domain, discrepancy.subdomain)
    if subdomain is None:
        return domain.number.span
    if discrepancy.entity is None:
        return _attribute(subdomain.body, discrepancy) or subdomain.number.span
    entity = registry.entity(discrepancy.domain, discrepancy.subdomain, discrepancy.entity)
    if entity is None:
        return subdomain.number.span
    return _entity_attribute(entity, discrepancy)


def _entity_attribute(entity: EntityNode, discrepancy: Discrepancy) -> Span:
    if discrepancy.attribute == "table_code" and entity.code is not None and entity.code.value:
        return entity.code.span
    return _attribute(entity.body, discrepancy) or entity.name.span


def _attribute(body: Mapping | None, discrepancy: Discrepancy) -> Span | None:
    if body is None or discrepancy.attribute is None:
        return None
    for key in ATTRIBUTE_KEYS.get(discrepancy.attribute, (discrepancy.attribute,)):
        entry = body.entry(key)
        if entry is not None:
            return entry.value.span if entry.value is not None else entry.key.span
    return None


def _root(document: Document, registry: RegistryFile) -> Span:
    if registry.domains_entry is not None and isinstance(registry.domains_entry.key, Scalar):
        return registry.domains_entry.key.span
    return Span(0, min(1, len(document.text)))
