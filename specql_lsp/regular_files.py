"""Reading a file whose name somebody else chose: no pipe, socket or device makes the reader wait, and no file is
read without a bound.

``open`` of a FIFO waits for a writer, in the kernel, where neither a timeout nor a signal handler ends it. So the
file is opened without waiting, and what was opened is looked at, not what had that name before.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import NamedTuple

ENTITY_FILE_BYTES = 4 * 1024 * 1024
"""The longest entity file that is read."""
REGISTRY_FILE_BYTES = 64 * 1024 * 1024
"""The longest registry YAML that is read: some 500,000 registrations."""
CONFIG_FILE_BYTES = 1024 * 1024
"""The longest ``specql-lsp.toml`` that is read."""

_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY", "O_NOINHERIT"):  # which there are, differs by system
    _FLAGS |= getattr(os, _name, 0)


class NotRegularError(OSError):
    """What has that name is a pipe, a socket or a device; ``strerror`` says which."""


class FileTooLargeError(OSError):
    """A file is longer than the bound; ``strerror`` says the bound."""


class RegularFile(NamedTuple):
    """What was read, and the status of the file that it was read from."""

    content: bytes
    status: os.stat_result


def read_regular(path: Path, limit: int, seen: os.stat_result | None = None) -> RegularFile:
    """Reads a regular file; links are followed.

    Args:
        path: the file.
        limit: how many bytes it may have.
        seen: the status of the file, if it was looked at just now.

    Raises:
        NotRegularError: it is a pipe, a socket or a device.
        FileTooLargeError: it has more than ``limit`` bytes.
        IsADirectoryError: it is a folder.
        OSError: it cannot be read; ``FileNotFoundError``, ``PermissionError`` and so on say why.
        ValueError: the path holds a null character.
    """
    # Opening a pipe would let its writer go on, opening a device may do anything: most are seen before that.
    _refuse_irregular(path.stat() if seen is None else seen, path)
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket or a device without a driver took the name meanwhile
            raise NotRegularError(errno.EINVAL, "it is no regular file", str(path)) from None
        raise
    try:
        status = os.fstat(descriptor)
        _refuse_irregular(status, path)
        if status.st_size > limit:
            raise _too_large(path, limit)
        return RegularFile(_content(descriptor, status.st_size, limit, path), status)
    finally:
        os.close(descriptor)


def _content(descriptor: int, size: int, limit: int, path: Path) -> bytes:
    """Everything in a file, which may have another size by now."""
    chunks: list[bytes] = []
    missing = limit + 1
    while missing > 0:
        wanted = min(missing, max(size + 1, 65_536))
        try:
            chunk = os.read(descriptor, wanted)
        except BlockingIOError:  # a file of /proc that would wait, such as kmsg
            raise NotRegularError(errno.EAGAIN, "it gives no content without waiting", str(path)) from None
        if not chunk:
            break
        chunks.append(chunk)
        missing -= len(chunk)
        if len(chunk) == size < wanted and len(chunks) == 1:  # all that it says it has, though more was asked for
            break
    if missing <= 0:  # it has grown, or says no size, as files of /proc do
        raise _too_large(path, limit)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def irregularity(mode: int) -> str | None:
    """What a file is that is neither regular nor a folder, as the end of a sentence; None for those two."""
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    if stat.S_ISFIFO(mode):
        return "it is a pipe, not a file"
    if stat.S_ISSOCK(mode):
        return "it is a socket, not a file"
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        return "it is a device, not a file"
    return "it is no regular file"


def _refuse_irregular(status: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    reason = irregularity(status.st_mode)
    if reason is not None:
        raise NotRegularError(errno.EINVAL, reason, str(path))


def _too_large(path: Path, limit: int) -> FileTooLargeError:
    return FileTooLargeError(errno.EFBIG, f"it is larger than {limit // (1024 * 1024)} MB", str(path))
