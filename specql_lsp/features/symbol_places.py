"""Where a symbol is defined and used: in the files of the workspace and in the registry YAML.

Files that are not open are answered for by the index, without being read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from specql_lsp.index.summary import EntityFacts
from specql_lsp.index.symbols import Key, Place, SymbolKind, code_key, field_key, place, schema_key, subdomain_key
from specql_lsp.items.registry_file import DomainNode, EntityNode, RegistryFile, SubdomainNode
from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Registration, Subdomain
from specql_lsp.semantics.classify import Role, Symbol
from specql_lsp.semantics.fields import FoundField, find_field
from specql_lsp.semantics.resolve import Site, resolve_entity, site_of, uses_of_entity, uses_of_registered
from specql_lsp.semantics.variables import variable_definition
from specql_lsp.syntax.nodes import Alias, Scalar, walk
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


class SymbolPlaces:
    """Finds the places of the symbols of one document.

    Args:
        analysis: what is known.
        document: the document that is asked about. Its text as it is now counts, also where the index does not have it
            yet; of a large one, what the index has.
    """

    def __init__(self, analysis: Analysis, document: Document) -> None:
        if document.entities and not document.is_large:
            analysis = replace(analysis, index=analysis.index.put(document.uri, document.summary))
        self._analysis = analysis
        self._document = document
        self._registry_document = document if document.registry is not None else analysis.registry_document

    def definitions(self, symbol: Symbol) -> Iterator[Place]:
        """Where a symbol is defined."""
        match symbol.kind:
            case SymbolKind.ENTITY:
                yield from self._entity_definitions(symbol)
            case SymbolKind.SCHEMA:
                yield from self._domain_definitions(symbol.owner or symbol.name)
            case SymbolKind.SUBDOMAIN:
                yield from self._subdomain_definitions(symbol.owner, symbol.name)
            case SymbolKind.CODE:
                yield from self._code_definitions(symbol)
            case SymbolKind.FIELD:
                yield from self._field_definitions(symbol)
            case SymbolKind.ACTION:
                yield from self._action_definitions(symbol)
            case SymbolKind.VARIABLE if symbol.entity is not None:
                text = self._document.text
                found = variable_definition(text, symbol.entity, symbol.name, symbol.span.start)
                if found is not None:
                    yield place(self._document, found.span)
            case SymbolKind.PATTERN:
                pattern = self._analysis.index.pattern(symbol.name.strip().removeprefix("actions/"))
                if pattern is not None and pattern.spot is not None:
                    yield pattern.spot.place(pattern.uri)
            case SymbolKind.SERVICE:
                service = self._analysis.index.service(symbol.name)
                if service is not None and service.spot is not None:
                    yield service.spot.place(service.uri)
            case SymbolKind.SERVICE_OPERATION:
                owner = self._analysis.index.service(symbol.owner)
                operation = owner.operation(symbol.name) if owner is not None else None
                if owner is not None and operation is not None:
                    yield operation.spot.place(owner.uri)
            case SymbolKind.ANCHOR:
                span = self._document.tree.anchor_span(symbol.name)
                if span is not None:
                    yield place(self._document, span)

    def uses(self, symbol: Symbol) -> Iterator[Place]:
        """Where a symbol is used, its definitions left out."""
        match symbol.kind:
            case SymbolKind.ENTITY:
                yield from self._entity_uses(symbol)
            case SymbolKind.SCHEMA:
                yield from self._domain_uses(symbol.owner or symbol.name)
            case SymbolKind.SUBDOMAIN:
                yield from self._subdomain_uses(symbol.owner, symbol.name)
            case SymbolKind.CODE:
                yield from self._users((code_key(symbol.name),))
            case SymbolKind.FIELD:
                found = self._field(symbol)
                if found is not None and found.entity:
                    yield from self._users((field_key(symbol.name, found.entity, found.schema),))
            case SymbolKind.ANCHOR:
                for root in self._document.tree.roots:
                    aliases = (node for node in walk(root) if isinstance(node, Alias) and node.name == symbol.name)
                    yield from (place(self._document, alias.span) for alias in aliases)

    # Entities.

    def _entity_definitions(self, symbol: Symbol) -> Iterator[Place]:
        if symbol.role is Role.DEFINITION:
            yield place(self._document, symbol.span)
            return
        files, registrations = self._meant(symbol)
        if files:
            yield from (facts.name_spot.place(facts.uri) for facts in files)
        else:
            yield from self._registered(registrations)

    def _entity_uses(self, symbol: Symbol) -> Iterator[Place]:
        files, registrations = self._meant(symbol)
        for facts in files:
            for summary, use in uses_of_entity(self._analysis, facts):
                yield use.spot.place(summary.uri)
        if not files:
            for registration in registrations:
                for summary, use in uses_of_registered(self._analysis, registration):
                    yield use.spot.place(summary.uri)
        else:
            yield from self._registered(registrations)

    def _meant(self, symbol: Symbol) -> tuple[tuple[EntityFacts, ...], tuple[Registration, ...]]:
        """The files and the registrations of the entity that a symbol names."""
        analysis = self._analysis
        if self._document.registry is None:
            site = site_of(self._document)
            if symbol.entity is not None:
                site = Site(site.uri, symbol.entity.schema)
            files, registrations = resolve_entity(analysis, site, symbol.name, symbol.owner or None)
            if symbol.role is Role.DEFINITION:
                files = tuple(facts for facts in files if facts.uri == site.uri) or files
            return files, registrations
        # In the registry YAML the owner is the domain's number.
        domain = analysis.snapshot.domain_numbered(symbol.owner) if analysis.snapshot is not None else None
        registration = analysis.snapshot.registration(domain, symbol.name) if analysis.snapshot and domain else None
        if domain is None or registration is None:
            return resolve_entity(analysis, Site(self._document.uri, ""), symbol.name)
        found = analysis.file_of(domain, registration.entity)
        return ((found,) if found is not None else ()), (registration,)

    def _registered(self, registrations: Iterable[Registration]) -> Iterator[Place]:
        registry = self._registry
        for domain, subdomain, entity in registrations if registry is not None else ():
            node = registry.entity(domain.number, subdomain.number, entity.name) if registry is not None else None
            if node is not None:
                yield self._in_registry(node.name)

    # Domains and subdomains.

    def _domain_definitions(self, name: str) -> Iterator[Place]:
        node = self._domain_node(name)
        if node is not None:
            yield self._in_registry(node.name or node.number)

    def _domain_uses(self, name: str) -> Iterator[Place]:
        names = self._domain_names(name)
        yield from self._users(schema_key(each) for each in names)
        registry = self._registry
        for entry in registry.inference if registry is not None else ():
            if isinstance(entry.key, Scalar) and entry.key.value.lower() in names:
                yield self._in_registry(entry.key)

    def _subdomain_definitions(self, domain: str, name: str) -> Iterator[Place]:
        node = self._subdomain_node(domain, name)
        if node is not None:
            yield self._in_registry(node.name or node.number)

    def _subdomain_uses(self, domain: str, name: str) -> Iterator[Place]:
        names = {name.lower()}
        node = self._subdomain_node(domain, name)
        if node is not None:
            names.add(node.number.value.lower())
            if node.name is not None:
                names.add(node.name.value.lower())
        domains = self._domain_names(domain)
        yield from self._users(subdomain_key(each, owner) for each in names for owner in domains)

    def _domain_names(self, number_or_name: str) -> set[str]:
        """Everything by which a domain is named, in lower case; the name itself where it is none of a domain."""
        names = {number_or_name.lower()}
        domain = self._domain(number_or_name)
        if domain is not None:
            names |= {each.lower() for each in (domain.number, domain.name, *domain.aliases)}
        node = self._domain_node(number_or_name)
        if node is not None:
            scalars = (node.number, *((node.name,) if node.name is not None else ()), *node.aliases)
            names |= {scalar.value.lower() for scalar in scalars}
        return names

    def _domain(self, number_or_name: str) -> Domain | None:
        return self._analysis.snapshot.domain(number_or_name) if self._analysis.snapshot is not None else None

    def _domain_node(self, number_or_name: str) -> DomainNode | None:
        """The domain in the registry YAML: that of the registry's number, else the one that has the name there."""
        registry = self._registry
        if registry is None:
            return None
        domain = self._domain(number_or_name)
        found = registry.domain(domain.number if domain is not None else number_or_name)
        return found or next((node for node in registry.domains if _is_named(node, number_or_name)), None)

    def _subdomain_node(self, domain: str, number_or_name: str) -> SubdomainNode | None:
        node = self._domain_node(domain)
        if node is None:
            return None
        known = self._domain(domain)
        subdomain: Subdomain | None = known.subdomain(number_or_name) if known is not None else None
        wanted = {number_or_name.lower()} | ({subdomain.number.lower()} if subdomain is not None else set())
        by_number = next((each for each in node.subdomains if each.number.value.lower() in wanted), None)
        by_name = (each for each in node.subdomains if each.name and each.name.value.lower() == number_or_name.lower())
        return by_number or next(by_name, None)

    # Table codes and fields.

    def _code_definitions(self, symbol: Symbol) -> Iterator[Place]:
        """The line of the registry YAML; from there, the files that use the code."""
        if self._document.registry is not None:
            yield from list(self.uses(symbol)) or (place(self._document, symbol.span),)
            return
        for node in self._code_nodes(symbol.name):
            yield self._in_registry(node.code or node.name)

    def _code_nodes(self, code: str) -> Iterator[EntityNode]:
        registry, known = self._registry, self._analysis.registry
        snapshots = [snapshot for snapshot in (known.snapshot, known.yaml) if snapshot is not None]
        if registry is None:
            return
        if not snapshots:
            wanted = codes.normalize(code)
            yield from (n for _, _, n in registry.entities() if n.code and codes.normalize(n.code.value) == wanted)
        # What PostgreSQL does not have may be in the YAML all the same.
        found = next((registered for snapshot in snapshots if (registered := snapshot.by_code(code))), ())
        for domain, subdomain, entity in found:
            node = registry.entity(domain.number, subdomain.number, entity.name)
            if node is not None:
                yield node

    def code_registrations(self, symbol: Symbol) -> Iterator[Place]:
        """Where the registry YAML gives a table code to an entity."""
        for node in self._code_nodes(symbol.name):
            yield self._in_registry(node.code or node.name)

    def _field(self, symbol: Symbol) -> FoundField | None:
        if symbol.entity is None:
            return None
        return find_field(
            self._analysis,
            self._document,
            symbol.entity,
            symbol.name,
            of_entity=symbol.of_entity,
            through=symbol.through,
        )

    def _field_definitions(self, symbol: Symbol) -> Iterator[Place]:
        found = self._field(symbol)
        if found is None or found.item is None or symbol.entity is None:
            return
        for field in symbol.entity.fields:
            if field.name == symbol.name:
                yield place(self._document, field.key.text_span)

    def holders(self, symbol: Symbol) -> Iterator[Place]:
        """The entity that has the field which a symbol names, in another file: the index does not say where in it."""
        found = self._field(symbol) if symbol.kind is SymbolKind.FIELD else None
        if found is not None and found.facts is not None:
            yield found.facts.name_spot.place(found.uri)

    def _action_definitions(self, symbol: Symbol) -> Iterator[Place]:
        for action in symbol.entity.actions if symbol.entity is not None else ():
            if action.name is not None and action.name.value == symbol.name:
                yield place(self._document, action.name.text_span)

    # What all share.

    @property
    def _registry(self) -> RegistryFile | None:
        return self._registry_document.registry if self._registry_document is not None else None

    def _in_registry(self, scalar: Scalar) -> Place:
        assert self._registry_document is not None  # noqa: S101 - the scalar is one of its nodes
        return place(self._registry_document, scalar.text_span)

    def _users(self, keys: Iterable[Key]) -> Iterator[Place]:
        """The places in which names are used, by file."""
        wanted = set(keys)
        for uri in sorted({uri for key in wanted for uri in self._analysis.index.users(key)}):
            summary = self._analysis.index.get(uri)
            for use in summary.uses if summary is not None else ():
                if use.key in wanted:
                    yield use.spot.place(uri)


def _is_named(node: DomainNode, name: str) -> bool:
    names = (node.name, *node.aliases)
    return any(scalar is not None and scalar.value.lower() == name.lower() for scalar in names)
