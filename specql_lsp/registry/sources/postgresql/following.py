"""Follows the registry's events: what has changed since a position, applied to rows that were read before. Pure.

The rows are read from the tables, the events only say which ones: what an event holds is never taken over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from specql_lsp.registry.sources.postgresql.rows import Row


class Position(NamedTuple):
    """Up to where a reader knows the registry."""

    snapshot: str
    """What ``pg_current_snapshot()`` gave: which transactions are known."""
    unrecorded: int
    """How many changes could not be recorded until then."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed since a position, as ``fn_changes_since`` gives it."""

    position: Position
    """Up to where the registry is known with them."""
    subdomains: frozenset[int] = frozenset()
    """The keys of subdomains that may have changed."""
    domains: frozenset[int] = frozenset()
    """The keys of domains that may have changed, with all their subdomains."""
    rows: tuple[Row, ...] = ()
    """Those of ``load.sql`` for all of these as they are now."""

    def applied(self, known: Sequence[Row]) -> list[Row]:
        """The registry's rows, from those before the changes."""
        kept = [row for row in known if row[6] not in self.subdomains and row[0] not in self.domains]
        return [*kept, *self.rows]


def changes_of(found: object, since: Position) -> Changes | None:
    """The changes since a position; None where the registry has to be read as a whole.

    Args:
        found: what ``fn_changes_since`` gave: JSON, which a database may have made of anything.
        since: the position that it was asked about.
    """
    try:
        return _changes(found, since)
    except (KeyError, TypeError, ValueError):
        return None


def _changes(found: Any, since: Position) -> Changes | None:
    snapshot = found["position"]
    if not isinstance(snapshot, str) or found["unrecorded"] != since.unrecorded or found.get("whole"):
        return None
    position = Position(snapshot, since.unrecorded)
    if "rows" not in found:
        return Changes(position)
    rows = tuple(_row(*columns) for columns in found["rows"])
    there = {row[6] for row in rows}
    if any(key is not None and key not in there for key in found["held"]):
        return None  # a row without a parent: what reads everything says so
    return Changes(
        position,
        frozenset(key for key in found["subdomains"] if key is not None),
        frozenset(key for key in found["domains"] if key is not None),
        rows,
    )


def _row(*columns: Any) -> Row:
    """A row of ``load.sql`` from one of ``fn_changes_since``, which has the entities one by one."""
    *header, entities = columns
    if len(header) != 11:
        raise ValueError("not the columns of a subdomain")
    if entities is None:
        return (*header, None, None, None)
    names, codes, sequences = zip(*entities, strict=True)
    return (*header, list(names), list(codes), list(sequences))
