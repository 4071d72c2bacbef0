"""Gives files new texts: one all at once, several as nearly so as a file system can."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from specql_lsp.regular_files import irregularity

_TEMPORARY = re.compile(r"\.(?P<target>.+)\.[0-9a-f]{8}", re.DOTALL)
"""The name of a file that has the text of another one until it replaces that."""
_LEFT_SECONDS = 3600.0
"""A temporary file that is so much older than a new one beside it is of a program that was killed."""


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
    with StagedFiles() as staged:
        staged.stage(path, text)
        staged.put()


class StagedFiles:
    """New texts of several files, written beside them until ``put`` gives them to the files.

    What can go wrong with a file (a full disk, rights) goes wrong in ``stage``, when no file has changed. At the end of
    the ``with`` block what was not put is removed.
    """

    def __init__(self) -> None:
        self._waiting: dict[Path, Path] = {}
        """The files, links followed, in the order in which they are put, each with the file that has its text."""
        self._left: dict[Path, dict[str, list[Path]]] = {}
        """The temporary files of each folder, by the names of the files that they are for, as they were at first."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

    def stage(self, path: Path, text: str) -> None:
        """Writes the text that a file is to get. Arguments and errors as those of ``replace_file``."""
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        status = target.stat() if target.exists() else None
        reason = irregularity(status.st_mode) if status is not None else None
        if reason is not None:
            raise OSError(errno.EINVAL, reason)
        if status is not None and stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if status is not None and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
        left = self._temporary_in(target.parent).pop(target.name, [])
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            with temporary.open("xb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            if status is not None:
                _take_over(status, temporary)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        self._waiting[target] = temporary
        _remove_older(left, temporary)

    def _temporary_in(self, folder: Path) -> dict[str, list[Path]]:
        if folder not in self._left:
            found: dict[str, list[Path]] = {}
            with contextlib.suppress(OSError):
                for name in os.listdir(folder):  # noqa: PTH208 - names alone are wanted
                    match = _TEMPORARY.fullmatch(name)
                    if match is not None:
                        found.setdefault(match["target"], []).append(folder / name)
            self._left[folder] = found
        return self._left[folder]

    def put(self) -> None:
        """Gives the files their texts, in the order in which they were staged.

        Raises:
            OSError: of the first file that cannot be replaced; its ``filename`` is that file. Those before it have
                their texts, the others are as they were.
        """
        for target, temporary in list(self._waiting.items()):
            try:
                temporary.replace(target)
            except OSError as error:
                error.filename = str(target)
                raise
            del self._waiting[target]

    def discard(self) -> None:
        """Removes what was staged and not put."""
        for temporary in self._waiting.values():
            with contextlib.suppress(OSError):
                temporary.unlink()
        self._waiting.clear()


def _remove_older(left: list[Path], new: Path) -> None:
    """Removes temporary files that programs which were killed have left, as the times of one file system say."""
    for path in left:
        with contextlib.suppress(OSError):
            status = path.lstat()
            if stat.S_ISREG(status.st_mode) and new.lstat().st_mtime - status.st_mtime > _LEFT_SECONDS:
                path.unlink()


def _take_over(status: os.stat_result, file: Path) -> None:
    """Gives a file the owner and the mode of another."""
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):  # somebody else's file that this user may write belongs to the user
            os.chown(file, status.st_uid, status.st_gid)
    file.chmod(status.st_mode & 0o7777)
