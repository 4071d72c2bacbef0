"""Logging for a process whose stdout is the protocol's: to stderr, to a file on demand, and never a secret.

A record may carry structured fields (``fields``): a text log appends them as logfmt does, a JSON log makes them keys.
"""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from specql_lsp.log_handlers import Stderr
from specql_lsp.printable import printable
from specql_lsp.redaction import redact

LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")

Field = str | float | bool | None
"""The value of a structured field; None leaves the field out."""

_SECRET_NAME = re.compile(r"password|passwd|database_?url|db_url", re.IGNORECASE)
_NEEDS_QUOTES = re.compile(r"[\s\"=\\\x00-\x1f\x7f]|\A\Z")


def fields(*, event: str, **values: Field) -> dict[str, Mapping[str, Field]]:
    """Structured fields for a record, as ``logger.warning("…", extra=fields(event="slow_query", ms=312.4))``.

    Args:
        event: what happened, in snake_case: what a person greps for.
        values: what is known of it, by name.
    """
    return {"fields": {"event": event, **values}}


class RedactingFormatter(logging.Formatter):
    """Formats a record and takes the passwords out, those in tracebacks and in other libraries' messages included.

    Structured fields follow the message as ``key=value``, quoted as logfmt does where the value needs it. Control
    characters are shown as ``printable`` shows them. A message is one line, unless its record has a true attribute
    ``has_lines``; a traceback follows it.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The message, whose line breaks cannot begin what looks like another record."""
        message = redact(super().formatMessage(record))
        return message if getattr(record, "has_lines", False) else printable(message)

    def format(self, record: logging.LogRecord) -> str:
        """The lines of a record; the fields are at the end of the first one."""
        lines = map(printable, redact(super().format(record)).split("\n"))
        first, newline, rest = "\n".join(lines).partition("\n")
        pairs = [f"{name}={_logfmt(value)}" for name, value in _fields_of(record).items()]
        return " ".join([first, *pairs]) + newline + rest


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object on one line, in ASCII, without passwords.

    Its keys: ``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``, the record's fields, and ``exception``
    where there was one.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        moment = datetime.fromtimestamp(record.created, UTC)
        shown: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            # Each text by itself: what is taken out of the finished line could take its punctuation along.
            "message": redact(record.getMessage()),
        }
        for name, value in _fields_of(record).items():
            shown.setdefault(name, value)
        if record.exc_info:
            shown["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(shown)


def configure_logging(level: str, log_file: Path | None, log_format: str = "text") -> None:
    """Sends the log of this process to stderr, or to a file.

    Args:
        level: one of ``LEVELS``.
        log_file: appended to; None for stderr.
        log_format: one of ``LOG_FORMATS``.

    Raises:
        OSError: the file cannot be opened.
    """
    handler = _log_file(log_file) if log_file else Stderr(sys.stderr)
    text = RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if log_format == "json" else text)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # pygls logs every message whole, and every refusal with a traceback; what fails is logged by us.
    logging.getLogger("pygls").setLevel(logging.DEBUG if level == "debug" else logging.CRITICAL)


def _log_file(path: Path) -> logging.Handler:
    from specql_lsp.log_file import LogFile  # it imports much that a start without a log file does not need

    return LogFile(path)


def log_uncaught_exceptions() -> None:
    """Has exceptions that nothing catches, on any thread of this process, logged: Python prints their text as it is."""

    def log(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None and isinstance(error, Exception):  # not what ends a process: Ctrl-C, SystemExit
            logging.getLogger("specql_lsp").critical("An exception was not caught.", exc_info=(kind, error, trace))

    sys.excepthook = log
    threading.excepthook = lambda failed: log(failed.exc_type, failed.exc_value, failed.exc_traceback)
    sys.unraisablehook = lambda failed: log(failed.exc_type, failed.exc_value, failed.exc_traceback)


def log_unexpected(logger: logging.Logger, doing: str, error: Exception) -> None:
    """Logs an exception that no code expects, without its message: a driver's message can hold a password.

    Args:
        logger: the logger of the caller.
        doing: what the program was doing, such as "reading the registry YAML".
        error: the exception.
    """
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error(
        "Unexpected %s while %s:\n%s", type(error).__name__, doing, frames, extra={"has_lines": True, "error": error}
    )


def _fields_of(record: logging.LogRecord) -> dict[str, str | float | bool]:
    """A record's fields, without secrets."""
    given = getattr(record, "fields", None)
    if not isinstance(given, Mapping):
        return {}
    return {str(name): _shown(str(name), value) for name, value in given.items() if value is not None}


def _shown(name: str, value: object) -> str | float | bool:
    if _SECRET_NAME.search(name):
        return "***"
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    return redact(str(value))


def _logfmt(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return json.dumps(text, ensure_ascii=False) if _NEEDS_QUOTES.search(text) else text
