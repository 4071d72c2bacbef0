"""What the worker is asked that leaves the registry as it is: it is done in turn with the writes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from specql_lsp.config import RegistrySettings
from specql_lsp.logs import log_unexpected
from specql_lsp.registry import refusals
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.service.current_state import CurrentState
from specql_lsp.registry.service.shared_connections import ConnectionLease
from specql_lsp.registry.service.work_queue import WorkQueue, Write
from specql_lsp.registry.sources.base import SourceUnavailableError

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")


class Questions:
    """Puts questions into the worker's queue. May be used on any thread.

    Args:
        settings: the limits in time.
        queue: the worker's.
        current: publishes the fallback if the database does not answer in time.
        lease: the lease of the database; None without one.
    """

    def __init__(
        self, settings: RegistrySettings, queue: WorkQueue, current: CurrentState, lease: ConnectionLease | None
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._current = current
        self._lease = lease

    def ask(self, question: Callable[[PostgresqlSource], _Result]) -> Future[_Result]:
        """Has the worker ask the database something.

        The future raises ``SourceUnavailableError``, also where there is no database, and ``Refused`` at the end.
        """
        lease = self._lease

        def work() -> _Result:
            if lease is None:
                raise SourceUnavailableError("No database is set.", lost=False, lasting=True)
            with self._current.watch(self._settings.connect_timeout_seconds):
                return question(lease.source)

        return self.on_worker("asking the database", work)

    def on_worker(self, what: str, work: Callable[[], _Result]) -> Future[_Result]:
        """Has the worker do a piece of work.

        Args:
            what: the work, for the log.
            work: what it raises is raised by the future.
        """
        future: Future[_Result] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except (Refused, SourceUnavailableError) as error:
                future.set_exception(error)
            except Exception as error:  # It is raised by the future.
                log_unexpected(logger, what, error)
                future.set_exception(error)

        if not self._queue.add_write(Write(run, lambda: refusals.refuse(future, refusals.closed()))):
            future.set_exception(refusals.closed())
        return future
