"""Delays by key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Debouncer:
    """Runs the last of a burst of calls by key, a while after it."""

    def __init__(self) -> None:
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def call(self, key: str, delay_ms: float, run: Callable[[], None]) -> None:
        """Runs ``run`` after ``delay_ms`` milliseconds, unless the same key is called again before."""
        self.cancel(key)

        def due() -> None:
            self._timers.pop(key, None)
            run()

        self._timers[key] = asyncio.get_running_loop().call_later(delay_ms / 1000, due)

    def is_pending(self, key: str) -> bool:
        """Whether a call of a key is still to come."""
        return key in self._timers

    def cancel(self, key: str) -> None:
        """Forgets the pending call of a key."""
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """Forgets every pending call."""
        for key in list(self._timers):
            self.cancel(key)
