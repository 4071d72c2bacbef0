"""A log file that lasts: appended to by several servers at once, rotated under them, on a disk that may be full."""

from __future__ import annotations

import errno
import logging
import os
import stat
import sys
from io import FileIO, TextIOWrapper
from logging.handlers import WatchedFileHandler
from pathlib import Path

from specql_lsp.log_handlers import Quietly


class LogFile(Quietly, WatchedFileHandler):
    """Appends to a file, each record in one write of its own.

    So the servers of several editors can share one file. A file that was moved away or deleted (logrotate) is begun
    again, which is what Python's ``WatchedFileHandler`` is for. What it lacks: a file that cannot be opened again would
    raise in the code that logs; a long record would be several writes; a pipe would stop the server. While the file
    cannot be written (a full disk), records are lost, which stderr says once.

    Args:
        path: the file; made where it is missing, its folder is not. It may be a character device (``/dev/null``).

    Raises:
        OSError: the file cannot be opened, or is a pipe or a socket, whose reader could stop the server.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace")
        self._is_torn = False
        self._has_failed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record."""
        try:
            line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
            self.reopenIfNeeded()
            stream = self.stream
            if stream is None:  # it could not be opened again the last time
                stream = self.stream = self._open()
                self._statstream()
            self._write(line, stream)
        except RecursionError:
            raise
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Says once that the file cannot be written, until it could be again."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._has_failed:
            self._has_failed = True
            self._say(f"the log file {self.baseFilename} cannot be written now: {error.strerror}.")

    def _write(self, line: bytes, stream: TextIOWrapper) -> None:
        line = b"\n" + line if self._is_torn else line
        written = stream.buffer.write(line)
        self._is_torn = written != len(line)
        self._has_failed = False

    def _open(self) -> TextIOWrapper:
        # Without a buffer, so that what is written is one call of the system, and none of it is left when that fails.
        file = FileIO(self.baseFilename, "ab", opener=_open_without_waiting)
        return TextIOWrapper(file, self.encoding, self.errors)


def _open_without_waiting(path: str, flags: int) -> int:
    """Opens a file to write to; a pipe without a reader is refused at once, a device that is busy loses records."""
    try:
        descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0), 0o666)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a pipe without a reader, or a socket
            raise OSError(errno.EINVAL, "it is a pipe or a socket, not a file", path) from None
        raise
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or stat.S_ISCHR(mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", path)
