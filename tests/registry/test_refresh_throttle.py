"""When changes are read: spread among editors, at once now and then, held apart while they come in a row."""

from __future__ import annotations

from math import inf

import pytest

from specql_lsp.registry.service.refresh_throttle import (
    BURST_CHANGES,
    LOAD_SHARE,
    LONGEST_INTERVAL_SECONDS,
    SPREAD_SECONDS,
    RefreshThrottle,
)


def test_a_change_is_read_soon_and_at_different_times() -> None:
    chances = iter((0.0, 0.5, 1.0))
    throttle = RefreshThrottle(lambda: next(chances))
    assert [throttle.delay(100.0) for _ in range(3)] == [0.0, SPREAD_SECONDS / 2, SPREAD_SECONDS]


def test_changes_now_and_then_are_read_at_once_however_large_the_registry() -> None:
    throttle = RefreshThrottle(lambda: 0.0)
    for change in range(100):
        now = 100 + 0.4 * change
        assert throttle.delay(now) == 0.0
        throttle.read(began=now, took=0.1)


@pytest.mark.parametrize("took", [0.0005, 0.004, 0.05, 5.0])
def test_while_changes_come_in_a_row_readings_take_a_small_part_of_the_time(took: float) -> None:
    throttle = RefreshThrottle(lambda: 0.0)
    due, readings = inf, 0
    for moment in range(30_000):  # a change in each millisecond
        now = 100 + moment / 1000
        due = min(due, now + throttle.delay(now))
        if now >= due:
            throttle.read(began=now, took=took)
            due, readings = inf, readings + 1
    assert readings <= BURST_CHANGES + 30 / min(took / LOAD_SHARE, LONGEST_INTERVAL_SECONDS)
    assert readings >= 30 / (min(took / LOAD_SHARE, LONGEST_INTERVAL_SECONDS) + 0.002) - 1


def test_a_change_is_seen_within_a_second_however_long_a_reading_takes() -> None:
    throttle = RefreshThrottle(lambda: 1.0)
    throttle.read(began=100.0, took=50.0)
    assert max(throttle.delay(100.0) for _ in range(10)) == pytest.approx(LONGEST_INTERVAL_SECONDS + SPREAD_SECONDS)
    assert LONGEST_INTERVAL_SECONDS + SPREAD_SECONDS < 1
