"""How soon a change is read: soon after it, but never so often that reading becomes a load.

Every editor of a team hears of a change in the same moment. Each waits a little, by chance, so that they do not all ask
the database together. While changes come in a row, readings are held apart, the longer each takes, because the registry
is large or the database busy. Either way a change is seen within a second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf
from random import random
from threading import Lock

SPREAD_SECONDS = 0.1
"""Up to so long a reading is put off by chance; changes that come meanwhile are read with it."""
ROW = 4
ROW_SECONDS = 1.0
"""So many changes within so long come in a row."""
SHARE = 0.02
"""The part of the time that readings may take while changes come in a row."""
LONGEST_INTERVAL = 0.6
"""So far apart readings begin at most, however long they take."""


class Pacer:
    """Says when to read. Safe from any thread.

    Args:
        chance: gives a number from 0 to 1.
    """

    def __init__(self, chance: Callable[[], float] = random) -> None:
        self._chance = chance
        self._lock = Lock()
        self._changes = deque([-inf] * ROW, maxlen=ROW)
        self._earliest = 0.0
        self._spare = -inf

    def delay(self, now: float) -> float:
        """The seconds from ``now`` (of a clock that only goes forward) until a change that all are told of is read."""
        return self.pause(now) + SPREAD_SECONDS * self._chance()

    def pause(self, now: float) -> float:
        """The seconds until a change that nobody else is told of is read."""
        with self._lock:
            self._changes.append(now)
            come_in_a_row = now - self._changes[0] < ROW_SECONDS
            return max(self._earliest - now, 0.0) if come_in_a_row else 0.0

    def spare(self, now: float) -> float:
        """The seconds until a reading that is not known to find anything: such readings never exceed their share."""
        with self._lock:
            return max(self._spare - now, SPREAD_SECONDS)

    def read(self, began: float, took: float) -> None:
        """Says when a reading began, and how many seconds it took."""
        with self._lock:
            self._earliest = began + min(took / SHARE, LONGEST_INTERVAL)
            self._spare = began + took / SHARE
