"""PostgreSQL's registry completed from the YAML, and the differences between the two. No I/O.

Both work on what has changed: a reading returns the very same ``Domain`` object if nothing in the domain has changed,
so that what was computed from it is used again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy

if TYPE_CHECKING:
    from specql_lsp.registry.requests import Allocation, Moving, Renaming

_Registered = TypeVar("_Registered", "Allocation", "Renaming", "Moving")

_Extras = Mapping[tuple[str, str, str], Entity]
"""The YAML's entities, by the numbers of domain and subdomain in upper case and the entity's name in lower case."""


class SnapshotMerger:
    """Makes the registry that answers: PostgreSQL's, with the rules and the entities' short codes of the YAML.

    Without a YAML the rules are SpecQL's defaults, and short codes are derived from the names.
    """

    def __init__(self) -> None:
        self._yaml: Snapshot | None = None
        self._extras: _Extras = {}
        self._merged: dict[int, tuple[Domain, Domain]] = {}
        self._last: tuple[Snapshot, Snapshot] | None = None

    def merge(self, primary: Snapshot, yaml: Snapshot | None) -> Snapshot:
        """The merged registry; the very same object for the same two snapshots."""
        if yaml is not self._yaml:
            self._yaml, self._extras, self._merged, self._last = yaml, _extras(yaml) if yaml else {}, {}, None
        if self._last is not None and self._last[0] is primary:
            return self._last[1]
        merged: dict[int, tuple[Domain, Domain]] = {}
        for domain in primary.domains:
            merged[id(domain)] = self._merged.get(id(domain)) or (domain, _with_extras(domain, self._extras))
        self._merged = merged  # It refers to the domains, so that no other object gets the identity of one.
        rules = yaml.rules if yaml else Rules()
        domains = [domain for _, domain in merged.values()]
        snapshot = self._last[1].with_domains(domains) if self._last else Snapshot(domains, rules)
        snapshot = snapshot.with_leased(primary.leased)
        self._last = (primary, snapshot)
        return snapshot


class SnapshotComparer:
    """Finds the differences between two registries."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], tuple[Domain | None, Domain | None, tuple[Discrepancy, ...]]] = {}
        self._last: tuple[Snapshot, Snapshot, tuple[Discrepancy, ...]] | None = None

    def compare(self, postgresql: Snapshot, yaml: Snapshot) -> tuple[Discrepancy, ...]:
        """Every discrepancy, in the order of ``consistency.comparison.compare``."""
        if self._last is not None and self._last[0] is postgresql and self._last[1] is yaml:
            return self._last[2]
        from specql_lsp.registry.consistency.comparison import compare_domains, domain_pairs

        found = {}
        for ours, theirs in domain_pairs(postgresql, yaml):
            key = (id(ours), id(theirs))
            found[key] = self._found.get(key) or (ours, theirs, compare_domains(ours, theirs))
        self._found = found
        discrepancies = tuple(each for _, _, group in found.values() for each in group)
        self._last = (postgresql, yaml, discrepancies)
        return discrepancies


def merge(primary: Snapshot, yaml: Snapshot | None) -> Snapshot:
    """The registry of ``primary`` with the rules and short codes of the YAML."""
    return SnapshotMerger().merge(primary, yaml)


def with_known_short_code(registered: _Registered, snapshot: Snapshot | None) -> _Registered:
    """The result of a write with the short code that the registry YAML has for the entity, where it has one."""
    if snapshot is None:
        return registered
    place = snapshot.domain_numbered(registered.domain.number)
    subdomain = place.subdomain(registered.subdomain.number) if place else None
    known = next(
        (
            entity.entity_code
            for entity in (subdomain.entities if subdomain else ())
            if entity.entity_code
            and entity.name.lower() == registered.entity.lower()
            and codes.normalize(entity.table_code) == codes.normalize(registered.table_code)
        ),
        None,
    )
    return replace(registered, entity_code=known) if known else registered


def _extras(yaml: Snapshot) -> _Extras:
    return {
        (r.domain.number.upper(), r.subdomain.number.upper(), r.entity.name.lower()): r.entity
        for r in yaml.registrations()
        if r.entity.entity_code or r.entity.assigned_at
    }


def _with_extras(domain: Domain, extras: _Extras) -> Domain:
    if not extras:
        return domain
    return domain._replace(subdomains=tuple(_with_short_codes(domain, s, extras) for s in domain.subdomains))


def _with_short_codes(domain: Domain, subdomain: Subdomain, extras: _Extras) -> Subdomain:
    numbers = (domain.number.upper(), subdomain.number.upper())
    entities: list[Entity] = []
    for entity in subdomain.entities:
        extra = extras.get((*numbers, entity.name.lower()))
        if extra is not None:
            entity = entity._replace(entity_code=extra.entity_code, assigned_at=extra.assigned_at)
        entities.append(entity)
    return subdomain._replace(entities=tuple(entities))
