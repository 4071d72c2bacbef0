"""The registry as one long-lived thing: reads the sources, falls back, recovers, writes. The cached registry client.

One daemon thread per service (the worker) does all that it asks of its sources. It hands out finished, immutable
states; who reads ``state`` never waits. Only ``refresh`` and the writes give futures to wait for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock, Thread, current_thread
from time import monotonic
from typing import TypeVar

from specql_lsp.config import Backend, RegistrySettings, UrlOrigin
from specql_lsp.logs import log_unexpected
from specql_lsp.registry import refusals
from specql_lsp.registry.allocation import refuse_reserved_number
from specql_lsp.registry.consistency.comparison import differing_yaml
from specql_lsp.registry.metrics.recorder import Metrics
from specql_lsp.registry.model import Domain, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import Allocation, AllocationRequest
from specql_lsp.registry.service.backoff import Backoff
from specql_lsp.registry.service.deadline_monitor import DeadlineMonitor
from specql_lsp.registry.service.fallback_log import FallbackLog
from specql_lsp.registry.service.merging import with_known_short_code
from specql_lsp.registry.service.readers import PrimaryReader, YamlReader
from specql_lsp.registry.service.refresh_throttle import RefreshThrottle
from specql_lsp.registry.service.shared_connections import ConnectionRegistry
from specql_lsp.registry.service.source_selection import (
    WITHHELD,
    PrimaryReading,
    Selector,
    YamlReading,
    primary_source_for,
    visibly_different,
    with_allocation,
)
from specql_lsp.registry.service.work_queue import Idle, Refresh, RefreshPrimary, RefreshYaml, Work, WorkQueue, Write
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError, WritableSource
from specql_lsp.registry.sources.memory import InMemorySource
from specql_lsp.registry.sources.yaml.source import RegistryReader, YamlSource, read_text_as_registry
from specql_lsp.registry.state import Discrepancy, Provenance, RegistryState, Source

logger = logging.getLogger(__name__)

FIRST_ANSWER_SECONDS = 1.0
"""How long the very first answer may wait for PostgreSQL before the YAML answers meanwhile."""
GRACE_SECONDS = 0.1
IDLE_SECONDS = 1.0
"""How often an idle worker looks whether its connection is still there; it asks the socket, not the server."""
CLOSE_SECONDS = 0.3
"""How long closing waits for the worker before, and again after, it breaks the connection under it."""

_Result = TypeVar("_Result")


class RegistryService:
    """A registry that answers from its best source and comes back to it by itself.

    Args:
        settings: which sources, and their timeouts.
        folder: the workspace folder, to which ``yaml_path`` is relative; None: the working directory.
        overlay: gives the text of an editor's unsaved registry file, or None; called on the worker.
        read_yaml: reads the text of the registry YAML; called on the worker.
        on_change: called with each state that a user could tell from the one before; on the worker or a timer's
            thread, never at the same time as itself. It must not wait for the service.
        connections: the connections of this process, which services of one database share; None: this service has
            its own.
        now: the time of day, in UTC.
    """

    def __init__(
        self,
        settings: RegistrySettings,
        folder: Path | None,
        *,
        overlay: Callable[[], str | None] | None = None,
        read_yaml: RegistryReader = read_text_as_registry,
        on_change: Callable[[RegistryState], None] = lambda _state: None,
        connections: ConnectionRegistry | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = settings
        kind, no_primary = primary_source_for(settings)
        self._lease = (connections or ConnectionRegistry()).lease(settings) if kind is Source.POSTGRESQL else None
        self.metrics = Metrics(settings.slow_query_ms, statements=self._lease.timings if self._lease else None)
        self._on_change = on_change
        self._now = now
        name = Path(settings.yaml_path).as_posix()
        yaml = YamlSource((folder or Path()) / settings.yaml_path, overlay, name=name, read=read_yaml)
        self._yaml_reader = YamlReader(yaml, self.metrics, now)
        source: WritableSource | None = self._lease.source if self._lease else None
        if kind is Source.IN_MEMORY:
            source = InMemorySource()
        self._primary = PrimaryReader(source, self._lease, self.metrics, now) if source else None
        self._queue = WorkQueue()
        self._backoff = Backoff()
        self._throttle = RefreshThrottle()
        # Held while a state is made and told, so that states are told in their order; never while a source is read.
        self._publishing = RLock()
        withheld = UrlOrigin(withheld=no_primary == WITHHELD)
        self._selector = Selector(no_primary, settings.url_origin if kind is Source.POSTGRESQL else withheld)
        self._primary_reading = PrimaryReading(kind) if kind else None
        self._yaml_reading = YamlReading()
        self._deadline = DeadlineMonitor(self._publishing, self._give_up_waiting)
        self._answered = False
        self._seen_commits = 0
        self._others_changed = False
        demanded = Source.POSTGRESQL if settings.backend is Backend.POSTGRESQL else None
        self._fallback_log = FallbackLog(kind or demanded, self.metrics)
        self._state = RegistryState(Provenance())
        self._worker = Thread(target=self._run, name="specql-registry", daemon=True)

    @property
    def state(self) -> RegistryState:
        """What is known now; reading it never waits."""
        return self._state

    @property
    def yaml_problem(self) -> str | None:
        """Why the registry YAML cannot be read now; None where it can."""
        return self._yaml_reading.problem

    def start(self) -> None:
        """Begins to read."""
        self._queue.refresh_in(0)
        self._worker.start()
        if self._lease is not None and self.settings.listen:
            self._lease.listen(self._primary_changed, self._primary_changed_by_us)

    def close(self) -> None:
        """Ends the worker, also while a server hangs; what waits is refused. It may be called twice."""
        writes, refreshes = self._queue.close()
        for write in writes:
            write.refuse()
        for future in refreshes:
            refusals.refuse(future, refusals.closed())
        waits_for_worker = self._worker.is_alive() and self._worker is not current_thread()
        if waits_for_worker:
            self._worker.join(CLOSE_SECONDS)
        if self._lease is not None:
            self._lease.release()  # Its last user breaks the connection under whatever the worker waits for.
        if waits_for_worker:
            self._worker.join(CLOSE_SECONDS)
        self._deadline.close()

    def refresh(self) -> Future[RegistryState]:
        """Reads everything now, also in a pause between attempts; the future gives the state after it."""
        future: Future[RegistryState] = Future()
        if not self._queue.add_refresh(future):
            future.set_exception(refusals.closed())
        return future

    def yaml_changed(self) -> None:
        """Says that the YAML may have changed, on the disk or in the editor: it is read again soon."""
        self._queue.refresh_yaml_soon()

    def allocate(self, request: AllocationRequest) -> Future[Allocation]:
        """Registers an entity and gives its code. The future raises ``Refused``; asking again is harmless."""

        def allocate(source: WritableSource) -> Allocation:
            return source.allocate(request, self._rules)

        def with_short_code(allocation: Allocation) -> Allocation:
            return with_known_short_code(allocation, self._state.snapshot)

        return self._submit("registry.allocate", allocate, finish=with_short_code, take=self._take_allocation)

    def register_domain(
        self,
        number: str,
        name: str,
        description: str | None = None,
        *,
        multi_tenant: bool = False,
        aliases: tuple[str, ...] = (),
    ) -> Future[Domain]:
        """Adds a domain. The future raises ``Refused``."""

        def register(source: WritableSource) -> Domain:
            refuse_reserved_number(self._rules, "domain", number)
            return source.register_domain(number, name, description, multi_tenant=multi_tenant, aliases=aliases)

        def done(snapshot: Snapshot) -> Domain | None:
            domain = snapshot.domain_numbered(number)
            return domain if domain is not None and domain.name == name else None

        return self._submit("registry.register_domain", register, done=done, take=self._take_change)

    def register_subdomain(
        self, domain: str, number: str, name: str, description: str | None = None
    ) -> Future[Subdomain]:
        """Adds a subdomain to the domain with that number or name. The future raises ``Refused``."""

        def register(source: WritableSource) -> Subdomain:
            snapshot = self._state.snapshot
            parent = snapshot.domain(domain) if snapshot else None
            refuse_reserved_number(self._rules, "subdomain", number, parent.number if parent else "")
            return source.register_subdomain(domain, number, name, description)

        def done(snapshot: Snapshot) -> Subdomain | None:
            parent = snapshot.domain(domain)
            found = parent.subdomain(number) if parent else None
            return found if found is not None and found.name == name else None

        return self._submit("registry.register_subdomain", register, done=done, take=self._take_change)

    def keep_yaml(self, discrepancy: Discrepancy) -> Future[None]:
        """Makes the database hold what the YAML holds at a discrepancy. The future raises ``Refused``."""

        def keep(source: WritableSource) -> None:
            source.keep_yaml(discrepancy, differing_yaml(self._state, discrepancy, self.yaml_problem))

        return self._submit("registry.keep_yaml", keep, take=self._take_change)

    @property
    def _rules(self) -> Rules:
        return self._state.snapshot.rules if self._state.snapshot else Rules()

    def _primary_changed(self) -> None:
        """Called on the listener's thread: the database may have changed, or its connection may be lost."""
        self._others_changed = True
        self._queue.refresh_primary_in(self._throttle.delay(monotonic()))

    def _primary_changed_by_us(self) -> None:
        """The same for changes of this process: whether there is anything to read is known when its turn comes."""
        self._queue.refresh_primary_in(self._throttle.delay(monotonic()))

    @property
    def _knows_the_primary(self) -> bool:
        """Whether the state was derived from every change that is known of; asked on the worker, between writes."""
        if self._others_changed or self._lease is None:
            return False
        return self._lease.source.commits == self._seen_commits

    # The worker.

    def _run(self) -> None:
        while (work := self._queue.next(IDLE_SECONDS)) is not None:
            try:
                self._do(work)
            except Exception as error:  # An error of ours in one piece of work must not leave all others waiting.
                log_unexpected(logger, "working for the registry", error)

    def _do(self, work: Work) -> None:
        match work:
            case Idle():
                if self._lease is not None and self._lease.is_lost():
                    self._refresh_all()
            case Write(run=run):
                run()
            case Refresh(waiting=waiting):
                try:
                    self._refresh_all()
                finally:
                    for future in waiting:
                        if future.set_running_or_notify_cancel():
                            future.set_result(self._state)
            case RefreshPrimary():
                if not self._knows_the_primary:
                    self._read_primary()
                    self._publish()
            case RefreshYaml():
                self._read_yaml()
                self._publish()

    def _refresh_all(self) -> None:
        self._read_yaml()
        self._read_primary()
        self._publish()

    def _read_yaml(self) -> None:
        reading = self._yaml_reader.read(self._yaml_reading)
        with self._publishing:
            self._yaml_reading = reading

    def _read_primary(self) -> None:
        """Reads the source of the first choice, and says when to read again."""
        reading, reader = self._primary_reading, self._primary
        if reading is None or reader is None:
            self._queue.refresh_in(self.settings.refresh_seconds)
            return
        began = monotonic()
        commits = self._lease.source.commits if self._lease is not None else 0
        self._others_changed = False
        timeout = self.settings.connect_timeout_seconds
        # The source's own deadline comes first where it holds: one change to tell instead of two.
        patience = timeout + GRACE_SECONDS if self._answered else min(timeout, FIRST_ANSWER_SECONDS)
        with self._deadline.watch(patience + reader.turn_seconds):
            reading = reader.read(reading)
        self._throttle.read(began, monotonic() - began)
        with self._publishing:
            self._primary_reading = reading
        if reading.unavailable is None:
            self._seen_commits = commits
            self._backoff.reset()
            self._queue.refresh_in(self.settings.refresh_seconds)
        else:
            self._queue.refresh_in(self._backoff.pause())

    def _give_up_waiting(self, seconds: float) -> None:
        """Publishes the fallback meanwhile; what the worker waits for goes on, and has the last word."""
        if self._primary_reading is not None and self._primary is not None:
            self._primary_reading = self._primary.late(self._primary_reading, seconds)
            self._publish()

    def _publish(self) -> None:
        with self._publishing:
            if self._queue.closed:
                return
            previous = self._state
            state = self._selected(previous)
            self._answered = self._answered or state.snapshot is not None
            self._state = state
            self._fallback_log.note(state)
            if visibly_different(previous, state):
                try:
                    self._on_change(state)
                except Exception as error:  # Whoever listens may be closing; the state is right all the same.
                    log_unexpected(logger, "telling that the registry changed", error)

    def _selected(self, previous: RegistryState) -> RegistryState:
        """The state that follows ``previous``; without the first source where no state can be made of its content."""
        try:
            return self._selector.select(self._primary_reading, self._yaml_reading, previous, self._now())
        except Exception as error:  # What a database holds must never end the answers of the YAML.
            if self._primary_reading is None or self._primary_reading.snapshot is None:
                raise
            log_unexpected(logger, "comparing the registry's sources", error)
            label = self._primary_reading.source.label
            reason = f"What {label} holds could not be understood ({type(error).__name__}); the log says more."
            self._primary_reading = replace(self._primary_reading, snapshot=None, unavailable=reason)
            return self._selector.select(self._primary_reading, self._yaml_reading, previous, self._now())

    # Writes.

    def _submit(
        self,
        operation: str,
        action: Callable[[WritableSource], _Result],
        *,
        done: Callable[[Snapshot], _Result | None] = lambda _snapshot: None,
        finish: Callable[[_Result], _Result] = lambda result: result,
        take: Callable[[_Result], bool],
    ) -> Future[_Result]:
        """Has the worker write.

        Args:
            operation: its name in the performance report.
            action: the write; repeated once when the connection was lost under it.
            done: finds the result where the lost attempt had committed after all.
            finish: completes the result from the state after the write.
            take: makes the state show the result; False where that takes a reading.
        """
        future: Future[_Result] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = self._write(operation, action, done)
                # Who gets the answer must see it in the state, too.
                if not take(result):
                    self._read_primary()
                self._publish()
                future.set_result(finish(result))
            except Refused as refusal:
                if self._state.provenance.writable:
                    self._queue.refresh_in(0)  # What the source refused for may be news to us.
                future.set_exception(refusal)
            except Exception as error:  # Handed on to the one who waits.
                log_unexpected(logger, operation, error)
                future.set_exception(error)

        if not self._queue.add_write(Write(run, lambda: refusals.refuse(future, refusals.closed()))):
            future.set_exception(refusals.closed())
        return future

    def _take_allocation(self, allocation: Allocation) -> bool:
        """Makes the state show an allocation at once; False where the registry has to be read for that."""
        reading, snapshot = self._primary_reading, self._state.snapshot
        if reading is None or snapshot is None:
            return False
        if not allocation.created:
            return any(
                (r.entity.name, r.domain.number) == (allocation.entity, allocation.domain.number)
                for r in snapshot.by_code(allocation.table_code)
            )
        if not reading.listening:  # What others have changed is seen by reading; the answer does not wait for that.
            self._others_changed = True
            self._queue.refresh_primary_in(self._throttle.spare(monotonic()))
        self._seen_commits += 1
        with self._publishing:
            grown = with_allocation(reading, allocation)
            if grown is not None:
                self._primary_reading = grown
        return grown is not None

    def _take_change(self, _result: object) -> bool:
        """Makes the state show a change, which has read the registry; False where it has to be read for that."""
        reading, primary = self._primary_reading, self._primary
        if reading is None or reading.unavailable is not None or primary is None or primary.source.known is None:
            return False
        self._seen_commits += 1
        with self._publishing:
            self._primary_reading = replace(reading, snapshot=primary.source.known, loaded_at=self._now())
        return True

    def _write(
        self, operation: str, action: Callable[[WritableSource], _Result], done: Callable[[Snapshot], _Result | None]
    ) -> _Result:
        known = self._yaml_reading
        self._read_yaml()  # Its rules hold for what is given out.
        if not self._state.provenance.writable:
            self._read_primary()  # Somebody asks now, so the pause between attempts does not count.
            self._publish()
        elif self._yaml_reading.differs_from(known):
            self._publish()
        try:
            return self._attempted(operation, action)
        except SourceUnavailableError as error:
            lost = error
        if not lost.lost:
            raise refusals.unavailable(lost)
        logger.info("The connection was lost during %s; once more.", operation)
        self._read_primary()
        self._publish()
        if not self._state.provenance.writable or self._state.snapshot is None:
            raise refusals.unavailable(lost)
        found = done(self._state.snapshot)
        if found is not None:
            return found
        try:
            return self._attempted(operation, action)
        except SourceUnavailableError as error:
            self._read_primary()
            self._publish()
            raise refusals.unavailable(error) from None

    def _attempted(self, operation: str, action: Callable[[WritableSource], _Result]) -> _Result:
        provenance = self._state.provenance
        if provenance.source is Source.NONE:
            raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"No registry can be read. {provenance.reason}")
        if not provenance.writable or self._primary is None:
            raise Refused(RefusalKind.REGISTRY_READ_ONLY, f"The registry is read-only now. {provenance.reason}".strip())
        patience = self.settings.connect_timeout_seconds + self.settings.lock_timeout_ms / 1000
        with self._deadline.watch(patience + self._primary.turn_seconds), self.metrics.timed(operation):
            return action(self._primary.source)
