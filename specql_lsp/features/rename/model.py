"""What a rename answers with: the edits of every file in groups, a move of a file, a change of the registry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from specql_lsp.registry.requests import DomainRename, EntityRename
from specql_lsp.syntax.editing.text_edit import TextEdit, apply
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document


class RenameRefused(Exception):  # noqa: N818 - it is an answer, not a failure
    """A rename that cannot be done. The message is a sentence for the user: why, and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ChangeGroup(Enum):
    """What a client shows the changes of a rename under; the values are labels."""

    OWN_FILE = "This file"
    OTHER_FILES = "Other files"
    REGISTRY = "Registry"
    FILE_NAME = "File name"


class Renamable(NamedTuple):
    """A name that may be renamed: its span in the file, and the name as its definition has it."""

    span: Span
    name: str


class FileEdits(NamedTuple):
    """The edits of one file, in the order of the text. They are of the document's text, and of no later one.

    Each of them changes the text, and so do all of them together.
    """

    document: Document
    edits: tuple[TextEdit, ...]
    group: ChangeGroup

    @property
    def new_text(self) -> str:
        """The text after the edits."""
        return apply(self.document.text, self.edits)


class FileMove(NamedTuple):
    """A file that gets another path; URIs are in our spelling."""

    old_uri: str
    new_uri: str


@dataclass(frozen=True, slots=True)
class RenamePlan:
    """Everything that a rename changes.

    Attributes:
        old: the name as its definition has it.
        new: the new name.
        files: the edits by file: that of the request first, the registry's YAML last.
        move: the file that follows the entity's name.
        registry: what the registry has to be asked for once the edit is applied; None where it does not have the name.
        needs_move: whether the edits are wrong unless the file is moved, too, as SpecQL finds a pattern by its place.
        key: the index of the file in ``files`` whose change shows that the edit is applied: where the name is defined.
    """

    old: str
    new: str
    files: tuple[FileEdits, ...]
    move: FileMove | None = None
    registry: EntityRename | DomainRename | None = None
    key: int = 0
    needs_move: bool = False

    @property
    def key_file(self) -> FileEdits | None:
        """The file whose change shows that the edit is applied; None where nothing changes."""
        return self.files[self.key] if self.files else None

    @property
    def edits_registry(self) -> bool:
        """Whether it edits the registry's YAML."""
        return any(each.group is ChangeGroup.REGISTRY for each in self.files)

    def in_files_alone(self) -> RenamePlan:
        """The same without the edits of the registry's YAML."""
        kept = tuple(each for each in self.files if each.group is not ChangeGroup.REGISTRY)
        key = next((index for index, each in enumerate(kept) if each is self.key_file), 0)
        return replace(self, files=kept, key=key)
