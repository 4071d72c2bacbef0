"""Growing pauses between attempts to reach a server that is away."""

from __future__ import annotations

from collections.abc import Callable
from random import random

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0
JITTER = 0.1
"""How much longer a pause may get by chance, so that the editors of a team do not all knock at once."""


class Backoff:
    """Pauses of 1 s, 2, 4 … 60 s, each up to a tenth longer. For one thread."""

    def __init__(self, chance: Callable[[], float] = random) -> None:
        self._chance = chance
        self._next = FIRST_SECONDS

    def pause(self) -> float:
        """The seconds to wait before the next attempt."""
        pause = self._next * (1 + JITTER * self._chance())
        self._next = min(self._next * 2, LONGEST_SECONDS)
        return pause

    def reset(self) -> None:
        """Starts again at the shortest pause, after a success."""
        self._next = FIRST_SECONDS
