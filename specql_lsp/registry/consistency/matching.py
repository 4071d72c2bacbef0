"""Finds a registry's things by their place: the YAML's nodes, and what PostgreSQL holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeAlias, TypeVar

from specql_lsp.items.registry_file import DomainNode, EntityNode, RegistryFile, SubdomainNode
from specql_lsp.registry.consistency.changes import Place, Thing
from specql_lsp.registry.snapshot import Snapshot

ThingNode: TypeAlias = DomainNode | SubdomainNode | EntityNode
_Item = TypeVar("_Item")


class ByPlace(Generic[_Item]):
    """Things by their place: as it is written, else without regard to case, as registries are compared.

    Of several in one place the last one counts, as for PyYAML.
    """

    def __init__(self, items: Iterable[tuple[Place, _Item]]) -> None:
        self._exact = dict(items)
        self._folded: dict[Place, list[_Item]] = {}
        for place, item in self._exact.items():
            self._folded.setdefault(place.folded, []).append(item)

    def get(self, place: Place) -> _Item | None:
        """The thing in a place; the first one where several differ from it in case only."""
        exact = self._exact.get(place)
        return exact if exact is not None else next(iter(self._folded.get(place.folded, ())), None)

    def lacks(self, place: Place, others: ByPlace[Thing]) -> bool:
        """Whether a thing that ``others`` have in a place is still to be added here."""
        return place not in self._exact and self.count(place) < others.count(place)

    def count(self, place: Place) -> int:
        """How many things there are in a place, whatever the case."""
        return len(self._folded.get(place.folded, ()))


def nodes_by_place(registry: RegistryFile) -> ByPlace[ThingNode]:
    """The nodes of a registry YAML."""
    return ByPlace(_nodes(registry))


def things_by_place(snapshot: Snapshot) -> ByPlace[Thing]:
    """What a registry holds."""
    return ByPlace(_things(snapshot))


def _nodes(registry: RegistryFile) -> Iterator[tuple[Place, ThingNode]]:
    # What stands under a key that comes again is hidden from every reader.
    for domain in {domain.number.value: domain for domain in registry.domains}.values():
        place = Place(domain.number.value)
        yield place, domain
        for subdomain in {subdomain.number.value: subdomain for subdomain in domain.subdomains}.values():
            inner = Place(place.domain, subdomain.number.value)
            yield inner, subdomain
            for entity in subdomain.entities:
                yield Place(place.domain, inner.subdomain, entity.name.value), entity


def _things(snapshot: Snapshot) -> Iterator[tuple[Place, Thing]]:
    for domain in snapshot.domains:
        place = Place(domain.number)
        yield place, domain
        for subdomain in domain.subdomains:
            inner = Place(place.domain, subdomain.number)
            yield inner, subdomain
            for entity in subdomain.entities:
                yield Place(place.domain, inner.subdomain, entity.name), entity
