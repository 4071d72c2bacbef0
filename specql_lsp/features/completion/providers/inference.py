"""The registry file's ``subdomain_inference``: names of domains, and beneath them of their subdomains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from specql_lsp.features.completion.builder import NOTHING, Proposal, build
from specql_lsp.features.completion.insertion import key_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.model import CompletionKind, CompletionList, DocumentationKey
from specql_lsp.language.keys import Meaning
from specql_lsp.syntax.nodes import Entry, Mapping


def domains(request: Request) -> CompletionList:
    """The domains of the file that have no entry yet."""
    registry = request.document.registry
    if registry is None:
        return NOTHING
    used = set(_names(registry.inference, request.offset))
    proposals = [
        _name(node.name.value, f"domain {node.number.value}", DocumentationKey("domain", {"number": node.number.value}))
        for node in registry.domains
        if node.name is not None and node.name.value not in used
    ]
    return build(request.context.prefix, proposals, key_insertion(request))


def subdomains(request: Request) -> CompletionList:
    """The subdomains of a domain of the file that have no entry yet."""
    registry, domain_name = request.document.registry, request.place.name(Meaning.DOMAIN)
    if registry is None or domain_name is None:
        return NOTHING
    entry = next((e for e in reversed(registry.inference) if e.name == domain_name), None)
    entries = entry.value.entries if entry and isinstance(entry.value, Mapping) else ()
    used = set(_names(entries, request.offset))
    proposals = [
        _name(
            node.name.value,
            f"subdomain {node.number.value}",
            DocumentationKey("subdomain", {"domain": domain.number.value, "subdomain": node.number.value}),
        )
        for domain in registry.domains
        if domain.name is not None and domain.name.value == domain_name
        for node in domain.subdomains
        if node.name is not None and node.name.value not in used
    ]
    return build(request.context.prefix, proposals, key_insertion(request))


def _names(entries: Iterable[Entry], offset: int) -> Iterator[str]:
    return (entry.name for entry in entries if entry.name is not None and not entry.key.span.contains(offset))


def _name(name: str, detail: str, key: DocumentationKey) -> Proposal:
    return Proposal(name, name, CompletionKind.MODULE, detail, documentation=key)
