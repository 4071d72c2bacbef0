"""Log handlers that never disturb who logs: the base of all of ours, and the one for stderr."""

from __future__ import annotations

import logging
import sys

from specql_lsp.printable import printable
from specql_lsp.redaction import redact


class Quietly(logging.Handler):
    """A handler that never disturbs who logs, and never shows a record that it could not write.

    Python's own would print the record with its arguments, which may hold a password, for every single one.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Says in one sentence, without its content, that a record is lost."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self._say(f"A log message of {record.name} could not be written ({type(error).__name__}).")

    def _say(self, sentence: str) -> None:
        try:
            print(printable(redact(f"specql-lsp: {sentence}")), file=sys.stderr)  # noqa: T201 - the log itself is what fails
        except (OSError, ValueError):
            return  # there is no stream left to say so on


class Stderr(Quietly, logging.StreamHandler):  # type: ignore[type-arg]
    """Logs to stderr; nowhere once its reader is gone."""
