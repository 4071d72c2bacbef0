"""The current state of a registry: reads the sources, derives the state, publishes it. Used by the service's worker."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from math import inf
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING

from specql_lsp.config import Backend, RegistrySettings, UrlOrigin
from specql_lsp.logs import log_unexpected
from specql_lsp.registry.metrics.recorder import Metrics
from specql_lsp.registry.model import Rules
from specql_lsp.registry.service.backoff import Backoff
from specql_lsp.registry.service.deadline_monitor import DeadlineMonitor
from specql_lsp.registry.service.fallback_log import FallbackLog
from specql_lsp.registry.service.lease_keeper import LeaseKeeper
from specql_lsp.registry.service.readers import PrimaryReader, SnapshotReader, YamlReader
from specql_lsp.registry.service.refresh_throttle import RefreshThrottle
from specql_lsp.registry.service.shared_connections import ConnectionLease
from specql_lsp.registry.service.source_selection import (
    NO_SNAPSHOT_READING,
    WITHHELD,
    PrimaryReading,
    Selector,
    YamlReading,
    primary_source_for,
    visibly_different,
    with_allocation,
)
from specql_lsp.registry.service.work_queue import WorkQueue
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import WritableSource
from specql_lsp.registry.sources.yaml.source import YamlSource
from specql_lsp.registry.state import Provenance, RegistryState, Source

if TYPE_CHECKING:
    from specql_lsp.registry.requests import Allocation

logger = logging.getLogger(__name__)

FIRST_ANSWER_SECONDS = 1.0
"""How long the very first answer may wait for PostgreSQL before the YAML answers."""
GRACE_SECONDS = 0.1
"""What a reading may take beyond the source's own time-out."""


class CurrentState:
    """The state and the readings that it is derived from.

    ``state`` may be read on any thread. Everything else is for the worker, except what says otherwise.

    Args:
        settings: which sources, and their timeouts.
        yaml: the registry YAML.
        snapshot: the reader of the snapshot file; None without one.
        lease: the lease of the database, if PostgreSQL is the primary source.
        leases: the codes that the folder has leased; None without a database.
        metrics: where readings are timed and fallbacks counted.
        queue: where the next readings are scheduled.
        on_change: see ``RegistryService``.
        now: the time of day, in UTC.
        indexes_ahead: see ``RegistryService``.
    """

    def __init__(
        self,
        settings: RegistrySettings,
        yaml: YamlSource,
        snapshot: SnapshotReader | None,
        lease: ConnectionLease | None,
        leases: LeaseKeeper | None,
        metrics: Metrics,
        queue: WorkQueue,
        on_change: Callable[[RegistryState], None],
        now: Callable[[], datetime],
        *,
        indexes_ahead: bool = True,
    ) -> None:
        kind, no_primary = primary_source_for(settings)
        self._settings = settings
        self._lease = lease
        self._leases = leases
        self._queue = queue
        self._on_change = on_change
        self._now = now
        self._indexes_ahead = indexes_ahead
        self._yaml_reader = YamlReader(yaml, metrics, now)
        self._snapshot_reader = snapshot
        self._snapshot_reading = NO_SNAPSHOT_READING
        source: WritableSource | None = lease.source if lease is not None else None
        if kind is Source.IN_MEMORY:
            from specql_lsp.registry.sources.memory import InMemorySource

            source = InMemorySource()
        self.primary = PrimaryReader(source, lease, metrics, now) if source is not None else None
        """The reader of the primary source; None if there is only the YAML."""
        self._backoff = Backoff()
        self._throttle = RefreshThrottle()
        # Held while a state is derived and published, so that states are published in order; never during a reading.
        self._publishing = RLock()
        withheld = UrlOrigin(withheld=no_primary == WITHHELD)
        origin = settings.url_origin if kind is Source.POSTGRESQL else withheld
        self._selector = Selector(no_primary, origin, snapshot_only=settings.snapshot_only)
        self._primary_reading = PrimaryReading(kind) if kind else None
        self._yaml_reading = YamlReading()
        self._deadline = DeadlineMonitor(self._publishing, self._give_up_waiting)
        self._answered = False
        self._seen_commits = 0
        self._others_changed = False
        self._shown_leases: tuple[int, ...] | None = None
        """The stamp of the folder's leases that the state shows."""
        required = Source.POSTGRESQL if settings.backend is Backend.POSTGRESQL else None
        self._fallback_log = FallbackLog(kind or required, metrics)
        self._state = RegistryState(Provenance())

    @property
    def state(self) -> RegistryState:
        """The state that was published last."""
        return self._state

    @property
    def rules(self) -> Rules:
        """The rules of the state; SpecQL's defaults without a registry. May be read on any thread."""
        return self._state.snapshot.rules if self._state.snapshot else Rules()

    @property
    def yaml_reading(self) -> YamlReading:
        """The last reading of the YAML. May be read on any thread."""
        return self._yaml_reading

    @property
    def shows_all_changes(self) -> bool:
        """Whether the state shows every known change of the primary source. For the worker, between writes."""
        if self._others_changed or self._lease is None:
            return False
        return self._lease.source.commits == self._seen_commits

    def show_leases(self) -> None:
        """Publishes the state if another process has changed the folder's leases: given out a code, say."""
        if self._leases is not None and self._leases.stamp != self._shown_leases:
            self.publish()

    def watch(self, seconds: float) -> AbstractContextManager[None]:
        """Publishes the fallback if the body, an exchange with the primary source, takes longer than ``seconds``."""
        return self._deadline.watch(seconds + (self.primary.turn_seconds if self.primary is not None else 0.0))

    def close(self) -> None:
        """Ends the watching of deadlines. May be called on any thread."""
        self._deadline.close()

    # Changes. Called on the listener's thread.

    def others_changed(self) -> None:
        """Schedules a reading: the database may have changed, or the listener's connection was lost."""
        self._others_changed = True
        self._queue.refresh_primary_in(self._throttle.delay(monotonic()))

    def we_changed(self) -> None:
        """Schedules a reading after changes of this process; it is skipped if the state shows them by then."""
        self._queue.refresh_primary_in(self._throttle.delay(monotonic()))

    # Readings

    def read_all(self, *, everything: bool = False) -> None:
        """Reads the YAML and the primary source, and publishes the state.

        Args:
            everything: also what has not changed as far as the primary source says.
        """
        if everything and self._lease is not None:
            self._lease.source.forget()
        self.read_yaml()
        self.read_primary()
        self.publish()

    def read_yaml(self) -> None:
        """Reads the YAML, and what replaces it; the state does not show it before ``publish``."""
        reading = self._yaml_reader.read(self._yaml_reading)
        needed = reading.answer is None or self._settings.snapshot_only
        snapshot = self._snapshot_reader.read() if self._snapshot_reader and needed else NO_SNAPSHOT_READING
        with self._publishing:
            self._yaml_reading = reading
            self._snapshot_reading = snapshot

    def read_primary(self) -> None:
        """Reads the primary source and schedules the next reading; the state does not show it before ``publish``."""
        reading, reader = self._primary_reading, self.primary
        if reading is None or reader is None:
            self._queue.refresh_in(self._settings.refresh_seconds)
            return
        began = monotonic()
        commits = self._lease.source.commits if self._lease is not None else 0
        self._others_changed = False
        timeout = self._settings.connect_timeout_seconds
        # If the source keeps its own time-out, that comes first: one change to publish instead of two.
        with self.watch(timeout + GRACE_SECONDS if self._answered else min(timeout, FIRST_ANSWER_SECONDS)):
            reading = reader.read(reading)
        self._throttle.read(began, monotonic() - began)
        with self._publishing:
            self._primary_reading = reading
        if reading.unavailable is None:
            self._seen_commits = commits
            self._backoff.reset()
            lease_ends_in = self._lease.source.lease_ends_in if self._lease is not None else inf
            # Not every editor at the same moment. The server's clock decides again then whether it has ended.
            until_end = lease_ends_in + self._throttle.spread()
            self._queue.refresh_in(min(self._settings.refresh_seconds, until_end))
        else:
            self._queue.refresh_in(self._backoff.pause())

    def _give_up_waiting(self, seconds: float) -> None:
        """Publishes the fallback. The worker goes on waiting; its reading replaces the fallback."""
        if self._primary_reading is not None and self.primary is not None:
            self._primary_reading = self.primary.late(self._primary_reading, seconds)
            self.publish()

    # Results of writes

    def take_allocation(self, allocation: Allocation) -> bool:
        """Publishes the state with an allocation. False if the registry has to be read instead."""
        reading, snapshot = self._primary_reading, self._state.snapshot
        if reading is None or snapshot is None:
            return False
        if not allocation.created:
            return any(
                (r.entity.name, r.domain.number) == (allocation.entity, allocation.domain.number)
                for r in snapshot.by_code(allocation.table_code)
            )
        if not reading.listening:  # Changes of others are found by reading; the answer does not wait for that.
            self._others_changed = True
            self._queue.refresh_primary_in(self._throttle.spare(monotonic()))
        self._seen_commits += 1
        with self._publishing:
            grown = with_allocation(reading, allocation)
            if grown is None:
                return False
            self._primary_reading = grown
            # Its indexes differ little: to build them for every code of many would cost more than at the next look.
            self._publish(warm=False)
        return True

    def take_change(self, _result: object) -> bool:
        """Publishes the registry that a change has read. False if the registry has to be read instead."""
        reading, primary = self._primary_reading, self.primary
        if reading is None or reading.unavailable is not None or primary is None or primary.source.known is None:
            return False
        self._seen_commits += 1
        with self._publishing:
            self._primary_reading = replace(reading, snapshot=primary.source.known, loaded_at=self._now())
        self.publish()
        return True

    # Publishing

    def publish(self) -> None:
        """Derives the state from the readings; calls ``on_change`` if it differs visibly from the one before.

        The indexes of its snapshot are built here, where they are wanted ahead.
        """
        self._publish(warm=self._indexes_ahead)

    def _publish(self, *, warm: bool) -> None:
        with self._publishing:
            if self._queue.closed:
                return
            previous = self._state
            state = self._selected(previous, warm=warm)
            self._answered = self._answered or state.snapshot is not None
            self._state = state
            self._fallback_log.note(state)
            if visibly_different(previous, state):
                try:
                    self._on_change(state)
                except Exception as error:  # The receiver may be closing; the state is right all the same.
                    log_unexpected(logger, "publishing a change of the registry", error)

    def _selected(self, previous: RegistryState, *, warm: bool) -> RegistryState:
        """The state that follows ``previous``; without the primary source if its content cannot be understood."""
        try:
            state = self._select(previous)
            if warm and state.snapshot is not None:
                state.snapshot.warm()
            return state
        except Exception as error:  # The content of a database must never end the answers from the YAML.
            if self._primary_reading is None or self._primary_reading.snapshot is None:
                raise
            log_unexpected(logger, "comparing the registry's sources", error)
            label = self._primary_reading.source.label
            reason = f"What {label} holds could not be understood ({type(error).__name__}); the log says more."
            self._primary_reading = replace(self._primary_reading, snapshot=None, unavailable=reason)
            return self._select(previous)

    def _select(self, previous: RegistryState) -> RegistryState:
        readings = self._primary_reading, self._yaml_reading
        state = self._selector.select(*readings, previous, self._now(), self._snapshot_reading)
        if self._leases is None:
            return state
        self._shown_leases = self._leases.stamp  # before they are read: what changes meanwhile is seen the next time
        return _with_own_leases(state, self._leases, previous.snapshot)


def _with_own_leases(state: RegistryState, leases: LeaseKeeper, previous: Snapshot | None) -> RegistryState:
    """The state with what the folder knows of its leases: its own are free for it while PostgreSQL is away.

    Args:
        state: as the sources have it.
        leases: the folder's.
        previous: the registry of the state before, which is kept where it is equal.
    """
    provenance, snapshot = state.provenance, state.snapshot
    is_away = provenance.source is not Source.POSTGRESQL or provenance.stale
    if snapshot is None or not (is_away or snapshot.leased):
        return state
    own = leases.own()
    if own is None:
        return state
    leased = own.among(snapshot.leased)
    if is_away:
        provenance = replace(provenance, leased=own.usable)
        leased = {code: lease for code, lease in leased.items() if code not in own.usable}
    snapshot = snapshot.with_leased(leased)
    if snapshot == previous:
        snapshot = previous
    return replace(state, provenance=provenance, snapshot=snapshot)
