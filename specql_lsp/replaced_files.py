"""Gives a file a new text all at once."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from specql_lsp.regular_files import irregularity


def replace_file(path: Path, text: str) -> None:
    """Gives a file a new text all at once: a reader, whatever goes wrong, finds the old text or the new.

    A link is followed, the file's mode is kept, and folders that are missing are made.

    Args:
        path: the file; it need not exist.
        text: written as it is, line ends included.

    Raises:
        OSError: it cannot be written, may not be (a file that is read-only would be replaced all the same), or is a
            pipe, a socket or a device; it is as it was.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    status = target.stat() if target.exists() else None
    reason = irregularity(status.st_mode) if status is not None else None
    if reason is not None:
        raise OSError(errno.EINVAL, reason)
    if status is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    with _beside(target) as temporary:
        with temporary.open("xb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if status is not None:
            _take_over(status, temporary)
        temporary.replace(target)


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A path of the same folder that is not in use; what is left there is removed."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _take_over(status: os.stat_result, file: Path) -> None:
    """Gives a file the owner and the mode of another."""
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):  # somebody else's file that this user may write belongs to the user
            os.chown(file, status.st_uid, status.st_gid)
    file.chmod(status.st_mode & 0o7777)
