"""How the registry performs, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from specql_lsp.cli.tables import Cell, Column, plain, table
from specql_lsp.cli.views.words import counted, moment

_SHOWN_SLOW = 10
"""So many of the last slow operations are listed; the JSON has them all."""


def tables(report: Mapping[str, Any], slow_ms: float) -> str:
    """The report of ``specql.performanceReport`` as text.

    Args:
        report: as ``Metrics.report`` gives it.
        slow_ms: from how many milliseconds on an operation counts as slow.
    """
    parts = [_summaries("OPERATION", report["byOperation"], report)]
    if report.get("byStatement"):
        parts.append(_summaries("STATEMENT", report["byStatement"], None))
    parts.append(_slow(report, slow_ms))
    cache = report["cache"]
    asked = cache["hits"] + cache["misses"]
    rate = f" ({_percent(cache['hitRate'])})" if asked else ""
    parts.append(f"Cache: {cache['hits']:,} of {counted(asked, 'question')} answered from memory{rate}.")
    fallbacks = report["fallbacks"]
    reasons = "".join(f"\n  {_at(f['at'])}  {plain(f['reason'])}" for f in report.get("fallbackReasons", ()))
    parts.append(f"Fallbacks: {fallbacks:,}{':' + reasons if reasons else '.'}")
    return "\n\n".join(parts)


def _summaries(title: str, by_name: Mapping[str, Mapping[str, Any]], total: Mapping[str, Any] | None) -> str:
    numbers = ("COUNT", "FAILED", "SUCCESS", "AVERAGE", "P50", "P95", "MAX", "SLOW")
    columns = (Column(title), *(Column(number, numeric=True) for number in numbers))
    rows = [_row(name, summary) for name, summary in by_name.items()]
    if total is not None and len(by_name) > 1:
        rows.append(_row("all", total))
    return table(columns, rows, None)


def _row(name: str, summary: Mapping[str, Any]) -> tuple[str | Cell, ...]:
    failed, slow = summary["failed"], summary["slow"]
    return (
        name,
        f"{summary['queries']:,}",
        Cell(f"{failed:,}", "red" if failed else None),
        _percent(summary["successRate"]),
        *(f"{summary[key]:,.1f} ms" for key in ("averageMs", "p50Ms", "p95Ms", "maxMs")),
        Cell(f"{slow:,}", "yellow" if slow else None),
    )


def _slow(report: Mapping[str, Any], slow_ms: float) -> str:
    slow = report["slowQueries"]
    limit = f"{slow_ms:g} ms"
    if not slow:
        return f"Slow: none took longer than {limit}."
    shown = slow[-_SHOWN_SLOW:]
    omitted = f", the last {len(shown)} of them" if len(shown) < report["slow"] else ""
    lines = [f"Slow: {report['slow']:,} took longer than {limit}{omitted}:"]
    lines += [f"  {_at(each['at'])}  {each['ms']:,.1f} ms  {each['operation']}" for each in shown]
    return "\n".join(lines)


def _at(timestamp: str) -> str:
    return moment(datetime.fromisoformat(timestamp))


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.4g} %"
