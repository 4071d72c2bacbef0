"""Hover: table codes digit by digit, domains, subdomains, entities, the language's keys. Never does any I/O."""

from __future__ import annotations

from datetime import datetime

from specql_lsp.features import descriptions
from specql_lsp.features.model import Hover
from specql_lsp.items.entity import EntityItem
from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.language.keys import KeyPlace, Meaning, entity_keys, registry_keys
from specql_lsp.registry.model import Domain
from specql_lsp.syntax.nodes import Scalar, path_at
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def hover(analysis: Analysis, document: Document, offset: int, now: datetime) -> Hover | None:
    """The hover at ``offset``, or None where nothing is known of the name there.

    Args:
        analysis: settings, registry and index; without a registry the hover has what needs none.
        document: the file.
        offset: where, in code points from 0.
        now: the time of the request, for the age of the registry's answer.
    """
    entity = document.entity
    if document.registry is None and entity is not None:
        for reference in entity.references:
            if reference.span.contains(offset):
                text = _reference_text(analysis, document, reference.schema, reference.name)
                return _answer(analysis, text, reference.span, now)
    root = document.registry.root if document.registry is not None else entity.root if entity is not None else None
    path = path_at(root, offset)
    node = path.node
    if not isinstance(node, Scalar) or not node.value.strip():
        return None
    if document.registry is not None:
        place = registry_keys().walk(path.names)
        text = _in_registry(analysis, document, document.registry, place, node, on_key=path.on_key)
    else:
        place = entity_keys().walk(path.names)
        text = _in_entity(analysis, document, entity, place, node) if entity is not None and not path.on_key else None
    if text is None and path.on_key and place.key is not None and place.key.meaning is Meaning.KEY:
        return Hover(f"**{place.key.name}**\n\n{place.key.markdown}", node.span)
    return _answer(analysis, text, node.span, now)


def _answer(analysis: Analysis, text: str | None, span: Span, now: datetime) -> Hover | None:
    return Hover(descriptions.with_provenance(analysis, text, now), span) if text else None


def _in_entity(analysis: Analysis, document: Document, entity: EntityItem, place: KeyPlace, node: Scalar) -> str | None:
    """What a value stands for."""
    match place.meaning:
        case Meaning.SCHEMA:
            return _schema(analysis, document, node.value)
        case Meaning.ENTITY:
            return descriptions.entity_text(analysis, node.value, entity.schema)
        case Meaning.TABLE_CODE:
            name = entity.name.value if entity.name else None
            return descriptions.code_text(analysis, node.value, uri=document.uri, entity=name)
        case Meaning.DOMAIN:
            return _domain(analysis, document, node.value)
        case Meaning.SUBDOMAIN:
            domain = _organization_domain(analysis, document, entity)
            subdomain = domain.subdomain(node.value) if domain else None
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


def _in_registry(
    analysis: Analysis, document: Document, registry: RegistryFile, place: KeyPlace, node: Scalar, *, on_key: bool
) -> str | None:
    """What a key stands for whose name users choose, or a value."""
    key_meaning = place.key.meaning if place.key is not None else None
    number = place.name(Meaning.DOMAIN_NUMBER) or ""
    match key_meaning if on_key else place.meaning:
        case Meaning.DOMAIN_NUMBER | Meaning.ALIAS:
            return _domain_numbered(analysis, document, number)
        case Meaning.DOMAIN if number:
            return _domain_numbered(analysis, document, number)
        case Meaning.DOMAIN:
            return _domain(analysis, document, node.value)
        case Meaning.SUBDOMAIN_NUMBER:
            return _subdomain_numbered(analysis, document, number, node.value)
        case Meaning.SUBDOMAIN if number:
            subdomain_number = place.name(Meaning.SUBDOMAIN_NUMBER) or ""
            return _subdomain_numbered(analysis, document, number, subdomain_number)
        case Meaning.SUBDOMAIN:
            return _subdomain(analysis, document, place.name(Meaning.DOMAIN) or "", node.value)
        case Meaning.REGISTERED_ENTITY:
            return _entity_in(analysis, registry, number, node.value)
        case Meaning.TABLE_CODE:
            return descriptions.code_text(analysis, node.value, entity=place.name(Meaning.REGISTERED_ENTITY))
        case Meaning.RESERVED_CODE:
            return descriptions.code_text(analysis, node.value)
    if key_meaning is Meaning.LAYER:
        return descriptions.layer_text(analysis, place.name(Meaning.LAYER) or "")
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


def _entity_in(analysis: Analysis, registry: RegistryFile, domain_number: str, name: str) -> str | None:
    """An entity's text by the name of its domain, as its number alone is no schema."""
    domain = registry.domain(domain_number)
    schema = domain.name.value if domain is not None and domain.name else None
    return descriptions.entity_text(analysis, name, schema) if schema else descriptions.entity_text(analysis, name)
