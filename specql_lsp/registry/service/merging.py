"""PostgreSQL's registry with what only the YAML can say, and beside the YAML's. Works on the domains that have changed.

A reading gives the very same domain where nothing in it has changed, so what was made of it is taken again. No I/O.
"""

from __future__ import annotations

from collections.abc import Mapping

from specql_lsp.registry.consistency.comparison import compare_domains, domain_pairs
from specql_lsp.registry.model import Discrepancy, Domain, Entity, Rules, Snapshot, Subdomain

_Extras = Mapping[tuple[str, str, str], Entity]
"""What the YAML knows of an entity, by the numbers of domain and subdomain and the entity's name, one case each."""


class Combiner:
    """Makes the registry that answers: PostgreSQL's, with the rules and the entities' short codes of the YAML.

    Without a YAML the rules are SpecQL's defaults, and the short codes are left to be made from the names.
    """

    def __init__(self) -> None:
        self._yaml: Snapshot | None = None
        self._extras: _Extras = {}
        self._made: dict[int, tuple[Domain, Domain]] = {}
        self._last: tuple[Snapshot, Snapshot] | None = None

    def combine(self, primary: Snapshot, yaml: Snapshot | None) -> Snapshot:
        """The combination, indexed; the very same object for the same two snapshots."""
        if yaml is not self._yaml:
            self._yaml, self._extras, self._made, self._last = yaml, _extras(yaml) if yaml else {}, {}, None
        if self._last is not None and self._last[0] is primary:
            return self._last[1]
        made: dict[int, tuple[Domain, Domain]] = {}
        for domain in primary.domains:
            made[id(domain)] = self._made.get(id(domain)) or (domain, _with_extras(domain, self._extras))
        self._made = made  # it holds the domains, so that no other object gets the identity of one
        rules = yaml.rules if yaml else Rules()
        domains = [combined for _, combined in made.values()]
        snapshot = self._last[1].with_domains(domains) if self._last else Snapshot(domains, rules)
        self._last = (primary, snapshot.warm())
        return snapshot


class Comparer:
    """Finds what differs between two registries."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], tuple[Domain | None, Domain | None, tuple[Discrepancy, ...]]] = {}
        self._last: tuple[Snapshot, Snapshot, tuple[Discrepancy, ...]] | None = None

    def compare(self, postgresql: Snapshot, yaml: Snapshot) -> tuple[Discrepancy, ...]:
        """Every discrepancy, as ``consistency.compare`` gives it."""
        if self._last is not None and self._last[0] is postgresql and self._last[1] is yaml:
            return self._last[2]
        found = {}
        for ours, theirs in domain_pairs(postgresql, yaml):
            key = (id(ours), id(theirs))
            found[key] = self._found.get(key) or (ours, theirs, compare_domains(ours, theirs))
        self._found = found
        discrepancies = tuple(each for _, _, group in found.values() for each in group)
        self._last = (postgresql, yaml, discrepancies)
        return discrepancies


def combined(primary: Snapshot, yaml: Snapshot | None) -> Snapshot:
    """The registry of ``primary`` with what only the YAML can say."""
    return Combiner().combine(primary, yaml)


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
