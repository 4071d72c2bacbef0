"""Listens for the notifications of one database, on a connection and a thread of its own.

What has changed is not taken from a notification: one may be lost with its connection, so every notification, every
new connection and every loss only says "look again". A connection pooler that shares connections between transactions
does not carry notifications: nothing is listened to then, and readers look again by themselves now and then.

psycopg is imported when there is something to listen to.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from specql_lsp.config import RegistrySettings
from specql_lsp.logs import fields
from specql_lsp.registry.service.backoff import Backoff

if TYPE_CHECKING:
    from psycopg import Notify

    from specql_lsp.registry.sources.postgresql.connection import BoundedConnection

logger = logging.getLogger(__name__)

CHANNEL = "specql_registry"
"""The channel on which ``registry install`` makes the database notify."""
PROBE_SECONDS = 30.0
"""After so long without a word the server is asked whether it is still there."""
MERGE_SECONDS = 0.05
"""After a notification the next ones are left to gather for so long: where others write busily, most are needless."""
CLOSE_SECONDS = 1.0
STEADY_SECONDS = 5.0
"""A connection that held so long is opened again at once when it is lost."""
SHORTEST_PAUSE = 0.05


class ChangeListener:
    """Tells its subscribers when the database may have changed.

    Args:
        settings: the URL, and the connect timeout.
        is_ours: whether the server's process with that number works for this process's own writes.
    """

    def __init__(self, settings: RegistrySettings, is_ours: Callable[[int], bool] = lambda _backend: False) -> None:
        self._settings = settings
        self._is_ours = is_ours
        self._condition = threading.Condition()
        self._subscribers: dict[object, tuple[Callable[[], None], Callable[[], None]]] = {}
        self._notifies = False
        self._closed = threading.Event()
        self._is_listening = False
        self._thread: threading.Thread | None = None
        self._backoff = Backoff()
        self._said: str | None = None
        self._waker: socket.socket | None = None

    @property
    def is_listening(self) -> bool:
        """Whether changes are notified."""
        return self._is_listening

    def subscribe(
        self, on_change: Callable[[], None], on_own_change: Callable[[], None] | None = None
    ) -> Callable[[], None]:
        """Has ``on_change`` called, on the listener's thread, when the database may have changed.

        Args:
            on_change: what to call.
            on_own_change: what to call instead where all changes are this process's own; None: the same.

        Returns:
            What ends the subscription.
        """
        key = object()
        with self._condition:
            self._subscribers[key] = (on_change, on_own_change or on_change)
        self._reconsider()

        def unsubscribe() -> None:
            with self._condition:
                self._subscribers.pop(key, None)
            self._reconsider()

        return unsubscribe

    def database_notifies(self, *, notifies: bool) -> None:
        """Says what the last reading found: whether the database notifies of its changes at all."""
        if notifies != self._notifies:
            with self._condition:
                self._notifies = notifies
            self._reconsider()

    def close(self) -> None:
        """Ends the connection and the thread; it may be called twice, and from any thread."""
        with self._condition:
            self._closed.set()
        self._reconsider()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(CLOSE_SECONDS)

    @property
    def _is_wanted(self) -> bool:
        return self._notifies and bool(self._subscribers) and not self._closed.is_set()

    def _reconsider(self) -> None:
        """Starts the thread where it is needed for the first time, and has it look at what is wanted now."""
        with self._condition:
            if self._thread is None and self._is_wanted:
                self._waker, wakened = socket.socketpair()  # wakes the thread while it waits for the server
                self._waker.settimeout(0)
                self._thread = threading.Thread(target=self._run, args=(wakened,), name="specql-listen", daemon=True)
                self._thread.start()
            self._condition.notify_all()
            if self._waker is not None:
                with contextlib.suppress(OSError):  # full of earlier words, or closed: it need not be said again
                    self._waker.send(b"!")

    def _run(self, wakened: socket.socket) -> None:
        with wakened:
            while self._wait_until_wanted():
                began = monotonic()
                try:
                    self._listen(wakened)
                except Exception as error:  # Whatever ends the listening, it begins again; readers do without.
                    self._say(
                        f"Listening for the registry's changes failed ({type(error).__name__}); it is tried again.",
                        event="listening_failed",
                    )
                if self._is_listening:
                    self._is_listening = False
                    self._tell()
                self._pause(monotonic() - began)
        if self._waker is not None:
            self._waker.close()

    def _wait_until_wanted(self) -> bool:
        """Waits until there is something to listen to; False when it is closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_wanted or self._closed.is_set())
            return not self._closed.is_set()

    def _pause(self, listened: float) -> None:
        """Waits before the next attempt, unless nothing is wanted any more; not long where it went well for a while."""
        if listened >= STEADY_SECONDS:
            self._backoff.reset()
        pause = SHORTEST_PAUSE if listened >= STEADY_SECONDS else self._backoff.pause()
        with self._condition:
            self._condition.wait_for(lambda: not self._is_wanted, pause)

    def _listen(self, wakened: socket.socket) -> None:
        """Listens until the connection ends, or nothing is wanted any more."""
        from specql_lsp.registry.sources.postgresql import connection as opening

        seconds = self._settings.connect_timeout_seconds
        parameters = opening.connection_parameters(self._settings.database_url, seconds)
        connection = opening.connect(parameters, seconds)
        try:
            connection.abandoned = self._closed
            connection.deadline = monotonic() + seconds
            (backend,) = connection.execute("SELECT pg_catalog.pg_backend_pid()").fetchone() or (None,)
            if backend != connection.info.backend_pid:
                self._say(
                    "The connection goes through a pooler, which passes no notifications on: changes are "
                    f"seen within {self._settings.refresh_seconds:g} s.",
                    event="pooler",
                )
                connection.close()
                with self._condition:
                    self._condition.wait_for(lambda: not self._is_wanted)
                return
            connection.execute(f"LISTEN {CHANNEL}".encode())
            self._is_listening = True
            self._say("The database notifies of changes.", event="listening")
            self._tell()  # changes before this moment were not notified
            self._wait_for_notifications(connection, wakened)
        finally:
            connection.close()

    def _wait_for_notifications(self, connection: BoundedConnection, wakened: socket.socket) -> None:
        heard: list[Notify] = []
        connection.add_notify_handler(heard.append)  # those that come while the server answers something else
        pgconn = connection.pgconn
        with selectors.DefaultSelector() as selector:
            selector.register(pgconn.socket, selectors.EVENT_READ)
            selector.register(wakened, selectors.EVENT_READ)
            while self._is_wanted:
                ready = {key.fileobj for key, _ in selector.select(PROBE_SECONDS)}
                if wakened in ready:
                    wakened.recv(1024)
                if not ready:
                    connection.deadline = monotonic() + self._settings.connect_timeout_seconds
                    connection.execute("SELECT 1")
                backends = _took_notifications(connection) | {notification.pid for notification in heard}
                heard.clear()
                if backends:
                    self._tell(is_own=all(map(self._is_ours, backends)))
                    self._closed.wait(MERGE_SECONDS)

    def _tell(self, *, is_own: bool = False) -> None:
        with self._condition:
            subscribers = list(self._subscribers.values())
        for on_change, on_own_change in subscribers:
            (on_own_change if is_own else on_change)()

    def _say(self, sentence: str, *, event: str) -> None:
        """Logs what has come to be, once until it changes; never a driver's words, which can hold a password."""
        if sentence != self._said:
            self._said = sentence
            logger.info("%s", sentence, extra=fields(event=event))


def _took_notifications(connection: BoundedConnection) -> set[int]:
    """Takes in what the server has said until now, however much it is.

    Returns:
        The numbers of the server's processes whose notifications were in it.

    Raises:
        ConnectionResetError: the server has closed the connection.
    """
    from specql_lsp.registry.sources.postgresql.connection import has_input, is_closed_by_server

    took: set[int] = set()
    until = monotonic() + MERGE_SECONDS  # if others write faster than this reads, subscribers are called, too
    while True:
        is_more = has_input(connection)
        if is_more and is_closed_by_server(connection):
            raise ConnectionResetError
        while (notification := connection.pgconn.notifies()) is not None:
            took.add(notification.be_pid)
        if not is_more or monotonic() > until:
            return took
