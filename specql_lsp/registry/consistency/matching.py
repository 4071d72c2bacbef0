"""Finds the nodes of a registry by their paths: those of a YAML, and those of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeAlias, TypeVar

from specql_lsp.items.registry_file import DomainNode, EntityNode, RegistryFile, SubdomainNode
from specql_lsp.registry.model import RegistryNode, RegistryPath
from specql_lsp.registry.snapshot import Snapshot

YamlNode: TypeAlias = DomainNode | SubdomainNode | EntityNode
_Item = TypeVar("_Item")


class PathIndex(Generic[_Item]):
    """Nodes by path. A path is looked up as written, then ignoring case, as registries are compared.

    Of several nodes at one path the last one counts, as for PyYAML.
    """

    def __init__(self, items: Iterable[tuple[RegistryPath, _Item]]) -> None:
        self._exact = dict(items)
        self._folded: dict[RegistryPath, list[_Item]] = {}
        for path, item in self._exact.items():
            self._folded.setdefault(path.folded, []).append(item)

    def get(self, path: RegistryPath) -> _Item | None:
        """The node at a path; the first of several whose paths differ only in case."""
        exact = self._exact.get(path)
        return exact if exact is not None else next(iter(self._folded.get(path.folded, ())), None)

    def items(self) -> Iterable[tuple[RegistryPath, _Item]]:
        """Every node with its path as written."""
        return self._exact.items()

    def lacks(self, path: RegistryPath, others: PathIndex[RegistryNode]) -> bool:
        """Whether a node that ``others`` has at a path is missing here."""
        return path not in self._exact and self.count(path) < others.count(path)

    def count(self, path: RegistryPath) -> int:
        """How many nodes there are at a path, ignoring case."""
        return len(self._folded.get(path.folded, ()))


def yaml_nodes_by_path(registry: RegistryFile) -> PathIndex[YamlNode]:
    """The nodes of a registry YAML."""
    return PathIndex(_nodes(registry))


def registry_nodes_by_path(snapshot: Snapshot) -> PathIndex[RegistryNode]:
    """What a registry holds."""
    return PathIndex(_registry_nodes(snapshot))


def _nodes(registry: RegistryFile) -> Iterator[tuple[RegistryPath, YamlNode]]:
    # Of repeated keys every reader sees the last one only.
    for domain in {domain.number.value: domain for domain in registry.domains}.values():
        path = RegistryPath(domain.number.value)
        yield path, domain
        for subdomain in {subdomain.number.value: subdomain for subdomain in domain.subdomains}.values():
            inner = RegistryPath(path.domain, subdomain.number.value)
            yield inner, subdomain
            for entity in subdomain.entities:
                yield RegistryPath(path.domain, inner.subdomain, entity.name.value), entity


def _registry_nodes(snapshot: Snapshot) -> Iterator[tuple[RegistryPath, RegistryNode]]:
    for domain in snapshot.domains:
        path = RegistryPath(domain.number)
        yield path, domain
        for subdomain in domain.subdomains:
            inner = RegistryPath(path.domain, subdomain.number)
            yield inner, subdomain
            for entity in subdomain.entities:
                yield RegistryPath(path.domain, inner.subdomain, entity.name), entity
