"""Freezes long-lived objects, so that the cyclic garbage collector does not traverse them (``gc.freeze``).

A snapshot of the registry holds hundreds of thousands of objects and no cycles: each full collection would stop the
server and find nothing in it. Garbage is collected before, or it would be frozen with the rest.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (20_000, 20, 50)
"""Collecting as often as Python's defaults would double the cost of large, long-lived snapshots and trees."""
SECONDS_BETWEEN = 30.0
"""Of snapshots that follow each other quickly, one freeze in so many seconds is enough."""


LATEST_SECONDS = 20.0
"""So long after the session began the collector runs, even if no registry could be read."""


class GcFreezer:
    """Freezes at most once in ``SECONDS_BETWEEN``; belongs to the event loop on which it is used.

    The process began with the collector switched off (``specql_lsp.cli.serve``), because a start makes little garbage.
    The first freeze switches it on.
    """

    def __init__(self) -> None:
        self._is_first = True
        self._pauses = 0
        self._pending: asyncio.TimerHandle | None = asyncio.get_running_loop().call_later(LATEST_SECONDS, self.request)

    def request(self) -> None:
        """Freezes all objects: the first time at once, later soon."""
        if self._is_first:
            self._is_first = False
            self.close()
            gc.freeze()
            gc.set_threshold(*THRESHOLDS)
            self._enable()
        elif self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(SECONDS_BETWEEN, self._freeze)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Switches the collector off while many files are read and checked, and freezes what is kept of them.

        Trees, summaries and findings have no cycles: of 10,000 files the collector finds nothing in a second of work.
        """
        self._pauses += 1
        gc.disable()
        try:
            yield
        finally:
            self._pauses -= 1
            if not self._pauses:
                gc.freeze()
                self._enable()

    def _enable(self) -> None:
        """Switches the collector on, unless it waits for the first freeze or for the end of a pause."""
        if not self._is_first and not self._pauses:
            gc.enable()

    def close(self) -> None:
        """Drops a freeze that is pending."""
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None

    def _freeze(self) -> None:
        self._pending = None
        if self._pauses:  # its end freezes
            return
        gc.collect()  # quick: it does not look at what was frozen before
        gc.freeze()
