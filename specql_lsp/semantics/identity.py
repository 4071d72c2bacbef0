"""Which definition a symbol has, as a small value: two symbols mean the same where they share an identity."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from specql_lsp.index.summary import EntityFacts
from specql_lsp.index.symbols import SymbolKind, member_owner
from specql_lsp.items.entity import ActionItem, EntityItem
from specql_lsp.items.registry_file import DomainNode, SubdomainNode
from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Registration
from specql_lsp.semantics.fields import FoundField, find_field
from specql_lsp.semantics.names_in_types import enum_values
from specql_lsp.semantics.resolve import Resolution, Site, in_schema, nearest_files, resolve_entity
from specql_lsp.semantics.symbol import Role, Symbol
from specql_lsp.semantics.variables import variable_definition
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


class Identity(NamedTuple):
    """What a name means, within one analysis.

    Attributes:
        kind: what is meant.
        name: its name as its kind compares names: of an entity, a domain, a variable in lower case; of a domain or
            subdomain that the registry has, its number.
        owner: whose it is: of an entity its schema, or the numbers of its domain and subdomain where no file defines
            it; of a field or an action the ``schema.entity``; of an enum's value the ``schema.entity.field``; of a
            variable or parameter where its action begins; of a subdomain the domain's number or name; of a pattern of
            the table ``TABLE_PATTERN``.
        uri: the file that defines it; empty where that is the registry, or nothing.
    """

    kind: SymbolKind
    name: str
    owner: str = ""
    uri: str = ""


TABLE_PATTERN = "patterns"
"""Whose a pattern is that the key ``patterns`` of an entity names: SpecQL's, as no file defines one."""


def identities(analysis: Analysis, document: Document, symbol: Symbol) -> frozenset[Identity]:
    """What a symbol of a document means: almost always one thing; nothing where no definition of it is known.

    Several where nothing says which of some definitions is meant.
    """
    match symbol.kind:
        case SymbolKind.ENTITY:
            return _entities(analysis, document, symbol)
        case SymbolKind.SCHEMA:
            return _one(domain_identity(analysis, symbol.owner or symbol.name))
        case SymbolKind.SUBDOMAIN:
            return _one(_subdomain(analysis, symbol.owner, symbol.name))
        case SymbolKind.CODE:
            return _one(Identity(SymbolKind.CODE, codes.normalize(symbol.name)))
        case SymbolKind.FIELD:
            return _one(_field(analysis, document, symbol))
        case SymbolKind.ENUM_VALUE:
            return _one(_enum_value(analysis, document, symbol))
        case SymbolKind.ACTION:
            return _actions(analysis, document, symbol)
        case SymbolKind.VARIABLE:
            return _one(_in_action(document, symbol))
        case SymbolKind.PARAMETER:
            return _parameters(analysis, document, symbol)
        case SymbolKind.ANCHOR:
            return _one(anchor_identity(document, symbol))
        case SymbolKind.PATTERN:
            return _one(_pattern(analysis, symbol))
        case SymbolKind.PATTERN_PARAMETER if symbol.owner:
            return _one(Identity(symbol.kind, symbol.name, pattern_name(symbol.owner)))
        case SymbolKind.SERVICE:
            return _one(Identity(symbol.kind, symbol.name.lower()))
        case SymbolKind.SERVICE_OPERATION if symbol.owner:
            return _one(Identity(symbol.kind, symbol.name.lower(), symbol.owner.lower()))
    return frozenset()


def _one(identity: Identity | None) -> frozenset[Identity]:
    return frozenset() if identity is None else frozenset((identity,))


# Entities.


def _entities(analysis: Analysis, document: Document, symbol: Symbol) -> frozenset[Identity]:
    if document.registry is not None:
        return _in_registry(analysis, document, symbol)
    if symbol.role is Role.DEFINITION:
        return _one(Identity(SymbolKind.ENTITY, symbol.name.lower(), symbol.owner.lower(), document.uri))
    schema = symbol.entity.schema if symbol.entity is not None else ""
    found = resolve_entity(analysis, Site(document.uri, schema), symbol.name, symbol.owner or None)
    return entity_identities(found)


def _in_registry(analysis: Analysis, document: Document, symbol: Symbol) -> frozenset[Identity]:
    """The entity that a registration is of; its owner is the domain's number."""
    snapshot = analysis.snapshot
    domain = snapshot.domain_numbered(symbol.owner) if snapshot is not None else None
    registration = snapshot.registration(domain, symbol.name) if snapshot is not None and domain is not None else None
    if domain is None or registration is None:
        return entity_identities(resolve_entity(analysis, Site(document.uri, ""), symbol.name))
    facts = analysis.file_of(domain, registration.entity)
    return _one(identity_of_facts(facts) if facts is not None else _of_registration(registration))


def entity_identities(found: Resolution) -> frozenset[Identity]:
    """The entities that a name was resolved to: those of files before what only the registry has."""
    if found.files:
        return frozenset(map(identity_of_facts, found.files))
    return frozenset(map(_of_registration, found.registrations))


def identity_of_facts(facts: EntityFacts) -> Identity:
    """The identity of an entity that a file defines."""
    return Identity(SymbolKind.ENTITY, facts.name.lower(), facts.schema.lower(), facts.uri)


def _of_registration(registration: Registration) -> Identity:
    numbers = f"{registration.domain.number}.{registration.subdomain.number}"
    return Identity(SymbolKind.ENTITY, registration.entity.name.lower(), numbers.lower())


# Domains and subdomains.


def known_domain(analysis: Analysis, number_or_name: str) -> Domain | None:
    """The registry's domain of that number, name or alias."""
    return analysis.snapshot.domain(number_or_name) if analysis.snapshot is not None else None


def domain_node(analysis: Analysis, number_or_name: str) -> DomainNode | None:
    """The domain in the registry YAML: that of the registry's number, else the one that has the name there."""
    registry = analysis.registry_document.registry if analysis.registry_document is not None else None
    if registry is None:
        return None
    domain = known_domain(analysis, number_or_name)
    found = registry.domain(domain.number if domain is not None else number_or_name)
    lowered = number_or_name.lower()
    return found or next((node for node in registry.domains if lowered in _names(node)), None)


def subdomain_node(analysis: Analysis, domain: str, number_or_name: str) -> SubdomainNode | None:
    """The subdomain in the registry YAML, by the number or name of its domain and its own."""
    node = domain_node(analysis, domain)
    if node is None:
        return None
    known = known_domain(analysis, domain)
    subdomain = known.subdomain(number_or_name) if known is not None else None
    lowered = number_or_name.lower()
    wanted = {lowered} | ({subdomain.number.lower()} if subdomain is not None else set())
    by_number = next((each for each in node.subdomains if each.number.value.lower() in wanted), None)
    by_name = (each for each in node.subdomains if each.name is not None and each.name.value.lower() == lowered)
    return by_number or next(by_name, None)


def domain_names(analysis: Analysis, number_or_name: str) -> frozenset[str]:
    """Everything by which a domain is named, in lower case; the name itself where it is none of a domain."""
    names = {number_or_name.lower()}
    domain = known_domain(analysis, number_or_name)
    if domain is not None:
        names.update(each.lower() for each in (domain.number, domain.name, *domain.aliases))
    node = domain_node(analysis, number_or_name)
    if node is not None:
        names.update((node.number.value.lower(), *_names(node)))
    return frozenset(names)


def subdomain_names(analysis: Analysis, domain: str, number_or_name: str) -> frozenset[str]:
    """The number and the name of a subdomain, in lower case."""
    names = {number_or_name.lower()}
    known = known_domain(analysis, domain)
    subdomain = known.subdomain(number_or_name) if known is not None else None
    if subdomain is not None:
        names.update((subdomain.number.lower(), subdomain.name.lower()))
    node = subdomain_node(analysis, domain, number_or_name)
    if node is not None:
        names.add(node.number.value.lower())
        if node.name is not None:
            names.add(node.name.value.lower())
    return frozenset(names)


def _names(node: DomainNode) -> set[str]:
    return {scalar.value.lower() for scalar in (node.name, *node.aliases) if scalar is not None}


def domain_identity(analysis: Analysis, number_or_name: str) -> Identity | None:
    """The identity of a domain, or of a schema that is none."""
    domain = known_domain(analysis, number_or_name)
    if domain is not None:
        return Identity(SymbolKind.SCHEMA, domain.number.lower())
    node = domain_node(analysis, number_or_name)
    name = node.number.value if node is not None else number_or_name
    return Identity(SymbolKind.SCHEMA, name.lower()) if name else None


def _subdomain(analysis: Analysis, domain: str, number_or_name: str) -> Identity | None:
    owner = domain_identity(analysis, domain)
    if owner is None:
        return None
    known = known_domain(analysis, domain)
    subdomain = known.subdomain(number_or_name) if known is not None else None
    if subdomain is not None:
        return Identity(SymbolKind.SUBDOMAIN, subdomain.number.lower(), owner.name)
    node = subdomain_node(analysis, domain, number_or_name)
    name = node.number.value if node is not None else number_or_name
    return Identity(SymbolKind.SUBDOMAIN, name.lower(), owner.name)


# What belongs to an entity.


def found_field(analysis: Analysis, document: Document, symbol: Symbol, name: str) -> FoundField | None:
    """The field of a name, in the entity that a field or an enum's value is of."""
    if symbol.entity is None:
        return None
    return find_field(analysis, document, symbol.entity, name, of_entity=symbol.of_entity, through=symbol.through)


def _field(analysis: Analysis, document: Document, symbol: Symbol) -> Identity | None:
    found = found_field(analysis, document, symbol, symbol.name)
    if found is None:
        return _variable(document, symbol)
    return Identity(SymbolKind.FIELD, found.name, member_owner(found.entity, found.schema), found.uri)


def _variable(document: Document, symbol: Symbol) -> Identity | None:
    """A variable of the action whose name is not one by SpecQL's convention (``v_…``)."""
    is_alone = not symbol.through and symbol.of_entity is None
    if not is_alone or symbol.entity is None:
        return None
    declared = variable_definition(document.text, symbol.entity, symbol.name, symbol.span.start)
    return _in_action(document, replace(symbol, kind=SymbolKind.VARIABLE)) if declared is not None else None


def _enum_value(analysis: Analysis, document: Document, symbol: Symbol) -> Identity | None:
    found = found_field(analysis, document, symbol, symbol.owner)
    if found is None or found.text is None:
        return None
    if symbol.role is not Role.DEFINITION and symbol.name not in enum_values(found.text.type):
        return None
    owner = f"{member_owner(found.entity, found.schema)}.{found.name}"
    return Identity(SymbolKind.ENUM_VALUE, symbol.name, owner, found.uri)


def _actions(analysis: Analysis, document: Document, symbol: Symbol) -> frozenset[Identity]:
    """An action of the file's entity; else, where a step calls it, one of another entity: as entities are resolved."""
    entity = symbol.entity
    if entity is None:
        return frozenset()
    if any(each.node.name is not None and each.node.name.value == symbol.name for each in entity.actions):
        owner = member_owner(entity.name.value if entity.name is not None else "", entity.schema)
        return _one(Identity(SymbolKind.ACTION, symbol.name, owner, document.uri))
    if symbol.path[-1:] != ("call",):
        return frozenset()
    having = analysis.index.with_action(symbol.name)
    meant = nearest_files(Site(document.uri, entity.schema), in_schema(analysis, having, entity.schema) or having)
    return frozenset(
        Identity(SymbolKind.ACTION, symbol.name, member_owner(facts.name, facts.schema), facts.uri) for facts in meant
    )


def _parameters(analysis: Analysis, document: Document, symbol: Symbol) -> frozenset[Identity]:
    """A parameter of the action around it, or of the action that is called with it."""
    if symbol.owner:
        called = _actions(analysis, document, replace(symbol, kind=SymbolKind.ACTION, name=symbol.owner))
        owners = [(f"{each.owner}.{each.name}", each.uri) for each in called]
    else:
        entity = symbol.entity
        actions = entity.actions if entity is not None else ()
        around = next((each for each in actions if each.span.contains(symbol.span.start)), None)
        owners = [(action_owner(entity, around), document.uri)] if entity is not None and around is not None else []
    return frozenset(Identity(SymbolKind.PARAMETER, symbol.name.lower(), owner, uri) for owner, uri in owners)


def action_owner(entity: EntityItem, action: ActionItem) -> str:
    """The ``schema.entity.action`` that parameters are of; of an action without a name, where it begins."""
    owner = member_owner(entity.name.value if entity.name is not None else "", entity.schema)
    return f"{owner}.{action.name.value if action.name is not None else action.span.start}"


# What is known in one file alone.


def _in_action(document: Document, symbol: Symbol) -> Identity | None:
    actions = symbol.entity.actions if symbol.entity is not None else ()
    around = next((each for each in actions if each.span.contains(symbol.span.start)), None)
    if around is None:
        return None
    return Identity(symbol.kind, symbol.name.lower(), str(around.span.start), document.uri)


def anchor_identity(document: Document, symbol: Symbol) -> Identity:
    """The identity of an anchor or of its alias."""
    # A name may be that of an anchor in each YAML document.
    roots = document.tree.roots
    number = next((n for n, root in enumerate(roots) if root.span.contains(symbol.span.start)), 0)
    return Identity(SymbolKind.ANCHOR, symbol.name, str(number), document.uri)


# Patterns.


def pattern_name(written: str) -> str:
    """The name of a pattern as its file has it: some write the folder before it."""
    return written.strip().removeprefix("actions/")


def _pattern(analysis: Analysis, symbol: Symbol) -> Identity:
    name = pattern_name(symbol.name)
    if symbol.path[:1] == ("patterns",):
        return Identity(SymbolKind.PATTERN, name, TABLE_PATTERN)
    pattern = analysis.index.pattern(name)
    return Identity(SymbolKind.PATTERN, name, "", pattern.uri if pattern is not None else "")
