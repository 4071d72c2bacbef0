"""How often PostgreSQL's registry was read, as a performance report says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

READING = ("load", "changes_since")
"""The statements that read everything, and what has changed."""


def readings(report: Mapping[str, Any]) -> int:
    """The readings in the result of ``specql.performanceReport``."""
    by_statement = report["byStatement"]
    return sum(int(by_statement[name]["queries"]) for name in READING if name in by_statement)
