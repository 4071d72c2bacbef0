"""Which source answers, and why: PostgreSQL, else the YAML read-only, else the last snapshot of PostgreSQL. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from specql_lsp.config import NO_URL_ORIGIN, UrlOrigin
from specql_lsp.registry.consistency.changes import entity_key
from specql_lsp.registry.model import (
    Allocation,
    Discrepancy,
    Entity,
    Provenance,
    RegistryState,
    Snapshot,
    Source,
)
from specql_lsp.registry.service.merging import Combiner, Comparer


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
        url_origin: where the database's URL comes from.
    """

    def __init__(self, no_primary: str = "", url_origin: UrlOrigin = NO_URL_ORIGIN) -> None:
        self._no_primary = no_primary
        self._url_origin = url_origin
        self._combiner = Combiner()
        self._comparer = Comparer()

    def select(
        self, primary: PrimaryReading | None, yaml: YamlReading, previous: RegistryState, now: datetime
    ) -> RegistryState:
        """The state that follows ``previous``; the very same object where nothing but ``loaded_at`` could differ."""
        state = self._choose(primary, yaml)
        before, after = previous.provenance, state.provenance
        since = before.since if before.source is after.source and before.since else now
        state = replace(state, provenance=replace(after, since=since, url_origin=self._url_origin))
        if state.snapshot is not None and state.snapshot == previous.snapshot:
            state = replace(state, snapshot=previous.snapshot)
        if state.yaml is not None and state.yaml == previous.yaml:
            state = replace(state, yaml=previous.yaml)
        return state

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
                discrepancies = self._comparer.compare(primary.snapshot, yaml.snapshot)
            return RegistryState(
                provenance, self._combiner.combine(primary.snapshot, yaml.rules), yaml.answer, discrepancies
            )
        reason = (primary.unavailable if primary else None) or self._no_primary
        fallback = Provenance(source=Source.YAML, reason=reason, loaded_at=yaml.loaded_at, server=server)
        if yaml.answer:
            return RegistryState(fallback, yaml.answer, yaml.answer)
        reasons = f"{reason} {yaml.problem or ''}".strip()
        if primary and primary.snapshot:
            stale = Provenance(
                source=primary.source, stale=True, reason=reasons, loaded_at=primary.loaded_at, server=server
            )
            return RegistryState(stale, self._combiner.combine(primary.snapshot, yaml.rules))
        if yaml.rules:  # broken on the disk, but it was readable before
            return RegistryState(replace(fallback, stale=True, reason=reasons), yaml.rules)
        return RegistryState(Provenance(reason=reasons, server=server))


def visibly_different(one: RegistryState, other: RegistryState) -> bool:
    """Whether a user could see a difference between two states: anything but the time of the last confirmation."""
    same_provenance = replace(one.provenance, loaded_at=None) == replace(other.provenance, loaded_at=None)
    return not (
        same_provenance
        and one.discrepancies == other.discrepancies
        and (one.snapshot is other.snapshot or one.snapshot == other.snapshot)
        and (one.yaml is other.yaml or one.yaml == other.yaml)
    )


def with_allocation(primary: PrimaryReading, allocation: Allocation) -> PrimaryReading | None:
    """The reading after an allocation, without reading all of the registry anew.

    None where the registry is not known as the allocation found it, so that it has to be read.
    """
    if primary.snapshot is None or primary.unavailable is not None:
        return None
    grown = _grown(primary.snapshot, allocation)
    return replace(primary, snapshot=grown) if grown else None


def _grown(snapshot: Snapshot, allocation: Allocation) -> Snapshot | None:
    """The snapshot with an entity that has just been registered; None where it has no such place."""
    domain = snapshot.domain_numbered(allocation.domain.number)
    number = allocation.subdomain.number
    subdomain = next((s for s in domain.subdomains if s.number == number), None) if domain else None
    if domain is None or subdomain is None:
        return None
    entity = Entity(allocation.entity, allocation.table_code, allocation.sequence)
    grown = subdomain._replace(
        entities=tuple(sorted((*subdomain.entities, entity), key=entity_key)),
        next_entity_sequence=max(subdomain.next_entity_sequence or 1, allocation.sequence + 1),
    )
    return snapshot.with_domain(
        domain._replace(subdomains=tuple(grown if s is subdomain else s for s in domain.subdomains))
    )
