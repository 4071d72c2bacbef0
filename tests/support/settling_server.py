"""Our server (``tests/support/patient.py``) with short pauses and one more command, a fence behind all its work.

Started as ``python -m tests.support.settling_server``. ``SETTLE`` is answered when nothing is due any more: no check,
no pause in typing, no look at the disk, no reading of a registry. What the client is sent by then comes before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import Future
from math import inf
from typing import TYPE_CHECKING, Any

from specql_lsp.__main__ import main
from specql_lsp.lsp.awaiting import outcome
from specql_lsp.registry.refusals import Refused
from tests.support import patient
from tests.support.own_route import OwnRoute

if TYPE_CHECKING:
    from specql_lsp.lsp.session import Session
    from specql_lsp.registry.service.service import RegistryService

SETTLE = "specqlTest.settle"
_LATER = ("expire:", "time:")
"""Timers of what nobody waits for: memory is given back, and clients that watch nothing have files looked at."""
_QUIET_TIMES = 3
"""So often in a row there must be nothing to do: what ends may begin something else."""


def adjust() -> None:
    """Shortens the pauses, and adds the command."""
    from specql_lsp.lsp import (
        diagnostic_delivery,
        document_pulls,
        findings_publisher,
        server,
        workspace_pulls,
    )
    from specql_lsp.registry.service import work_queue

    findings_publisher.QUIET_MS = 100
    diagnostic_delivery.UNPULLED_MS = 100
    document_pulls.REFRESH_MS = 10
    workspace_pulls.PAUSE_MS = 20
    work_queue.YAML_DELAY_SECONDS = 0.03
    server.COMMANDS = (*server.COMMANDS, OwnRoute(SETTLE, _settle))


async def _settle(session: Session, argument: dict[str, Any]) -> list[str]:
    """With ``refresh`` every registry is read first: what a database has told of it may still be on its way."""
    if argument.get("refresh"):
        for folder in list(session.folders.values()):
            with contextlib.suppress(Refused):  # the folder was closed meanwhile
                await outcome(folder.service.refresh())
    quiet = 0
    while quiet < _QUIET_TIMES:
        for folder in list(session.folders.values()):
            await _worked(folder.service)
        await session.in_thread(lambda: None)
        await asyncio.sleep(0.01)
        quiet = 0 if any(_due(session)) else quiet + 1
    return []


async def _worked(service: RegistryService) -> None:
    """Waits until the registry's worker has ended what it is at."""
    from specql_lsp.registry.service.work_queue import Write

    done: Future[None] = Future()
    end = Write(lambda: done.set_result(None), lambda: done.set_result(None))
    if service._queue.add_write(end):
        await asyncio.wrap_future(done)


def _due(session: Session) -> Iterator[str]:
    """What is still to come."""
    scheduler = session._diagnostics
    for timers in (scheduler.debouncer, session.delivery._timers, session.folder_changes._disk._timers):
        yield from (key for key in timers._timers if not key.startswith(_LATER))
    yield from (repr(task) for task in session._tasks._tasks)
    for folder in session.folders.values():
        queue = folder.service._queue
        yield from (folder.uri for due in (queue._yaml_due, queue._primary_due) if due != inf)
        yield from (folder.uri for _ in (*queue._writes, *queue._refreshes))


if __name__ == "__main__":
    patient.adjust()
    adjust()
    main()
