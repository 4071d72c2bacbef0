"""How soon a notified change is read: at once where it is quiet, more seldom the longer others keep writing.

Every editor of a team hears of a change in the same moment. Each waits a little, by chance, so that they do not all ask
the database together; and while changes keep coming each reads only now and then, so that the load of many editors
does not grow with the writing. Either way a change is seen within a second.
"""

from __future__ import annotations

from collections.abc import Callable
from random import random
from threading import Lock

SPREAD_SECONDS = 0.1
"""Up to so long a reading is put off by chance; changes that come meanwhile are read with it."""
SHORTEST_INTERVAL = 0.1
LONGEST_INTERVAL = 0.6
"""So far apart readings are, at most, that begin while changes keep coming."""
QUIET_SECONDS = 2.0
"""After so long without a reading the next one is done at once again."""


class Pacer:
    """Says when to read. Safe from any thread.

    Args:
        chance: a number from 0 to 1.
    """

    def __init__(self, chance: Callable[[], float] = random) -> None:
        self._chance = chance
        self._lock = Lock()
        self._last = -QUIET_SECONDS
        self._interval = 0.0

    def delay(self, now: float) -> float:
        """The seconds from ``now`` (of a clock that only goes forward) until the change that is told now is read."""
        with self._lock:
            earliest = max(now, self._last + self._interval)
        return earliest - now + SPREAD_SECONDS * self._chance()

    def began(self, now: float) -> None:
        """Says that a reading begins."""
        with self._lock:
            if now - self._last < QUIET_SECONDS:
                self._interval = min(max(2 * self._interval, SHORTEST_INTERVAL), LONGEST_INTERVAL)
            else:
                self._interval = SHORTEST_INTERVAL
            self._last = now
