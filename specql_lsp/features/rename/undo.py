"""Takes a rename back in files: the inverse edits, where a file still has the text that the rename gave it."""

from __future__ import annotations

from collections.abc import Callable

from specql_lsp.features.rename.model import FileEdits, FileMove, RenamePlan
from specql_lsp.features.rename.progress import Progress, progress
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import name_of


def undone(plan: RenamePlan, read: Callable[[str], Document | None]) -> tuple[RenamePlan, list[str]]:
    """The plan that takes a plan back, and the names of files that have been changed since, which it leaves alone.

    Args:
        plan: a plan that was applied.
        read: the document of a file as it is now.
    """
    files: list[FileEdits] = []
    changed: list[str] = []
    for file in plan.files:
        document = _now(file, plan.move, read)
        seen = progress(file, document.text) if document is not None else Progress.OTHER
        if document is not None and seen is Progress.ALL:
            files.append(FileEdits(document, _inverse(file), file.group))
        elif seen is not Progress.NONE:
            changed.append(name_of(file.document.uri))
    move = None
    if plan.move is not None and read(plan.move.old_uri) is None and read(plan.move.new_uri) is not None:
        move = FileMove(plan.move.new_uri, plan.move.old_uri)
    return RenamePlan(plan.new, plan.old, tuple(files), move), changed


def _now(file: FileEdits, move: FileMove | None, read: Callable[[str], Document | None]) -> Document | None:
    uri = file.document.uri
    moved = read(move.new_uri) if move is not None and move.old_uri == uri else None
    return moved or read(uri)


def _inverse(file: FileEdits) -> tuple[TextEdit, ...]:
    """The edits of the new text that give the old one."""
    inverse: list[TextEdit] = []
    shift = 0
    for edit in file.edits:
        start, end = edit.span
        begin = start + shift
        inverse.append(TextEdit(Span(begin, begin + len(edit.new_text)), file.document.text[start:end]))
        shift += len(edit.new_text) - (end - start)
    return tuple(inverse)
