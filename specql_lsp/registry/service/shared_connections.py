"""The database connections of one process: per database one that reads and writes and one that listens.

All workspace folders whose settings name the same database and the same limits share them, by leases that are counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.metrics.statement_timings import StatementTimings

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql.listener import ChangeListener
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

_Key = tuple[str, float, int, int]


@dataclass(slots=True)
class _Shared:
    source: PostgresqlSource
    listener: ChangeListener
    timings: StatementTimings
    leases: int = 0


class ConnectionLease:
    """One user's lease of a database. ``release`` ends it; the end of the last lease closes the connections."""

    def __init__(self, shared: _Shared, release: Callable[[], None]) -> None:
        self._shared = shared
        self._release = release
        self._unsubscribe: Callable[[], None] | None = None
        self._released = False
        self._lock = Lock()
        self._known_losses = shared.source.losses

    @property
    def source(self) -> PostgresqlSource:
        """Reads and writes the database. Its methods may be called from any thread; they run one at a time."""
        return self._shared.source

    @property
    def timings(self) -> StatementTimings:
        """The durations of all statements that this process sent to the database."""
        return self._shared.timings

    @property
    def is_listening(self) -> bool:
        """Whether this user is notified of changes."""
        return self._unsubscribe is not None and self._shared.listener.is_listening

    def listen(self, on_change: Callable[[], None], on_own_change: Callable[[], None] | None = None) -> None:
        """Has ``on_change`` called, on the listener's thread, when the database may have changed.

        ``on_own_change`` is called instead if all changes were written through ``source``, by any of its users. Called
        again, or after the end of the lease, it does nothing.
        """
        with self._lock:
            if self._unsubscribe is None and not self._released:
                self._unsubscribe = self._shared.listener.subscribe(on_change, on_own_change)

    @property
    def occupied_seconds(self) -> float:
        """How long another user's write may still occupy the connection although the server is healthy."""
        return self.source.occupied_seconds

    def is_lost(self) -> bool:
        """Whether the connection was lost since this user last read or tried to read. Never waits."""
        return self.source.is_lost() or self.source.losses != self._known_losses

    def was_read(self) -> None:
        """Records that this user has read the source or tried to, so that it is known whether the database notifies."""
        self._known_losses = self.source.losses
        self._shared.listener.database_notifies(notifies=self._shared.source.notifies)

    def release(self) -> None:
        """Ends the lease. May be called twice, and at any moment."""
        with self._lock:
            if self._released:
                return
            self._released = True
            if self._unsubscribe is not None:
                self._unsubscribe()
        self._release()


class ConnectionRegistry:
    """Grants leases. Safe from any thread. Nothing is connected before it is used."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._shared: dict[_Key, _Shared] = {}

    def lease(self, settings: RegistrySettings) -> ConnectionLease:
        """A lease of the database of the settings. Leases with the same URL and the same limits share connections."""
        # A registry in YAML does without, and a start waits for every import.
        from specql_lsp.registry.sources.postgresql.listener import ChangeListener
        from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

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
            shared.leases += 1
        return ConnectionLease(shared, lambda: self._end(key, shared))

    def _end(self, key: _Key, shared: _Shared) -> None:
        with self._lock:
            shared.leases -= 1
            if shared.leases:
                return
            self._shared.pop(key, None)
        shared.source.close()
        shared.listener.close()
