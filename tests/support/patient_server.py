"""Our server, which waits for PostgreSQL's first answer as long as the tests do; started with ``python -m``.

Where that takes a second, the YAML answers meanwhile and the user is told. That is right, and shown by tests that start
``specql_lsp`` itself; the others begin when PostgreSQL has answered, however busy the machine is.
"""

from __future__ import annotations

import os

from specql_lsp.__main__ import main
from tests.support.patience import PATIENCE

SETTLED_VARIABLE = "SPECQL_TEST_SETTLED_MS"
"""The environment variable with the milliseconds that drift has to stand before it is told."""


def _adjust() -> None:
    from specql_lsp.lsp import alerts
    from specql_lsp.registry import service

    service.FIRST_ANSWER_SECONDS = PATIENCE
    alerts.SETTLED_MS = int(os.environ.get(SETTLED_VARIABLE, alerts.SETTLED_MS))


if __name__ == "__main__":
    _adjust()
    main()
