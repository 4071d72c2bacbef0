"""A registry YAML as typed nodes with their spans: what reads, checks, hovers and edits it shares one reading.

Source of the shape: SpecQL's ``registry/domain_registry.yaml``, versions 1.0.0 and 2.0.0. Reading never fails:
what has another shape than expected is left out, and the checks say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.parser import SyntaxTree

_MARKS = frozenset({"schema_layers", "reserved_codes", "subdomain_inference"})


class EntityNode(NamedTuple):
    """A registered entity. ``code`` is None where the registration holds no scalar for it."""

    entry: Entry
    name: Scalar
    code: Scalar | None
    body: Mapping | None
    """The mapping with ``table_code``; None where the code stands directly after the name."""


class SubdomainNode(NamedTuple):
    """A subdomain under its number."""

    entry: Entry
    number: Scalar
    body: Mapping | None
    name: Scalar | None
    entities: tuple[EntityNode, ...]


class DomainNode(NamedTuple):
    """A domain under its number."""

    entry: Entry
    number: Scalar
    body: Mapping | None
    name: Scalar | None
    aliases: tuple[Scalar, ...]
    subdomains: tuple[SubdomainNode, ...]


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """The parts of a registry YAML; ``root`` is None where the document holds no mapping.

    All mappings are as PyYAML reads them: what is merged by ``<<`` is among their entries.
    """

    root: Mapping | None
    domains_entry: Entry | None
    domains: tuple[DomainNode, ...]
    schema_layers: tuple[Entry, ...]
    reserved_codes: tuple[Scalar, ...]
    inference: tuple[Entry, ...]

    def entities(self) -> Iterator[tuple[DomainNode, SubdomainNode, EntityNode]]:
        """Every registered entity with its place, in the order of the text."""
        for domain in self.domains:
            for subdomain in domain.subdomains:
                for entity in subdomain.entities:
                    yield domain, subdomain, entity

    def domain(self, number: str) -> DomainNode | None:
        """The domain with that number; case does not matter; the last one of duplicates."""
        return next((d for d in reversed(self.domains) if d.number.value.upper() == number.upper()), None)

    def subdomain(self, domain: str, number: str) -> SubdomainNode | None:
        """The subdomain with these numbers."""
        parent = self.domain(domain)
        if parent is None:
            return None
        return next((s for s in reversed(parent.subdomains) if s.number.value.upper() == number.upper()), None)

    def entity(self, domain: str, subdomain: str, name: str) -> EntityNode | None:
        """The entity of that name (case does not matter) in the subdomain with these numbers."""
        parent = self.subdomain(domain, subdomain)
        if parent is None:
            return None
        return next((e for e in reversed(parent.entities) if e.name.value.lower() == name.lower()), None)


def looks_like_registry(tree: SyntaxTree) -> bool:
    """Whether a document is a registry by its content: ``domains`` and a key that only registries have."""
    root = tree.mapping(tree.root)
    if root is None:
        return False
    names = {entry.name for entry in root.entries}
    return "domains" in names and "entity" not in names and bool(names & _MARKS)


def read_registry(tree: SyntaxTree) -> RegistryFile:
    """The registry in a document, as far as it has the expected shape."""
    root = tree.mapping(tree.root)
    if root is None:
        return RegistryFile(None, None, (), (), (), ())
    entry = root.entry("domains")
    domains = tree.mapping(entry.value) if entry else None
    layers = tree.mapping(root.value("schema_layers"))
    inference = tree.mapping(root.value("subdomain_inference"))
    return RegistryFile(
        root=root,
        domains_entry=entry,
        domains=tuple(_domain(tree, e) for e in domains.entries if isinstance(e.key, Scalar)) if domains else (),
        schema_layers=layers.entries if layers else (),
        reserved_codes=_scalars(tree, root.value("reserved_codes")),
        inference=inference.entries if inference else (),
    )


def _domain(tree: SyntaxTree, entry: Entry) -> DomainNode:
    body = tree.mapping(entry.value)
    subdomains = tree.mapping(body.value("subdomains")) if body else None
    assert isinstance(entry.key, Scalar)  # noqa: S101 - the caller filters
    return DomainNode(
        entry,
        entry.key,
        body,
        body.scalar("name") if body else None,
        _scalars(tree, body.value("aliases")) if body else (),
        tuple(_subdomain(tree, e) for e in subdomains.entries if isinstance(e.key, Scalar)) if subdomains else (),
    )


def _subdomain(tree: SyntaxTree, entry: Entry) -> SubdomainNode:
    body = tree.mapping(entry.value)
    entities = tree.mapping(body.value("entities")) if body else None
    assert isinstance(entry.key, Scalar)  # noqa: S101 - the caller filters
    return SubdomainNode(
        entry,
        entry.key,
        body,
        body.scalar("name") if body else None,
        tuple(_entity(tree, e) for e in entities.entries if isinstance(e.key, Scalar)) if entities else (),
    )


def _entity(tree: SyntaxTree, entry: Entry) -> EntityNode:
    assert isinstance(entry.key, Scalar)  # noqa: S101 - the caller filters
    if isinstance(entry.value, Scalar):
        return EntityNode(entry, entry.key, entry.value, None)
    body = tree.mapping(entry.value)
    return EntityNode(entry, entry.key, body.scalar("table_code") if body else None, body)


def _scalars(tree: SyntaxTree, node: Node | None) -> tuple[Scalar, ...]:
    node = tree.resolve(node)
    if isinstance(node, Scalar):
        return (node,)
    if not isinstance(node, Sequence):
        return ()
    return tuple(item for each in node.items if isinstance(item := tree.resolve(each), Scalar))
