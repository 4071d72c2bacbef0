"""Leases and clocks that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from specql_lsp.registry.leases.model import HeldLease, Moment
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.registry.leases.support import (
    DAY,
    Clocks,
    keeper,
    lease,
    request,
)


@pytest.mark.parametrize(
    ("change", "usable"),
    [
        (lambda clocks: clocks.sleep(6.8 * DAY), True),
        (lambda clocks: clocks.sleep(6.9 * DAY), False),  # the margin
        (lambda clocks: setattr(clocks, "wall", clocks.wall - 30 * DAY), True),  # set back: the other clock counts
        (lambda clocks: (clocks.sleep(8 * DAY), setattr(clocks, "wall", 1_000_000.0)), False),
        (lambda clocks: setattr(clocks, "wall", clocks.wall + 8 * DAY), False),  # set forward: the longest counts
        (lambda clocks: (clocks.sleep(DAY), setattr(clocks, "boot", "two")), True),
        (lambda clocks: (clocks.sleep(8 * DAY), setattr(clocks, "boot", "two")), False),
        (lambda clocks: (setattr(clocks, "boot", "two"), setattr(clocks, "wall", 999_999.0)), False),
        (lambda clocks: (setattr(clocks, "boot", ""), setattr(clocks, "running", 0.0)), True),
    ],
)
def test_a_holder_stops_before_the_server_does(
    source: PostgresqlSource, tmp_path: Path, change: Callable[[Clocks], object], usable: bool
) -> None:
    clocks = Clocks()
    anna = keeper(tmp_path, clocks)
    lease(anna, source)
    change(clocks)
    taken = anna.take(source.load(), request("Partner"))
    assert (taken is not None) is usable
    assert (len(anna.usable()) > 0) is usable


def test_a_clock_that_is_set_back_and_started_again_is_not_believed(source: PostgresqlSource, tmp_path: Path) -> None:
    clocks = Clocks()
    anna = keeper(tmp_path, clocks)
    lease(anna, source)
    clocks.sleep(5 * DAY)
    assert anna.take(source.load(), request("Partner")) is not None
    clocks.boot, clocks.wall = "two", 1_000_000.0 + DAY
    assert anna.usable() == () and anna.take(source.load(), request("Other")) is None
    anna.list(source)  # PostgreSQL says how long they last
    assert anna.take(source.load(), request("Other")) is not None


def test_the_length_of_a_lease_is_counted_from_before_it_was_asked_for() -> None:
    held = HeldLease("012033", "2", "03", 100.0, Moment(0, "one", 0))
    assert held.usable_seconds == 40.0
    assert HeldLease("012033", "2", "03", 30.0, Moment(0, "one", 0)).is_usable(Moment(0, "one", 0), 0) is False
