"""Where something is defined, by its identity: in an entity's file, the registry YAML, a pattern or service file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specql_lsp.features.occurrences import Read
from specql_lsp.index.symbols import Place, SymbolKind, member_owner, place
from specql_lsp.items.entity import EntityItem, FieldItem
from specql_lsp.items.pattern_file import lower_pattern
from specql_lsp.semantics.classify import Role, classify
from specql_lsp.semantics.identity import Identity, action_owner, anchor_identity, domain_node, subdomain_node
from specql_lsp.semantics.names_in_types import enum_value_spans
from specql_lsp.semantics.parameters import declared_parameters
from specql_lsp.semantics.variables import variable_definition
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def definition_places(analysis: Analysis, document: Document, identity: Identity, read: Read) -> Iterator[Place]:
    """Where what is meant is defined; nothing where no file says so.

    Args:
        analysis: what is known, the document included (``occurrences.with_document``).
        document: the file that is asked about.
        identity: what is meant.
        read: gives the text of other files.
    """
    match identity.kind:
        case SymbolKind.ENTITY:
            yield from _entity(analysis, identity)
        case SymbolKind.SCHEMA:
            domain = domain_node(analysis, identity.name)
            if domain is not None:
                yield from _in_registry(analysis, domain.name or domain.number)
        case SymbolKind.SUBDOMAIN:
            subdomain = subdomain_node(analysis, identity.owner, identity.name)
            if subdomain is not None:
                yield from _in_registry(analysis, subdomain.name or subdomain.number)
        case SymbolKind.FIELD | SymbolKind.ENUM_VALUE | SymbolKind.ACTION:
            home = _read(document, identity.uri, read)
            if home is not None:
                yield from _member(home, identity)
        case SymbolKind.VARIABLE:
            for entity in document.entities:
                found = variable_definition(document.text, entity, identity.name, int(identity.owner))
                if found is not None:
                    yield place(document, found.span)
        case SymbolKind.PARAMETER:
            home = _read(document, identity.uri, read)
            if home is not None:
                yield from _parameter(home, identity)
        case SymbolKind.PATTERN_PARAMETER:
            pattern = analysis.index.pattern(identity.owner)
            home = _read(document, pattern.uri, read) if pattern is not None else None
            declared = lower_pattern(home.tree) if home is not None else None
            parameter = declared.parameter(identity.name) if declared is not None else None
            if home is not None and parameter is not None:
                yield place(home, parameter.name.text_span)
        case SymbolKind.PATTERN:
            pattern = analysis.index.pattern(identity.name) if not identity.owner else None
            if pattern is not None and pattern.spot is not None:
                yield pattern.spot.place(pattern.uri)
        case SymbolKind.SERVICE:
            service = analysis.index.service(identity.name)
            if service is not None and service.spot is not None:
                yield service.spot.place(service.uri)
        case SymbolKind.SERVICE_OPERATION:
            owner = analysis.index.service(identity.owner)
            operation = owner.operation(identity.name) if owner is not None else None
            if owner is not None and operation is not None:
                yield operation.spot.place(owner.uri)
        case SymbolKind.ANCHOR:
            yield from _anchor(document, identity)


def _parameter(document: Document, identity: Identity) -> Iterator[Place]:
    for entity in document.entities:
        for action in entity.actions:
            if action_owner(entity, action) == identity.owner:
                names = declared_parameters(action)
                yield from (place(document, at) for name, at in names if name.lower() == identity.name)


def _anchor(document: Document, identity: Identity) -> Iterator[Place]:
    """Where the anchor is, in the YAML document that is meant."""
    root = document.tree.roots[int(identity.owner)]
    for match in re.finditer(rf"&{re.escape(identity.name)}(?![^\s,\[\]{{}}])", document.text[: root.span.end + 1]):
        symbol = classify(document, match.start() + 1)
        if symbol is None or symbol.kind is not SymbolKind.ANCHOR or symbol.role is not Role.DEFINITION:
            continue
        if anchor_identity(document, symbol) == identity:
            yield place(document, symbol.span)


def _read(document: Document, uri: str, read: Read) -> Document | None:
    return document if document.uri == uri else read(uri)


def _entity(analysis: Analysis, identity: Identity) -> Iterator[Place]:
    summary = analysis.index.get(identity.uri) if identity.uri else None
    for facts in summary.entities if summary is not None else ():
        if (facts.name.lower(), facts.schema.lower()) == (identity.name, identity.owner):
            yield facts.name_place
    registry = analysis.registry_document.registry if analysis.registry_document is not None else None
    if not identity.uri and registry is not None:
        domain, _, subdomain = identity.owner.partition(".")
        node = registry.entity(domain, subdomain, identity.name)
        if node is not None:
            yield from _in_registry(analysis, node.name)


def _in_registry(analysis: Analysis, scalar: Scalar) -> Iterator[Place]:
    if analysis.registry_document is not None:
        yield place(analysis.registry_document, scalar.text_span)


def _member(document: Document, identity: Identity) -> Iterator[Place]:
    """The places of a field, an enum's value or an action in the file of its entity."""
    for entity in document.entities:
        owner = member_owner(entity.name.value if entity.name is not None else "", entity.schema)
        match identity.kind:
            case SymbolKind.FIELD if owner == identity.owner:
                yield from (place(document, each.name_span) for each in _fields(entity, identity.name))
            case SymbolKind.ACTION if owner == identity.owner:
                for action in entity.actions:
                    name = action.name
                    # An alias in the place of a name has the anchor's, which is another action's.
                    if name is not None and name.value == identity.name and document.text[name.span.start] != "*":
                        yield place(document, name.text_span)
            case SymbolKind.ENUM_VALUE if identity.owner.startswith(f"{owner}."):
                for field in _fields(entity, identity.owner[len(owner) + 1 :]):
                    if field.type is not None:
                        spans = enum_value_spans(document.text, field.type, identity.name)
                        yield from (place(document, span) for span in spans)


def _fields(entity: EntityItem, name: str) -> Iterator[FieldItem]:
    return (field for field in entity.fields if field.name == name)
