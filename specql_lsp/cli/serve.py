"""``specql-lsp serve``: the language server on stdin and stdout."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from specql_lsp.logs import configure_logging, log_uncaught_exceptions
from specql_lsp.printable import printable
from specql_lsp.redaction import redact


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
    # Snapshots and syntax trees are large and live long: collecting as often as for a script doubles their cost.
    gc.set_threshold(20_000, 20, 50)
    # So long the event loop waits for the interpreter while another thread computes; Python's default is ten times it.
    sys.setswitchinterval(0.0005)
    from specql_lsp.lsp.start import serve

    return serve(trusted=trusted)
