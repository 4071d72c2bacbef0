"""When notified changes are read: spread among editors, merged in bursts, seldom where reading takes long."""

from __future__ import annotations

from specql_lsp.registry.pacing import LONGEST_INTERVAL, SHARE, SPREAD_SECONDS, Pacer


def test_a_change_is_read_soon_and_at_different_times() -> None:
    chances = iter((0.0, 0.5, 1.0))
    pacer = Pacer(lambda: next(chances))
    assert [pacer.delay(100.0) for _ in range(3)] == [0.0, SPREAD_SECONDS / 2, SPREAD_SECONDS]


def test_readings_take_a_small_part_of_the_time() -> None:
    pacer = Pacer(lambda: 0.0)
    pacer.read(began=100.0, took=0.004)
    assert round(pacer.delay(100.01), 6) == round(0.004 / SHARE - 0.01, 6)
    assert pacer.delay(100.3) == 0.0


def test_a_change_is_seen_within_a_second_however_long_a_reading_takes() -> None:
    pacer = Pacer(lambda: 1.0)
    pacer.read(began=100.0, took=5.0)
    assert round(pacer.delay(100.0), 6) == round(LONGEST_INTERVAL + SPREAD_SECONDS, 6)
    assert LONGEST_INTERVAL + SPREAD_SECONDS < 1
