"""A registry YAML as typed nodes with their spans: what reads, checks, hovers and edits it shares one reading.

Source of the shape: SpecQL's ``registry/domain_registry.yaml``, versions 1.0.0 and 2.0.0. Reading never fails:
what has another shape than expected is left out, and the checks say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from specql_lsp.lazily import lazily
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.tree import SyntaxTree

_MARKS = frozenset({"schema_layers", "reserved_codes", "subdomain_inference"})


class EntityNode(NamedTuple):
    """A registered entity. ``code`` is None where the registration holds no scalar for it."""

    entry: Entry
    name: Scalar
    code: Scalar | None
    body: Mapping | None
    """The mapping with ``table_code``; None where the code follows the name directly."""


class _NumberedNode:
    """What is registered under a number. What is in it is read when it is first asked for.

    A registry has thousands of entities, and after each key typed in it a request asks for a few of them.
    """

    def __init__(self, tree: SyntaxTree, entry: Entry, number: Scalar) -> None:
        self._tree = tree
        self.entry = entry
        self.number = number

    @lazily
    def body(self) -> Mapping | None:
        """The mapping behind the number."""
        return self._tree.mapping(self.entry.value)

    @property
    def name(self) -> Scalar | None:
        """The name, where it is a scalar."""
        return self.body.scalar("name") if self.body else None


class SubdomainNode(_NumberedNode):
    """A subdomain under its number."""

    @lazily
    def entities(self) -> tuple[EntityNode, ...]:
        """What is registered in it, in the order of the text."""
        entities = self._tree.mapping(self.body.value("entities")) if self.body else None
        return tuple(_entity(self._tree, entry, key) for entry, key in _named(entities))


class DomainNode(_NumberedNode):
    """A domain under its number."""

    @lazily
    def aliases(self) -> tuple[Scalar, ...]:
        """Its other names."""
        return _scalars(self._tree, self.body.value("aliases")) if self.body else ()

    @lazily
    def subdomains(self) -> tuple[SubdomainNode, ...]:
        """Its subdomains in the order of the text."""
        subdomains = self._tree.mapping(self.body.value("subdomains")) if self.body else None
        return tuple(SubdomainNode(self._tree, entry, key) for entry, key in _named(subdomains))


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
    domains_entry = root.entry("domains")
    domains = tree.mapping(domains_entry.value) if domains_entry else None
    layers = tree.mapping(root.value("schema_layers"))
    inference = tree.mapping(root.value("subdomain_inference"))
    return RegistryFile(
        root=root,
        domains_entry=domains_entry,
        domains=tuple(DomainNode(tree, entry, key) for entry, key in _named(domains)),
        schema_layers=layers.entries if layers else (),
        reserved_codes=_scalars(tree, root.value("reserved_codes")),
        inference=inference.entries if inference else (),
    )


def _named(mapping: Mapping | None) -> Iterator[tuple[Entry, Scalar]]:
    """The entries of a mapping whose keys are scalars, each with its key."""
    for entry in mapping.entries if mapping is not None else ():
        if isinstance(entry.key, Scalar):
            yield entry, entry.key


def _entity(tree: SyntaxTree, entry: Entry, name: Scalar) -> EntityNode:
    if isinstance(entry.value, Scalar):
        return EntityNode(entry, name, entry.value, None)
    body = tree.mapping(entry.value)
    return EntityNode(entry, name, body.scalar("table_code") if body else None, body)


def _scalars(tree: SyntaxTree, node: Node | None) -> tuple[Scalar, ...]:
    node = tree.resolve(node)
    if isinstance(node, Scalar):
        return (node,)
    if not isinstance(node, Sequence):
        return ()
    return tuple(item for each in node.items if isinstance(item := tree.resolve(each), Scalar))
