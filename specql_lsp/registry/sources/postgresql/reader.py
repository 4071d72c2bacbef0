"""Reads the registry in PostgreSQL: everything in one statement, then only what has changed.

For a worker's thread, never for the event loop. The connection is ``session``'s matter, writing is ``source``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.author import Author
from specql_lsp.registry.history import History, HistoryRequest, Origins
from specql_lsp.registry.leases.known import Leases, leases_of, live, seconds_left
from specql_lsp.registry.metrics.statement_timings import StatementTimings
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql import history
from specql_lsp.registry.sources.postgresql.following import Followed, Position, followed
from specql_lsp.registry.sources.postgresql.probe import Probe, probed
from specql_lsp.registry.sources.postgresql.rows import Row, RowReader
from specql_lsp.registry.sources.postgresql.session import PostgresqlSession
from specql_lsp.registry.state import Source

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql.connection import BoundedConnection

_WHOLE_READINGS = 4
"""After so many times ``refresh_seconds`` everything is read, whatever the events say: a program may have written with
triggers switched off."""


class PostgresqlReader:
    """A ``RegistrySource``. Its methods may be called from any thread, one at a time; ``close`` at any moment.

    Args:
        settings: the URL (libpq URI or DSN), and the limits in their seconds and milliseconds.
        timings: where every exchange with the server is timed.
    """

    def __init__(self, settings: RegistrySettings, timings: StatementTimings | None = None) -> None:
        self._session = PostgresqlSession(settings, timings)
        self._probe: Probe | None = None
        self._reader = RowReader()
        self._rows: Sequence[Row] | None = None
        self._snapshot: Snapshot | None = None
        self._refresh_seconds = settings.refresh_seconds
        self._position: Position | None = None
        self._followed: BoundedConnection | None = None
        self._whole_at = self._probed_at = -inf
        self._leases: Leases = {}
        self._records_leases: bool | None = None
        self.lease_ends_in = inf
        """The seconds from the last ``load`` until the first lease that it found ends, by the server's clock."""

    @property
    def kind(self) -> Source:
        """PostgreSQL."""
        return Source.POSTGRESQL

    @property
    def location(self) -> str | None:
        """Host, port and database, without user and password; None before the first use."""
        return self._session.location

    @property
    def address(self) -> str | None:
        """The same as the URL has it, whichever of several servers answers."""
        return self._session.address

    @property
    def write_obstacle(self) -> str | None:
        """Why the registry cannot be written, as the last ``load`` found; None if it can."""
        return self._probe.write_obstacle if self._probe else None

    @property
    def known(self) -> Snapshot | None:
        """The whole registry as the last ``load`` or change found it; allocations since are not in it."""
        return self._snapshot

    @property
    def notifies(self) -> bool:
        """Whether the database notifies of its changes, as the last ``load`` found (see ``registry install``)."""
        return self._probe is not None and self._probe.notifies

    def load(self) -> Snapshot:
        """The whole registry, as it is now; the very same object as before when nothing has changed.

        Where the database records its changes, only what has changed since the last time is read.

        Raises:
            SourceUnavailableError: it cannot be read; nothing is known of its content.
        """
        return self._session.run(self._load, probes=True)

    def load_with(self, name: str) -> tuple[Snapshot, list[Row]]:
        """What ``load`` gives, and the rows of the query file ``name``. Raises as ``load``."""

        def work(connection: BoundedConnection) -> tuple[Snapshot, list[Row]]:
            snapshot = self._load(connection)
            (rows,) = self._session.begin(connection, name)
            self._session.commit(connection)
            return snapshot, rows

        return self._session.run(work)

    def rows(self, probe: str, name: str, is_wanted: Callable[[list[Row]], bool]) -> list[Row] | None:
        """The rows of a query file about something else than the registry, read in a transaction of its own.

        Args:
            probe: a query file that looks at what there is, and does not fail.
            name: the query file.
            is_wanted: whether ``name`` can be asked, from the probe's rows; may raise ``SourceUnavailableError``.

        Returns:
            None where it is not wanted.

        Raises as ``load``.
        """

        def work(connection: BoundedConnection) -> list[Row] | None:
            (probed,) = self._session.begin(connection, probe, is_probe=True)
            rows = self._session.execute(connection, name).fetchall() if is_wanted(probed) else None
            self._session.commit(connection)
            return rows

        return self._session.run(work)

    def history(self, request: HistoryRequest) -> History:
        """What was done, as far as ``registry install`` had it recorded and the role may read it.

        Raises:
            SourceUnavailableError: it cannot be read.
        """
        return self._session.run(lambda connection: history.read_history(self._session, connection, request))

    def origins(self, known: Origins | None) -> Origins | None:
        """Who gave the codes, given what was read before; None where there is no history. Raises as ``history``."""
        return self._session.run(lambda connection: history.read_origins(self._session, connection, known))

    def forget(self) -> None:
        """Has the next ``load`` read everything, instead of what has changed."""
        self._position = None

    @property
    def backend(self) -> int | None:
        """The number of the server's process that this source's connection leads to; None if there is none."""
        return self._session.backend

    @property
    def commits(self) -> int:
        """How many writes have come to their commit so far, by whatever user of the source."""
        return self._session.commits

    @property
    def losses(self) -> int:
        """How many connections have been given up so far: who shares the source sees that another one lost it."""
        return self._session.losses

    @property
    def occupied_seconds(self) -> float:
        """How long a write that is under way may still keep others waiting for their turn."""
        return self._session.occupied_seconds

    def is_lost(self) -> bool:
        """Whether the server has closed the connection since it was last used; never waits."""
        return self._session.is_lost()

    def acting_as(self, author: Author) -> AbstractContextManager[None]:
        """Has what the calling thread writes meanwhile recorded as done by that author."""
        return self._session.acting_as(author)

    def close(self) -> None:
        """Gives the connection back; what another thread waits for ends within a tenth of a second."""
        self._session.close()

    def _load(self, connection: BoundedConnection) -> Snapshot:
        after = self._follow(connection)
        if after is None:
            return self._load_whole(connection)
        self._take_leases(after.leases, after.at)
        return self._taken(after.rows, after.position)

    def _follow(self, connection: BoundedConnection) -> Followed | None:
        """The registry after what has changed, which alone is read; None where everything must be read.

        A position is good for the connection on which it was found: another one may lead to another server.
        """
        import psycopg

        from specql_lsp.registry.sources.postgresql.errors import is_lost

        now, position = monotonic(), self._position
        is_old = now - self._whole_at > _WHOLE_READINGS * self._refresh_seconds
        if position is None or self._rows is None or is_old or connection is not self._followed:
            return None
        self._position = None
        if now - self._probed_at > self._refresh_seconds:
            probe = self._probe_again(connection)
            if not probe.is_recorded or probe.records_leases is not self._records_leases:
                self._session.rollback(connection)
                return None
        try:
            leases = self._leases
            if self._records_leases is False:
                leases = leases_of(row for row, _ in self._ask(connection, "leased_codes"))
            found = self._ask(connection, "changes_since", {"position": position.snapshot})
        except psycopg.Error as error:
            if connection.closed or is_lost(error):
                raise
            self._session.gives_up_prepared(error)
            self._session.rollback(connection)  # reading everything says what is wrong
            return None
        # Afterwards: what was read has shown that the server answers.
        self._session.prepare(connection, "changes_since")
        return followed(self._rows, leases, position, found)

    def _ask(
        self, connection: BoundedConnection, name: str, values: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """The rows of a query file, in the transaction, which begins with it where there is none."""
        if connection.info.transaction_status:
            return self._session.execute(connection, name, values).fetchall()
        (found,) = self._session.begin(connection, name, values, is_probe=True)
        return found

    def _probe_again(self, connection: BoundedConnection) -> Probe:
        (rows,) = self._session.begin(connection, "probe", is_probe=True)
        self._probe, self._probed_at = probed(rows), monotonic()
        return self._probe

    def _load_whole(self, connection: BoundedConnection) -> Snapshot:
        # The first exchange shows within the connect timeout whether anybody is there at all.
        probe = self._probe_again(connection)
        if probe.is_read_only:
            self._session.renew()
        # Before the rows are read: what others change in between is read twice.
        position = self._session.execute(connection, "position").fetchone() if probe.is_recorded else None
        rows = self._session.execute(connection, "load").fetchall()
        if probe.records_leases is None:
            self._take_leases({}, None)
        else:
            self._load_leases(connection)
        self._records_leases = probe.records_leases
        if connection.info.transaction_status:
            self._session.commit(connection)
        self._followed, self._whole_at = connection, monotonic()
        return self._taken(rows, Position(*position) if position is not None else None)

    def _load_leases(self, connection: BoundedConnection) -> None:
        """Reads the leases; where they cannot be read the registry is read all the same, without any."""
        import psycopg

        from specql_lsp.registry.sources.postgresql.errors import is_lost

        try:
            found = self._session.execute(connection, "leased_codes").fetchall()
        except psycopg.Error as error:
            if connection.closed or is_lost(error):
                raise
            self._session.rollback(connection)
            found = []
        self._take_leases(leases_of(row for row, _ in found), found[0][1] if found else None)

    def _take_leases(self, leases: Leases, at: datetime | None) -> None:
        """Keeps the leases that have not ended.

        Args:
            leases: all that are known.
            at: the time of the server's clock; None: there are none.
        """
        self._leases = live(leases, at) if at is not None else {}
        self.lease_ends_in = seconds_left(self._leases, at) if at is not None else inf

    def _taken(self, rows: Sequence[Row], position: Position | None = None) -> Snapshot:
        """Keeps rows that are committed; the very same snapshot where nothing has changed.

        Args:
            rows: of the whole registry.
            position: from where they can be followed; None: not at all, so that the next reading is of everything.
        """
        self._position = position
        if self._snapshot is None or rows != self._rows:
            domains = self._reader.domains_of(rows)
            # The server may give the same rows in another order.
            if self._snapshot is None or domains != self._snapshot.domains:
                self._snapshot = Snapshot(domains, leased=self._leases)
            self._rows = rows
        self._snapshot = self._snapshot.with_leased(self._leases)
        return self._snapshot

    def _content(self, connection: BoundedConnection) -> Snapshot:
        """What is committed, read in the transaction that keeps other writers out.

        Without leases: what is known of them may have ended. The database itself refuses leased codes.
        """
        return self._taken(self._session.execute(connection, "load").fetchall()).with_leased({})
