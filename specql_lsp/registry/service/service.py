"""The registry service: one worker thread that reads the sources, falls back, recovers and writes.

All I/O runs on the worker, a daemon thread. It publishes immutable states; reading ``state`` never waits. Only
``refresh`` and the writes return futures.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from threading import Thread, current_thread
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from specql_lsp.config import RegistrySettings
from specql_lsp.logs import log_unexpected
from specql_lsp.registry import refusals
from specql_lsp.registry.metrics.recorder import Metrics
from specql_lsp.registry.model import Domain, Subdomain
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.service.current_state import CurrentState
from specql_lsp.registry.service.history_reader import HistoryReader
from specql_lsp.registry.service.lease_keeper import Confirmation, LeaseKeeper
from specql_lsp.registry.service.leasing import Leasing
from specql_lsp.registry.service.merging import with_known_short_code
from specql_lsp.registry.service.questions import Questions
from specql_lsp.registry.service.readers import SnapshotReader
from specql_lsp.registry.service.shared_connections import ConnectionRegistry
from specql_lsp.registry.service.source_selection import primary_source_for
from specql_lsp.registry.service.work_queue import Idle, Refresh, RefreshPrimary, RefreshYaml, Work, WorkQueue, Write
from specql_lsp.registry.service.writing import Writing
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import WritableSource
from specql_lsp.registry.sources.yaml.source import RegistryReader, YamlSource, read_text_as_registry
from specql_lsp.registry.state import Discrepancy, RegistryState, Source

if TYPE_CHECKING:
    from specql_lsp.registry.consistency.resolution import Resolution
    from specql_lsp.registry.renumbering import BeforeCommit, RenumberAnswer, RenumberRequest
    from specql_lsp.registry.requests import (
        Allocation,
        AllocationRequest,
        CodeRelease,
        DomainRename,
        EntityMove,
        EntityRename,
        Moving,
        Released,
        Renaming,
    )
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

logger = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
"""How often an idle worker checks whether its connection still exists; it asks the socket, not the server."""
CLOSE_SECONDS = 0.3
"""How long ``close`` waits for the worker before, and again after, it closes the connection that the worker uses."""

_Result = TypeVar("_Result")


class RegistryService:
    """A registry that answers from the best source that can be read, and returns to a better one by itself.

    Args:
        settings: which sources, and their timeouts.
        folder: the workspace folder, to which ``yaml_path`` is relative; None: the working directory.
        overlay: returns the text of an editor's unsaved registry file, or None; called on the worker.
        read_yaml: reads the text of the registry YAML; called on the worker.
        on_change: called with each state that differs visibly from the one before, on the worker or the deadline
            monitor's thread, one call at a time. It must not wait for the service.
        on_confirmed: called on the worker with what became of codes that were given out while the database was away;
            None: they wait for ``Leasing.confirm``.
        connections: the connections of this process, which services of one database share; None: this service has
            its own.
        now: the time of day, in UTC.
        resident: whether it stays open for long, and requests must not wait: the worker builds the indexes of each
            registry that it has read, and listens to changes from the start. Otherwise it listens once it has been open
            for ``refresh_seconds``, so that a short script needs no second connection; and a write is done on the
            thread that asks for it, while the worker has nothing to do.
    """

    def __init__(
        self,
        settings: RegistrySettings,
        folder: Path | None,
        *,
        overlay: Callable[[], str | None] | None = None,
        read_yaml: RegistryReader = read_text_as_registry,
        on_change: Callable[[RegistryState], None] = lambda _state: None,
        on_confirmed: Callable[[tuple[Confirmation, ...]], None] | None = None,
        connections: ConnectionRegistry | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        resident: bool = True,
    ) -> None:
        self.settings = settings
        kind, _ = primary_source_for(settings)
        self._lease = (connections or ConnectionRegistry()).lease(settings) if kind is Source.POSTGRESQL else None
        self.metrics = Metrics(settings.slow_query_ms, statements=self._lease.timings if self._lease else None)
        name = Path(settings.yaml_path).as_posix()
        yaml = YamlSource((folder or Path()) / settings.yaml_path, overlay, name=name, read=read_yaml)
        self._queue = WorkQueue()
        snapshot = None
        if settings.snapshot_path:
            path = (folder or Path()) / settings.snapshot_path
            snapshot = SnapshotReader(path, Path(settings.snapshot_path).as_posix(), self.metrics)
        lease = self._lease
        keeper = LeaseKeeper(folder or Path(), lambda: lease.source.address) if lease is not None else None
        self._current = CurrentState(
            settings,
            yaml,
            snapshot,
            lease,
            keeper,
            self.metrics,
            self._queue,
            on_change,
            now,
            indexes_ahead=resident,
        )
        self._questions = Questions(settings, self._queue, self._current, lease)
        self.history = HistoryReader(settings, self._queue, self._questions, self._current, lease, self.metrics)
        """What was done to the registry, and who gave its codes."""
        self._writing = Writing(settings, folder, self._queue, self._current, lease, self.metrics, borrows=not resident)
        self.leases = Leasing(keeper, lease, self._questions, self._current, self._writing.acting, on_confirmed)
        """The codes that this folder has leased."""
        self._listens_in = 0.0 if resident else settings.refresh_seconds
        self._listens_at = inf
        self._worker = Thread(target=self._run, name="specql-registry", daemon=True)

    @property
    def state(self) -> RegistryState:
        """The current state. Reading it never waits."""
        return self._current.state

    @property
    def yaml_problem(self) -> str | None:
        """Why the registry YAML cannot be read now; None if it can."""
        return self._current.yaml_reading.problem

    @property
    def rules_problem(self) -> str | None:
        """Why the rules of the registry YAML are not known; None if they are, or if there is no such file."""
        reading = self._current.yaml_reading
        return None if reading.missing else reading.problem

    def start(self) -> None:
        """Starts the worker, which reads the sources at once."""
        self._queue.refresh_in(0)
        if self.settings.listen:
            self._listens_at = monotonic() + self._listens_in
        self._worker.start()

    def close(self) -> None:
        """Ends the worker, even if a server does not answer; requests that wait are refused. May be called twice."""
        writes, refreshes = self._queue.close()
        for write in writes:
            write.refuse()
        for future in refreshes:
            refusals.refuse(future, refusals.closed())
        waits_for_worker = self._worker.is_alive() and self._worker is not current_thread()
        if waits_for_worker:
            self._worker.join(CLOSE_SECONDS)
        self._queue.wait_for_turn(CLOSE_SECONDS)
        if self._lease is not None:
            self._lease.release()  # The end of the last lease closes the connection, so that the worker stops waiting.
        if waits_for_worker:
            self._worker.join(CLOSE_SECONDS)
        self._queue.wait_for_turn(CLOSE_SECONDS)
        self._current.close()

    def refresh(self) -> Future[RegistryState]:
        """Reads all sources now, even in a pause between attempts. The future returns the state after it."""
        future: Future[RegistryState] = Future()
        if not self._queue.add_refresh(future):
            future.set_exception(refusals.closed())
        return future

    @property
    def has_database(self) -> bool:
        """Whether the settings name a database."""
        return self._lease is not None

    def ask(self, question: Callable[[PostgresqlSource], _Result]) -> Future[_Result]:
        """Has the worker ask the database something else than the registry, which stays as it is whatever comes of it.

        The future raises ``SourceUnavailableError``, also where there is no database, and ``Refused`` at the end.
        """
        return self._questions.ask(question)

    def written(self) -> Future[None]:
        """Done when the writes that were asked for before are answered. The future raises ``Refused`` at the end."""
        return self._questions.on_worker("waiting for writes", lambda: None)

    def yaml_changed(self) -> None:
        """Has the YAML read again soon: it may have changed, on the disk or in the editor."""
        self._queue.refresh_yaml_soon()

    def allocate(self, request: AllocationRequest) -> Future[Allocation]:
        """Registers an entity and returns its code. The future raises ``Refused``; to repeat the call is harmless."""

        is_leased = False

        def allocate(source: WritableSource) -> Allocation:
            nonlocal is_leased
            given = self.leases.allocate(request)
            is_leased = given is not None
            return given or source.allocate(request, self._current.rules)

        def take(allocation: Allocation) -> bool:
            return not is_leased and self._current.take_allocation(allocation)

        def with_short_code(allocation: Allocation) -> Allocation:
            return with_known_short_code(allocation, self.state.snapshot)

        return self._writing.submit(
            "registry.allocate",
            allocate,
            finish=with_short_code,
            take=take,
            away=lambda snapshot: self.leases.take(snapshot, request),
        )

    def allocate_all(self, requests: Sequence[AllocationRequest]) -> Future[tuple[Allocation | Refused, ...]]:
        """Registers many entities in one transaction; for each the allocation, or why it alone is refused.

        The future raises ``Refused`` if nothing was changed; to repeat the call is harmless.
        """

        is_leased = False

        def allocate(source: WritableSource) -> tuple[Allocation | Refused, ...]:
            nonlocal is_leased
            answers, is_leased = self.leases.allocate_all(source, requests)
            return answers

        def take(answers: tuple[Allocation | Refused, ...]) -> bool:
            return not is_leased and self._current.take_change(answers)

        def with_short_codes(answers: tuple[Allocation | Refused, ...]) -> tuple[Allocation | Refused, ...]:
            snapshot = self.state.snapshot
            return tuple(a if isinstance(a, Refused) else with_known_short_code(a, snapshot) for a in answers)

        return self._writing.submit(
            "registry.allocate_all",
            allocate,
            finish=with_short_codes,
            take=take,
            away=lambda snapshot: self.leases.take_all(snapshot, requests),
        )

    def allocations_now(self, requests: Sequence[AllocationRequest]) -> tuple[Allocation | Refused, ...]:
        """What ``allocate_all`` would give, from what is known now; nothing is changed.

        Raises:
            Refused: the registry cannot be read or written, and there is no leased code.
        """
        from specql_lsp.registry.batch_allocation import decide_all
        from specql_lsp.registry.leases.giving import with_given_codes

        provenance, snapshot = self.state.provenance, self.state.snapshot
        refusals.refuse_unwritable(provenance, allocates=snapshot is not None)
        if snapshot is None:
            raise refusals.read_only(provenance)
        return self.leases.preview(snapshot, requests) or decide_all(snapshot, with_given_codes(snapshot, requests))[0]

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

        from specql_lsp.registry.allocation import refuse_reserved_number

        def register(source: WritableSource) -> Domain:
            refuse_reserved_number(self._current.rules, "domain", number)
            return source.register_domain(number, name, description, multi_tenant=multi_tenant, aliases=aliases)

        def done(snapshot: Snapshot) -> Domain | None:
            domain = snapshot.domain_numbered(number)
            return domain if domain is not None and domain.name == name else None

        return self._writing.submit("registry.register_domain", register, done=done, take=self._current.take_change)

    def register_subdomain(
        self, domain: str, number: str, name: str, description: str | None = None
    ) -> Future[Subdomain]:
        """Adds a subdomain to the domain with that number or name. The future raises ``Refused``."""

        from specql_lsp.registry.allocation import refuse_reserved_number

        def register(source: WritableSource) -> Subdomain:
            snapshot = self.state.snapshot
            parent = snapshot.domain(domain) if snapshot else None
            refuse_reserved_number(self._current.rules, "subdomain", number, parent.number if parent else "")
            return source.register_subdomain(domain, number, name, description)

        def done(snapshot: Snapshot) -> Subdomain | None:
            parent = snapshot.domain(domain)
            found = parent.subdomain(number) if parent else None
            return found if found is not None and found.name == name else None

        return self._writing.submit("registry.register_subdomain", register, done=done, take=self._current.take_change)

    def rename_entity(self, request: EntityRename) -> Future[Renaming]:
        """Gives a registered entity another name. The future raises ``Refused``; to repeat the call is harmless."""

        def with_short_code(renaming: Renaming) -> Renaming:
            return with_known_short_code(renaming, self.state.snapshot)

        return self._writing.submit(
            "registry.rename_entity",
            lambda source: source.rename_entity(request),
            finish=with_short_code,
            take=self._current.take_change,
        )

    def move_entity(self, request: EntityMove) -> Future[Moving]:
        """Moves a registered entity to another subdomain. The future raises ``Refused``; repeating it is harmless."""

        def with_short_code(moving: Moving) -> Moving:
            return with_known_short_code(moving, self.state.snapshot)

        return self._writing.submit(
            "registry.move_entity",
            lambda source: source.move_entity(request, self._current.rules),
            finish=with_short_code,
            take=self._current.take_change,
        )

    def renumber(
        self, requests: Sequence[RenumberRequest], before_commit: BeforeCommit | None = None
    ) -> Future[tuple[RenumberAnswer, ...]]:
        """Gives entities that share a code others in one transaction (``WritableSource.renumber``).

        ``before_commit`` is called on the worker. The future raises ``Refused``; repeating it is harmless.
        """
        return self._writing.submit(
            "registry.renumber",
            lambda source: source.renumber(requests, self._current.rules, before_commit),
            take=self._current.take_change,
        )

    def release_code(self, request: CodeRelease) -> Future[Released]:
        """Takes a registration back. The future raises ``Refused``."""
        before = self.state.snapshot

        def done(snapshot: Snapshot) -> Released | None:
            from specql_lsp.registry.corrections import release_code

            try:
                released = release_code(before, request)[0] if before is not None else None
            except Refused:
                return None
            if released is None or any(r.entity.name == released.entity for r in snapshot.by_code(released.table_code)):
                return None
            return released

        def release(source: WritableSource) -> Released:
            return source.release_code(request)

        return self._writing.submit("registry.release_code", release, done=done, take=self._current.take_change)

    def rename_domain(self, request: DomainRename) -> Future[Domain]:
        """Gives a domain another name, or an alias of it. The future raises ``Refused``; to repeat it is harmless."""
        return self._writing.submit(
            "registry.rename_domain", lambda source: source.rename_domain(request), take=self._current.take_change
        )

    def keep_yaml(self, discrepancies: Sequence[Discrepancy] | None = None) -> Future[Resolution]:
        """Resolves discrepancies in favour of the YAML, in one transaction; None: everything that differs.

        The future raises ``Refused`` if nothing can be resolved, whatever it is; to repeat the call is harmless.
        """

        from specql_lsp.registry.consistency.resolution import Resolution, still_differing

        attempted: Resolution | None = None

        def keep(source: WritableSource) -> Resolution:
            nonlocal attempted
            wanted = attempted.resolved if attempted is not None else discrepancies
            yaml, found = still_differing(self.state, wanted, self.yaml_problem)
            first, attempted = attempted, attempted or found
            result = source.keep_yaml(found.resolved, yaml) if found.resolved else Resolution()
            if first is None:
                return result.refusing(found.refused)
            # The connection was lost: what no longer differs was resolved by the first attempt.
            done = tuple(each.discrepancy for each in found.refused)
            return Resolution((*done, *result.resolved), (*first.refused, *result.refused))

        def take(result: Resolution) -> bool:
            return bool(result.resolved) and self._current.take_change(result)

        return self._writing.submit("registry.keep_yaml", keep, take=take)

    # The worker.

    def _run(self) -> None:
        while (work := self._queue.next(IDLE_SECONDS)) is not None:
            try:
                self._do(work)
            except Exception as error:  # A defect in one piece of work must not leave all others waiting.
                log_unexpected(logger, "working for the registry", error)

    def _do(self, work: Work) -> None:
        if self._lease is not None and monotonic() >= self._listens_at:
            self._lease.listen(self._current.others_changed, self._current.we_changed)
        match work:
            case Idle():
                if self._lease is not None and self._lease.is_lost():
                    self._current.read_all()
                else:
                    self._current.show_leases()
            case Write(run=run):
                run()
            case Refresh(waiting=waiting):
                try:
                    # Who asks wants everything looked at, whatever the database says of its changes.
                    self._current.read_all(everything=bool(waiting))
                finally:
                    for future in waiting:
                        if future.set_running_or_notify_cancel():
                            future.set_result(self.state)
                self.leases.confirm_waiting()
            case RefreshPrimary():
                if not self._current.shows_all_changes:
                    self._current.read_primary()
                    self._current.publish()
            case RefreshYaml():
                self._current.read_yaml()
                self._current.publish()
