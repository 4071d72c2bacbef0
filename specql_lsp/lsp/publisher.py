"""Publishing diagnostics: debounced, of the newest version only, and only what has changed.

Diagnostics are kept by (URI, origin), so that drift and the file's own findings clear independently.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from enum import Enum

from lsprotocol import types


class Origin(Enum):
    """Who found a diagnostic."""

    CHECK = "check"
    DRIFT = "drift"


Send = Callable[[types.PublishDiagnosticsParams], None]


class Publisher:
    """Sends diagnostics to the client.

    Args:
        send: sends ``textDocument/publishDiagnostics``.
        versions: whether the client takes versions.
    """

    def __init__(self, send: Send, *, versions: bool) -> None:
        self._send = send
        self._versions = versions
        self._by_uri: dict[str, dict[Origin, tuple[types.Diagnostic, ...]]] = {}

    def publish(
        self, uri: str, origin: Origin, diagnostics: Iterable[types.Diagnostic], *, version: int | None, client_uri: str
    ) -> None:
        """Sets what one origin found in a file; sends it where it is new, and always for an open document."""
        found = tuple(diagnostics)
        known = self._by_uri.get(uri, {})
        unchanged = known.get(origin, ()) == found
        if unchanged and version is None:
            return
        if found:
            self._by_uri.setdefault(uri, {})[origin] = found
        else:
            known.pop(origin, None)
            if not known:
                self._by_uri.pop(uri, None)
        everything = [d for group in self._by_uri.get(uri, {}).values() for d in group]
        self._send(types.PublishDiagnosticsParams(client_uri, everything, version=version if self._versions else None))

    def clear(self, uri: str, *, client_uri: str) -> None:
        """Takes away every diagnostic of a file."""
        if self._by_uri.pop(uri, None):
            self._send(types.PublishDiagnosticsParams(client_uri, []))

    def of(self, uri: str) -> tuple[types.Diagnostic, ...]:
        """What is published for a file."""
        return tuple(d for group in self._by_uri.get(uri, {}).values() for d in group)

    @property
    def uris(self) -> tuple[str, ...]:
        """The files for which something is published."""
        return tuple(self._by_uri)


class Debouncer:
    """Runs the last of a burst of calls by key, a while after it."""

    def __init__(self) -> None:
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def call(self, key: str, delay_ms: float, run: Callable[[], None]) -> None:
        """Runs ``run`` after ``delay_ms`` milliseconds, unless the same key is called again before."""
        self.cancel(key)

        def due() -> None:
            self._timers.pop(key, None)
            run()

        self._timers[key] = asyncio.get_running_loop().call_later(delay_ms / 1000, due)

    def cancel(self, key: str) -> None:
        """Forgets the pending call of a key."""
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """Forgets every pending call."""
        for key in list(self._timers):
            self.cancel(key)
