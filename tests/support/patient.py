"""Our program, run as ``python -m tests.support.patient`` where a busy machine must make no difference.

It is the real one but for what it does when something takes a second: then the YAML answers while PostgreSQL is waited
for, and a command says what it is at. Both are right, and shown by tests that start ``specql_lsp`` itself or choose the
time; the others have nothing to do with how long anything takes.
"""

from __future__ import annotations

import os
import sys

from specql_lsp.__main__ import main
from tests.support.patience import PATIENCE

SETTLED_VARIABLE = "SPECQL_TEST_SETTLED_MS"
"""The environment variable with the milliseconds that drift has to stand before it is told."""
SETTINGS_VARIABLE = "SPECQL_TEST_SETTINGS_SECONDS"
"""The environment variable with the seconds for which the server waits for the client's settings."""
PROGRESS_VARIABLE = "SPECQL_TEST_PROGRESS_SECONDS"
"""The environment variable with the seconds after which a command says what it is at."""


def _adjust() -> None:
    from specql_lsp.registry.service import current_state

    current_state.FIRST_ANSWER_SECONDS = PATIENCE
    if sys.argv[1:2] in ([], ["serve"]):
        from specql_lsp.lsp import user_messages, workspace_folders

        user_messages.SETTLED_MS = int(os.environ.get(SETTLED_VARIABLE, user_messages.SETTLED_MS))
        seconds = float(os.environ.get(SETTINGS_VARIABLE, workspace_folders.CONFIGURATION_SECONDS))
        workspace_folders.CONFIGURATION_SECONDS = seconds
    else:
        from specql_lsp.cli import progress

        progress.DELAY_SECONDS = float(os.environ.get(PROGRESS_VARIABLE, PATIENCE))


if __name__ == "__main__":
    _adjust()
    main()
