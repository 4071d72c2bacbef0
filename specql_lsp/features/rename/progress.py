"""How far the edits of a file have come, by the file's text: clients apply them at once, one by one, or never."""

from __future__ import annotations

from enum import Enum

from specql_lsp.features.rename.model import FileEdits


class Progress(Enum):
    """What a text is to the edits of a file."""

    NONE = "none"
    """It is the text before the edits."""
    SOME = "some"
    """It is the text with some of the edits."""
    ALL = "all"
    """It is the text after the edits."""
    OTHER = "other"
    """It is another text."""


def progress(file: FileEdits, text: str) -> Progress:
    """How far the edits of a file have come. Linear in the text."""
    if text == file.document.text:
        return Progress.NONE
    if text == file.new_text:
        return Progress.ALL
    old = file.document.text
    reached, at = {0}, 0  # where in the text the part of the old one before ``at`` may end
    for edit in file.edits:
        start, end = edit.span
        kept, before = old[at:start], old[start:end]
        following = {place + len(kept) for place in reached if text.startswith(kept, place)}
        reached = {
            place + len(written)
            for place in following
            for written in (before, edit.new_text)
            if text.startswith(written, place)
        }
        at = end
    rest = old[at:]
    is_some = any(len(text) - place == len(rest) and text.endswith(rest) for place in reached)
    return Progress.SOME if is_some else Progress.OTHER
