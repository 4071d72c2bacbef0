"""What each kind of hover is given, and what it answers with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, TypeAlias

from specql_lsp.features import descriptions
from specql_lsp.items.entity import EntityItem
from specql_lsp.registry.history import Origins
from specql_lsp.semantics.fields import FoundField, find_field
from specql_lsp.semantics.resolve import Site
from specql_lsp.semantics.symbol import Symbol
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


class HoverRequest(NamedTuple):
    """The name that is asked about.

    Attributes:
        analysis: settings, registry and index; without a registry the hover has what needs none.
        document: the file.
        symbol: the name.
        offset: where the cursor is, in code points from 0.
        now: the time of the request, for the age of the registry's answer.
        origins: who gave the codes, as far as that was read.
    """

    analysis: Analysis
    document: Document
    symbol: Symbol
    offset: int
    now: datetime
    origins: Origins | None = None

    @property
    def allocations(self) -> descriptions.Allocations:
        """Who allocated codes, and when, for the texts that say it."""
        return descriptions.Allocations(self.origins, self.now)

    @property
    def entity(self) -> EntityItem | None:
        """The entity whose document the name is in; None in a registry file."""
        return self.symbol.entity

    @property
    def offset_of_name(self) -> int:
        """Where the scalar of the name begins, its quotes included."""
        start = self.symbol.span.start
        is_quoted = self.document.text[start - 1 : start] in {"'", '"'}
        return start - 1 if is_quoted and self.offset >= start - 1 else start

    @property
    def shows_generated(self) -> bool:
        """Whether the hover says what SpecQL generates: not where the settings name no release."""
        return bool(self.analysis.settings.language.release)

    @property
    def site(self) -> Site:
        """Where names are used: what decides which of several entities is meant."""
        return Site(self.document.uri, self.entity.schema if self.entity is not None else "")

    def field(self, name: str, through: tuple[str, ...]) -> FoundField | None:
        """The field of that name in the entity that the symbol is about; None where no such field is known."""
        if self.entity is None:
            return None
        return find_field(
            self.analysis, self.document, self.entity, name, of_entity=self.symbol.of_entity, through=through
        )


class Text(NamedTuple):
    """The Markdown of a hover; ``from_registry`` says that the registry was asked for it."""

    markdown: str
    from_registry: bool = False


Describer: TypeAlias = Callable[[HoverRequest], Text | None]
"""The hover of one kind of name; None if there is nothing to say."""


def paragraphs(*parts: str) -> str:
    """The parts that are not empty, with a blank line between them."""
    return "\n\n".join(part for part in parts if part)
