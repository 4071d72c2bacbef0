"""Reading and replacing a text file without losing a byte of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from specql_lsp.cli.output import CommandError
from specql_lsp.file_locks import folder_locked
from specql_lsp.regular_files import REGISTRY_FILE_BYTES, read_regular
from specql_lsp.replaced_files import replace_file


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
        replace_file(path, text)
    except OSError as error:
        raise CommandError("file-unwritable", f"The file {name} cannot be written ({_reason(error)}).") from None


@contextlib.contextmanager
def kept_for_us(path: Path | None) -> Iterator[None]:
    """Keeps other processes of ours from changing a file (None: no file) until the end of the block: ``folder_locked``.

    Raises:
        CommandError: another one has kept it for long.
    """
    with contextlib.ExitStack() as stack:
        try:
            if path is not None:
                stack.enter_context(folder_locked(path))
        except OSError as error:
            raise CommandError("file-unwritable", f"The file {path} cannot be written ({_reason(error)}).") from None
        yield


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
