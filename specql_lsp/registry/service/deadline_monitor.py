"""Reports an operation that exceeds its deadline, without ending it. The report never comes after the operation.

One thread serves all operations of a monitor. To watch an operation starts no thread, and wakes none unless its
deadline is earlier than the one that the thread already waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from threading import Condition, RLock, Thread
from time import monotonic


class DeadlineMonitor:
    """Watches one operation at a time.

    Args:
        lock: held while ``on_late`` runs, and while a watch begins or ends, so that the operation cannot end during
            ``on_late``.
        on_late: called on the monitor's thread, with the deadline in seconds, while the operation still runs.
    """

    def __init__(self, lock: RLock, on_late: Callable[[float], None]) -> None:
        self._condition = Condition(lock)
        self._on_late = on_late
        self._deadline = inf
        self._seconds = 0.0
        self._wakes_at = inf
        self._thread: Thread | None = None
        self._closed = False

    @contextmanager
    def watch(self, seconds: float) -> Iterator[None]:
        """Calls ``on_late`` once if the body takes longer than ``seconds``."""
        with self._condition:
            self._deadline, self._seconds = monotonic() + seconds, seconds
            if self._thread is None:
                self._thread = Thread(target=self._run, name="specql-deadline-monitor", daemon=True)
                self._thread.start()
            elif self._deadline < self._wakes_at:
                self._condition.notify_all()
        try:
            yield
        finally:
            with self._condition:
                self._deadline = inf

    def close(self) -> None:
        """Ends the thread. May be called twice, and from any thread."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def _run(self) -> None:
        with self._condition:
            while not self._closed:
                left = self._deadline - monotonic()
                if left <= 0:
                    self._deadline = inf
                    self._on_late(self._seconds)
                    continue
                # The operation may be over by the time this wakes; the loop then takes the next deadline.
                self._wakes_at = self._deadline
                self._condition.wait(None if left == inf else left)
                self._wakes_at = -inf
