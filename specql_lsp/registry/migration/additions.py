"""What a migration adds to PostgreSQL, and what PostgreSQL must then contain. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from specql_lsp.registry.consistency.changes import Add, Replace, applied
from specql_lsp.registry.consistency.counters import following_counters
from specql_lsp.registry.consistency.matching import registry_nodes_by_path
from specql_lsp.registry.model import Domain, Entity, RegistryNode, RegistryPath, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy, DiscrepancyType

_MISSING = {
    DiscrepancyType.MISSING_IN_POSTGRESQL,
    DiscrepancyType.MISSING_SUBDOMAIN_IN_POSTGRESQL,
    DiscrepancyType.MISSING_ENTITY_IN_POSTGRESQL,
}


def additions(discrepancies: Iterable[Discrepancy], yaml: Snapshot) -> tuple[Add, ...]:
    """The additions after which PostgreSQL contains everything that the YAML contains.

    Args:
        discrepancies: what ``compare`` found.
        yaml: the YAML's registry, completed (``changes.completed``), with no two nodes at one path.
    """
    known = registry_nodes_by_path(yaml)
    missing = (path_of(discrepancy) for discrepancy in discrepancies if discrepancy.type in _MISSING)
    # A discrepancy spells its numbers as PostgreSQL does, as far as PostgreSQL has the node; so does the parent's path.
    return tuple(Add(node, path.parent) for path in missing if (node := known.get(path)) is not None)


def moved_counters(current: Snapshot, yaml: Snapshot, discrepancies: Iterable[Discrepancy]) -> tuple[Replace, ...]:
    """The subdomains whose ``next_entity_sequence`` differs only because of entities and moves on with the added ones.

    Args:
        current: what PostgreSQL contains.
        yaml: the YAML's registry.
        discrepancies: what ``compare`` found.
    """
    missing = [each for each in discrepancies if each.type is DiscrepancyType.MISSING_ENTITY_IN_POSTGRESQL]
    if not missing:
        return ()
    nodes = registry_nodes_by_path(current)
    moved: list[Replace] = []
    for path, held, counter in following_counters(yaml, current, missing):
        node = nodes.get(path)
        if counter > held and isinstance(node, Subdomain):
            moved.append(Replace(path, node._replace(next_entity_sequence=counter)))
    return tuple(moved)


def with_additions(current: Snapshot, adds: Iterable[Add], counters: Iterable[Replace] = ()) -> Snapshot:
    """The registry after the additions, with the counters that moved on."""
    for change in counters:
        current = Snapshot(applied(current.domains, change))
    added: dict[RegistryPath | None, list[RegistryNode]] = {}
    for add in adds:
        added.setdefault(add.parent, []).append(add.node)
    domains = []
    for domain in current.domains:
        subdomains = [
            subdomain._replace(
                entities=(*subdomain.entities, *_of(Entity, added, RegistryPath(domain.number, subdomain.number)))
            )
            for subdomain in domain.subdomains
        ]
        subdomains += _of(Subdomain, added, RegistryPath(domain.number))
        domains.append(domain._replace(subdomains=tuple(subdomains)))
    return Snapshot([*domains, *_of(Domain, added, None)])


def path_of(discrepancy: Discrepancy) -> RegistryPath:
    """The path that a discrepancy is about."""
    return RegistryPath(discrepancy.domain, discrepancy.subdomain, discrepancy.entity)


_Kind = TypeVar("_Kind", Domain, Subdomain, Entity)


def _of(
    kind: type[_Kind], added: Mapping[RegistryPath | None, list[RegistryNode]], parent: RegistryPath | None
) -> list[_Kind]:
    return [node for node in added.get(parent, ()) if isinstance(node, kind)]
