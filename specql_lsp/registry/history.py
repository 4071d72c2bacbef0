"""The history of a registry: what was done, when and by whom, as events of the table ``tb_event`` say it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from specql_lsp.language import table_code as codes

DEFAULT_LIMIT = 50
MOST = 1000
"""How many events are given at most."""

Row = Mapping[str, Any]


class HistoryRequest(NamedTuple):
    """Which events; None filters nothing."""

    entity: str | None = None
    """The name of an entity now or then, in any case."""
    table_code: str | None = None
    """A code that an entity has now or had then."""
    domain: str | None = None
    """A domain's number."""
    limit: int = DEFAULT_LIMIT
    """How many at most, from 1 to ``MOST``."""


class HistoryEvent(NamedTuple):
    """Something that was done."""

    id: int
    transaction: str
    at: datetime
    session_role: str
    """The role that logged in."""
    role: str
    """The role that acted: another one after SET ROLE."""
    application: str | None
    author: str | None
    """Who the writing program said its user is."""
    workspace: str | None
    """Where that user's workspace comes from, as the program said."""
    action: str
    domain: str | None
    """The domain's number."""
    subdomain: str | None
    """The subdomain's number."""
    entity: str | None
    table_code: str | None
    before: Row | None
    """The row before, by its columns' names; with ``domain_number`` and ``subdomain_number``."""
    after: Row | None
    lease: Row | None = None
    """Of a registration: the lease from which its code is, as it was."""


@dataclass(frozen=True, slots=True)
class History:
    """Events, newest first; or why there are none to be had."""

    events: tuple[HistoryEvent, ...] = ()
    unavailable: str | None = None
    """A sentence; None where there is a history."""


class Origin(NamedTuple):
    """Who gave a code to an entity."""

    at: datetime
    role: str
    application: str | None
    author: str | None


@dataclass(frozen=True, slots=True)
class Origins:
    """Who gave the codes that entities have, as far as the history goes back."""

    by_code: Mapping[str, Origin]
    """By table code in upper case."""
    last_event: int = 0
    """The highest id among the events that were read."""

    def of(self, table_code: str) -> Origin | None:
        """Who gave a code, in whatever case it is written."""
        return self.by_code.get(codes.normalize(table_code))


NOT_INSTALLED = "The database has no history: specql-lsp registry install adds it."


def joined(events: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    """Events, newest first, with what was done in one transaction as one event.

    A removal and a registration of one entity are a move; the end of a lease and the registration of its code are that
    registration.
    """
    return _with_moves(_with_leases(events))


def _with_leases(events: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    ended = {
        (event.transaction, event.table_code): event
        for event in events
        if event.action in {"lease-ended", "lease-expired"}
    }
    used = {
        event.id: ended[key]
        for event in events
        if event.action == "entity-registered"
        and (key := (event.transaction, codes.normalize(event.table_code or ""))) in ended
    }
    gone = {event.id for event in used.values()}
    return [
        event._replace(lease=used[event.id].before) if event.id in used else event
        for event in events
        if event.id not in gone
    ]


def _with_moves(events: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    """Events, newest first, in which a removal and a registration of one entity in one transaction are one move."""
    removed = {
        (event.transaction, (event.entity or "").lower()): event for event in events if event.action == "entity-removed"
    }
    moves = {
        event.id: removed[key]
        for event in events
        if event.action == "entity-registered" and (key := (event.transaction, (event.entity or "").lower())) in removed
    }
    gone = {event.id for event in moves.values()}
    return [
        event._replace(action="entity-moved", before=moves[event.id].before) if event.id in moves else event
        for event in events
        if event.id not in gone
    ]
