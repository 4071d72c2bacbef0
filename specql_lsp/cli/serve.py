"""``specql-lsp serve``: the language server on stdin and stdout."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from specql_lsp.logs import configure_logging, log_uncaught_exceptions
from specql_lsp.printable import printable
from specql_lsp.redaction import redact

SWITCH_INTERVAL_SECONDS = 0.0005
"""How long a thread may keep the interpreter while another waits for it; CPython's default is ten times as long.

The event loop gives the interpreter up with every wake-up, read and write, at least three times in a request. While a
worker reads a large registry, each time costs it up to this interval: 15 ms a request by default, 1.5 ms so.
"""


def run_server(
    log_file: Path | None = None, log_level: str = "warning", log_format: str = "text", *, trusted: bool = True
) -> int:
    """Serves until the client leaves.

    Args:
        log_file: appended to; None for stderr.
        log_level: one of ``specql_lsp.logs.LEVELS``.
        log_format: one of ``specql_lsp.logs.LOG_FORMATS``.
        trusted: whether ``specql-lsp.toml`` may name a database to connect to.

    Returns:
        The exit status.
    """
    try:
        configure_logging(log_level, log_file, log_format)
    except OSError as error:
        sentence = f"specql-lsp: the log file {log_file} cannot be written: {error.strerror}."
        print(printable(redact(sentence)), file=sys.stderr)  # noqa: T201
        return 2
    log_uncaught_exceptions()
    # What a start makes lives long: the collector waits for its end (``specql_lsp.lsp.gc_freeze``).
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    from specql_lsp.lsp.start import serve

    status = serve(trusted=trusted)
    gc.freeze()  # or the interpreter's end would look through everything for cycles, while an editor waits for it
    return status
