"""What is measured, as rows of one table, and the figures of an earlier commit beside."""

from __future__ import annotations

import json
import math
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HEADINGS = ("what", "before", "reference, this run", "ours", "ratio", "goal", "met?")
BEFORE = Path(__file__).with_name("before.json")
"""The figures of the commit that it names, written by ``--save`` on a machine that did nothing else."""


_SPREAD = re.compile(r" \([^()]*\bto [^()]*\)")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``met`` None: measured for information, without a goal.

    ``what`` is the same in every run: the figures of another commit are found by it. ``note`` is what differs.
    """

    what: str
    reference: str = "-"
    ours: str = "-"
    ratio: float | None = None
    goal: str = "-"
    met: bool | None = None
    note: str = ""

    def cells(self, before: Mapping[str, str]) -> tuple[str, ...]:
        """The texts of the line.

        Args:
            before: the figures of another commit, by ``what``.
        """
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        met = {None: "", True: "yes", False: "NO"}[self.met]
        what = f"{self.what}, {self.note}" if self.note else self.what
        return (what, before.get(self.what.strip(), "-"), self.reference, self.ours, ratio, self.goal, met)

    @property
    def figure(self) -> str:
        """Our figure without its spread, and its ratio to the reference."""
        ours = _SPREAD.sub("", self.ours)
        return ours if self.ratio is None else f"{ours}; {self.ratio:.2f}"


def table(rows: Iterable[Row]) -> str:
    """The rows with their headings, in columns."""
    before: dict[str, str] = json.loads(BEFORE.read_text())["figures"] if BEFORE.exists() else {}
    lines = [HEADINGS, *(row.cells(before) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def save(rows: Iterable[Row], path: Path, commit: str, machine: str) -> None:
    """Writes the figures of a run to a file; those of rows that were not measured stay as they are in it."""
    old = json.loads(path.read_text())["figures"] if path.exists() else {}
    figures = {**old, **{row.what.strip(): row.figure for row in rows}}
    path.write_text(json.dumps({"commit": commit, "machine": machine, "figures": figures}, indent=2) + "\n")


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
