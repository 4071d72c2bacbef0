"""A connection to PostgreSQL that never waits for ever, and how it is opened.

This module imports psycopg (a quarter of a second): import it when a database is first used, never at start-up.
It holds no session state, so that it works through PgBouncer in transaction mode.
"""

from __future__ import annotations

import math
import re
import selectors
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import lru_cache, partial
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import psycopg
from psycopg import generators, waiting
from psycopg.adapt import Transformer
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import error_from_result
from psycopg.pq import Escaping, ExecStatus

from specql_lsp.redaction import redact
from specql_lsp.registry.sources.postgresql.addresses import effective_options, hosts_of, resolved
from specql_lsp.registry.sources.postgresql.errors import is_unmet_session
from specql_lsp.registry.sources.postgresql.moments import MomentLoader

if TYPE_CHECKING:
    from psycopg import abc
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGresult

_Result = TypeVar("_Result")

# A dead network is found out within half a minute even where the operating system would wait two hours; and the URL
# may say otherwise.
_DEFAULTS: Mapping[str, str | int] = {
    "client_encoding": "UTF8",
    "fallback_application_name": "specql-lsp",
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_INTERVAL_SECONDS = 0.1
"""How often it is looked whether a wait is to end."""
_STRICT_SHARE = 0.75
"""The share of the time in which a database that takes changes is looked for, before any one will do."""


class NoAnswerError(Exception):
    """The server did not answer by the deadline; the connection is of no use any more."""


class InvalidUrlError(Exception):
    """The database URL cannot be read. Says nothing of its content, which may hold a password."""


class BoundedConnection(psycopg.Connection[tuple[Any, ...]]):
    """A synchronous connection whose every wait ends by ``deadline``, even if the server hangs.

    Attributes:
        deadline: in seconds of ``time.monotonic``; set it before each exchange.
        abandoned: set from another thread, it ends the wait within a tenth of a second.
    """

    deadline: float = math.inf
    abandoned: threading.Event | None = None

    def wait(self, gen: PQGen[_Result], *args: Any, **kwargs: Any) -> _Result:
        """Runs psycopg's generator to its end (psycopg calls this for every exchange with the server).

        Raises:
            NoAnswerError: the deadline is over.
        """
        if not args:
            kwargs.setdefault("interval", _INTERVAL_SECONDS)
        try:
            return waiting.wait(self._bounded(gen), self.pgconn.socket, *args, **kwargs)
        except (KeyboardInterrupt, SystemExit):
            self.close()  # psycopg would first wait for the server, five seconds and more, to take back what runs
            raise

    def exchange(self, sql: bytes, values: Mapping[str, Any]) -> list[list[tuple[Any, ...]]]:
        """Sends statements with values in them, as a cursor of psycopg does, in half of its time.

        Args:
            sql: the statements, with placeholders as ``%(name)s``.
            values: by the placeholders' names.

        Returns:
            The rows of each statement that has any to give.

        Raises:
            psycopg.Error: the first statement that failed; those after it were not run.
            NoAnswerError: see ``wait``.
        """
        template, names = _template(sql)
        transformer = Transformer(self)
        found = []
        for result in self.wait(
            self._sent(template % tuple(self._literal(transformer, values[name]) for name in names))
        ):
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result, encoding=self.info.encoding)
            if result.nfields:
                transformer.set_pgresult(result)
                found.append(transformer.load_rows(0, result.ntuples, tuple))
        return found

    def _sent(self, sql: bytes) -> PQGen[list[PGresult]]:
        self.pgconn.send_query(sql)
        results: list[PGresult] = yield from generators.execute(self.pgconn)
        return results

    def _literal(self, transformer: abc.Transformer, value: object) -> bytes:
        # The usual cases first; what they give is what the transformer would.
        if type(value) is int:
            return b"%d" % value if value >= 0 else b" %d" % value
        if type(value) is str and value.isascii() and "\0" not in value:
            return Escaping(self.pgconn).escape_literal(value.encode())
        return b"NULL" if value is None else bytes(transformer.as_literal(value))

    def _bounded(self, generator: PQGen[_Result]) -> PQGen[_Result]:
        try:
            state = next(generator)
            while True:
                ready = yield state
                # psycopg comes back every tenth of a second with nothing ready. What is there is taken first, so
                # that an answer that came in time is not lost to a pause of this process.
                state = generator.send(ready)
                if monotonic() >= self.deadline or (self.abandoned is not None and self.abandoned.is_set()):
                    raise NoAnswerError
        except StopIteration as stop:
            result: _Result = stop.value
            return result


_PLACEHOLDER = re.compile(rb"%\((\w+)\)s")


@lru_cache(maxsize=256)
def _template(sql: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Statements with ``%s`` for each placeholder, and the placeholders' names in their order."""
    parts = _PLACEHOLDER.split(sql)
    return b"%s".join(parts[::2]), tuple(name.decode() for name in parts[1::2])


def connection_parameters(url: str, timeout: float) -> dict[str, Any]:
    """The parameters of a libpq URI or DSN, with our defaults where it says nothing.

    Args:
        url: the URI or DSN.
        timeout: seconds for all hosts together; libpq's own timeout for each is its ceiling, 2 at least.

    Raises:
        InvalidUrlError: it is neither a URI nor a DSN.
    """
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        raise InvalidUrlError from None
    ports = str(given.get("port") or "")
    if ports and not all(port.isdecimal() or not port for port in ports.split(",")):
        raise InvalidUrlError
    if "@" in str(given.get("dbname") or "") or "@" in str(given.get("host") or ""):
        # A password with an unescaped / or @ spills over into what would be shown.
        raise InvalidUrlError
    return {**_DEFAULTS, **given, "connect_timeout": max(2, math.ceil(timeout))}


class Opened(NamedTuple):
    """A connection that was opened."""

    connection: BoundedConnection
    is_substitute: bool
    """Whether it leads to a database that takes no changes, because none was found that does."""


def open_to_read(parameters: Mapping[str, Any], seconds: float) -> Opened:
    """Opens a connection, also where ``target_session_attrs`` demands a database that takes changes and none does.

    Raises:
        As ``connect``.
    """
    demanded = effective_options(parameters).get("target_session_attrs")
    if demanded not in {"read-write", "primary"}:
        return Opened(connect(parameters, seconds), is_substitute=False)
    started = monotonic()
    try:
        return Opened(connect(parameters, seconds * _STRICT_SHARE), is_substitute=False)
    except psycopg.Error as error:
        if not is_unmet_session(error):
            raise
    lenient = {**parameters, "target_session_attrs": "any"}
    return Opened(connect(lenient, seconds - (monotonic() - started)), is_substitute=True)


def connect(parameters: Mapping[str, Any], seconds: float) -> BoundedConnection:
    """Opens a connection to the first address that answers, within ``seconds`` for all of them together.

    Each host gets an equal share of the time that is left, and of that each of its addresses.

    Raises:
        psycopg.Error: the connection was refused; the message has those of all addresses.
        NoAnswerError: nothing came in time.
    """
    deadline = monotonic() + seconds
    failures: list[psycopg.Error] = []
    hosts = hosts_of(parameters)
    for at, host in enumerate(hosts):
        until = monotonic() + (deadline - monotonic()) / (len(hosts) - at)
        try:
            attempts = _bounded_call(partial(resolved, host), until - monotonic()) if host.name else resolved(host)
        except NoAnswerError:
            continue
        except psycopg.Error as error:
            failures.append(error)
            continue
        for number, attempt in enumerate(attempts):
            try:
                opening = partial(_open, attempt)
                return _bounded_call(opening, (until - monotonic()) / (len(attempts) - number), _close)
            except NoAnswerError:
                continue
            except psycopg.Error as error:
                failures.append(error)
    if not failures:
        raise NoAnswerError
    # All of one kind, so that the message names the cause that matters.
    raise psycopg.OperationalError("\n".join(str(each) for each in failures))


def _open(parameters: Mapping[str, Any]) -> BoundedConnection:
    connection = BoundedConnection.connect(
        **parameters, autocommit=True, prepare_threshold=None, cursor_factory=psycopg.ClientCursor
    )
    connection.adapters.register_loader("timestamptz", MomentLoader)
    return connection


def _close(connection: BoundedConnection) -> None:
    connection.close()


def _bounded_call(
    call: Callable[[], _Result], seconds: float, undo: Callable[[_Result], None] = lambda _result: None
) -> _Result:
    """The result of a call that cannot be bounded otherwise, if it comes within ``seconds``.

    It is made on a thread of its own: resolving a name may take any time, and psycopg's timeout has a floor of two
    seconds. That thread undoes a result that comes too late.

    Raises:
        NoAnswerError: nothing came in time.
    """
    future: Future[_Result] = Future()
    arguments = (future, call, undo)
    threading.Thread(target=_call, args=arguments, name="specql-connect", daemon=True).start()
    try:
        return future.result(max(seconds, 0))
    except TimeoutError:
        if future.cancel():
            raise NoAnswerError from None
        return future.result()


def _call(future: Future[_Result], call: Callable[[], _Result], undo: Callable[[_Result], None]) -> None:
    try:
        result = call()
    except BaseException as error:
        if future.set_running_or_notify_cancel():
            future.set_exception(error)
        return
    if future.set_running_or_notify_cancel():
        future.set_result(result)
    else:
        undo(result)


def has_input(connection: BoundedConnection) -> bool:
    """Whether the server has said something that was not taken in yet, or has closed the connection; never waits."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.pgconn.socket, selectors.EVENT_READ)
        return bool(selector.select(0))


def is_closed_by_server(connection: BoundedConnection) -> bool:
    """Whether an idle connection has ended; reads what the server has sent, and never waits."""
    if connection.closed:
        return True
    try:
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()  # the end comes behind the server's last words
    except psycopg.OperationalError:
        return True
    return connection.pgconn.status != psycopg.pq.ConnStatus.OK


def location(parameters: Mapping[str, Any]) -> str:
    """Where the parameters lead, as far as they say: host, port and database, or the service's name."""
    defaults = {
        option.keyword.decode(): option.val.decode() for option in psycopg.pq.Conninfo.get_defaults() if option.val
    }
    if parameters.get("service"):
        return redact(f"service {parameters['service']}")
    found = {**defaults, **{key: value for key, value in parameters.items() if value not in (None, "")}}
    host = found.get("host") or found.get("hostaddr") or "localhost"
    return _location(str(host), str(found.get("port") or 5432), str(found.get("dbname") or found.get("user") or ""))


def location_of(connection: BoundedConnection) -> str:
    """Where a connection leads: host (or the socket's folder), port and database."""
    info = connection.info
    return _location(info.host, str(info.port), info.dbname)


def _location(host: str, port: str, database: str) -> str:
    return redact(f"{f'[{host}]' if ':' in host else host}:{port}/{database}")
