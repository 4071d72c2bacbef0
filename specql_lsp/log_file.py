"""A log file that lasts: appended to by several servers at once, rotated under them, on a disk that may be full."""

from __future__ import annotations

import errno
import logging
import os
import stat
import sys
from io import FileIO
from pathlib import Path

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
            return  # nobody is left to be told


class Stderr(Quietly, logging.StreamHandler):  # type: ignore[type-arg]
    """Logs to stderr; where nobody reads it any more, to nobody."""


class LogFile(Quietly):
    """Appends to a file, each record in one write of its own.

    So the servers of several editors can share one file. A file that was moved away or deleted (logrotate) is begun
    anew. While the file cannot be written (a full disk), records are lost, which stderr is told once.

    Args:
        path: the file; made where it is missing, its folder is not. It may be a character device (``/dev/null``).

    Raises:
        OSError: the file cannot be opened, or is a pipe or a socket, whose reader could stop the server.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path.absolute()
        self._file = self._opened()
        self._is_torn = False
        self._has_failed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record."""
        try:
            line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
            if not self._is_current():
                self._file.close()
                self._file = self._opened()
            self._write(line)
        except RecursionError:
            raise
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Says once that the file cannot be written, until it could be again."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._has_failed:
            self._has_failed = True
            self._say(f"the log file {self._path} cannot be written now: {error.strerror}.")

    def _write(self, line: bytes) -> None:
        line = b"\n" + line if self._is_torn else line
        written = self._file.write(line)
        self._is_torn = written != len(line)
        self._has_failed = False

    def _opened(self) -> FileIO:
        return FileIO(str(self._path), "ab", opener=_open_without_waiting)

    def _is_current(self) -> bool:
        """Whether the open file is still the one of that name."""
        if self._file.closed:
            return False
        try:
            named = self._path.stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(named, os.fstat(self._file.fileno()))


def _open_without_waiting(path: str, flags: int) -> int:
    """Opens a file to write to; a pipe without a reader is refused at once, a device that is busy loses records."""
    try:
        descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0), 0o666)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a pipe that nobody reads, or a socket
            raise OSError(errno.EINVAL, "it is a pipe or a socket, not a file", path) from None
        raise
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or stat.S_ISCHR(mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", path)
