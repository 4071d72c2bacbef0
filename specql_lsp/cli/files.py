"""Reading and replacing a text file without losing a byte of it."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from specql_lsp.cli.output import CommandError
from specql_lsp.regular_files import REGISTRY_FILE_BYTES, irregularity, read_regular


def read_text_exactly(path: Path, name: str) -> str | None:
    """The text of a file with its own line ends and its byte order mark; None if there is no file.

    Args:
        path: the file.
        name: how it is called in sentences.

    Raises:
        CommandError: it cannot be read, is no regular file, has more than ``REGISTRY_FILE_BYTES``, or is not UTF-8.
    """
    try:
        return read_regular(path, REGISTRY_FILE_BYTES).content.decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise CommandError("file-unreadable", f"The file {name} is not UTF-8 text.") from None
    except OSError as error:
        raise CommandError("file-unreadable", f"The file {name} cannot be read ({_reason(error)}).") from None


def replace_text(path: Path, text: str, name: str) -> None:
    """Gives a file a new text all at once: a reader, whatever goes wrong, finds the old text or the new.

    A link is followed, the file's mode is kept, and folders that are missing are made.

    Args:
        path: the file; it need not exist.
        text: written as it is, line ends included.
        name: how it is called in sentences.

    Raises:
        CommandError: it cannot be written, or is a pipe, a socket or a device; it is as it was.
    """
    try:
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        status = target.stat() if target.exists() else None
        reason = irregularity(status.st_mode) if status is not None else None
        if reason is not None:
            raise OSError(errno.EINVAL, reason)
        with _beside(target) as temporary:
            with temporary.open("xb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            if status is not None:
                _take_over(status, temporary)
            temporary.replace(target)
    except OSError as error:
        raise CommandError("file-unwritable", f"The file {name} cannot be written ({_reason(error)}).") from None


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


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
