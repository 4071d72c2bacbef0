"""Notices that an operation takes too long, without ending it. Its alarm never comes after the operation.

One thread watches for as long as there is something to watch now and then; beginning a watch costs no thread and, as
long as the last one is not long ago, no waking of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from threading import Condition, RLock, Thread
from time import monotonic


class Watchdog:
    """Watches one operation at a time.

    Args:
        lock: held while ``on_late`` runs, and while a watch begins and ends; so an alarm is never half done.
        on_late: called on the watchdog's thread, with the seconds waited, while the operation still runs.
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
        """Raises the alarm once, when the body takes longer than ``seconds``."""
        with self._condition:
            self._deadline, self._seconds = monotonic() + seconds, seconds
            if self._thread is None:
                self._thread = Thread(target=self._run, name="specql-watchdog", daemon=True)
                self._thread.start()
            elif self._deadline < self._wakes_at:
                self._condition.notify_all()
        try:
            yield
        finally:
            with self._condition:
                self._deadline = inf

    def close(self) -> None:
        """Ends the watching; it may be called twice, and from any thread."""
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
                # It wakes at a deadline that may be over by then, and looks for the next one.
                self._wakes_at = self._deadline
                self._condition.wait(None if left == inf else left)
                self._wakes_at = -inf
