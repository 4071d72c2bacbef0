"""A registry that is open: its sources read once, its state, and waiting for what its worker does."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.serialization import status_to_json
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import RegistryState

_Result = TypeVar("_Result")

_MARGIN_SECONDS = 5.0
"""What a call may take beyond the deadlines of the database: reading a large YAML, importing the driver."""


class OpenedRegistry:
    """What all calls of a script rely on. Use it as a context manager, or call ``close``.

    Args:
        settings: which sources, and their timeouts.
        folder: the folder to which ``yaml_path`` is relative; None: the working directory.
    """

    def __init__(self, settings: RegistrySettings, folder: Path | None = None) -> None:
        # Two attempts of a write, each with a connection, a lock and a statement, then a reading.
        self._patience = _MARGIN_SECONDS + 3 * (
            settings.connect_timeout_seconds + (settings.lock_timeout_ms + 2 * settings.statement_timeout_ms) / 1000
        )
        self._yaml_path = (folder or Path()) / settings.yaml_path
        self._service = RegistryService(settings, folder, resident=False)
        first = self._service.refresh()
        self._service.start()
        try:
            self._wait(first)
        except BaseException:
            self._service.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives back connections and threads; may be called twice."""
        self._service.close()

    @property
    def service(self) -> RegistryService:
        """What does the work, for those who want futures. A write may be done before its future is returned."""
        return self._service

    @property
    def state(self) -> RegistryState:
        """All that is known now, as data."""
        return self._service.state

    @property
    def status(self) -> dict[str, Any]:
        """Which source answers and why (the interface's Status)."""
        return status_to_json(self._service.state)

    @property
    def snapshot(self) -> Snapshot:
        """The registry as it is known now.

        Raises:
            Refused: kind ``registry-unavailable``: no registry can be read, which is not an empty one.
        """
        state = self._service.state
        if state.snapshot is None:
            self._service.metrics.cache_miss()
            raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"No registry can be read. {state.provenance.reason}")
        self._service.metrics.cache_hit()
        return state.snapshot

    def refresh(self) -> RegistryState:
        """Reads the sources now, also one that was away, and gives the state after it."""
        return self._wait(self._service.refresh())

    def performance_report(self) -> dict[str, Any]:
        """How the registry performed since it was opened (the result of ``specql.performanceReport``)."""
        return self._service.metrics.report()

    def _wait(self, future: Future[_Result]) -> _Result:
        try:
            return future.result(self._patience)
        except TimeoutError:
            future.cancel()
            raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, "The registry did not answer in time. Ask again.") from None
