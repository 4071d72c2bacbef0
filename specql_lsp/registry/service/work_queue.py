"""The queue of the registry's worker: writes, then requested readings, then readings that are due. Thread-safe.

One piece of work is done at a time: by the worker, or by a thread that was lent the worker's turn.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from math import inf
from threading import Condition, get_ident
from typing import NamedTuple

from specql_lsp.registry.state import RegistryState

YAML_DELAY_SECONDS = 0.15
"""How long the YAML must stay unchanged before it is read: while a user types, every key would cause a reading."""
YAML_LONGEST_DELAY_SECONDS = 1.0


class Write(NamedTuple):
    """A write, or a question to the primary source that a user waits for. ``run`` settles its future."""

    run: Callable[[], None]
    refuse: Callable[[], None]
    """Settles the future with a refusal, if the registry is closed before the write begins."""


class Refresh(NamedTuple):
    """Reads all sources; ``waiting`` are the futures to settle (none if the reading was only due)."""

    waiting: tuple[Future[RegistryState], ...] = ()


class RefreshPrimary:
    """Reads the primary source only: it may have changed."""


class RefreshYaml:
    """Reads the YAML only."""


class Idle:
    """There is nothing to do: the worker looks whether its connection still exists, and at the folder's leases."""


Work = Write | Refresh | RefreshPrimary | RefreshYaml | Idle


class WorkQueue:
    """A priority queue. Several requests for the same reading become one reading.

    Args:
        seconds: a monotonic clock.
    """

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
        self._is_working = False
        self._lent_to: int | None = None
        self._is_held_up = False  # somebody waits for the end of a lent turn

    @property
    def closed(self) -> bool:
        """Whether the queue is closed."""
        return self._closed

    def add_write(self, write: Write) -> bool:
        """Adds a write. False if the queue is closed."""
        with self._wake:
            if self._closed:
                return False
            self._writes.append(write)
            self._wake.notify_all()
            return True

    def borrow_turn(self) -> bool:
        """Lends the worker's turn to the calling thread, unless something is under way, waits or is due.

        Returns:
            Whether the turn was lent; then the worker does nothing before ``return_turn``.
        """
        with self._wake:
            waits = self._writes or self._refreshes or self._due() <= self._seconds()
            if self._closed or self._is_working or self._lent_to is not None or waits:
                return False
            self._lent_to = get_ident()
            return True

    def return_turn(self) -> None:
        """Ends what ``borrow_turn`` began."""
        with self._wake:
            self._lent_to = None
            if self._is_held_up or self._closed:
                self._wake.notify_all()

    def wait_for_turn(self, seconds: float) -> None:
        """Waits for the end of a turn that was lent to another thread, if there is one, for some seconds at most."""
        with self._wake:
            self._is_held_up = True
            self._wake.wait_for(lambda: self._lent_to in {None, get_ident()}, seconds)

    def add_refresh(self, future: Future[RegistryState]) -> bool:
        """Adds a request to read all sources now. False if the queue is closed."""
        with self._wake:
            if self._closed:
                return False
            self._refreshes.append(future)
            self._wake.notify_all()
            return True

    def refresh_in(self, seconds: float) -> None:
        """Sets when all sources are read next, unless a request comes earlier; ``inf`` for never."""
        with self._wake:
            self._refresh_due = self._seconds() + seconds
            self._wake.notify_all()

    def refresh_primary_in(self, seconds: float) -> None:
        """Has the primary source read within that time; an earlier reading that is already due stays."""
        with self._wake:
            due = self._seconds() + seconds
            if due < self._primary_due:
                self._primary_due = due
                self._wake.notify_all()

    def refresh_yaml_soon(self) -> None:
        """Has the YAML read after ``YAML_DELAY_SECONDS`` without another such call, and within the longest delay."""
        with self._wake:
            now = self._seconds()
            if self._yaml_due == inf:
                self._yaml_latest = now + YAML_LONGEST_DELAY_SECONDS
            self._yaml_due = min(now + YAML_DELAY_SECONDS, self._yaml_latest)
            self._wake.notify_all()

    def next(self, idle_after: float = inf) -> Work | None:
        """Waits for the next work and returns it.

        Args:
            idle_after: the seconds without work after which ``Idle`` is returned.

        Returns:
            The work; None once the queue is closed.
        """
        with self._wake:
            self._is_working = False
            idle_at = self._seconds() + idle_after
            while not self._closed:
                self._is_held_up = self._lent_to is not None
                if self._is_held_up:
                    self._wake.wait()
                    continue
                now = self._seconds()
                work = self._take(now) or (Idle() if idle_at <= now else None)
                if work is not None:
                    self._is_working = True
                    return work
                due = min(self._due(), idle_at)
                self._wake.wait(None if due == inf else due - now)
            return None

    def _take(self, now: float) -> Work | None:
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
        return None

    def _due(self) -> float:
        return min(self._refresh_due, self._primary_due, self._yaml_due)

    def close(self) -> tuple[list[Write], list[Future[RegistryState]]]:
        """Closes the queue and returns the writes and the futures that will not be worked on."""
        with self._wake:
            self._closed = True
            writes, refreshes = list(self._writes), self._refreshes
            self._writes.clear()
            self._refreshes = []
            self._wake.notify_all()
            return writes, refreshes
