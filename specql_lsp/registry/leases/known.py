"""The leased codes that a reader of the registry knows, from rows and events of the table ``tb_lease``. Pure.

The clock of PostgreSQL's server alone says which of them have ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import inf
from typing import Any

from specql_lsp.printable import without_controls
from specql_lsp.registry.model import LeasedCode

Leases = Mapping[str, LeasedCode]
"""By table code, in upper case."""
_Row = Mapping[str, Any]
"""A row of the table as JSON; a database may have made it of anything."""
_LONGEST_HOLDER = 200
"""In characters; that of this program is no longer."""
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)


def leases_of(rows: Iterable[_Row]) -> dict[str, LeasedCode]:
    """The leases of the rows of the table; what cannot be understood is left out, as nothing depends on it."""
    found: dict[str, LeasedCode] = {}
    for row in rows:
        change(found, None, row)
    return found


def change(leases: dict[str, LeasedCode], before: _Row | None, after: _Row | None) -> None:
    """Applies an event. One that is known already changes nothing, so that events may be read twice."""
    for row in filter(None, (before, after)):
        try:
            lease = _lease(row)
        except _UNREADABLE:
            continue
        if row is after:
            leases[lease.table_code] = lease
        else:
            leases.pop(lease.table_code, None)


def live(leases: Leases, now: datetime) -> Leases:
    """The leases that have not ended at a moment of the server's clock; the same object where none has."""
    left = {code: lease for code, lease in leases.items() if lease.expires_at > now}
    return leases if len(left) == len(leases) else left


def seconds_left(leases: Leases, now: datetime) -> float:
    """How long, from a moment of the server's clock, until the first of them ends; infinite where there is none."""
    return min(((lease.expires_at - now).total_seconds() for lease in leases.values()), default=inf)


def _lease(row: _Row) -> LeasedCode:
    code, holder, token, until = row["table_code"].upper(), row["holder"], row["token"], row["expires_at"]
    # Any program may have written the name: it is shown in findings and sentences.
    shown = without_controls(str(holder))
    return LeasedCode(code, shown[:_LONGEST_HOLDER], _moment(until), str(token))


def _moment(text: str) -> datetime:
    """A moment as PostgreSQL writes it in JSON."""
    if text == "infinity":
        return datetime.max.replace(tzinfo=UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
