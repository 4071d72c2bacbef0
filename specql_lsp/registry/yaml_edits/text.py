"""The text that is edited: what of a document the edits of a registry YAML need."""

from __future__ import annotations

from typing import Protocol

from specql_lsp.items.registry_file import RegistryFile, read_registry
from specql_lsp.lazily import lazily
from specql_lsp.syntax.editing.text_edit import TextEdit, apply, composed, offset_before
from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.text import LineIndex
from specql_lsp.syntax.tree import SyntaxTree

MOST_ROUNDS = 12
"""How often a text may be edited and parsed again. Any number of differences takes a handful of rounds."""


class RegistryText(Protocol):
    """A text that may be a registry YAML, such as an editor's document."""

    @property
    def text(self) -> str:
        """The whole text."""

    @property
    def lines(self) -> LineIndex:
        """Its lines."""

    @property
    def tree(self) -> SyntaxTree:
        """Its syntax."""

    @property
    def registry(self) -> RegistryFile | None:
        """The registry in it; None if it is none."""


class ParsedText:
    """A text of which is known that it is to be a registry YAML.

    Args:
        text: the text.
        last: the tree of the text that it was before some edits.
    """

    def __init__(self, text: str, last: SyntaxTree | None = None) -> None:
        self.text = text
        self._last = last

    @lazily
    def lines(self) -> LineIndex:
        """Its lines."""
        return LineIndex(self.text)

    @lazily
    def tree(self) -> SyntaxTree:
        """Its syntax."""
        return parse(self.text, self.lines, self._last)

    @lazily
    def registry(self) -> RegistryFile | None:
        """The registry in it."""
        return read_registry(self.tree)


class EditedText:
    """A text that is edited in rounds, each of which edits the text that the one before has made."""

    def __init__(self, given: RegistryText) -> None:
        self.given = given
        self.current = given
        self.rounds: list[tuple[TextEdit, ...]] = []

    def edit(self, edits: tuple[TextEdit, ...]) -> None:
        """Makes a round of edits."""
        self.rounds.append(edits)
        self.current = ParsedText(apply(self.current.text, edits), self.current.tree)

    @property
    def edits(self) -> tuple[TextEdit, ...]:
        """The edits of the given text that do what all rounds did."""
        return composed(len(self.given.text), self.rounds)

    def offset_given(self, offset: int) -> int:
        """The offset in the given text of what is at an offset of the current one; of new text, where it was put."""
        for edits in reversed(self.rounds):
            offset = offset_before(offset, edits)
        return offset
