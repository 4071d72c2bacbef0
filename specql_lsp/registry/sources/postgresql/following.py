"""Follows the registry's events: what has changed since a position, applied to rows that were read before. Pure.

An event that does not fit what is known means that something was missed: then everything has to be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from specql_lsp.registry.leases.known import Leases, change
from specql_lsp.registry.sources.postgresql.rows import NO_ENTITIES, Row


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
        ((snapshot, unrecorded, horizon, xmin, at, text),) = found
        position = Position(snapshot, unrecorded)
        before, now = _bounds(since.snapshot), _bounds(snapshot)
        # A database that was restored, or a standby that took over, may know less than the position.
        if unrecorded != since.unrecorded or before.first <= _own_number(horizon, xmin) or now.next < before.next:
            return None
        events = [event for event in json.loads(text) if _is_own(*event[1:3])] if text is not None else []
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
_Event = tuple[str, int, int, _Values | None, _Values | None]
"""The name of a table, the transaction and the xmin of the event, and a row of the table before and after a change.

Of a domain or subdomain, what was before has the key alone.
"""


class _Tables:
    """What the rows of ``load.sql`` say of the three tables, to be changed. Raises ``KeyError`` where nothing fits."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.headers: dict[int, Row] = {}
        self.subdomains: dict[int, Row] = {}
        """Without the columns of the domain and of the entities."""
        self.domain_of: dict[int, int] = {}
        self.entities: dict[int, Sequence[Any]] = {}
        """By the subdomain's key, in three columns: names, codes, sequences."""
        self._own: set[int] = set()  # the subdomains whose columns are copies, which may be changed
        for row in rows:
            self.headers[row[0]] = row[:6]
            if row[6] is not None:
                self.subdomains[row[6]] = row[6:11]
                self.domain_of[row[6]] = row[0]
                self.entities[row[6]] = row[11:]

    def change_domain(self, before: _Values | None, after: _Values | None) -> None:
        """Applies an event of ``tb_domain``."""
        if before is not None:
            del self.headers[before["pk_domain"]]
        if after is not None:
            _put(self.headers, after["pk_domain"], tuple(after[column] for column in _DOMAIN))

    def change_subdomain(self, before: _Values | None, after: _Values | None) -> None:
        """Applies an event of ``tb_subdomain``; what is in the subdomain goes with its key."""
        held: Sequence[Any] = NO_ENTITIES
        if before is not None:
            key = before["pk_subdomain"]
            del self.subdomains[key], self.domain_of[key]
            held = self.entities.pop(key)
        if after is not None:
            key = after["pk_subdomain"]
            _put(self.subdomains, key, tuple(after[column] for column in _SUBDOMAIN))
            self.domain_of[key] = after["fk_domain"]
            self.entities[key] = held

    def change_entity(self, before: _Values | None, after: _Values | None) -> None:
        """Applies an event of ``tb_entity_registration``."""
        if before is not None and before["fk_subdomain"] in self.entities:  # else it went with its subdomain
            columns = self._own_columns(before["fk_subdomain"])
            at = columns[0].index(before["entity_name"])
            for column in columns:
                del column[at]
        if after is not None:
            columns = self._own_columns(after["fk_subdomain"])
            added = (after["entity_name"], after["table_code"], after["entity_sequence"])
            if added[0] in columns[0]:
                raise KeyError(added[0])
            for column, value in zip(columns, added, strict=True):
                column.append(value)

    def _own_columns(self, key: int) -> Sequence[Any]:
        if key not in self._own:
            self.entities[key] = [list(column or ()) for column in self.entities[key]]
            self._own.add(key)
        return self.entities[key]

    def rows(self) -> list[Row]:
        """The rows of ``load.sql``."""
        rows = [
            self.headers[self.domain_of[key]] + columns + (tuple(held) if held[0] else NO_ENTITIES)
            for key, columns in self.subdomains.items()
            for held in [self.entities[key]]
        ]
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
    for name, _, _, before, after in events:
        if name in {_HISTORY, _LEASES}:
            continue
        if before is None and after is None:
            raise KeyError(name)
        _TABLES[name](tables, before, after)
    return tables.rows()


def _with_events(known: Leases, events: Iterable[tuple[Any, ...]]) -> Leases:
    """The leases after events; raises ``KeyError`` at that of a TRUNCATE."""
    leases = dict(known)
    for name, _, _, before, after in events:
        if before is None and after is None:
            raise KeyError(name)
        change(leases, before, after)
    return leases
