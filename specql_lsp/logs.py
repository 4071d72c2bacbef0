"""Logging for a process whose stdout is the protocol's: to stderr, to a file on demand, and never a secret."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path

LEVELS = ("debug", "info", "warning", "error")

_SETTING = re.compile(
    r"(?P<head>\b(?:database_?url|SPECQL_DB_URL)\b(?:\\?['\"])?\s*[=:]\s*)"
    r"(?:\"(?:[^\"\\]|\\.)*(?:\"|\Z)|'(?:[^'\\]|\\.)*(?:'|\Z))",
    re.IGNORECASE | re.DOTALL,
)
"""The value of the setting itself, whatever it holds: who mistypes a URL has mistyped it around the password."""
_URL_PASSWORD = re.compile(r"(?P<head>\b[a-z][a-z0-9+]*:?//[^\s:/@]*:)\S*(?=@)", re.IGNORECASE)
_DSN_PASSWORD = re.compile(
    r"(?P<head>\b(?:password|passwd|sslpassword|pgpassword)\b(?:\\?['\"])?\s*[=:]\s*)"
    r"(?:'(?:[^'\\]|\\+[^\\])*(?:'|\Z)|\"(?:[^\"\\]|\\+[^\\])*(?:\"|\Z)|\S+)",
    re.IGNORECASE | re.DOTALL,
)
_HIDDEN = r"\g<head>***"


def redact(text: str) -> str:
    """The text without the passwords of URLs and connection strings; too much is hidden rather than too little."""
    return _DSN_PASSWORD.sub(_HIDDEN, _URL_PASSWORD.sub(_HIDDEN, _SETTING.sub(_HIDDEN, text)))


class RedactingFormatter(logging.Formatter):
    """Formats a record and takes the passwords out, those in tracebacks and in other libraries' messages included."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        return redact(super().format(record))


def configure_logging(level: str, log_file: Path | None) -> None:
    """Sends the log of this process to stderr, or to a file.

    Args:
        level: one of ``LEVELS``.
        log_file: appended to; None for stderr.

    Raises:
        OSError: the file cannot be opened.
    """
    handler: logging.Handler
    handler = logging.FileHandler(log_file, encoding="utf-8") if log_file else logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # pygls logs every message whole, and every refusal with a traceback; what fails is logged by us.
    logging.getLogger("pygls").setLevel(logging.DEBUG if level == "debug" else logging.CRITICAL)
