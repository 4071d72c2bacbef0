"""Notices that an operation takes too long, without ending it: a timer whose alarm never comes after the operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock, Timer


class Watchdog:
    """Watches one operation at a time.

    Args:
        lock: held while ``on_late`` runs, and while a watch begins and ends; so an alarm is never half done.
        on_late: called on a timer's thread, with the seconds waited, while the operation still runs.
    """

    def __init__(self, lock: RLock, on_late: Callable[[float], None]) -> None:
        self._lock = lock
        self._on_late = on_late
        self._watched: object | None = None

    @contextmanager
    def watch(self, seconds: float) -> Iterator[None]:
        """Raises the alarm once, when the body takes longer than ``seconds``."""
        watched = object()

        def alarm() -> None:
            with self._lock:
                if self._watched is watched:
                    self._on_late(seconds)

        timer = Timer(seconds, alarm)
        timer.daemon = True
        with self._lock:
            self._watched = watched
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._lock:
                self._watched = None
