"""The history of a registry, and who gave its codes, read by the worker when it is asked for."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from typing import TYPE_CHECKING

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.metrics.recorder import Metrics
from specql_lsp.registry.service.current_state import CurrentState
from specql_lsp.registry.service.questions import Questions
from specql_lsp.registry.service.shared_connections import ConnectionLease
from specql_lsp.registry.service.work_queue import WorkQueue, Write
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.state import Source

if TYPE_CHECKING:
    from specql_lsp.registry.history import History, HistoryRequest, Origins

logger = logging.getLogger(__name__)


class HistoryReader:
    """Reads what PostgreSQL has recorded.

    Args:
        settings: the limits in time.
        queue: the worker's.
        questions: has the worker read.
        current: the state.
        lease: the lease of the database; None without one.
        metrics: where readings are timed.
    """

    def __init__(
        self,
        settings: RegistrySettings,
        queue: WorkQueue,
        questions: Questions,
        current: CurrentState,
        lease: ConnectionLease | None,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._questions = questions
        self._current = current
        self._lease = lease
        self._metrics = metrics
        self._origins: Origins | None = None
        self._origins_of: Snapshot | None = None

    def read(self, request: HistoryRequest) -> Future[History]:
        """What was done to the registry. The future never raises because there is no history: it says why."""
        return self._questions.on_worker("reading the history", lambda: self._read(request))

    @property
    def origins(self) -> Origins | None:
        """Who gave the codes, as it was last read; None as long as that was not asked for. Reading it never waits."""
        return self._origins

    def read_origins_soon(self) -> None:
        """Has the worker read who gave the codes, unless that is known for the registry as it is. Never waits.

        For the thread that answers requests.
        """
        state = self._current.state
        is_known = self._origins_of is state.snapshot
        if self._lease is not None and state.provenance.source is Source.POSTGRESQL and not is_known:
            self._origins_of = state.snapshot
            self._queue.add_write(Write(self._read_origins, lambda: None))

    def _read_origins(self) -> None:
        if self._lease is not None:
            try:
                with self._metrics.timed("registry.origins"):
                    self._origins = self._lease.source.origins(self._origins) or self._origins
            except SourceUnavailableError as error:  # A hover does without.
                logger.info("Who allocated the codes could not be read: %s", error.reason)

    def _read(self, request: HistoryRequest) -> History:
        from specql_lsp.registry.history import History

        provenance, primary = self._current.state.provenance, self._current.primary
        if primary is None or provenance.source is not primary.source.kind:
            return History(unavailable=f"Only PostgreSQL keeps a history. {provenance.reason}".strip())
        try:
            patience = self._settings.connect_timeout_seconds + self._settings.statement_timeout_ms / 1000
            with self._current.watch(patience), self._metrics.timed("registry.history"):
                return primary.source.history(request)
        except SourceUnavailableError as error:
            return History(unavailable=error.reason)
