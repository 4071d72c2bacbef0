"""What the registry's worker has to do next: writes first, then what was asked for, then what is due. Thread-safe."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from math import inf
from threading import Condition

from specql_lsp.registry.model import RegistryState

YAML_DELAY_SECONDS = 0.15
"""How long the YAML must be left alone before it is read: while a user types, every key would read it again."""
YAML_LONGEST_DELAY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Write:
    """A write that somebody waits for. ``run`` settles its future."""

    run: Callable[[], None]
    refuse: Callable[[], None]
    """Settles the future with a refusal, when the registry is closed before the write was begun."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """Read everything now, and tell those who wait (nobody, when it was only due)."""

    waiting: tuple[Future[RegistryState], ...] = ()


@dataclass(frozen=True, slots=True)
class RefreshPrimary:
    """Read the source of the first choice alone: it is said to have changed."""


@dataclass(frozen=True, slots=True)
class RefreshYaml:
    """Read the YAML alone."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing is to be done: time to see whether the connection is still there."""


Work = Write | Refresh | RefreshPrimary | RefreshYaml | Idle


class Agenda:
    """The worker's list of things to do. Several requests to read are one reading."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._wake = Condition()
        self._closed = False
        self._writes: deque[Write] = deque()
        self._refreshes: list[Future[RegistryState]] = []
        self._refresh_due = inf
        self._primary_due = inf
        self._yaml_due = inf
        self._yaml_latest = inf

    @property
    def closed(self) -> bool:
        """Whether there will be nothing more to do."""
        return self._closed

    def add_write(self, write: Write) -> bool:
        """Adds a write; False when the agenda is closed."""
        with self._wake:
            if self._closed:
                return False
            self._writes.append(write)
            self._wake.notify_all()
            return True

    def add_refresh(self, future: Future[RegistryState]) -> bool:
        """Adds a request to read everything now; False when the agenda is closed."""
        with self._wake:
            if self._closed:
                return False
            self._refreshes.append(future)
            self._wake.notify_all()
            return True

    def refresh_in(self, seconds: float) -> None:
        """Says when everything is to be read next, unless somebody asks earlier; ``inf`` for never."""
        with self._wake:
            self._refresh_due = self._seconds() + seconds
            self._wake.notify_all()

    def refresh_primary_in(self, seconds: float) -> None:
        """Says that the source of the first choice has changed: it is read by then, or earlier if that was due."""
        with self._wake:
            due = self._seconds() + seconds
            if due < self._primary_due:
                self._primary_due = due
                self._wake.notify_all()

    def refresh_yaml_soon(self) -> None:
        """Says that the YAML may have changed."""
        with self._wake:
            now = self._seconds()
            if self._yaml_due == inf:
                self._yaml_latest = now + YAML_LONGEST_DELAY_SECONDS
            self._yaml_due = min(now + YAML_DELAY_SECONDS, self._yaml_latest)
            self._wake.notify_all()

    def next(self, idle_after: float = inf) -> Work | None:
        """The next thing to do, waited for; ``Idle`` after so many seconds without any, None when it is closed."""
        with self._wake:
            idle_at = self._seconds() + idle_after
            while not self._closed:
                now = self._seconds()
                if self._writes:
                    return self._writes.popleft()
                if self._refreshes or self._refresh_due <= now:
                    waiting, self._refreshes = tuple(self._refreshes), []
                    self._refresh_due = inf
                    self._primary_due = inf
                    self._yaml_due = inf
                    return Refresh(waiting)
                if self._primary_due <= now:
                    self._primary_due = inf
                    return RefreshPrimary()
                if self._yaml_due <= now:
                    self._yaml_due = inf
                    return RefreshYaml()
                if idle_at <= now:
                    return Idle()
                due = min(self._refresh_due, self._primary_due, self._yaml_due, idle_at)
                self._wake.wait(None if due == inf else due - now)
            return None

    def close(self) -> tuple[list[Write], list[Future[RegistryState]]]:
        """Ends the agenda and gives back what nobody will do any more."""
        with self._wake:
            self._closed = True
            writes, refreshes = list(self._writes), self._refreshes
            self._writes.clear()
            self._refreshes = []
            self._wake.notify_all()
            return writes, refreshes
