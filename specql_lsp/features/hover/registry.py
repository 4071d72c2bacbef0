"""Hover of what the registry numbers: domains, subdomains, table codes, layers, in entity files and in its own YAML."""

from __future__ import annotations

from specql_lsp.features import descriptions
from specql_lsp.features.hover.request import HoverRequest, Text
from specql_lsp.items.entity import EntityItem
from specql_lsp.language.keys import Meaning
from specql_lsp.registry.model import Domain
from specql_lsp.semantics.symbol import Role
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def schema(request: HoverRequest) -> Text | None:
    """A domain by its number, name or alias, or a schema that needs none."""
    analysis, document, symbol = request.analysis, request.document, request.symbol
    if request.entity is None:
        numbered = symbol.role is Role.DEFINITION
        return _text(
            _domain_numbered(analysis, document, symbol.owner) if numbered else _domain(analysis, document, symbol.name)
        )
    if symbol.place.meaning is Meaning.DOMAIN:
        return _text(_domain(analysis, document, symbol.name))
    domain = analysis.snapshot.domain_named(symbol.name) if analysis.snapshot else None
    return _text(
        descriptions.domain_text(analysis, domain, document.uri) if domain else descriptions.schema_text(symbol.name)
    )


def subdomain(request: HoverRequest) -> Text | None:
    """A subdomain by its number or name."""
    analysis, document, symbol = request.analysis, request.document, request.symbol
    if request.entity is None:
        if symbol.role is Role.DEFINITION:
            number = symbol.place.name(Meaning.SUBDOMAIN_NUMBER) or ""
            return _text(_subdomain_numbered(analysis, document, symbol.owner, number))
        return _text(_subdomain_named(analysis, document, symbol.owner, symbol.name))
    domain = _organization_domain(analysis, document, request.entity)
    found = domain.subdomain(symbol.name) if domain else None
    return _text(descriptions.subdomain_text(analysis, domain, found, document.uri) if domain and found else None)


def code(request: HoverRequest) -> Text | None:
    """A table code, digit by digit."""
    symbol = request.symbol
    uri = request.document.uri if request.entity is not None else ""
    text = descriptions.code_text(
        request.analysis, symbol.name, uri=uri, entity=symbol.owner or None, allocations=request.allocations
    )
    return _text(text)


def layer(request: HoverRequest) -> Text | None:
    """A schema layer."""
    return _text(descriptions.layer_text(request.analysis, request.symbol.name))


def _text(markdown: str | None) -> Text | None:
    return Text(markdown, from_registry=True) if markdown else None


def _organization_domain(analysis: Analysis, document: Document, entity: EntityItem) -> Domain | None:
    named = entity.domain_name
    domain = analysis.snapshot.domain(named.value) if analysis.snapshot and named else None
    return domain or analysis.domain_of(document)


def _domain(analysis: Analysis, document: Document, number_or_name: str) -> str | None:
    domain = analysis.snapshot.domain(number_or_name) if analysis.snapshot else None
    return descriptions.domain_text(analysis, domain, document.uri) if domain else None


def _domain_numbered(analysis: Analysis, document: Document, number: str) -> str | None:
    domain = analysis.snapshot.domain_numbered(number) if analysis.snapshot else None
    return descriptions.domain_text(analysis, domain, document.uri) if domain else None


def _subdomain_numbered(analysis: Analysis, document: Document, domain_number: str, number: str) -> str | None:
    domain = analysis.snapshot.domain_numbered(domain_number) if analysis.snapshot else None
    if domain is None:
        return None
    subdomain = next((s for s in domain.subdomains if s.number.upper() == number.upper()), None)
    return descriptions.subdomain_text(analysis, domain, subdomain, document.uri) if subdomain else None


def _subdomain_named(analysis: Analysis, document: Document, domain_name: str, name: str) -> str | None:
    domain = analysis.snapshot.domain_named(domain_name) if analysis.snapshot else None
    subdomain = next((s for s in domain.subdomains if s.name == name), None) if domain else None
    return descriptions.subdomain_text(analysis, domain, subdomain, document.uri) if domain and subdomain else None
