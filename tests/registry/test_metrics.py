"""The performance report: counts, percentiles, statements, slow operations, cache, fallbacks; from several threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.metrics.durations import WINDOW, percentile
from specql_lsp.registry.metrics.recorder import KEPT_SLOW_QUERIES, Metrics
from specql_lsp.registry.metrics.statement_timings import StatementTimings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql import session
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.patience import FOREVER, PATIENCE, until
from tests.support.ports import own_port, silent_server
from tests.support.registries import small_registry

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
        "byStatement": {},
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


# --- statements -------------------------------------------------------------------------------------------


def _tracked(clock: list[float]) -> Metrics:
    """Metrics whose clock stands still until a test moves it; the only element is in seconds."""
    return Metrics(100, now=lambda: _AT, seconds=lambda: clock[0])


def test_a_slow_operation_names_its_slowest_statement(caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    metrics = _tracked(clock)

    def statement(name: str, seconds: float) -> None:
        with metrics.statements.timed(name):
            clock[0] += seconds

    with metrics.timed("registry.allocate"):
        statement("ping", 0.01)
        statement("allocate_look", 0.3)
        statement("allocate_write", 0.02)
    with metrics.timed("registry.load_yaml"):
        clock[0] += 0.2
    with metrics.timed("registry.load"):
        statement("load", 0.09)
    statement("load", 0.05)
    with metrics.timed("registry.load"):
        clock[0] += 0.5
    report = metrics.report()
    slow = [(s["operation"], s["ms"], s.get("statement")) for s in report["slowQueries"]]
    assert slow == [
        ("registry.allocate", 330, "allocate_look"),
        ("registry.load_yaml", 200, None),
        ("registry.load", 500, None),
    ]
    statements = report["byStatement"]
    assert {name: (s["queries"], s["slow"], s["maxMs"]) for name, s in statements.items()} == {
        "ping": (1, 0, 10),
        "allocate_look": (1, 1, 300),
        "allocate_write": (1, 0, 20),
        "load": (2, 0, 90),
    }
    assert set(statements["load"]) == set(report["byOperation"]["registry.load"])
    assert (report["queries"], report["slow"]) == (4, 3), "the totals are of operations only"
    logged = [record.__dict__["fields"] for record in caplog.records]
    assert logged[0] == {
        "event": "slow_query",
        "operation": "registry.allocate",
        "statement": "allocate_look",
        "ms": 330.0,
        "failed": None,
    }
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 3


def test_an_operation_within_another_gives_it_its_slowest_statement() -> None:
    clock = [0.0]
    metrics = _tracked(clock)
    with metrics.timed("outer"):
        with metrics.statements.timed("ping"):
            clock[0] += 0.01
        with metrics.timed("inner"), metrics.statements.timed("load"):
            clock[0] += 0.2
        with metrics.timed("nothing"):
            pass
    assert [s["statement"] for s in metrics.report()["slowQueries"]] == ["load", "load"]


def test_registries_of_one_source_see_its_statements_and_their_own_operations() -> None:
    timings = StatementTimings()
    one, other = Metrics(0, statements=timings), Metrics(0, statements=timings)  # everything is slow
    at_once = threading.Barrier(2, timeout=PATIENCE)

    def work(metrics: Metrics, operation: str, statement: str) -> None:
        with metrics.timed(operation):
            timings.record(statement, 200 if metrics is one else 100)
            at_once.wait()
            timings.record("commit", 1)
            at_once.wait()

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(work, one, "load", "load"), pool.submit(work, other, "allocate", "allocate_look")]
    assert [future.result() for future in done] == [None, None]
    assert one.report()["byStatement"] == other.report()["byStatement"]
    assert set(one.report()["byStatement"]) == {"load", "allocate_look", "commit"}
    assert (set(one.report()["byOperation"]), set(other.report()["byOperation"])) == ({"load"}, {"allocate"})
    # What another thread ran meanwhile is not this one's.
    assert [s["statement"] for s in one.report()["slowQueries"]] == ["load"]
    assert [s["statement"] for s in other.report()["slowQueries"]] == ["allocate_look"]


def test_many_statements_are_kept_in_little_memory() -> None:
    timings = StatementTimings()
    for _ in range(2 * WINDOW):
        timings.record("load", 1)
    assert len(timings._durations._tallies["load"].window) == WINDOW
    assert timings.report()["load"]["queries"] == 2 * WINDOW


# --- the statements of a real server ------------------------------------------------------------------------


@contextmanager
def _source(url: str, **settings: Any) -> Iterator[tuple[PostgresqlSource, StatementTimings]]:
    chosen = RegistrySettings(database_url=url, **{"connect_timeout_seconds": PATIENCE, **settings})
    timings = StatementTimings(chosen.slow_query_ms)
    source = PostgresqlSource(chosen, timings)
    try:
        yield source, timings
    finally:
        source.close()


def _counts(timings: StatementTimings) -> dict[str, tuple[int, int]]:
    """How many there were of each statement, and how many of them failed."""
    return {name: (s["queries"], s["failed"]) for name, s in timings.report().items()}


def test_every_exchange_is_timed_by_its_query(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "FRESH_SECONDS", FOREVER)
    with _source(database_url) as (source, timings):
        migrate(small_registry(), source)
        before = _counts(timings)
        assert {"connect", "lock_all", "load", "add_domain", "commit"} <= set(before)
        assert all(failed == 0 for _, failed in before.values())
        source.load()
        with monkeypatch.context() as idle:  # a connection that was idle for a while is asked first whether it lives
            idle.setattr(session, "FRESH_SECONDS", 0.0)
            source.allocate(AllocationRequest("Partner", "crm", "customer"), Rules())
        source.allocate(AllocationRequest("Partner", "crm", "customer"), Rules())
        after = _counts(timings)
        new = {name: after[name][0] - before.get(name, (0, 0))[0] for name in after}
        assert {name: count for name, count in new.items() if count} == {
            "probe": 1,
            "load": 1,
            "commit": 1,
            "ping": 1,
            "allocate_look": 2,
            "allocate_write": 1,
            "rollback": 1,
        }
        assert timings.report()["allocate_look"]["p50Ms"] > 0


def test_a_statement_past_its_timeout_and_one_refused_a_lock_are_failures(database_url: str) -> None:
    with _source(database_url) as (source, _):
        migrate(small_registry(), source)
    with _source(database_url, statement_timeout_ms=2000, lock_timeout_ms=90_000, slow_query_ms=1900) as made:
        source, timings = made
        with psycopg.connect(database_url) as other:
            other.execute("LOCK TABLE specql_registry.tb_subdomain")
            with pytest.raises(SourceUnavailableError):
                source.load()
        failed = timings.report()["load"]
        assert (failed["failed"], failed["slow"]) == (1, 1)
        assert failed["maxMs"] >= 2000
    with _source(database_url, lock_timeout_ms=200) as (source, timings):
        with psycopg.connect(database_url) as other:
            other.execute("SELECT FROM specql_registry.tb_subdomain FOR UPDATE")
            with pytest.raises(SourceUnavailableError):
                source.allocate(AllocationRequest("Partner", "crm", "customer"), Rules())
        look = timings.report()["allocate_look"]
        assert look["failed"] >= 1
        assert look["maxMs"] >= 200
        assert look["successRate"] < 1
        source.load()
        assert timings.report()["probe"]["failed"] == 0


def test_a_statement_lost_with_its_connection_is_a_failure(database_url: str) -> None:
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with _source(database_url) as (source, timings), psycopg.connect(database_url, autocommit=True) as other:
        source.load()
        with psycopg.connect(database_url) as holder, ThreadPoolExecutor() as pool:
            holder.execute("LOCK TABLE specql_registry.tb_domain")
            loading = pool.submit(source.load)
            other.execute("SELECT pg_terminate_backend(%s)", until(lambda: other.execute(waiting).fetchone()))
            until(lambda: _counts(timings)["connect"] == (2, 0))
            holder.rollback()
            loading.result(PATIENCE)  # done again on a new connection
        assert _counts(timings)["load"] == (3, 1)


def test_a_connection_that_is_refused_or_never_comes_is_a_failure() -> None:
    with _source(f"postgresql://u@127.0.0.1:{own_port()}/d") as (source, timings):
        with pytest.raises(SourceUnavailableError):
            source.load()
        assert _counts(timings) == {"connect": (1, 1)}
    with silent_server() as port, _source(f"postgresql://u@127.0.0.1:{port}/d", connect_timeout_seconds=0.3) as made:
        source, timings = made
        with pytest.raises(SourceUnavailableError):
            source.load()
        assert _counts(timings) == {"connect": (1, 1)}
        assert timings.report()["connect"]["maxMs"] >= 300
