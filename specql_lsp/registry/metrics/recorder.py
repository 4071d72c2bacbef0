"""How the registry performs: durations, failures, slow operations, cache and fallbacks. Safe from any thread.

It keeps numbers in bounded windows and never holds SQL, names or URLs.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from time import perf_counter
from typing import Any, NamedTuple

from specql_lsp.logs import fields
from specql_lsp.registry.metrics.durations import Durations, rounded
from specql_lsp.registry.metrics.statement_timings import StatementTimings
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.serialization import timestamp

logger = logging.getLogger(__name__)

KEPT_SLOW_QUERIES = 100
KEPT_FALLBACKS = 20


class _Slow(NamedTuple):
    operation: str
    ms: float
    at: datetime
    statement: str | None


class _Fallback(NamedTuple):
    reason: str
    at: datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Metrics:
    """The counters of one registry, since it was opened.

    Args:
        slow_ms: an operation that takes longer counts as slow, and is logged (``registry.slowQueryMs``).
        statements: the timings of the source that the operations use; None: of a source of this registry's own.
        now: the time of day (UTC).
        seconds: a clock that only goes forward.
    """

    def __init__(
        self,
        slow_ms: float = 100.0,
        *,
        statements: StatementTimings | None = None,
        now: Callable[[], datetime] = _utc_now,
        seconds: Callable[[], float] = perf_counter,
    ) -> None:
        self.statements = statements or StatementTimings(slow_ms, seconds=seconds)
        self._slow_ms = slow_ms
        self._now = now
        self._seconds = seconds
        self._lock = Lock()
        self._since = now()
        self._operations = Durations(slow_ms)
        self._slow: deque[_Slow] = deque(maxlen=KEPT_SLOW_QUERIES)
        self._hits = 0
        self._misses = 0
        self._fallback_count = 0
        self._fallbacks: deque[_Fallback] = deque(maxlen=KEPT_FALLBACKS)

    @contextmanager
    def timed(self, operation: str, *, uncounted: type[Exception] | tuple[()] = ()) -> Iterator[None]:
        """Times the body; an exception counts as a failure, except a refusal, which is an answer.

        Args:
            operation: the name under which it is counted.
            uncounted: an exception that says that there was nothing to be done, so that nothing is counted.
        """
        with self.statements.watched() as slowest:
            start = self._seconds()
            is_counted, failed = True, False
            try:
                yield
            except uncounted:
                is_counted = False
                raise
            except Refused:
                raise
            except BaseException:
                failed = True
                raise
            finally:
                if is_counted:
                    ms = (self._seconds() - start) * 1000
                    self.record(operation, ms, failed=failed, statement=slowest.name)

    def record(self, operation: str, ms: float, *, failed: bool = False, statement: str | None = None) -> None:
        """Counts one operation, and logs it when it was slow.

        Args:
            operation: its name.
            ms: how many milliseconds it took.
            failed: whether it came to nothing.
            statement: the slowest of its statements, where it had any.
        """
        with self._lock:
            is_slow = self._operations.add(operation, ms, failed=failed)
            if is_slow:
                self._slow.append(_Slow(operation, ms, self._now(), statement))
        if is_slow:
            logger.warning(
                "%s took %.0f ms; more than %g ms count as slow.",
                operation,
                ms,
                self._slow_ms,
                extra=fields(
                    event="slow_query",
                    operation=operation,
                    statement=statement,
                    ms=rounded(ms),
                    failed=failed or None,
                ),
            )

    def cache_hit(self) -> None:
        """Counts a question answered from the snapshot in memory."""
        self._hits += 1  # Without the lock: every request counts a hit, and a lost count does no harm.

    def cache_miss(self) -> None:
        """Counts a question for which a source had to be read, or nothing could be read."""
        with self._lock:
            self._misses += 1

    def fallback(self, reason: str) -> None:
        """Counts that answers began to come from less than the first choice; ``reason`` is the user's sentence."""
        with self._lock:
            self._fallback_count += 1
            self._fallbacks.append(_Fallback(reason, self._now()))

    def report(self) -> dict[str, Any]:
        """The result of ``specql.performanceReport``; rates are fractions from 0 to 1, times are milliseconds.

        The totals are over the operations; ``byStatement`` says where their time went.
        """
        with self._lock:
            asked = self._hits + self._misses
            return {
                "since": timestamp(self._since),
                **self._operations.total(),
                "slowQueries": [_slow_to_json(slow) for slow in self._slow],
                "byOperation": self._operations.by_name(),
                "byStatement": self.statements.report(),
                "cache": {
                    "hits": self._hits,
                    "misses": self._misses,
                    "hitRate": round(self._hits / asked, 4) if asked else 0.0,
                },
                "fallbacks": self._fallback_count,
                "fallbackReasons": [{"reason": f.reason, "at": timestamp(f.at)} for f in self._fallbacks],
            }


def _slow_to_json(slow: _Slow) -> dict[str, Any]:
    shown: dict[str, Any] = {"operation": slow.operation, "ms": rounded(slow.ms), "at": timestamp(slow.at)}
    return shown if slow.statement is None else {**shown, "statement": slow.statement}
