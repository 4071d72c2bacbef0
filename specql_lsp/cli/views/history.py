"""The history of the registry as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specql_lsp.cli.tables import Cell, Column, plain, table
from specql_lsp.cli.views.words import counted, moment
from specql_lsp.language.names import nearest
from specql_lsp.registry.history_in_words import summary

if TYPE_CHECKING:
    from specql_lsp.registry.history import History, HistoryEvent
    from specql_lsp.registry.snapshot import Snapshot


def events(history: History, snapshot: Snapshot | None, what: str | None, width: int | None) -> str:
    """The events, newest first; nothing where there is no history.

    Args:
        history: the events.
        snapshot: the registry as it is, for the names of domains.
        what: what was asked for.
        width: the terminal's columns; None cuts nothing.
    """
    if history.unavailable is not None:
        return ""
    if not history.events:
        return plain(f"Nothing is recorded of {what}.{_meant(what, snapshot)}" if what else "Nothing is recorded yet.")
    columns = (Column("WHEN"), Column("BY"), Column("FROM"), Column("WHAT"))
    rows = [
        (moment(event.at), Cell(by(event), bold=True), event.application or "", summary(event, snapshot))
        for event in history.events
    ]
    return f"{table(columns, rows, width)}\n\n{counted(len(rows), 'event')}, newest first."


def _meant(what: str, snapshot: Snapshot | None) -> str:
    """A question for the registered entity whose name is near to what was asked for, unless that is registered."""
    if snapshot is None or snapshot.by_entity(what):
        return ""
    near = nearest(what, (registration.entity.name for registration in snapshot.registrations()))
    return f" Did you mean {near}?" if near else ""


def by(event: HistoryEvent) -> str:
    """Who did it: the author as the program said, and the role."""
    role = event.role if event.role == event.session_role else f"{event.role} ({event.session_role})"
    return f"{event.author}, {role}" if event.author else role
