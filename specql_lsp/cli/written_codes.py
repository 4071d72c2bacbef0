"""Codes that a command has given to entities, written into their files on the disk."""

from __future__ import annotations

from pathlib import Path

from specql_lsp.cli.files import read_text_exactly, replace_text
from specql_lsp.cli.output import CommandError
from specql_lsp.features.entity_edits import has_code, set_table_code, why_no_table_code
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


def write_code(uri: str, entity: str, code: str) -> str | None:
    """Writes the code of an entity into its file as it is now; a sentence where that fails."""
    try:
        path, text = file_with_code(uri, entity, code)
        replace_text(path, text, path.name)
    except CommandError as error:
        return f"{entity} has the code {code}, but it is not in its file. {error.message}"
    return None


def file_with_code(uri: str, entity: str, code: str) -> tuple[Path, str]:
    """An entity's file, and the text with its code: the file as it is now, with the smallest edit.

    Raises:
        CommandError: the file is gone, cannot be read, or has no place for the code.
    """
    path = path_of(uri)
    text = read_file(uri)
    if path is None or text is None:
        raise CommandError("file-unreadable", f"The file {path.name if path else uri} is gone.")
    mark = MARK if text.startswith(MARK) else ""
    document = Document(uri, text.removeprefix(MARK))
    if len(document.entities) > 1:
        reason = "It has several documents, which SpecQL refuses: put each entity into a file of its own."
        raise CommandError("file-unreadable", f"The file {path.name} cannot be changed. {reason}")
    if document.entity is None or document.entity.name is None or document.entity.name.value.lower() != entity.lower():
        raise CommandError("file-unreadable", f"The file {path.name} does not define {entity} any more.")
    edits = set_table_code(document, code)
    if not edits and not has_code(document, code):
        reason = why_no_table_code(document) or "The code has no place in it."
        raise CommandError("file-unreadable", f"The file {path.name} cannot be changed. {reason}")
    return path, mark + apply(document.text, edits)


def shown(uri: str, folder: Path) -> str:
    """The path of a file as it is shown: from the workspace's folder, where it is in that."""
    path = path_of(uri)
    if path is None:
        return uri
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
