"""Takes what lives long out of the garbage collector's sight.

A snapshot of the registry holds hundreds of thousands of objects and no cycles: the collector would stop the server to
find nothing in it. What is garbage by now must not be kept with it.
"""

from __future__ import annotations

import asyncio
import gc

THRESHOLDS = (20_000, 20, 50)
"""For a server that runs: as often as for a script would double the cost of large, long-lived snapshots and trees."""
SECONDS_BETWEEN = 30.0
"""Where snapshots follow each other quickly, the last one of such a time is enough."""


class LongLived:
    """Belongs to the event loop on which it is used."""

    def __init__(self) -> None:
        self._pending: asyncio.TimerHandle | None = None
        self._is_first = True

    def keep(self) -> None:
        """Says that something new will live long."""
        if self._is_first:
            self._is_first = False
            gc.freeze()
            gc.set_threshold(*THRESHOLDS)  # until now nothing was collected: a start makes little garbage
        elif self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(SECONDS_BETWEEN, self._keep_now)

    def close(self) -> None:
        """Forgets what is pending."""
        if self._pending is not None:
            self._pending.cancel()

    def _keep_now(self) -> None:
        self._pending = None
        gc.collect()  # quick: it does not look at what was frozen before
        gc.freeze()
