"""Has the client ask again for what it shows, when something else than an edit of its own has changed that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specql_lsp.lsp.debouncer import Debouncer
    from specql_lsp.lsp.tasks import Tasks


class RefreshRequest:
    """One kind of refresh: a burst of changes is one request, and no second one is sent before the first is answered.

    Used on the event loop.

    Args:
        tasks: where the client is asked.
        timers: for the pause; closing them ends what is due.
        key: the timer's.
        pause_ms: a refresh waits until nothing has changed for so many milliseconds.
        ask: asks the client, and waits until it has answered.
    """

    def __init__(
        self, tasks: Tasks, timers: Debouncer, key: str, pause_ms: float, ask: Callable[[], Awaitable[None]]
    ) -> None:
        self._tasks = tasks
        self._timers = timers
        self._key = key
        self._pause_ms = pause_ms
        self._ask = ask
        self._is_asking = False
        self._is_due = False
        """Whether something has changed since the client was asked last."""

    def soon(self) -> None:
        """Something has changed: the client is asked after the pause."""
        self._timers.call(self._key, self._pause_ms, self._due)

    def _due(self) -> None:
        self._is_due = True
        if not self._is_asking:
            self._tasks.spawn(self._run())

    async def _run(self) -> None:
        self._is_asking = True
        try:
            while self._is_due:
                self._is_due = False
                await self._ask()
        finally:
            self._is_asking = False
