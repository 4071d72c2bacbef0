"""Locks between processes of ours: kept by the operating system, which ends them with the process."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_LOCK_SECONDS = 30.0
"""How long another process may ask PostgreSQL while it keeps a lock."""
_LOCK_PAUSE_SECONDS = 0.05


def lock(descriptor: int) -> bool:
    """Keeps other processes out until a file is closed, also by a kill; False where one has been there for long."""
    for _ in range(round(_LOCK_SECONDS / _LOCK_PAUSE_SECONDS)):
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            time.sleep(_LOCK_PAUSE_SECONDS)
        else:
            return True
    return False


@contextlib.contextmanager
def folder_locked(path: Path) -> Iterator[None]:
    """Keeps other processes of ours from changing a file from its content, until the end of the block.

    The lock is that of the file's folder, links followed: the file itself is replaced, and a file beside it would be in
    the way. Where a folder cannot be locked (Windows, some network file systems), there is none. Not to be nested.

    Raises:
        OSError: another process has kept the lock for half a minute.
    """
    with contextlib.ExitStack() as stack:
        if sys.platform != "win32":
            with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
                folder = os.open(os.path.dirname(os.path.realpath(path)), os.O_RDONLY | os.O_DIRECTORY)  # noqa: PTH120
                stack.callback(os.close, folder)
                if not _is_locked(folder):
                    raise OSError(errno.EBUSY, "another specql-lsp is writing in its folder")
        yield


def _is_locked(folder: int) -> bool:
    try:
        return lock(folder)
    except OSError:  # a file system without locks
        return True
