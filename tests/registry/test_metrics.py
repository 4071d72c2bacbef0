"""The performance report: counts, percentiles, slow operations, cache, fallbacks; from several threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from specql_lsp.registry.metrics import KEPT_SLOW_QUERIES, WINDOW, Metrics, percentile
from specql_lsp.registry.model import RefusalKind, Refused

_AT = datetime(2025, 11, 21, 15, 53, 37, tzinfo=UTC)


def _metrics(slow_ms: float = 100) -> Metrics:
    return Metrics(slow_ms, now=lambda: _AT)


def test_nothing_yet() -> None:
    assert _metrics().report() == {
        "since": "2025-11-21T15:53:37.000Z",
        "queries": 0,
        "failed": 0,
        "successRate": 1.0,
        "averageMs": 0.0,
        "p50Ms": 0.0,
        "p95Ms": 0.0,
        "maxMs": 0.0,
        "slow": 0,
        "slowQueries": [],
        "byOperation": {},
        "cache": {"hits": 0, "misses": 0, "hitRate": 0.0},
        "fallbacks": 0,
        "fallbackReasons": [],
    }


def test_durations_are_counted_by_operation() -> None:
    metrics = _metrics()
    for ms in range(1, 101):
        metrics.record("registry.load", ms)
    metrics.record("registry.allocate", 250, failed=True)
    report = metrics.report()
    assert (report["queries"], report["failed"], report["slow"]) == (101, 1, 1)
    assert report["successRate"] == pytest.approx(100 / 101, abs=1e-4)
    assert report["maxMs"] == 250
    assert report["slowQueries"] == [{"operation": "registry.allocate", "ms": 250, "at": "2025-11-21T15:53:37.000Z"}]
    load = report["byOperation"]["registry.load"]
    assert (load["queries"], load["p50Ms"], load["p95Ms"], load["maxMs"], load["averageMs"]) == (100, 50, 95, 100, 50.5)


def test_percentiles_are_of_the_last_durations() -> None:
    metrics = _metrics()
    for _ in range(WINDOW):
        metrics.record("x", 1000)
    for _ in range(WINDOW):
        metrics.record("x", 1)
    report = metrics.report()
    assert (report["p95Ms"], report["maxMs"], report["queries"]) == (1, 1000, 2 * WINDOW)
    assert len(report["slowQueries"]) == KEPT_SLOW_QUERIES


@pytest.mark.parametrize(("fraction", "expected"), [(0.5, 2), (0.95, 4), (0, 1), (1, 4)])
def test_percentile_by_nearest_rank(fraction: float, expected: float) -> None:
    assert percentile([4, 1, 3, 2], fraction) == expected


def test_a_failure_is_counted_and_a_refusal_is_an_answer() -> None:
    metrics = _metrics()
    with pytest.raises(OSError), metrics.timed("a"):
        raise OSError
    with pytest.raises(Refused), metrics.timed("a"):
        raise Refused(RefusalKind.CODE_TAKEN, "It is taken.")
    with pytest.raises(FileNotFoundError), metrics.timed("a", uncounted=FileNotFoundError):
        raise FileNotFoundError
    assert (metrics.report()["queries"], metrics.report()["failed"]) == (2, 1)


def test_cache_and_fallbacks() -> None:
    metrics = _metrics()
    for _ in range(3):
        metrics.cache_hit()
    metrics.cache_miss()
    metrics.fallback("PostgreSQL is away.")
    report = metrics.report()
    assert report["cache"] == {"hits": 3, "misses": 1, "hitRate": 0.75}
    assert report["fallbacks"] == 1
    assert report["fallbackReasons"] == [{"reason": "PostgreSQL is away.", "at": "2025-11-21T15:53:37.000Z"}]


def test_from_several_threads() -> None:
    metrics = _metrics()

    def work(_: int) -> None:
        for _ in range(500):
            with metrics.timed("x"):
                pass
            metrics.report()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert metrics.report()["queries"] == 2000
