"""From the process's start to the answer of ``initialize``."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.client import EMPTY, OURS, Client
from tests.benchmarks.data import SMALL
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, median, spread

GOAL = 1.15


def measure(setup: Setup) -> Iterator[Row]:
    """Empty and ours in turns, so that both meet the same noise."""
    folder = setup.workspace(SMALL)
    empty: list[float] = []
    ours: list[float] = []
    for repetition in range(setup.times(12, 10) + 1):
        for module, times in ((EMPTY, empty), (OURS, ours)) if repetition % 2 else ((OURS, ours), (EMPTY, empty)):
            with Client(module, folder) as client:
                seconds = client.initialize()
            if repetition:  # the first run reads the disk
                times.append(seconds)
    ratio = median(ours) / median(empty)
    yield Row(
        "spawn -> initialize answered", spread(empty), spread(ours), ratio, f"<= {GOAL} x empty server", ratio <= GOAL
    )
