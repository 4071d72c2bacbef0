"""What a migration adds to PostgreSQL, and what PostgreSQL then has to hold. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from specql_lsp.registry.consistency.changes import Add, Place, Thing
from specql_lsp.registry.consistency.matching import things_by_place
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy, DiscrepancyType

_MISSING = {
    DiscrepancyType.MISSING_IN_POSTGRESQL,
    DiscrepancyType.MISSING_SUBDOMAIN_IN_POSTGRESQL,
    DiscrepancyType.MISSING_ENTITY_IN_POSTGRESQL,
}


def additions(discrepancies: Iterable[Discrepancy], yaml: Snapshot) -> tuple[Add, ...]:
    """What has to be added to PostgreSQL so that it holds all that the YAML holds.

    Args:
        discrepancies: what ``compare`` found.
        yaml: what the YAML holds, completed (``changes.completed``); no two things in one place.
    """
    known = things_by_place(yaml)
    missing = (place_of(discrepancy) for discrepancy in discrepancies if discrepancy.type in _MISSING)
    # A discrepancy's numbers are PostgreSQL's own as far as PostgreSQL has the thing, and so is its parent's place.
    return tuple(Add(thing, place.parent) for place in missing if (thing := known.get(place)) is not None)


def with_additions(current: Snapshot, adds: Iterable[Add]) -> Snapshot:
    """What a registry holds after the additions."""
    added: dict[Place | None, list[Thing]] = {}
    for add in adds:
        added.setdefault(add.parent, []).append(add.thing)
    domains = []
    for domain in current.domains:
        subdomains = [
            subdomain._replace(
                entities=(*subdomain.entities, *_of(Entity, added, Place(domain.number, subdomain.number)))
            )
            for subdomain in domain.subdomains
        ]
        subdomains += _of(Subdomain, added, Place(domain.number))
        domains.append(domain._replace(subdomains=tuple(subdomains)))
    return Snapshot([*domains, *_of(Domain, added, None)])


def place_of(discrepancy: Discrepancy) -> Place:
    """The place that a discrepancy is about."""
    return Place(discrepancy.domain, discrepancy.subdomain, discrepancy.entity)


_Kind = TypeVar("_Kind", Domain, Subdomain, Entity)


def _of(kind: type[_Kind], added: Mapping[Place | None, list[Thing]], parent: Place | None) -> list[_Kind]:
    return [thing for thing in added.get(parent, ()) if isinstance(thing, kind)]
