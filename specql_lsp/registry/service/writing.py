"""How a write is done: once more where the connection was lost, and its result shown before it is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TypeVar

from specql_lsp.config import RegistrySettings
from specql_lsp.logs import log_unexpected
from specql_lsp.registry import refusals
from specql_lsp.registry.author import Author, author_of
from specql_lsp.registry.metrics.recorder import Metrics
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.service.current_state import CurrentState
from specql_lsp.registry.service.shared_connections import ConnectionLease
from specql_lsp.registry.service.work_queue import WorkQueue, Write
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError, WritableSource
from specql_lsp.registry.state import Source

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")


class Writing:
    """Does writes in the worker's turn. ``submit`` may be used on any thread, the rest within a turn.

    Args:
        settings: the limits in time, and whether the author is recorded.
        folder: the workspace folder, which git is asked about; None: the working directory.
        queue: the worker's.
        current: what the registry holds.
        lease: the lease of the database; None without one.
        metrics: where writes are timed.
        borrows: whether the thread that submits a write does it itself while the worker has nothing to do. To wake
            another thread and to wait for it costs as much as a fifth of an allocation.
    """

    def __init__(
        self,
        settings: RegistrySettings,
        folder: Path | None,
        queue: WorkQueue,
        current: CurrentState,
        lease: ConnectionLease | None,
        metrics: Metrics,
        *,
        borrows: bool,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._queue = queue
        self._current = current
        self._lease = lease
        self._metrics = metrics
        self._borrows = borrows
        self._author: Author | None = None

    def submit(
        self,
        operation: str,
        action: Callable[[WritableSource], _Result],
        *,
        done: Callable[[Snapshot], _Result | None] = lambda _snapshot: None,
        finish: Callable[[_Result], _Result] = lambda result: result,
        take: Callable[[_Result], bool],
        away: Callable[[Snapshot], _Result | None] = lambda _snapshot: None,
    ) -> Future[_Result]:
        """Does a write, or queues it. The future raises ``Refused``.

        Args:
            operation: its name in the performance report.
            action: the write; repeated once if the connection is lost during it.
            done: finds the result if the lost attempt was committed.
            finish: completes the result from the state after the write.
            take: publishes a state that shows the result; False if the registry has to be read for that.
            away: finds a result in the registry as it is known while the database is away.
        """
        future: Future[_Result] = Future()
        try:
            refusals.refuse_unread(self._settings)
        except Refused as refused:
            future.set_exception(refused)
            return future

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = self._write(operation, action, done)
                # The state must show the result before the caller has it.
                if not take(result):
                    self._current.read_primary()
                    self._current.publish()
                future.set_result(finish(result))
            except Refused as refusal:
                if self._current.state.provenance.writable:
                    self._queue.refresh_in(0)  # The reason may be a change that is not known yet.
                self._refuse_unless_leased(future, refusal, away)
            except Exception as error:  # It is raised by the future.
                log_unexpected(logger, operation, error)
                future.set_exception(error)

        if self._borrows and self._queue.borrow_turn():
            try:
                run()
            except BaseException:  # The user ends it: what became of the write is found by reading.
                self._queue.refresh_in(0)
                raise
            finally:
                self._queue.return_turn()
        elif not self._queue.add_write(Write(run, lambda: refusals.refuse(future, refusals.closed()))):
            future.set_exception(refusals.closed())
        return future

    def _refuse_unless_leased(
        self, future: Future[_Result], refusal: Refused, away: Callable[[Snapshot], _Result | None]
    ) -> None:
        """Settles a write that was refused: by a lease if the database is away and there is one."""
        snapshot = self._current.state.snapshot
        is_away = refusal.kind in {RefusalKind.REGISTRY_READ_ONLY, RefusalKind.REGISTRY_UNAVAILABLE} and (
            self._current.state.provenance.source is not Source.POSTGRESQL or self._current.state.provenance.stale
        )
        try:
            found = away(snapshot) if is_away and snapshot is not None else None
        except Refused as other:
            future.set_exception(other)
        except Exception as error:  # The refusal stays true.
            log_unexpected(logger, "taking a leased code", error)
            future.set_exception(refusal)
        else:
            if found is None:
                future.set_exception(refusal)
            else:
                self._current.publish()
                future.set_result(found)

    def _write(
        self, operation: str, action: Callable[[WritableSource], _Result], done: Callable[[Snapshot], _Result | None]
    ) -> _Result:
        known = self._current.yaml_reading
        self._current.read_yaml()  # Its rules apply to allocations.
        if not self._current.state.provenance.writable:
            self._current.read_primary()  # A user waits: the pause between attempts is cut short.
            self._current.publish()
        elif self._current.yaml_reading.differs_from(known):
            self._current.publish()
        try:
            return self._attempted(operation, action)
        except SourceUnavailableError as error:
            lost = error
        if not lost.lost:
            raise refusals.unavailable(lost)
        logger.info("The connection was lost during %s; once more.", operation)
        self._current.read_primary()
        self._current.publish()
        if not self._current.state.provenance.writable or self._current.state.snapshot is None:
            raise refusals.unavailable(lost)
        found = done(self._current.state.snapshot)
        if found is not None:
            return found
        try:
            return self._attempted(operation, action)
        except SourceUnavailableError as error:
            self._current.read_primary()
            self._current.publish()
            raise refusals.unavailable(error) from None

    def _attempted(self, operation: str, action: Callable[[WritableSource], _Result]) -> _Result:
        provenance, primary = self._current.state.provenance, self._current.primary
        refusals.refuse_unwritable(provenance)
        if primary is None:  # A writable source is the primary one.
            raise refusals.read_only(provenance)
        patience = self._settings.connect_timeout_seconds + self._settings.lock_timeout_ms / 1000
        with self.acting(), self._current.watch(patience), self._metrics.timed(operation):
            return action(primary.source)

    def acting(self) -> AbstractContextManager[object]:
        """Has writes recorded with the user that git knows in this workspace, if the settings say so."""
        if self._lease is None or not self._settings.record_author:
            return nullcontext()
        if self._author is None:
            self._author = author_of(self._folder or Path())
        return self._lease.source.acting_as(self._author)
