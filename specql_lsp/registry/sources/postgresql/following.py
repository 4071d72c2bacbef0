"""Follows the registry's events: what has changed since a position, applied to rows that were read before. Pure.

An event that does not fit what is known means that something was missed: then everything has to be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from specql_lsp.registry.leases.known import Leases, change
from specql_lsp.registry.sources.postgresql.rows import Row


class Position(NamedTuple):
    """Up to where a reader knows the registry."""

    snapshot: str
    """What ``pg_current_snapshot()`` gave: which transactions are known."""
    unrecorded: int
    """How many changes could not be recorded until then."""


class Followed(NamedTuple):
    """The registry after the events since a position."""

    position: Position
    """Up to where it is known."""
    rows: Sequence[Row]
    """Those of ``load.sql``; the very same where nothing has changed."""
    leases: Leases
    """The very same where nothing has changed; some may have ended."""
    at: datetime
    """By the server's clock."""


def followed(
    known: Sequence[Row], leases: Leases, since: Position, found: Sequence[tuple[Any, ...]]
) -> Followed | None:
    """The registry after what ``changes_since.sql`` gave; None where it has to be read as a whole.

    Args:
        known: the rows as they were at the position.
        leases: those that were known at the position.
        since: the position.
        found: the rows of ``changes_since.sql``, which a database may have made of anything.
    """
    try:
        snapshot, unrecorded, horizon, at, *_, xmin = found[0][:8]
        position = Position(snapshot, unrecorded)
        before, now = _bounds(since.snapshot), _bounds(snapshot)
        # A database that was restored, or a standby that took over, may know less than the position.
        if unrecorded != since.unrecorded or before.first <= _own_number(horizon, xmin) or now.next < before.next:
            return None
        events = [*_read([row[4:7] for row in found if row[4] is not None and _is_own(*row[8:])])]
        of_leases = [event for event in events if event[0] == _LEASES]
        rows = known if len(events) == len(of_leases) else _applied(known, events)
        return Followed(position, rows, _with_events(leases, of_leases) if of_leases else leases, at)
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError):
        return None


def _is_own(transaction: object, xmin: object) -> bool:
    """Whether a row was written in the transaction that it names, and not restored from another server's dump.

    Args:
        transaction: what it says.
        xmin: the transaction, or the part of it, that wrote the row: the same number or a later one, in 32 bits.
    """
    return (int(str(xmin)) - int(str(transaction))) % _XIDS < _XIDS // 2


def _own_number(transaction: object, xmin: object) -> int:
    """The number of the transaction that a row names; where it was restored, of the one that restored it."""
    return int(str(transaction if _is_own(transaction, xmin) else xmin))


def _read(events: Sequence[tuple[str, str | None, str | None]]) -> Iterable[_Event]:
    """Events whose rows are JSON texts, with those rows; all are read at once."""
    values = json.loads(f"[{','.join(text or 'null' for _, *texts in events for text in texts)}]")
    return zip((name for name, *_ in events), values[::2], values[1::2], strict=True)


class _Bounds(NamedTuple):
    first: int
    """The first transaction that is not known to have ended."""
    next: int
    """The first one that had not begun."""


def _bounds(snapshot: str) -> _Bounds:
    first, following, _ = snapshot.split(":")
    return _Bounds(int(first), int(following))


_DOMAIN = ("pk_domain", "domain_number", "domain_name", "description", "multi_tenant", "aliases")
_SUBDOMAIN = ("pk_subdomain", "subdomain_number", "subdomain_name", "description", "next_entity_sequence")
_XIDS = 2**32
"""PostgreSQL compares the short numbers of transactions in a circle of so many."""
_Values = Mapping[str, Any]
_Event = tuple[str, _Values | None, _Values | None]
"""The name of a table, and a row of it before and after a change."""


class _Tables:
    """What the rows of ``load.sql`` say of the three tables, to be changed. Raises ``KeyError`` where nothing fits."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.headers: dict[int, Row] = {}
        self.subdomains: dict[int, Row] = {}
        """Without the columns of the domain."""
        self.domain_of: dict[int, int] = {}
        for row in rows:
            self.headers[row[0]] = row[:6]
            if row[6] is not None:
                self.subdomains[row[6]] = row[6:]
                self.domain_of[row[6]] = row[0]

    def change_domain(self, before: _Values | None, after: _Values | None) -> None:
        """Applies an event of ``tb_domain``."""
        if before is not None:
            del self.headers[before["pk_domain"]]
        if after is not None:
            _put(self.headers, after["pk_domain"], tuple(after[column] for column in _DOMAIN))

    def change_subdomain(self, before: _Values | None, after: _Values | None) -> None:
        """Applies an event of ``tb_subdomain``; what is in the subdomain goes with its key."""
        held: Row = (None, None, None)
        if before is not None:
            held = self.subdomains.pop(before["pk_subdomain"])[5:]
            del self.domain_of[before["pk_subdomain"]]
        if after is not None:
            _put(self.subdomains, after["pk_subdomain"], (*(after[column] for column in _SUBDOMAIN), *held))
            self.domain_of[after["pk_subdomain"]] = after["fk_domain"]

    def change_entity(self, before: _Values | None, after: _Values | None) -> None:
        """Applies an event of ``tb_entity_registration``."""
        if before is not None and before["fk_subdomain"] in self.subdomains:  # else it went with its subdomain
            *header, names, codes, sequences = self.subdomains[before["fk_subdomain"]]
            at = names.index(before["entity_name"])
            kept = [values[:at] + values[at + 1 :] for values in (names, codes, sequences)]
            self.subdomains[before["fk_subdomain"]] = (*header, *(kept if kept[0] else (None, None, None)))
        if after is not None:
            *header, names, codes, sequences = self.subdomains[after["fk_subdomain"]]
            added = (after["entity_name"], after["table_code"], after["entity_sequence"])
            if added[0] in (names or ()):
                raise KeyError(added[0])
            more = [[*(values or ()), value] for values, value in zip((names, codes, sequences), added, strict=True)]
            self.subdomains[after["fk_subdomain"]] = (*header, *more)

    def rows(self) -> list[Row]:
        """The rows of ``load.sql``."""
        rows = [self.headers[self.domain_of[key]] + columns for key, columns in self.subdomains.items()]
        empty = self.headers.keys() - self.domain_of.values()
        return rows + [self.headers[key] + (None,) * 8 for key in empty]


_TABLES: Mapping[str, Callable[[_Tables, _Values | None, _Values | None], None]] = {
    "tb_domain": _Tables.change_domain,
    "tb_subdomain": _Tables.change_subdomain,
    "tb_entity_registration": _Tables.change_entity,
}
_HISTORY = "tb_event"
"""Older events were deleted: what the horizon is about."""
_LEASES = "tb_lease"


def _put(rows: dict[int, Row], key: int, row: Row) -> None:
    if key in rows:
        raise KeyError(key)
    rows[key] = row


def _applied(known: Sequence[Row], events: Iterable[_Event]) -> Sequence[Row]:
    """The rows after events; raises ``KeyError`` where one does not fit, as that of a TRUNCATE."""
    tables = _Tables(known)
    for name, before, after in events:
        if name in {_HISTORY, _LEASES}:
            continue
        if before is None and after is None:
            raise KeyError(name)
        _TABLES[name](tables, before, after)
    return tables.rows()


def _with_events(known: Leases, events: Iterable[tuple[Any, ...]]) -> Leases:
    """The leases after events; raises ``KeyError`` at that of a TRUNCATE."""
    leases = dict(known)
    for name, before, after in events:
        if before is None and after is None:
            raise KeyError(name)
        change(leases, before, after)
    return leases
