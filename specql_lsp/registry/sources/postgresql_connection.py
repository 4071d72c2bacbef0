"""A connection to PostgreSQL that never waits for ever, and how it is opened.

This module imports psycopg (a quarter of a second): import it when a database is first used, never at start-up.
It holds no session state, so that PgBouncer in transaction mode may stand between.
"""

from __future__ import annotations

import math
import selectors
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict

from specql_lsp.redaction import redact

if TYPE_CHECKING:
    from psycopg.abc import PQGen

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


class NoAnswerError(Exception):
    """The server did not answer by the deadline; the connection is of no use any more."""


class InvalidUrlError(Exception):
    """The database URL cannot be read. Says nothing of its content, which may hold a password."""


class BoundedConnection(psycopg.Connection[tuple[Any, ...]]):
    """A synchronous connection whose every wait ends by ``deadline``, even when the server stands still.

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
        return super().wait(self._bounded(gen), *args, **kwargs)

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


def connection_parameters(url: str, timeout: float) -> dict[str, Any]:
    """The parameters of a libpq URI or DSN, with our defaults where it says nothing.

    Args:
        url: the URI or DSN.
        timeout: seconds for one host; libpq's own timeout is its ceiling, 2 at least.

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


def connect(parameters: Mapping[str, Any], seconds: float) -> BoundedConnection:
    """Opens a connection within ``seconds`` for each host that the parameters name.

    It is opened on a thread of its own, because resolving a name cannot be bounded and psycopg's timeout has a floor
    of two seconds. A connection that comes too late is closed by that thread.

    Raises:
        psycopg.Error: the connection was refused.
        NoAnswerError: nothing came in time.
    """
    future: Future[BoundedConnection] = Future()
    threading.Thread(target=_connect, args=(future, dict(parameters)), name="specql-connect", daemon=True).start()
    hosts = str(parameters.get("host") or "").count(",") + 1
    try:
        return future.result(seconds * hosts)
    except TimeoutError:
        if future.cancel():
            raise NoAnswerError from None
        return future.result()


def _connect(future: Future[BoundedConnection], parameters: dict[str, Any]) -> None:
    try:
        connection = BoundedConnection.connect(
            **parameters, autocommit=True, prepare_threshold=None, cursor_factory=psycopg.ClientCursor
        )
    except BaseException as error:
        if future.set_running_or_notify_cancel():
            future.set_exception(error)
        return
    if future.set_running_or_notify_cancel():
        future.set_result(connection)
    else:
        connection.close()


def has_input(connection: BoundedConnection) -> bool:
    """Whether the server has said something that was not taken in yet, or has closed the connection; never waits."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.pgconn.socket, selectors.EVENT_READ)
        return bool(selector.select(0))


def is_closed_by_server(connection: BoundedConnection) -> bool:
    """Whether a connection that nobody uses at the moment has come to its end; takes in what the server has said."""
    if connection.closed:
        return True
    if not has_input(connection):
        return False
    try:
        connection.pgconn.consume_input()
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
