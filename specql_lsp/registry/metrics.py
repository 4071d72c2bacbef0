"""How the registry performs: durations, failures, slow operations, cache and fallbacks. Safe from any thread.

It keeps numbers in bounded windows and never holds SQL, names or URLs.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from time import perf_counter
from typing import Any

from specql_lsp.registry.model import Refused
from specql_lsp.registry.wire import timestamp

WINDOW = 1000
"""Percentiles are of this many last durations of an operation."""
KEPT_SLOW_QUERIES = 100
KEPT_FALLBACKS = 20


@dataclass(slots=True)
class _Operation:
    """What is known of the operations of one name; times in milliseconds."""

    count: int = 0
    failed: int = 0
    slow: int = 0
    total_ms: float = 0.0
    max_ms: float = 0.0
    window: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))


@dataclass(frozen=True, slots=True)
class _Slow:
    operation: str
    ms: float
    at: datetime


@dataclass(frozen=True, slots=True)
class _Fallback:
    reason: str
    at: datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Metrics:
    """The counters of one registry, since it was opened.

    Args:
        slow_ms: an operation that takes longer counts as slow (``registry.slowQueryMs``).
        now: the time of day (UTC).
        seconds: a clock that only goes forward.
    """

    def __init__(
        self,
        slow_ms: float = 100.0,
        *,
        now: Callable[[], datetime] = _utc_now,
        seconds: Callable[[], float] = perf_counter,
    ) -> None:
        self._slow_ms = slow_ms
        self._now = now
        self._seconds = seconds
        self._lock = Lock()
        self._since = now()
        self._operations: dict[str, _Operation] = {}
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
        start = self._seconds()
        failed = False
        try:
            yield
        except uncounted:
            start = math.inf
            raise
        except Refused:
            raise
        except BaseException:
            failed = True
            raise
        finally:
            if start < math.inf:
                self.record(operation, (self._seconds() - start) * 1000, failed=failed)

    def record(self, operation: str, ms: float, *, failed: bool = False) -> None:
        """Counts one operation that took ``ms`` milliseconds."""
        with self._lock:
            entry = self._operations.setdefault(operation, _Operation())
            entry.count += 1
            entry.failed += failed
            entry.total_ms += ms
            entry.max_ms = max(entry.max_ms, ms)
            entry.window.append(ms)
            if ms > self._slow_ms:
                entry.slow += 1
                self._slow.append(_Slow(operation, ms, self._now()))

    def cache_hit(self) -> None:
        """Counts a question answered from the snapshot in memory."""
        self._hits += 1  # Not under the lock: it is on the way of every request, and a lost count does no harm.

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
        """The result of ``specql.performanceReport``; rates are fractions from 0 to 1, times are milliseconds."""
        with self._lock:
            operations = list(self._operations.values())
            window = [ms for entry in operations for ms in entry.window]
            asked = self._hits + self._misses
            return {
                "since": timestamp(self._since),
                **_summary(_total(operations), window),
                "slowQueries": [
                    {"operation": slow.operation, "ms": _rounded(slow.ms), "at": timestamp(slow.at)}
                    for slow in self._slow
                ],
                "byOperation": {
                    name: _summary(entry, list(entry.window)) for name, entry in sorted(self._operations.items())
                },
                "cache": {
                    "hits": self._hits,
                    "misses": self._misses,
                    "hitRate": round(self._hits / asked, 4) if asked else 0.0,
                },
                "fallbacks": self._fallback_count,
                "fallbackReasons": [{"reason": f.reason, "at": timestamp(f.at)} for f in self._fallbacks],
            }


def percentile(values: list[float], fraction: float) -> float:
    """The smallest value that at least ``fraction`` of the values do not exceed (nearest rank); 0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(math.ceil(fraction * len(ordered)), 1) - 1]


def _total(operations: list[_Operation]) -> _Operation:
    return _Operation(
        count=sum(entry.count for entry in operations),
        failed=sum(entry.failed for entry in operations),
        slow=sum(entry.slow for entry in operations),
        total_ms=sum(entry.total_ms for entry in operations),
        max_ms=max((entry.max_ms for entry in operations), default=0.0),
    )


def _summary(entry: _Operation, window: list[float]) -> dict[str, Any]:
    return {
        "queries": entry.count,
        "failed": entry.failed,
        "successRate": round((entry.count - entry.failed) / entry.count, 4) if entry.count else 1.0,
        "averageMs": _rounded(entry.total_ms / entry.count) if entry.count else 0.0,
        "p50Ms": _rounded(percentile(window, 0.5)),
        "p95Ms": _rounded(percentile(window, 0.95)),
        "maxMs": _rounded(entry.max_ms),
        "slow": entry.slow,
    }


def _rounded(ms: float) -> float:
    return round(ms, 3)
