"""How long each exchange with a database took, by the statement's name. Safe from any thread.

One belongs to one source and is handed to it when it is made. Every registry that is answered from that source shows
its numbers in its own report: a statement is the database's matter, whichever folder's operation caused it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Any

from specql_lsp.registry.metrics.durations import Durations


@dataclass(slots=True)
class Slowest:
    """The statement that took longest within an operation; ``name`` None while there was none."""

    name: str | None = None
    ms: float = 0.0


class _Thread(threading.local):
    """What is known of one thread."""

    slowest: Slowest | None = None


class StatementTimings:
    """The durations of one source's statements, since it was made.

    Args:
        slow_ms: a statement that takes longer counts as slow (``registry.slowQueryMs``).
        seconds: a clock that only goes forward.
    """

    def __init__(self, slow_ms: float = 100.0, *, seconds: Callable[[], float] = perf_counter) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._durations = Durations(slow_ms)
        # An operation and its statements run on one thread, while other threads may use the same source.
        self._thread = _Thread()

    def timed(self, name: str) -> AbstractContextManager[None]:
        """Times the body as one statement; whatever it raises is a failure."""
        return _Timing(self, name, self._seconds)

    def record(self, name: str, ms: float, *, failed: bool = False) -> None:
        """Counts one statement that took ``ms`` milliseconds."""
        with self._lock:
            self._durations.add(name, ms, failed=failed)
        slowest = self._thread.slowest
        if slowest is not None and ms >= slowest.ms:
            slowest.name, slowest.ms = name, ms

    @contextmanager
    def watched(self) -> Iterator[Slowest]:
        """Keeps the slowest of the statements that this thread runs within the body."""
        outer = self._thread.slowest
        slowest = self._thread.slowest = Slowest()
        try:
            yield slowest
        finally:
            self._thread.slowest = outer
            if outer is not None and slowest.ms >= outer.ms and slowest.name is not None:
                outer.name, outer.ms = slowest.name, slowest.ms

    def report(self) -> dict[str, dict[str, Any]]:
        """Each statement's numbers by its name, in the shape of ``Durations.by_name``."""
        with self._lock:
            return self._durations.by_name()


class _Timing:
    """One statement while it runs. A class, as a generator costs twice as much in each of them."""

    __slots__ = ("_name", "_seconds", "_start", "_timings")

    def __init__(self, timings: StatementTimings, name: str, seconds: Callable[[], float]) -> None:
        self._timings = timings
        self._name = name
        self._seconds = seconds

    def __enter__(self) -> None:
        self._start = self._seconds()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ms = (self._seconds() - self._start) * 1000
        self._timings.record(self._name, ms, failed=kind is not None)
