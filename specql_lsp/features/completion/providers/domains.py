"""Names of domains and subdomains: for ``schema`` and in ``organization``."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.completion.builder import UNAVAILABLE, Proposal, build
from specql_lsp.features.completion.insertion import value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.descriptions import counted
from specql_lsp.features.markdown import shortened
from specql_lsp.features.model import CompletionKind, CompletionList, DocumentationKey
from specql_lsp.language.names import FRAMEWORK_SCHEMAS
from specql_lsp.registry.model import Domain
from specql_lsp.registry.snapshot import Snapshot

_DETAIL_LENGTH = 60


def schemas(request: Request) -> CompletionList:
    """Domains, their aliases, and last the framework's own schemas."""
    snapshot = request.analysis.snapshot
    if snapshot is None:
        return UNAVAILABLE
    return build(request.context.prefix, _schemas(snapshot), value_insertion(request))


def domain_names(request: Request) -> CompletionList:
    """The names of the domains."""
    snapshot = request.analysis.snapshot
    if snapshot is None:
        return UNAVAILABLE
    proposals = [_domain(snapshot, domain) for domain in snapshot.domains if domain.name]
    return build(request.context.prefix, proposals, value_insertion(request))


def subdomain_names(request: Request) -> CompletionList:
    """The names of the subdomains of the domain that ``organization`` names, or else of the file's."""
    analysis, entity = request.analysis, request.document.entity
    if analysis.snapshot is None:
        return UNAVAILABLE
    domain = None
    if entity is not None and entity.domain_name is not None:
        domain = analysis.snapshot.domain(entity.domain_name.value)
    domain = domain or analysis.domain_of(request.document)
    proposals = list(_subdomains(domain)) if domain else []
    return build(request.context.prefix, proposals, value_insertion(request))


def _schemas(snapshot: Snapshot) -> Iterator[Proposal]:
    for domain in snapshot.domains:
        if domain.name:
            yield _domain(snapshot, domain)
    for domain in snapshot.domains:
        for alias in domain.aliases:
            if snapshot.domain_named(alias) is domain and alias.lower() != domain.name.lower():
                yield _domain(snapshot, domain)._replace(label=alias, text=alias, detail=f"alias of {domain.name}")
    for name in sorted(FRAMEWORK_SCHEMAS):
        if snapshot.domain_named(name) is None:
            key = DocumentationKey("domain", {"name": name})
            yield Proposal(name, name, CompletionKind.MODULE, "schema of the framework", documentation=key)


def _domain(snapshot: Snapshot, domain: Domain) -> Proposal:
    detail = f"{domain.number} · {domain.description}" if domain.description else domain.number
    count = counted(snapshot.entity_counts[domain.number], "entity", "entities")
    return Proposal(
        domain.name,
        domain.name,
        CompletionKind.MODULE,
        detail=shortened(detail, _DETAIL_LENGTH),
        description=f"multi-tenant · {count}" if domain.multi_tenant else count,
        documentation=DocumentationKey("domain", {"number": domain.number}),
    )


def _subdomains(domain: Domain) -> Iterator[Proposal]:
    for subdomain in domain.subdomains:
        if subdomain.name:
            detail = f"{subdomain.number} · {subdomain.description}" if subdomain.description else subdomain.number
            yield Proposal(
                subdomain.name,
                subdomain.name,
                CompletionKind.MODULE,
                detail=shortened(detail, _DETAIL_LENGTH),
                description=counted(len(subdomain.entities), "entity", "entities"),
                documentation=DocumentationKey("subdomain", {"domain": domain.number, "subdomain": subdomain.number}),
            )
