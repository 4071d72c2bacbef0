"""One connection to PostgreSQL, kept for days: opened, limited in time, checked, opened again.

psycopg is imported when the session is first used. No session state is relied on, so PgBouncer in transaction mode
may be used: limits and locks within transactions only, and prepared statements only where there is no pooler
(``prepared``). Whatever fails becomes a sentence without secrets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.author import Author
from specql_lsp.registry.metrics.statement_timings import StatementTimings
from specql_lsp.registry.queries import query
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.sources.base import SourceUnavailableError

if TYPE_CHECKING:
    import psycopg

    from specql_lsp.registry.sources.postgresql.connection import BoundedConnection
    from specql_lsp.registry.sources.postgresql.prepared import PreparedQueries

    Cursor = psycopg.Cursor[tuple[Any, ...]]

_Result = TypeVar("_Result")

FRESH_SECONDS = 0.5
"""A connection that answered within this time is used without asking it first whether it still lives."""
GRACE_SECONDS = 0.5
"""How much longer than the server's own limit this side waits before it gives the server up."""
ATTEMPTS = 5
"""How often a change is tried when others keep being quicker."""
LOOK_FIRST = "specql-lsp: look first"
"""With this a query file says that its transaction is to be done in several exchanges."""
_WITH_ONE_ROW = "begin", "author"
_CLOSED = "The registry has been closed."


class PostgresqlSession:
    """Runs pieces of work on its connection, one at a time; ``close`` may come at any moment from any thread.

    Args:
        settings: the URL, and the limits in their seconds and milliseconds.
        timings: where every exchange with the server is timed, by its query's name.
    """

    def __init__(self, settings: RegistrySettings, timings: StatementTimings | None = None) -> None:
        self._settings = settings
        self._timings = timings or StatementTimings(settings.slow_query_ms)
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._connection: BoundedConnection | None = None
        self._prepared: PreparedQueries | None = None
        self._parameters: dict[str, Any] | None = None
        self._answered_at = 0.0
        self._patience = 0.0
        self._is_committing = False
        self._is_outdated = False
        self._is_unproven = False  # the kept connection has not been asked for a while whether it lives
        self._occupied_until = 0.0
        self._losses = 0
        self._is_writing = False
        self._commits = 0
        self._backend: int | None = None
        self._names: Sequence[str] = ()  # of the query files in the last exchange
        self._values: Mapping[str, Any] = {}
        self._role = ""
        self._location: str | None = None
        self._address: str | None = None
        self._acting = threading.local()
        self._limits = {"statement_ms": settings.statement_timeout_ms, "lock_ms": settings.lock_timeout_ms}
        """The values of ``begin.sql``."""

    @contextmanager
    def acting_as(self, author: Author) -> Iterator[None]:
        """Has what this thread writes meanwhile recorded as done by that author."""
        self._acting.author = author
        try:
            yield
        finally:
            self._acting.author = None

    @property
    def location(self) -> str | None:
        """Host, port and database, without user and password; None before the first use."""
        return self._location

    @property
    def address(self) -> str | None:
        """The same as the URL has it, whichever of several servers answers."""
        return self._address

    @property
    def backend(self) -> int | None:
        """The number of the server's process that the kept connection leads to; None if there is none."""
        return self._backend

    @property
    def commits(self) -> int:
        """How many pieces of work that write have come to their commit so far, whatever came of it."""
        return self._commits

    @property
    def losses(self) -> int:
        """How many connections have been given up so far."""
        return self._losses

    @property
    def occupied_seconds(self) -> float:
        """How long the running write may still take: it may wait for another session's lock."""
        return max(self._occupied_until - monotonic(), 0.0)

    def run(
        self, work: Callable[[BoundedConnection], _Result], *, writes: bool = False, probes: bool = False
    ) -> _Result:
        """Does a piece of work, which begins and ends its own transaction, on a connection that lives.

        Where the work itself begins with a probe (``probes``), a kept connection is not asked before whether it lives.

        When a kept connection turns out to be broken before anything was committed, the work is done again on a new
        one; when ``writes`` and others were quicker, it looks again.

        Raises:
            Refused: by the work, or because the role or the database takes no changes; nothing was changed.
            SourceUnavailableError: the work could not be done, or it is not known whether it was.
        """
        import psycopg

        from specql_lsp.registry.sources.postgresql.connection import NoAnswerError
        from specql_lsp.registry.sources.postgresql.errors import is_lost, is_worth_another_look
        from specql_lsp.registry.sources.postgresql.refusals import refusal_of_encoding

        with self._turn(writes=writes):
            attempts, began = 0, monotonic()
            while True:
                attempts += 1
                is_kept = self._connection is not None
                connection = self._living_connection(began, probes=probes)
                self._is_committing = False
                try:
                    result = work(connection)
                except NoAnswerError:
                    self._drop()
                    if self._is_unproven and not self._closed.is_set():
                        continue  # a new connection, in what is left of the time for it
                    raise SourceUnavailableError(self._no_answer()) from None
                except psycopg.Error as error:
                    if connection.closed or is_lost(error):
                        self._drop()
                        if is_kept and not self._is_committing and attempts < ATTEMPTS:
                            began = monotonic()
                            continue
                    else:
                        self._end_transaction()
                        gives_up = self.gives_up_prepared(error)
                        if (gives_up or (writes and is_worth_another_look(error))) and attempts < ATTEMPTS:
                            began = monotonic()
                            continue
                    raise self._failure(error, writes=writes) from None
                except UnicodeEncodeError as error:
                    self._end_transaction()
                    raise refusal_of_encoding(error, self._values) from None
                except BaseException:
                    self._end_transaction()
                    raise
                self._answered_at = monotonic()
                if self._closed.is_set():
                    self._drop()
                return result

    @contextmanager
    def _turn(self, *, writes: bool) -> Iterator[None]:
        with self._lock:
            self._is_writing = writes
            if writes:
                limits = self._settings.connect_timeout_seconds + self._settings.lock_timeout_ms / 1000
                self._occupied_until = monotonic() + limits
            try:
                yield
            finally:
                self._occupied_until = 0.0

    def prepare(self, connection: BoundedConnection, *names: str) -> bool:
        """Counts one use of query files, outside of a transaction; they are prepared when they are often used together.

        Returns:
            Whether they are prepared.
        """
        from specql_lsp.registry.sources.postgresql.prepared import PreparedQueries

        if self._prepared is None:
            self._prepared = PreparedQueries()
        if self._prepared.is_due(names):
            self._wait_at_most(connection)
            with self._timings.timed("prepare"):
                self._prepared.prepare(connection, names, self._limits, lambda: self.rollback(connection))
        return self._prepared.has_prepared(*names)

    def gives_up_prepared(self, error: psycopg.Error) -> bool:
        """Whether an error may have come because something was prepared; then nothing is, from now on."""
        return self._prepared is not None and self._prepared.gives_up(error)

    def begin(
        self,
        connection: BoundedConnection,
        name: str,
        values: Mapping[str, Any] | None = None,
        *,
        is_probe: bool = False,
    ) -> list[list[tuple[Any, ...]]]:
        """Begins a transaction under our limits and runs a query file in the same exchange.

        A probe takes no time: without an answer within the connect timeout, the server does not answer.

        Returns:
            The rows of each statement in the file that has any to give.
        """
        seconds = self._settings.connect_timeout_seconds / (2 if self._is_unproven else 1)
        self._wait_at_most(connection, seconds if is_probe else None)
        keeps_limits = self._prepared is not None and self._prepared.has_prepared(name)
        return self._exchange(connection, name, values or {}, begin="begin_again" if keeps_limits else "begin")

    def execute(self, connection: BoundedConnection, name: str, values: Mapping[str, Any] | None = None) -> Cursor:
        """Runs a query file in the transaction."""
        self._wait_at_most(connection)
        self._names, self._values = [name], values or {}
        with self._timings.timed(name):
            return connection.execute(query(name), values)

    def commit(
        self, connection: BoundedConnection, name: str = "commit", values: Mapping[str, Any] | None = None
    ) -> None:
        """Runs a query file that ends with the commit. If the answer is lost, it is not known whether it was done."""
        self._wait_at_most(connection)
        self._is_committing = True
        self._commits += self._is_writing
        self._exchange(connection, name, values or {})
        self._is_committing = False

    def at_once(
        self, connection: BoundedConnection, name: str, values: Mapping[str, Any]
    ) -> list[list[tuple[Any, ...]]] | None:
        """Does a whole transaction in one exchange, once ``prepare`` is done: a query file that ends with the commit.

        Returns:
            The rows of each statement that has any to give; None, with nothing changed, where the file itself ended
            it with a text that is no integer.
        """
        import psycopg

        self._wait_at_most(connection)
        self._is_committing = True
        self._commits += self._is_writing
        try:
            found = self._exchange(connection, name, values, begin="begin_again")
        except psycopg.errors.InvalidTextRepresentation as error:
            if LOOK_FIRST not in (error.diag.message_primary or ""):
                raise
            self._commits -= self._is_writing
            self._is_committing = False
            self.rollback(connection)
            return None
        self._is_committing = False
        return found

    def attempt(self, connection: BoundedConnection, action: Callable[[], None]) -> Refused | None:
        """Does a part of a transaction; if the database refuses it, the part is taken back and the refusal returned."""
        import psycopg

        from specql_lsp.registry.sources.postgresql.errors import is_lost

        self.execute(connection, "savepoint")
        try:
            action()
        except psycopg.Error as error:
            if connection.closed or is_lost(error) or (error.sqlstate or "").startswith("40"):
                raise  # a deadlock, say: the whole of it may be done again
            failure = self._failure(error, writes=True)
            if not isinstance(failure, Refused) or failure.kind is RefusalKind.REGISTRY_READ_ONLY:
                raise
            self.take_back(connection)
            return failure
        except UnicodeEncodeError as error:
            from specql_lsp.registry.sources.postgresql.refusals import refusal_of_encoding

            failure = refusal_of_encoding(error, self._values)
            self.take_back(connection)
            return failure
        return None

    def take_back(self, connection: BoundedConnection) -> None:
        """Takes back what the last ``attempt`` did."""
        self.execute(connection, "take_back")

    def rollback(self, connection: BoundedConnection) -> None:
        """Ends the transaction, if there is one, with nothing changed."""
        from psycopg.pq import TransactionStatus

        if connection.pgconn.transaction_status != TransactionStatus.IDLE:
            self._wait_at_most(connection)
            with self._timings.timed("rollback"):
                connection.execute("ROLLBACK")

    def _exchange(
        self, connection: BoundedConnection, name: str, values: Mapping[str, Any], *, begin: str | None = None
    ) -> list[list[tuple[Any, ...]]]:
        """One exchange that ends a transaction, or begins one: then a query file behind the one for that."""
        before: list[str] = []
        if begin is not None:
            before.append(begin)
            values = {**self._limits, **values}
            author: Author | None = getattr(self._acting, "author", None)
            if author is not None and self._is_writing:
                before.append("author")
                values |= {"author": author.name, "workspace": author.workspace}
        self._names, self._values = [*before, name], values
        text = query if self._prepared is None else self._prepared.text
        sent = b";\n".join(map(text, self._names))
        with self._timings.timed(name):
            found = connection.exchange(sent, values)
        self._is_unproven = False
        return found[sum(each in _WITH_ONE_ROW for each in before) :]

    def renew(self) -> None:
        """Has the next piece of work begin with a new connection; called from within a piece of work."""
        self._is_outdated = True

    def is_lost(self) -> bool:
        """Whether the other side has closed the kept connection; asks the socket only, and never waits."""
        from specql_lsp.registry.sources.postgresql.connection import is_closed_by_server

        if not self._lock.acquire(blocking=False):
            return False
        try:
            return self._connection is not None and is_closed_by_server(self._connection)
        finally:
            self._lock.release()

    def close(self) -> None:
        """Closes the connection; work under way on another thread ends within a tenth of a second."""
        self._closed.set()
        if self._lock.acquire(blocking=False):
            try:
                self._drop()
            finally:
                self._lock.release()

    def _living_connection(self, began: float, *, probes: bool) -> BoundedConnection:
        """The kept connection if it answers, else a new one; both together within the connect timeout.

        Args:
            began: since when it is tried, in seconds of ``time.monotonic``.
            probes: whether a kept connection shows by the work itself that it answers.
        """
        import psycopg

        from specql_lsp.registry.sources.postgresql import connection as opening
        from specql_lsp.registry.sources.postgresql.errors import INVALID_URL, connection_reason

        if self._closed.is_set():
            raise SourceUnavailableError(_CLOSED)
        seconds = self._settings.connect_timeout_seconds
        if self._connection is not None and self._is_outdated:
            self._connection.close()
            self._connection = self._backend = None
        self._is_outdated = self._is_unproven = False
        if self._connection is not None:
            if self._is_alive(self._connection, seconds / 2, probes=probes):
                return self._connection
            self._drop()
        if self._parameters is None:
            if not self._settings.database_url:
                raise SourceUnavailableError("No database URL is set.", lasting=True)
            try:
                self._parameters = opening.connection_parameters(self._settings.database_url, seconds)
            except opening.InvalidUrlError:
                raise SourceUnavailableError(INVALID_URL.sentence, advice=INVALID_URL.advice) from None
            self._location = self._address = opening.location(self._parameters)
        try:
            with self._timings.timed("connect"):
                opened = opening.open_to_read(self._parameters, seconds - (monotonic() - began))
        except opening.NoAnswerError:
            self._patience = seconds
            raise SourceUnavailableError(self._no_answer()) from None
        except psycopg.Error as error:
            reason = connection_reason(error, self._parameters.get("dbname"))
            raise SourceUnavailableError(reason.sentence, advice=reason.advice) from None
        connection = opened.connection
        self._is_outdated = opened.is_substitute  # the next piece of work looks for one that takes changes
        connection.abandoned = self._closed
        self._connection, self._prepared = connection, None
        self._location = opening.location_of(connection)
        self._role = connection.info.user
        self._backend = connection.info.backend_pid
        return connection

    def _is_alive(self, connection: BoundedConnection, seconds: float, *, probes: bool) -> bool:
        import psycopg

        from specql_lsp.registry.sources.postgresql.connection import NoAnswerError, is_closed_by_server

        if is_closed_by_server(connection):
            return False
        if monotonic() - self._answered_at < FRESH_SECONDS:
            return True
        if probes:
            self._is_unproven = True
            return True
        self._wait_at_most(connection, seconds)
        try:
            with self._timings.timed("ping"):
                connection.execute("SELECT 1")
        except (NoAnswerError, psycopg.Error):
            return False  # a new connection will show what is the matter
        return True

    def _wait_at_most(self, connection: BoundedConnection, seconds: float | None = None) -> None:
        """Sets the deadline of the next exchange; by default the server's own limit and some grace."""
        self._patience = self._settings.statement_timeout_ms / 1000 + GRACE_SECONDS if seconds is None else seconds
        connection.deadline = monotonic() + self._patience

    def _end_transaction(self) -> None:
        """Leaves the connection clean after a failure, or drops it."""
        import psycopg

        from specql_lsp.registry.sources.postgresql.connection import NoAnswerError

        if self._connection is not None:
            try:
                self.rollback(self._connection)
            except (NoAnswerError, psycopg.Error):
                self._drop()  # what is not committed is gone with the connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._backend = None
        if connection is not None:
            self._losses += 1
            connection.close()

    def _no_answer(self) -> str:
        return _CLOSED if self._closed.is_set() else f"PostgreSQL did not answer within {self._patience:g} s."

    def _failure(self, error: psycopg.Error, *, writes: bool) -> Refused | SourceUnavailableError:
        from specql_lsp.registry.sources.postgresql import errors as errors
        from specql_lsp.registry.sources.postgresql.refusals import refusal_of

        if writes:
            encoding = self._connection.info.parameter_status("server_encoding") if self._connection else None
            refusal = refusal_of(error, self._values, encoding)
            if refusal is not None:
                return refusal
        limits = errors.Limits(self._settings.statement_timeout_ms, self._settings.lock_timeout_ms)
        sql = b";\n".join(map(query, self._names))
        reason = errors.statement_reason(error, limits, errors.Statement(self._role, sql.decode()))
        if writes and errors.is_refusal_to_write(error):
            return Refused(RefusalKind.REGISTRY_READ_ONLY, f"The registry cannot be written. {reason}")
        if writes and error.sqlstate == "22001":
            return Refused(RefusalKind.INVALID_ARGUMENT, reason)
        if writes and error.sqlstate == "23505":
            return Refused(RefusalKind.CONFLICT, "The registry holds something with that number, name or code already.")
        lasting = (error.sqlstate or "")[:2] in errors.LASTING
        return SourceUnavailableError(reason, lost=self._connection is None, lasting=lasting)
