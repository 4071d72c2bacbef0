"""Reads the history in PostgreSQL, and deletes what is old of it. Each function is a piece of work for a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from specql_lsp.registry.author import without_credentials
from specql_lsp.registry.history import (
    MOST,
    NOT_INSTALLED,
    History,
    HistoryEvent,
    HistoryRequest,
    Origin,
    Origins,
    joined,
)
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.sources.postgresql.probe import lacks
from specql_lsp.registry.sources.postgresql.upgrades import SCHEMA

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql.connection import BoundedConnection
    from specql_lsp.registry.sources.postgresql.session import PostgresqlSession

_OVERLAP = 1000
"""Events commit out of the order of their ids: so many before the last known one are read again."""


def read_history(session: PostgresqlSession, connection: BoundedConnection, request: HistoryRequest) -> History:
    """The events that are asked for."""
    (found,) = session.begin(connection, "history_readable")
    obstacle = _obstacle(found)
    if obstacle is not None:
        session.rollback(connection)
        return History(unavailable=obstacle)
    limit = min(max(request.limit, 1), MOST)
    values = {
        "entity": request.entity.lower() if request.entity is not None else None,
        "code": request.table_code.upper() if request.table_code is not None else None,
        "domain": request.domain.upper() if request.domain is not None else None,
        "limit": 2 * limit,  # two of them may become one
    }
    rows = session.execute(connection, "history", values).fetchall()
    session.commit(connection)
    return History(tuple(joined([_event(HistoryEvent(*row)) for row in rows])[:limit]))


def read_origins(session: PostgresqlSession, connection: BoundedConnection, known: Origins | None) -> Origins | None:
    """Who gave the codes, given what is known of it already; None where there is no history to be read."""
    (found,) = session.begin(connection, "history_readable")
    if _obstacle(found) is not None:
        session.rollback(connection)
        return None
    values = {"after": max(known.last_event - _OVERLAP, 0) if known is not None else 0}
    rows = session.execute(connection, "origins", values).fetchall()
    session.commit(connection)
    if known is None:
        known = Origins({})
    if not rows:
        return known
    by_code = {**known.by_code, **{code: _origin(Origin(*origin)) for code, _, *origin in rows}}
    return replace(known, by_code=by_code, last_event=max(known.last_event, *(row[1] for row in rows)))


def prune(session: PostgresqlSession, connection: BoundedConnection, before: datetime, *, dry_run: bool) -> int:
    """Deletes the events before a moment; or counts them.

    Raises:
        Refused: there is no history, or the role may not delete in it.
    """
    (found,) = session.begin(connection, "history_readable")
    obstacle = _obstacle(found, deletes=not dry_run)
    if obstacle is not None:
        kind = RefusalKind.REGISTRY_READ_ONLY if found else RefusalKind.REGISTRY_UNAVAILABLE
        raise Refused(kind, obstacle)
    name = "count_history" if dry_run else "prune_history"
    (count,) = session.execute(connection, name, {"before": before}).fetchone() or (0,)
    session.commit(connection)
    return int(count)


def _event(found: HistoryEvent) -> HistoryEvent:
    """An event without what a program has let slip: ``application_name`` may be a whole URL."""
    return found._replace(
        application=_said(found.application), author=_said(found.author), workspace=_said(found.workspace)
    )


def _origin(found: Origin) -> Origin:
    return found._replace(application=_said(found.application), author=_said(found.author))


def _said(text: str | None) -> str | None:
    return without_credentials(text) if text is not None else None


def _obstacle(rows: list[tuple[object, ...]], *, deletes: bool = False) -> str | None:
    """Why there is no history to be read, from the rows of ``history_readable.sql``; None where there is one."""
    if not rows:
        return NOT_INSTALLED
    role, may_use, may_select, may_delete = rows[0]
    missing = [
        right
        for right, has in (
            (f"USAGE on the schema {SCHEMA}", may_use),
            (f"SELECT on {SCHEMA}.tb_event", may_select),
            (f"DELETE on {SCHEMA}.tb_event", may_delete or not deletes),
        )
        if not has
    ]
    return lacks(str(role), *missing) if missing else None
