"""Codes that a command has given to entities, written into their files on the disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from specql_lsp.cli.files import read_text_exactly, replace_text
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
    """Writes the code of an entity into its file as it is now.

    Args:
        uri: the file's.
        entity: its name.
        code: what it got.
        previous: the code that the file had when that was decided; None: none.

    Returns:
        None where the file has the code now.
    """
    try:
        reason = _write(uri, entity, code, previous)
    except CommandError as error:
        reason = error.message
    return (
        None if reason is None else Unwritten(uri, f"{entity} has the code {code}, but it is not in its file. {reason}")
    )


def _write(uri: str, entity: str, code: str, previous: str | None) -> str | None:
    path = path_of(uri)
    text = read_file(uri)
    if path is None or text is None:
        return "The file is gone."
    mark = MARK if text.startswith(MARK) else ""
    document = Document(uri, text.removeprefix(MARK))
    reason = why_not_written(document, entity, code, previous)
    edits = set_table_code(document, code) if reason is None else ()
    if edits:
        replace_text(path, mark + apply(document.text, edits), path.name)
    return reason


def unwritten_to_json(unwritten: Iterable[Unwritten], folder: Path) -> list[dict[str, str]]:
    """Which files lack their code, for scripts."""
    return [{"path": shown(each.uri, folder), "message": each.message} for each in unwritten]


def shown(uri: str, folder: Path) -> str:
    """The path of a file as it is shown: from the workspace's folder, where it is in that."""
    path = path_of(uri)
    if path is None:
        return uri
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
