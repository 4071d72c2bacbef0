"""Which source answers, and why: PostgreSQL, else the YAML read-only, else the last snapshot of PostgreSQL. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from specql_lsp.registry.changes import entity_key
from specql_lsp.registry.consistency import compare
from specql_lsp.registry.model import (
    Allocation,
    Discrepancy,
    Domain,
    Entity,
    Provenance,
    RegistryState,
    Rules,
    Snapshot,
    Source,
    Subdomain,
)
from specql_lsp.registry.yaml_snapshot import number_key


@dataclass(frozen=True, slots=True)
class PrimaryReading:
    """What is known of the source of the first choice (PostgreSQL, or memory)."""

    source: Source
    snapshot: Snapshot | None = None
    """As it was last read; kept when the source is lost."""
    loaded_at: datetime | None = None
    unavailable: str | None = "The registry has not been read yet."
    """Why it cannot be read now; None where it was."""
    write_obstacle: str | None = None
    """Why it can be read but not written."""
    server: str | None = None
    listening: bool = False
    """Whether changes are told as they happen."""


@dataclass(frozen=True, slots=True)
class YamlReading:
    """What is known of the registry YAML."""

    snapshot: Snapshot | None = None
    """As it was last read; kept when the text is broken."""
    loaded_at: datetime | None = None
    problem: str | None = "The registry file has not been read yet."
    """Why it cannot be read now; None where it was."""
    missing: bool = False
    unsaved: bool = False
    """Whether the problem is in an editor's unsaved buffer, so that somebody is typing."""

    def differs_from(self, other: YamlReading) -> bool:
        """Whether anything but the time of reading differs."""
        return replace(self, loaded_at=None) != replace(other, loaded_at=None)

    @property
    def answer(self) -> Snapshot | None:
        """The snapshot that may answer: the last good one also while somebody types."""
        return self.snapshot if self.problem is None or self.unsaved else None

    @property
    def rules(self) -> Snapshot | None:
        """The snapshot whose rules hold: a broken file does not make reserved codes free; a removed file does."""
        return None if self.missing else self.snapshot


class Selector:
    """Chooses the source that answers. It remembers what it made last, so that what is unchanged stays the same object.

    Args:
        no_primary: the sentence why there is no source of the first choice; empty where there is one.
    """

    def __init__(self, no_primary: str = "") -> None:
        self._no_primary = no_primary
        self._combined: tuple[Snapshot, Snapshot | None, Snapshot] | None = None
        self._compared: tuple[Snapshot, Snapshot, tuple[Discrepancy, ...]] | None = None

    def select(
        self, primary: PrimaryReading | None, yaml: YamlReading, previous: RegistryState, now: datetime
    ) -> RegistryState:
        """The state that follows ``previous``; the very same object where nothing but ``loaded_at`` could differ."""
        state = self._choose(primary, yaml)
        before, after = previous.provenance, state.provenance
        since = before.since if before.source is after.source and before.since else now
        state = replace(state, provenance=replace(after, since=since))
        if state.snapshot is not None and state.snapshot == previous.snapshot:
            state = replace(state, snapshot=previous.snapshot)
        if state.yaml is not None and state.yaml == previous.yaml:
            state = replace(state, yaml=previous.yaml)
        return state

    def registered(self, primary: PrimaryReading, allocation: Allocation) -> PrimaryReading | None:
        """The reading after an allocation, without reading all of the registry anew.

        None where the registry is not known as the allocation found it, so that it has to be read.
        """
        known, combination = primary.snapshot, self._combined
        if known is None or primary.unavailable is not None or combination is None or combination[0] is not known:
            return None
        _, rules, whole = combination
        grown = _grown(known, allocation, None)
        whole_grown = _grown(whole, allocation, rules)
        if grown is None or whole_grown is None:
            return None
        self._combined = (grown, rules, whole_grown)
        if self._compared is not None and self._compared[0] is known:
            _, written, found = self._compared
            self._compared = (grown, written, _compared_again(grown, written, found, allocation.domain.number))
        return replace(primary, snapshot=grown)

    def _choose(self, primary: PrimaryReading | None, yaml: YamlReading) -> RegistryState:
        server = primary.server if primary else None
        if primary and primary.snapshot and primary.unavailable is None:
            provenance = Provenance(
                source=primary.source,
                writable=primary.write_obstacle is None,
                reason=primary.write_obstacle or "",
                loaded_at=primary.loaded_at,
                server=server,
                listening=primary.listening,
            )
            discrepancies: tuple[Discrepancy, ...] | None = None
            if primary.source is Source.POSTGRESQL and yaml.problem is None and yaml.snapshot:
                discrepancies = self._compare(primary.snapshot, yaml.snapshot)
            return RegistryState(provenance, self._combine(primary.snapshot, yaml.rules), yaml.answer, discrepancies)
        reason = (primary.unavailable if primary else None) or self._no_primary
        fallback = Provenance(source=Source.YAML, reason=reason, loaded_at=yaml.loaded_at, server=server)
        if yaml.answer:
            return RegistryState(fallback, yaml.answer, yaml.answer)
        reasons = f"{reason} {yaml.problem or ''}".strip()
        if primary and primary.snapshot:
            stale = Provenance(
                source=primary.source, stale=True, reason=reasons, loaded_at=primary.loaded_at, server=server
            )
            return RegistryState(stale, self._combine(primary.snapshot, yaml.rules))
        if yaml.rules:  # broken on the disk, but it was readable before
            return RegistryState(replace(fallback, stale=True, reason=reasons), yaml.rules)
        return RegistryState(Provenance(reason=reasons, server=server))

    def _combine(self, primary: Snapshot, yaml: Snapshot | None) -> Snapshot:
        if self._combined is None or self._combined[0] is not primary or self._combined[1] is not yaml:
            self._combined = (primary, yaml, combined(primary, yaml))
        return self._combined[2]

    def _compare(self, primary: Snapshot, yaml: Snapshot) -> tuple[Discrepancy, ...]:
        if self._compared is None or self._compared[0] is not primary or self._compared[1] is not yaml:
            self._compared = (primary, yaml, compare(primary, yaml))
        return self._compared[2]


def combined(primary: Snapshot, yaml: Snapshot | None) -> Snapshot:
    """The registry of ``primary`` with what only the YAML can say: the rules, and the entities' short codes.

    Without a YAML the rules are SpecQL's defaults, and the short codes are left to be made from the names.
    """
    if yaml is None:
        return primary.with_rules(Rules()).warm()
    extras = {
        (r.domain.number.upper(), r.subdomain.number.upper(), r.entity.name.lower()): r.entity
        for r in yaml.registrations()
        if r.entity.entity_code or r.entity.assigned_at
    }
    domains = [
        domain._replace(
            subdomains=tuple(_with_short_codes(domain, subdomain, extras) for subdomain in domain.subdomains)
        )
        for domain in primary.domains
    ]
    return Snapshot(domains, yaml.rules).warm()


def _compared_again(
    primary: Snapshot, yaml: Snapshot, found: tuple[Discrepancy, ...], domain: str
) -> tuple[Discrepancy, ...]:
    """The discrepancies after a change in one domain, in their order."""
    number = domain.upper()
    ours, theirs = (Snapshot(d for d in each.domains if d.number.upper() == number) for each in (primary, yaml))
    key = number_key(number)
    before = (d for d in found if number_key(d.domain.upper()) < key)
    after = (d for d in found if number_key(d.domain.upper()) > key)
    return (*before, *compare(ours, theirs), *after)


def _grown(snapshot: Snapshot, allocation: Allocation, yaml: Snapshot | None) -> Snapshot | None:
    """The snapshot with an entity that has just been registered; None where it has no such place."""
    domain = snapshot.domain_numbered(allocation.domain.number)
    number = allocation.subdomain.number
    subdomain = next((s for s in domain.subdomains if s.number == number), None) if domain else None
    if domain is None or subdomain is None:
        return None
    entity = Entity(allocation.entity, allocation.table_code, allocation.sequence)
    for written in yaml.by_entity(entity.name) if yaml else ():
        if (written.domain.number.upper(), written.subdomain.number.upper()) == (domain.number.upper(), number.upper()):
            entity = entity._replace(entity_code=written.entity.entity_code, assigned_at=written.entity.assigned_at)
    grown = subdomain._replace(
        entities=tuple(sorted((*subdomain.entities, entity), key=entity_key)),
        next_entity_sequence=max(subdomain.next_entity_sequence or 1, allocation.sequence + 1),
    )
    return snapshot.with_entity(domain, grown, entity)


def _with_short_codes(domain: Domain, subdomain: Subdomain, extras: dict[tuple[str, str, str], Entity]) -> Subdomain:
    numbers = (domain.number.upper(), subdomain.number.upper())
    entities: list[Entity] = []
    for entity in subdomain.entities:
        extra = extras.get((*numbers, entity.name.lower()))
        if extra is not None:
            entity = entity._replace(entity_code=extra.entity_code, assigned_at=extra.assigned_at)
        entities.append(entity)
    return subdomain._replace(entities=tuple(entities))


def visibly_different(one: RegistryState, other: RegistryState) -> bool:
    """Whether a user could see a difference between two states: anything but the time of the last confirmation."""
    same_provenance = replace(one.provenance, loaded_at=None) == replace(other.provenance, loaded_at=None)
    return not (
        same_provenance
        and one.discrepancies == other.discrepancies
        and (one.snapshot is other.snapshot or one.snapshot == other.snapshot)
        and (one.yaml is other.yaml or one.yaml == other.yaml)
    )
