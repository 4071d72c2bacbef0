"""Durations counted by name: how many, how many failed or were slow, average, percentiles. Pure data, no locks.

It keeps numbers in bounded windows; the names are the caller's, who has only a handful.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

WINDOW = 1000
"""Percentiles are of this many last durations of a name."""


@dataclass(slots=True)
class _Tally:
    """What is known of one name; times in milliseconds."""

    count: int = 0
    failed: int = 0
    slow: int = 0
    total_ms: float = 0.0
    max_ms: float = 0.0
    window: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))


class Durations:
    """Durations by name. Not thread-safe: threads that share one must hold a lock.

    Args:
        slow_ms: what takes longer counts as slow (``registry.slowQueryMs``).
    """

    def __init__(self, slow_ms: float) -> None:
        self._slow_ms = slow_ms
        self._tallies: dict[str, _Tally] = {}

    def add(self, name: str, ms: float, *, failed: bool) -> bool:
        """Counts what took ``ms`` milliseconds; whether that was slow."""
        tally = self._tallies.get(name)
        if tally is None:
            tally = self._tallies[name] = _Tally()
        is_slow = ms > self._slow_ms
        tally.count += 1
        tally.failed += failed
        tally.slow += is_slow
        tally.total_ms += ms
        if ms > tally.max_ms:
            tally.max_ms = ms
        tally.window.append(ms)
        return is_slow

    def total(self) -> dict[str, Any]:
        """Everything as if it had one name, in the shape of ``by_name``'s values."""
        return _summary(list(self._tallies.values()))

    def by_name(self) -> dict[str, dict[str, Any]]:
        """Each name's numbers as JSON, by name; rates are fractions from 0 to 1, times are milliseconds."""
        return {name: _summary([tally]) for name, tally in sorted(self._tallies.items())}


def percentile(values: Iterable[float], fraction: float) -> float:
    """The smallest value that at least ``fraction`` of the values do not exceed (nearest rank); 0 of nothing."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[max(math.ceil(fraction * len(ordered)), 1) - 1]


def rounded(ms: float) -> float:
    """Milliseconds to the microsecond."""
    return round(ms, 3)


def _summary(tallies: list[_Tally]) -> dict[str, Any]:
    count = sum(tally.count for tally in tallies)
    failed = sum(tally.failed for tally in tallies)
    window = sorted(ms for tally in tallies for ms in tally.window)
    return {
        "queries": count,
        "failed": failed,
        "successRate": round((count - failed) / count, 4) if count else 1.0,
        "averageMs": rounded(sum(tally.total_ms for tally in tallies) / count) if count else 0.0,
        "p50Ms": rounded(percentile(window, 0.5)),
        "p95Ms": rounded(percentile(window, 0.95)),
        "maxMs": rounded(max((tally.max_ms for tally in tallies), default=0.0)),
        "slow": sum(tally.slow for tally in tallies),
    }
