"""How soon a notified change is read: soon after it, but never so often that reading becomes a load.

Every editor of a team hears of a change in the same moment. Each waits a little, by chance, so that they do not all ask
the database together. An editor that has not read much lately reads at once then; while changes keep coming, its
readings get further apart the longer each takes, because the registry is large or the database busy. Either way a
change is seen within a second.
"""

from __future__ import annotations

from collections.abc import Callable
from random import random
from threading import Lock

SPREAD_SECONDS = 0.1
"""Up to so long a reading is put off by chance; changes that come meanwhile are read with it."""
CREDIT_SECONDS = 0.3
"""So much time readings may take before they are held back; it comes back with time."""
CREDIT_SHARE = 0.1
"""The part of the time by which the credit comes back."""
SHARE = 0.02
"""The part of the time that readings may take while they are held back."""
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
        self._began = 0.0
        self._earliest = 0.0
        self._credit = CREDIT_SECONDS

    def delay(self, now: float) -> float:
        """The seconds from ``now`` (of a clock that only goes forward) until a change that all are told of is read."""
        return self.pause(now) + SPREAD_SECONDS * self._chance()

    def pause(self, now: float) -> float:
        """The seconds until a change that nobody else is told of is read."""
        with self._lock:
            return max(self._earliest - now, 0.0) if self._credit_at(now) < 0 else 0.0

    def read(self, began: float, took: float) -> None:
        """Says when a reading began, and how many seconds it took."""
        with self._lock:
            # However long one reading took, it is paid for soon.
            self._credit = max(self._credit_at(began) - took, -CREDIT_SECONDS)
            self._began = began
            self._earliest = began + min(took / SHARE, LONGEST_INTERVAL)

    def _credit_at(self, now: float) -> float:
        return min(self._credit + CREDIT_SHARE * (now - self._began), CREDIT_SECONDS)
