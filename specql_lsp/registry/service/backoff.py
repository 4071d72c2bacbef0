"""Growing pauses between attempts to reach a server that does not answer."""

from __future__ import annotations

from collections.abc import Callable
from random import random

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0
JITTER = 0.1
"""The largest random extension of a pause, as a fraction: the editors of a team do not all reconnect at once."""


class Backoff:
    """Pauses of 1, 2, 4 … 60 seconds, each extended by a random jitter of up to 10 %. For one thread.

    Args:
        chance: returns a random number from 0 to 1.
    """

    def __init__(self, chance: Callable[[], float] = random) -> None:
        self._chance = chance
        self._next = FIRST_SECONDS

    def pause(self) -> float:
        """The seconds to wait before the next attempt; the pause after that is twice as long."""
        pause = self._next * (1 + JITTER * self._chance())
        self._next = min(self._next * 2, LONGEST_SECONDS)
        return pause

    def reset(self) -> None:
        """Returns to the shortest pause, after a success."""
        self._next = FIRST_SECONDS
