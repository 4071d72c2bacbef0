"""Codes that a command has given to entities, written into their files on the disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from specql_lsp.cli.files import kept_for_us, read_text_exactly, replace_text
from specql_lsp.cli.output import CommandError
from specql_lsp.features.entity_edits import set_table_code, why_not_written
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import path_of

MARK = "\ufeff"
"""The byte order mark that a file may begin with; it is no part of a document's text."""


def read_file(uri: str) -> str | None:
    """The text of a file with its own line ends and its byte order mark; None if there is no file.

    Raises:
        CommandError: it cannot be read.
    """
    path = path_of(uri)
    return read_text_exactly(path, path.name) if path is not None else None


class Unwritten(NamedTuple):
    """A code that is registered and could not be written into the entity's file."""

    uri: str
    message: str
    """A sentence."""


def write_code(uri: str, entity: str, code: str, previous: str | None) -> Unwritten | None:
    """Writes the code of an entity into its file as it is now; None where the file has the code then.

    Args:
        uri: the file's.
        entity: its name.
        code: what it got.
        previous: the code that the file had when that was decided; None: none.
    """
    try:
        with kept_for_us(path_of(uri)):
            path, text = file_with_code(uri, entity, code, previous)
            replace_text(path, text, path.name)
    except CommandError as error:
        return Unwritten(uri, f"{entity} has the code {code}, but it is not in its file. {error.message}")
    return None


def unwritten_to_json(unwritten: Iterable[Unwritten], folder: Path) -> list[dict[str, str]]:
    """Which files lack their code, for scripts."""
    return [{"path": shown(each.uri, folder), "message": each.message} for each in unwritten]


def file_with_code(uri: str, entity: str, code: str, previous: str | None) -> tuple[Path, str]:
    """An entity's file, and the text with its code: the file as it is now, with the smallest edit.

    Arguments as those of ``write_code``.

    Raises:
        CommandError: the file is gone, cannot be read, has another entity or code by now, or has no place for the code.
    """
    path = path_of(uri)
    text = read_file(uri)
    if path is None or text is None:
        raise CommandError("file-unreadable", f"The file {path.name if path else uri} is gone.")
    mark = MARK if text.startswith(MARK) else ""
    document = Document(uri, text.removeprefix(MARK))
    reason = why_not_written(document, entity, code, previous)
    if reason is not None:
        raise CommandError("file-unreadable", reason)
    return path, mark + apply(document.text, set_table_code(document, code))


def shown(uri: str, folder: Path) -> str:
    """The path of a file as it is shown: from the workspace's folder, where it is in that."""
    path = path_of(uri)
    if path is None:
        return uri
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
