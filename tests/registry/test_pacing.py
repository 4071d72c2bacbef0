"""When notified changes are read: spread among editors, merged in bursts, seldom where reading takes long."""

from __future__ import annotations

import pytest

from specql_lsp.registry.pacing import LONGEST_INTERVAL, SHARE, SPREAD_SECONDS, Pacer


def test_a_change_is_read_soon_and_at_different_times() -> None:
    chances = iter((0.0, 0.5, 1.0))
    pacer = Pacer(lambda: next(chances))
    assert [pacer.delay(100.0) for _ in range(3)] == [0.0, SPREAD_SECONDS / 2, SPREAD_SECONDS]


def test_changes_now_and_then_are_read_at_once_however_large_the_registry() -> None:
    pacer = Pacer(lambda: 0.0)
    for second in range(100, 160):
        pacer.read(began=float(second), took=0.08)
        assert pacer.delay(second + 0.1) == 0.0


@pytest.mark.parametrize("took", [0.004, 0.05, 5.0])
def test_while_changes_keep_coming_readings_take_a_small_part_of_the_time(took: float) -> None:
    pacer = Pacer(lambda: 0.0)
    now, readings = 100.0, 0
    while now < 130.0:
        pacer.read(began=now, took=took)
        readings += 1
        now += max(pacer.delay(now + 0.001), 0.001)
    at_once = 0.3 / took + 0.1 * 30 / took  # by credit
    held_back = 30 / min(took / SHARE, LONGEST_INTERVAL)
    assert readings <= at_once + held_back + 1


def test_a_change_is_seen_within_a_second_however_long_a_reading_takes() -> None:
    pacer = Pacer(lambda: 1.0)
    pacer.read(began=100.0, took=50.0)
    assert pacer.delay(100.0) == pytest.approx(LONGEST_INTERVAL + SPREAD_SECONDS)
    assert LONGEST_INTERVAL + SPREAD_SECONDS < 1
