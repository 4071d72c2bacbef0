"""Hover: table codes digit by digit, domains, subdomains, entities, the language's keys. Never does any I/O."""

from __future__ import annotations

from datetime import datetime

from specql_lsp.features import descriptions
from specql_lsp.features.model import Hover
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.items.entity import EntityItem
from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.language.keys import Meaning
from specql_lsp.registry.model import Domain
from specql_lsp.semantics.classify import Role, Symbol, classify
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_QUOTES = frozenset({"'", '"'})


def hover(analysis: Analysis, document: Document, offset: int, now: datetime) -> Hover | None:
    """The hover at ``offset``, or None where nothing is known of the name there.

    Args:
        analysis: settings, registry and index; without a registry the hover has what needs none.
        document: the file.
        offset: where, in code points from 0.
        now: the time of the request, for the age of the registry's answer.
    """
    entity = document.entity if document.registry is None else None
    for reference in entity.references if entity is not None else ():
        if reference.span.contains(offset):
            text = _reference_text(analysis, document, reference.schema, reference.name)
            return _answer(analysis, text, reference.span, now)
    symbol = classify(document, offset)
    if symbol is None:
        return None
    span = _with_quotes(document.text, symbol.span)
    if symbol.kind in {SymbolKind.KEY, SymbolKind.STEP}:
        key = symbol.place.key
        is_word = key is not None and key.meaning is Meaning.KEY
        return Hover(f"**{key.name}**\n\n{key.markdown}", span) if key is not None and is_word else None
    text = _in_registry(analysis, document, symbol) if symbol.entity is None else _in_entity(analysis, document, symbol)
    return _answer(analysis, text, span, now)


def _with_quotes(text: str, span: Span) -> Span:
    """The span of a scalar whose text has that span."""
    before = text[span.start - 1 : span.start]
    return Span(span.start - 1, span.end + 1) if before in _QUOTES and text[span.end : span.end + 1] == before else span


def _answer(analysis: Analysis, text: str | None, span: Span, now: datetime) -> Hover | None:
    return Hover(descriptions.with_provenance(analysis, text, now), span) if text else None


def _in_entity(analysis: Analysis, document: Document, symbol: Symbol) -> str | None:
    """What a value of an entity file stands for."""
    name = symbol.name
    match symbol.kind:
        case SymbolKind.SCHEMA if symbol.place.meaning is Meaning.DOMAIN:
            return _domain(analysis, document, name)
        case SymbolKind.SCHEMA:
            return _schema(analysis, document, name)
        case SymbolKind.ENTITY:
            return descriptions.entity_text(analysis, name, symbol.owner)
        case SymbolKind.CODE:
            return descriptions.code_text(analysis, name, uri=document.uri, entity=symbol.owner or None)
        case SymbolKind.SUBDOMAIN if symbol.entity is not None:
            domain = _organization_domain(analysis, document, symbol.entity)
            subdomain = domain.subdomain(name) if domain else None
            if domain is not None and subdomain is not None:
                return descriptions.subdomain_text(analysis, domain, subdomain, document.uri)
    return None


def _reference_text(analysis: Analysis, document: Document, schema: str | None, name: str) -> str | None:
    if schema is not None or document.entity is None:
        return descriptions.entity_text(analysis, name, schema)
    # SpecQL finds an unqualified name in any schema; the file's own is what the writer most likely means.
    return descriptions.entity_text(analysis, name, document.entity.schema) or descriptions.entity_text(analysis, name)


def _organization_domain(analysis: Analysis, document: Document, entity: EntityItem) -> Domain | None:
    named = entity.domain_name
    domain = analysis.snapshot.domain(named.value) if analysis.snapshot and named else None
    return domain or analysis.domain_of(document)


def _schema(analysis: Analysis, document: Document, name: str) -> str | None:
    domain = analysis.snapshot.domain_named(name) if analysis.snapshot else None
    return descriptions.domain_text(analysis, domain, document.uri) if domain else descriptions.schema_text(name)


def _domain(analysis: Analysis, document: Document, number_or_name: str) -> str | None:
    domain = analysis.snapshot.domain(number_or_name) if analysis.snapshot else None
    return descriptions.domain_text(analysis, domain, document.uri) if domain else None


def _in_registry(analysis: Analysis, document: Document, symbol: Symbol) -> str | None:
    """What a key of a registry stands for whose name users choose, or a value."""
    name, owner = symbol.name, symbol.owner
    match symbol.kind, symbol.role:
        case SymbolKind.SCHEMA, Role.DEFINITION:
            return _domain_numbered(analysis, document, owner)
        case SymbolKind.SCHEMA, Role.REFERENCE:
            return _domain(analysis, document, name)
        case SymbolKind.SUBDOMAIN, Role.DEFINITION:
            number = symbol.place.name(Meaning.SUBDOMAIN_NUMBER) or ""
            return _subdomain_numbered(analysis, document, owner, number)
        case SymbolKind.SUBDOMAIN, Role.REFERENCE:
            return _subdomain(analysis, document, owner, name)
        case SymbolKind.ENTITY, _:
            return _entity_in(analysis, document.registry, owner, name)
        case SymbolKind.CODE, _:
            return descriptions.code_text(analysis, name, entity=owner or None)
        case SymbolKind.LAYER, _:
            return descriptions.layer_text(analysis, name)
    return None


def _domain_numbered(analysis: Analysis, document: Document, number: str) -> str | None:
    domain = analysis.snapshot.domain_numbered(number) if analysis.snapshot else None
    return descriptions.domain_text(analysis, domain, document.uri) if domain else None


def _subdomain_numbered(analysis: Analysis, document: Document, domain_number: str, number: str) -> str | None:
    domain = analysis.snapshot.domain_numbered(domain_number) if analysis.snapshot else None
    if domain is None:
        return None
    subdomain = next((s for s in domain.subdomains if s.number.upper() == number.upper()), None)
    return descriptions.subdomain_text(analysis, domain, subdomain, document.uri) if subdomain else None


def _subdomain(analysis: Analysis, document: Document, domain_name: str, name: str) -> str | None:
    domain = analysis.snapshot.domain_named(domain_name) if analysis.snapshot else None
    subdomain = next((s for s in domain.subdomains if s.name == name), None) if domain else None
    return descriptions.subdomain_text(analysis, domain, subdomain, document.uri) if domain and subdomain else None


def _entity_in(analysis: Analysis, registry: RegistryFile | None, domain_number: str, name: str) -> str | None:
    """An entity's text by the name of its domain, as its number alone is no schema."""
    domain = registry.domain(domain_number) if registry is not None else None
    schema = domain.name.value if domain is not None and domain.name else None
    return descriptions.entity_text(analysis, name, schema) if schema else descriptions.entity_text(analysis, name)
