"""What a hover tells: table codes digit by digit, domains, subdomains, entities. Never does any I/O."""

from __future__ import annotations

from datetime import datetime

from specql_lsp.features import descriptions
from specql_lsp.features.model import Hover
from specql_lsp.items.entity import EntityItem
from specql_lsp.items.registry_file import DomainNode, RegistryFile
from specql_lsp.registry.model import Domain, Subdomain
from specql_lsp.syntax.nodes import Node, NodePath, Scalar, path_at
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def hover(analysis: Analysis, document: Document, offset: int, now: datetime) -> Hover | None:
    """The hover at ``offset``, or None where there is nothing to tell.

    Args:
        analysis: the picture; without a registry only what needs none is told.
        document: the file.
        offset: where, in code points from 0.
        now: the time of the request, for the age of the registry's answer.
    """
    if document.registry is not None:
        found = _in_registry(analysis, document, document.registry, offset)
    elif document.entity is not None:
        found = _in_entity(analysis, document, document.entity, offset)
    else:
        return None
    if found is None:
        return None
    text, span = found
    return Hover(descriptions.with_provenance(analysis, text, now), span)


_Found = tuple[str, Span] | None


def _found(text: str | None, node: Node | None) -> _Found:
    return (text, node.span) if text and node is not None else None


def _in_entity(analysis: Analysis, document: Document, entity: EntityItem, offset: int) -> _Found:
    for reference in entity.references:
        if reference.span.contains(offset):
            text = _reference_text(analysis, document, reference.schema, reference.name)
            return (text, reference.span) if text else None
    path = path_at(entity.root, offset)
    node = path.node
    if path.on_key or not isinstance(node, Scalar) or not node.value.strip():
        return None
    match path.names:
        case ("schema",) | ("entity", "schema"):
            return _found(_schema(analysis, document, node.value), node)
        case ("entity",) | ("entity", "name"):
            return _found(descriptions.entity_text(analysis, node.value, entity.schema), node)
        case ("organization", "table_code"):
            name = entity.name.value if entity.name else None
            return _found(descriptions.code_text(analysis, node.value, uri=document.uri, entity=name), node)
        case ("organization", "domain_name" | "domain"):
            return _found(_domain(analysis, document, node.value), node)
        case ("organization", "subdomain"):
            domain = _organization_domain(analysis, document, entity)
            subdomain = domain.subdomain(node.value) if domain else None
            if domain is None or subdomain is None:
                return None
            return _found(descriptions.subdomain_text(analysis, domain, subdomain, document.uri), node)
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


def _in_registry(analysis: Analysis, document: Document, registry: RegistryFile, offset: int) -> _Found:
    path = path_at(registry.root, offset)
    node = path.node
    if not isinstance(node, Scalar) or not node.value.strip():
        return None
    match path.names:
        case ("domains", number, *rest):
            domain = registry.domain(number)
            return _in_domain(analysis, document, domain, tuple(rest), path, node) if domain else None
        case ("reserved_codes", "[]"):
            return _found(descriptions.code_text(analysis, node.value), node)
        case ("schema_layers", layer):
            return _found(descriptions.layer_text(analysis, layer), node)
        case ("subdomain_inference", domain_name):
            return _found(_domain(analysis, document, domain_name), node)
        case ("subdomain_inference", domain_name, subdomain_name) if path.on_key:
            return _found(_subdomain(analysis, document, domain_name, subdomain_name), node)
    return None


def _in_domain(
    analysis: Analysis, document: Document, domain: DomainNode, rest: tuple[str, ...], path: NodePath, node: Scalar
) -> _Found:
    number = domain.number.value
    match rest:
        case () if path.on_key:
            return _found(_domain_numbered(analysis, document, number), node)
        case ("name",) | ("aliases", "[]") if not path.on_key:
            return _found(_domain_numbered(analysis, document, number), node)
        case ("subdomains", sub) if path.on_key:
            return _found(_subdomain_numbered(analysis, document, number, sub), node)
        case ("subdomains", sub, "name") if not path.on_key:
            return _found(_subdomain_numbered(analysis, document, number, sub), node)
        case ("subdomains", _, "entities", name) if path.on_key:
            return _found(_entity_in(analysis, domain, name), node)
        case ("subdomains", _, "entities", name) | ("subdomains", _, "entities", name, "table_code") if not path.on_key:
            return _found(descriptions.code_text(analysis, node.value, entity=name), node)
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
    subdomain: Subdomain | None = next((s for s in domain.subdomains if s.name == name), None) if domain else None
    return descriptions.subdomain_text(analysis, domain, subdomain, document.uri) if domain and subdomain else None


def _entity_in(analysis: Analysis, domain: DomainNode, name: str) -> str | None:
    """An entity's text by the name of its domain, as its number alone is no schema."""
    schema = domain.name.value if domain.name else None
    return descriptions.entity_text(analysis, name, schema) if schema else descriptions.entity_text(analysis, name)
