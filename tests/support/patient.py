"""Our program, run as ``python -m tests.support.patient`` where a busy machine must make no difference.

It is the real one but for what it does when something takes a second: then the YAML answers while PostgreSQL is waited
for, and a command says what it is at. Both are right, and shown by tests that start ``specql_lsp`` itself or choose the
time; the others have nothing to do with how long anything takes.

It answers one more command, ``TELL_ALL``: when everything is told that was to be told, so that a test can show that
nothing comes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specql_lsp.__main__ import main
from tests.support.own_route import OwnRoute
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from specql_lsp.lsp.session import Session

TELL_ALL = "specqlTest.tellAll"
"""The command that is answered when the user has been told of every change that was seen before it."""
QUIET_VARIABLE = "SPECQL_TEST_QUIET_MS"
"""The environment variable with the milliseconds that a document must not change until all of it is published."""
SETTLED_VARIABLE = "SPECQL_TEST_SETTLED_MS"
"""The environment variable with the milliseconds that drift has to stand before it is told."""
SETTINGS_VARIABLE = "SPECQL_TEST_SETTINGS_SECONDS"
"""The environment variable with the seconds for which the server waits for the client's settings."""
PROBE_VARIABLE = "SPECQL_TEST_PROBE_SECONDS"
"""The environment variable with the seconds after which a listening connection that hears nothing is asked."""
INTERNAL_ERRORS_VARIABLE = "TESTS_INTERNAL_ERRORS"
"""The environment variable with the file into which each internal error is written, on a line of its own."""
PROGRESS_VARIABLE = "SPECQL_TEST_PROGRESS_SECONDS"
"""The environment variable with the seconds after which a command says what it is at."""


def _write_internal_errors(file: str) -> None:
    """Has each internal error that is counted written into a file: a test fails by it (``tests/e2e/conftest.py``)."""
    from specql_lsp.lsp.internal_errors import InternalErrors, error_of

    count = InternalErrors.emit

    def emit(self: InternalErrors, record: logging.LogRecord) -> None:
        count(self, record)
        error = error_of(record)
        if error is not None:
            with Path(file).open("a", encoding="utf-8") as stream:
                stream.write(f"{record.getMessage()}\n{''.join(traceback.format_exception(error))}\n")

    InternalErrors.emit = emit  # type: ignore[method-assign]


def adjust() -> None:
    """Takes what depends on time away, and adds the command."""
    from specql_lsp.registry.service import current_state

    current_state.FIRST_ANSWER_SECONDS = PATIENCE
    if sys.argv[1:2] in ([], ["serve"]):
        if INTERNAL_ERRORS_VARIABLE in os.environ:
            _write_internal_errors(os.environ[INTERNAL_ERRORS_VARIABLE])
        from specql_lsp.lsp import findings_publisher, server, user_messages, workspace_folders

        findings_publisher.QUIET_MS = int(os.environ.get(QUIET_VARIABLE, findings_publisher.QUIET_MS))
        user_messages.SETTLED_MS = int(os.environ.get(SETTLED_VARIABLE, user_messages.SETTLED_MS))
        seconds = float(os.environ.get(SETTINGS_VARIABLE, workspace_folders.CONFIGURATION_SECONDS))
        workspace_folders.CONFIGURATION_SECONDS = seconds
        if PROBE_VARIABLE in os.environ:
            from specql_lsp.registry.sources.postgresql import listener

            listener.PROBE_SECONDS = float(os.environ[PROBE_VARIABLE])
        server.COMMANDS = (*server.COMMANDS, OwnRoute(TELL_ALL, _tell_all))
    else:
        from specql_lsp.cli import progress

        progress.DELAY_SECONDS = float(os.environ.get(PROGRESS_VARIABLE, PATIENCE))


async def _tell_all(session: Session, _argument: dict[str, Any]) -> None:
    """Waits until no drift is waited for, and until what settled before is shown."""
    from specql_lsp.lsp.awaiting import outcome

    timers = session._status._messages._debouncer._timers
    while timers:
        await asyncio.sleep(0.01)
    # Drift is shown when what the registry's worker has to do is done, and it has been described on the session's only
    # thread, in two steps. The worker is asked now after it was asked for the drift; work that is given to that thread
    # then ends after the first step, what follows it after the second, and one more after what is shown then.
    for folder in session.folders.values():
        await outcome(folder.service.written())
    for _ in range(3):
        await session.in_thread(lambda: None)


if __name__ == "__main__":
    adjust()
    main()
