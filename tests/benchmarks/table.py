"""What is measured, as rows of one table."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEADINGS = ("what", "reference, this run", "ours", "ratio", "goal", "met?")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``met`` None: measured for information, without a goal."""

    what: str
    reference: str = "-"
    ours: str = "-"
    ratio: float | None = None
    goal: str = "-"
    met: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of the line."""
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        met = {None: "", True: "yes", False: "NO"}[self.met]
        return (self.what, self.reference, self.ours, ratio, self.goal, met)


def table(rows: Iterable[Row]) -> str:
    """The rows with their headings, in columns."""
    lines = [HEADINGS, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def median(seconds: Sequence[float]) -> float:
    """The middle of some times."""
    return statistics.median(seconds)


def p95(seconds: Sequence[float]) -> float:
    """The time that 95 of 100 do not exceed (the nearest one that was measured)."""
    return sorted(seconds)[math.ceil(len(seconds) * 0.95) - 1]


def ms(seconds: float) -> str:
    """A time in milliseconds, with three digits that count."""
    value = seconds * 1000
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def both(seconds: Sequence[float]) -> str:
    """Median and 95th percentile."""
    return f"{ms(median(seconds))} (p95 {ms(p95(seconds))})"


def spread(seconds: Sequence[float]) -> str:
    """Median, and the fastest and slowest."""
    return f"{ms(median(seconds))} ({ms(min(seconds))} to {ms(max(seconds))})"
