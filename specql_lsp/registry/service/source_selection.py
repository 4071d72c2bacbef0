"""Which source answers, and why: PostgreSQL, else the YAML read-only, else what was read last, else a file. No I/O.

The *primary source* of a registry is the writable one that its settings name: PostgreSQL, or memory.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from specql_lsp.config import CONFIG_FILE, NO_URL_ORIGIN, Backend, RegistrySettings, UrlOrigin
from specql_lsp.registry.model import Entity
from specql_lsp.registry.service.merging import SnapshotComparer, SnapshotMerger
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy, Provenance, RegistryState, SnapshotFile, Source

if TYPE_CHECKING:
    from specql_lsp.registry.requests import Allocation

NO_URL = "No database URL is set; set registry.databaseUrl or SPECQL_DB_URL to allocate from PostgreSQL."
NO_SNAPSHOT = "The registry snapshot has not been read yet."
BACKEND_IS_YAML = "The setting registry.backend is yaml, so PostgreSQL is not asked."
URL_REQUIRED = (
    "No database URL is set, although registry.backend is postgresql; set registry.databaseUrl or SPECQL_DB_URL."
)
WITHHELD = f"{CONFIG_FILE} names a database; it is used once you trust this workspace."
"""In a workspace that is not trusted, if no other layer of the settings names a database."""


def primary_source_for(settings: RegistrySettings) -> tuple[Source | None, str]:
    """The primary source of the settings; or None and the sentence that says why only the YAML answers."""
    if settings.snapshot_only:
        return None, ""
    if settings.backend is Backend.IN_MEMORY:
        return Source.IN_MEMORY, ""
    if settings.backend is Backend.YAML:
        return None, BACKEND_IS_YAML if settings.database_url or settings.url_origin.withheld else NO_URL
    if settings.database_url:
        return Source.POSTGRESQL, ""
    if settings.url_origin.withheld:
        return None, WITHHELD
    return None, URL_REQUIRED if settings.backend is Backend.POSTGRESQL else NO_URL


@dataclass(frozen=True, slots=True)
class PrimaryReading:
    """What is known of the primary source."""

    source: Source
    snapshot: Snapshot | None = None
    """As it was last read; kept when the source is lost."""
    loaded_at: datetime | None = None
    unavailable: str | None = "The registry has not been read yet."
    """Why it cannot be read now; None if it was read."""
    write_obstacle: str | None = None
    """Why it can be read but not written; None if it can be written."""
    server: str | None = None
    listening: bool = False
    """Whether the source notifies of its changes."""


@dataclass(frozen=True, slots=True)
class YamlReading:
    """What is known of the registry YAML."""

    snapshot: Snapshot | None = None
    """As it was last read; kept while the text is not valid YAML."""
    loaded_at: datetime | None = None
    problem: str | None = "The registry file has not been read yet."
    """Why it cannot be read now; None if it was read."""
    missing: bool = False
    unsaved: bool = False
    """Whether the problem is in an editor's unsaved buffer: the user may still be typing."""
    conflict_rules: Snapshot | None = None
    """In a merge conflict, a registry without domains under rules that withhold the codes of both sides."""

    def differs_from(self, other: YamlReading) -> bool:
        """Whether anything but the time of reading differs."""
        return replace(self, loaded_at=None) != replace(other, loaded_at=None)

    @property
    def answer(self) -> Snapshot | None:
        """The snapshot that may answer: during an unfinished edit, the last valid one."""
        return self.snapshot if self.problem is None or self.unsaved else None

    @property
    def rules(self) -> Snapshot | None:
        """The snapshot whose rules apply: an invalid file does not free its reserved codes, a removed file does."""
        return None if self.missing else self.snapshot

    @property
    def rules_of_primary(self) -> Snapshot | None:
        """The snapshot whose rules and short codes a primary source gets."""
        return self.rules or self.conflict_rules


@dataclass(frozen=True, slots=True)
class SnapshotReading:
    """What is known of the snapshot file (``registry.snapshotPath``); nothing where it was not needed so far."""

    snapshot: Snapshot | None = None
    file: SnapshotFile | None = None
    problem: str = ""
    """Why it cannot be read, where it was needed."""


NO_SNAPSHOT_READING = SnapshotReading()


class Selector:
    """Chooses the source that answers. It keeps its last results, so that unchanged parts stay the same objects.

    Args:
        no_primary: the sentence that says why there is no primary source; empty if there is one.
        url_origin: where the database's URL comes from.
        snapshot_only: whether the snapshot file is the only source.
    """

    def __init__(
        self, no_primary: str = "", url_origin: UrlOrigin = NO_URL_ORIGIN, *, snapshot_only: bool = False
    ) -> None:
        self._no_primary = no_primary
        self._snapshot_only = snapshot_only
        self._url_origin = url_origin
        self._merger = SnapshotMerger()
        self._comparer = SnapshotComparer()

    def select(
        self,
        primary: PrimaryReading | None,
        yaml: YamlReading,
        previous: RegistryState,
        now: datetime,
        file: SnapshotReading = NO_SNAPSHOT_READING,
    ) -> RegistryState:
        """The state that follows ``previous``; its snapshots are the same objects where they are equal."""
        state = self._choose_file(yaml, file) if self._snapshot_only else self._choose(primary, yaml, file)
        before, after = previous.provenance, state.provenance
        since = before.since if before.source is after.source and before.since else now
        state = replace(state, provenance=replace(after, since=since, url_origin=self._url_origin))
        if state.snapshot is not None and state.snapshot == previous.snapshot:
            state = replace(state, snapshot=previous.snapshot)
        if state.yaml is not None and state.yaml == previous.yaml:
            state = replace(state, yaml=previous.yaml)
        return state

    def _choose_file(self, yaml: YamlReading, file: SnapshotReading) -> RegistryState:
        if file.snapshot is None:
            return RegistryState(Provenance(reason=file.problem or NO_SNAPSHOT), yaml=yaml.answer)
        return RegistryState(Provenance(source=Source.SNAPSHOT, reason="", file=file.file), file.snapshot, yaml.answer)

    def _choose(self, primary: PrimaryReading | None, yaml: YamlReading, file: SnapshotReading) -> RegistryState:
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
                provenance, self._merger.merge(primary.snapshot, yaml.rules_of_primary), yaml.answer, discrepancies
            )
        reason = (primary.unavailable if primary else None) or self._no_primary
        fallback = Provenance(source=Source.YAML, reason=reason, loaded_at=yaml.loaded_at, server=server)
        leased = primary.snapshot.leased if primary and primary.snapshot else {}
        if yaml.answer:
            return RegistryState(fallback, yaml.answer.with_leased(leased), yaml.answer)
        reasons = f"{reason} {yaml.problem or ''}".strip()
        if primary and primary.snapshot:
            stale = Provenance(
                source=primary.source, stale=True, reason=reasons, loaded_at=primary.loaded_at, server=server
            )
            return RegistryState(stale, self._merger.merge(primary.snapshot, yaml.rules_of_primary))
        if yaml.rules:  # The file on the disk is invalid now and was valid before.
            return RegistryState(replace(fallback, stale=True, reason=reasons), yaml.rules.with_leased(leased))
        if file.snapshot is not None:
            provenance = Provenance(source=Source.SNAPSHOT, reason=reasons, server=server, file=file.file)
            return RegistryState(provenance, file.snapshot)
        return RegistryState(Provenance(reason=f"{reasons} {file.problem}".strip(), server=server))


def visibly_different(one: RegistryState, other: RegistryState) -> bool:
    """Whether two states differ in anything but the time of the last confirmation."""
    same_provenance = replace(one.provenance, loaded_at=None) == replace(other.provenance, loaded_at=None)
    return not (
        same_provenance
        and one.discrepancies == other.discrepancies
        and (one.snapshot is other.snapshot or one.snapshot == other.snapshot)
        and (one.yaml is other.yaml or one.yaml == other.yaml)
    )


def with_allocation(primary: PrimaryReading, allocation: Allocation) -> PrimaryReading | None:
    """The reading after an allocation, derived without reading the registry again.

    None if the registry is not known as it was before the allocation, so that it has to be read.
    """
    if primary.snapshot is None or primary.unavailable is not None:
        return None
    grown = _grown(primary.snapshot, allocation)
    return replace(primary, snapshot=grown) if grown else None


def _grown(snapshot: Snapshot, allocation: Allocation) -> Snapshot | None:
    """The snapshot with a newly registered entity; None if it lacks the domain or the subdomain."""
    from specql_lsp.registry.consistency.changes import entity_key

    domain = snapshot.domain_numbered(allocation.domain.number)
    number = allocation.subdomain.number
    subdomain = next((s for s in domain.subdomains if s.number == number), None) if domain else None
    if domain is None or subdomain is None:
        return None
    entity = Entity(allocation.entity, allocation.table_code, allocation.sequence)
    entities = list(subdomain.entities)
    insort(entities, entity, key=entity_key)
    grown = subdomain._replace(
        entities=tuple(entities),
        next_entity_sequence=max(subdomain.next_entity_sequence or 1, allocation.sequence + 1),
    )
    return snapshot.with_domain(
        domain._replace(subdomains=tuple(grown if s is subdomain else s for s in domain.subdomains))
    )
