"""``python -m tests.benchmarks.team_members URL COUNT``: as many registries as a team has editors, a process each.

Forked from one process that has imported everything. Writes a line for each member that listens (``ready``), and for
each change that a member is informed of: how many entities there are, and the monotonic time in nanoseconds. Ends with
its standard input.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable

import psycopg  # noqa: F401 - imported before the forks, as everything

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.serialization import status_to_json
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.sources.postgresql import connection, errors, listener, source  # noqa: F401
from specql_lsp.registry.state import RegistryState

PAUSE_SECONDS = 0.02
"""Between two members that begin: the server is not to be measured while it forks."""


def main() -> None:
    """Runs the members until the standard input ends."""
    url, count = sys.argv[1], int(sys.argv[2])
    members: list[int] = []
    for _ in range(count):
        pid = os.fork()
        if not pid:
            _member(url)
            os._exit(0)
        members.append(pid)
        time.sleep(PAUSE_SECONDS)
    sys.stdin.read()
    for pid in members:
        os.kill(pid, signal.SIGKILL)


def _member(url: str) -> None:
    """A registry as an editor has it."""
    settings = RegistrySettings(
        database_url=url, refresh_seconds=3600, connect_timeout_seconds=60, statement_timeout_ms=60_000
    )
    service = RegistryService(settings, None, on_change=_informed(os.write))
    service.start()
    while not status_to_json(service.state)["listening"]:
        time.sleep(0.05)
        service.refresh().result()
    os.write(1, b"ready\n")
    while True:
        signal.pause()


def _informed(write: Callable[[int, bytes], int]) -> Callable[[RegistryState], None]:
    def informed(state: RegistryState) -> None:
        if state.snapshot is not None:
            write(1, f"{state.snapshot.entity_count} {time.monotonic_ns()}\n".encode())

    return informed


if __name__ == "__main__":
    main()
