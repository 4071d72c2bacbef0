"""When a change of the database is read: soon after it, but reading never becomes a load on the database."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf
from random import random
from threading import Lock

SPREAD_SECONDS = 0.1
"""The longest random delay of a reading. Changes that arrive during it are read together."""
BURST_CHANGES = 4
BURST_SECONDS = 1.0
"""``BURST_CHANGES`` changes within ``BURST_SECONDS`` are a burst."""
LOAD_SHARE = 0.02
"""The fraction of the time, from 0 to 1, that readings may take during a burst."""
LONGEST_INTERVAL_SECONDS = 0.6
"""The longest time between the beginnings of two readings during a burst."""


class RefreshThrottle:
    """Computes when to read the primary source again. Safe from any thread.

    With ``d`` the duration of the last reading and ``b`` the time at which it began, a change at ``now`` is read at::

        outside a burst   now + jitter
        during a burst    max(now, b + min(d / LOAD_SHARE, LONGEST_INTERVAL_SECONDS)) + jitter

    ``jitter`` is random, from 0 to ``SPREAD_SECONDS``: a notification reaches every editor of a team at the same
    moment, and they must not all read at the same moment. A reading takes longer where the registry is large or the
    database is busy, and then readings are further apart. A change is always read within
    ``LONGEST_INTERVAL_SECONDS + SPREAD_SECONDS``, which is less than a second.

    A reading that may find nothing (``spare``) begins at ``max(now + SPREAD_SECONDS, b + d / LOAD_SHARE)``.

    Args:
        chance: returns a random number from 0 to 1.
    """

    def __init__(self, chance: Callable[[], float] = random) -> None:
        self._chance = chance
        self._lock = Lock()
        self._changes = deque([-inf] * BURST_CHANGES, maxlen=BURST_CHANGES)
        self._earliest = 0.0
        self._spare = -inf

    def delay(self, now: float) -> float:
        """Counts a change at ``now`` (monotonic seconds) and returns the seconds until it is to be read."""
        with self._lock:
            self._changes.append(now)
            is_burst = now - self._changes[0] < BURST_SECONDS
            pause = max(self._earliest - now, 0.0) if is_burst else 0.0
        return pause + self.spread()

    def spread(self) -> float:
        """A random part of ``SPREAD_SECONDS``."""
        return SPREAD_SECONDS * self._chance()

    def spare(self, now: float) -> float:
        """The seconds until a reading that may find nothing; these never exceed ``LOAD_SHARE`` of the time."""
        with self._lock:
            return max(self._spare - now, SPREAD_SECONDS)

    def read(self, began: float, took: float) -> None:
        """Records a reading: when it began (monotonic seconds), and how many seconds it took."""
        with self._lock:
            self._earliest = began + min(took / LOAD_SHARE, LONGEST_INTERVAL_SECONDS)
            self._spare = began + took / LOAD_SHARE
