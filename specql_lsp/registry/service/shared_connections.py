"""The databases of one process: one connection to read and write, one to listen, however many folders use them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.metrics.statement_timings import StatementTimings
from specql_lsp.registry.sources.postgresql.listener import ChangeListener
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

_Key = tuple[str, float, int, int]


@dataclass(slots=True)
class _Shared:
    source: PostgresqlSource
    listener: ChangeListener
    timings: StatementTimings
    users: int = 0


class Database:
    """One user's share of a database. ``release`` gives it back; the last one closes the connections."""

    def __init__(self, shared: _Shared, release: Callable[[], None]) -> None:
        self._shared = shared
        self._release = release
        self._unsubscribe: Callable[[], None] | None = None
        self._released = False
        self._known_losses = shared.source.losses

    @property
    def source(self) -> PostgresqlSource:
        """What reads and writes it; its methods may be called from any thread, and wait for each other."""
        return self._shared.source

    @property
    def timings(self) -> StatementTimings:
        """The durations of all statements, whoever of the process ran them."""
        return self._shared.timings

    @property
    def is_listening(self) -> bool:
        """Whether this user is told of changes as they happen."""
        return self._unsubscribe is not None and self._shared.listener.is_listening

    def listen(self, on_change: Callable[[], None], on_own_change: Callable[[], None] | None = None) -> None:
        """Has ``on_change`` called, on the listener's thread, when the database may have changed.

        ``on_own_change`` is called instead where all changes were written through ``source``, by any of its users.
        """
        if self._unsubscribe is None:
            self._unsubscribe = self._shared.listener.subscribe(on_change, on_own_change)

    @property
    def occupied_seconds(self) -> float:
        """How long another user's write may still keep this one waiting, with the server in good health."""
        return self.source.occupied_seconds

    def is_lost(self) -> bool:
        """Whether the connection was lost since this user last tried to read, whoever noticed; never waits."""
        return self.source.is_lost() or self.source.losses != self._known_losses

    def was_read(self) -> None:
        """Says that this user has read the source, or tried to; it knows now whether the database notifies at all."""
        self._known_losses = self.source.losses
        self._shared.listener.database_notifies(notifies=self._shared.source.notifies)

    def release(self) -> None:
        """Gives the share back; it may be called twice, and at any moment."""
        if self._released:
            return
        self._released = True
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._release()


class Databases:
    """Hands out shares. Safe from any thread. Nothing is connected before it is used."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._shared: dict[_Key, _Shared] = {}

    def open(self, settings: RegistrySettings) -> Database:
        """A share of the database of the settings; users whose URL and limits are the same share one."""
        key = (
            settings.database_url,
            settings.connect_timeout_seconds,
            settings.statement_timeout_ms,
            settings.lock_timeout_ms,
        )
        with self._lock:
            shared = self._shared.get(key)
            if shared is None:
                timings = StatementTimings(settings.slow_query_ms)
                source = PostgresqlSource(settings, timings)
                shared = _Shared(source, ChangeListener(settings, lambda backend: backend == source.backend), timings)
                self._shared[key] = shared
            shared.users += 1
        return Database(shared, lambda: self._give_back(key, shared))

    def _give_back(self, key: _Key, shared: _Shared) -> None:
        with self._lock:
            shared.users -= 1
            if shared.users:
                return
            self._shared.pop(key, None)
        shared.source.close()
        shared.listener.close()
