"""What the name under a cursor is: the answer of ``classify``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from specql_lsp.index.symbols import SymbolKind
from specql_lsp.items.entity import EntityItem
from specql_lsp.language.keys import UNKNOWN_PLACE, KeyPlace
from specql_lsp.syntax.text import Span


class EntityName(NamedTuple):
    """An entity as a text names it; ``schema`` is empty where none is written before the name."""

    schema: str
    name: str


class Role(Enum):
    """What a name does in its place."""

    DEFINITION = "definition"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name in a file.

    ``owner`` says whose it is: of an entity the schema that is written before it, of a field or an action the entity's
    name, of a type or an enum's value the field, of a subdomain the domain (its name or number), of a table code the
    entity's name, of a parameter that a call names the action, of a pattern's parameter the pattern, of a service's
    operation the service, of a choice its key; empty where that is not known.
    """

    kind: SymbolKind
    role: Role
    name: str
    span: Span
    """The name without quotes."""
    owner: str = ""
    path: tuple[str, ...] = ()
    """The keys from the root of the document to the name; ``[]`` for an item of a sequence."""
    on_key: bool = False
    """Whether the name is a key of a mapping."""
    entity: EntityItem | None = None
    """The entity whose document the name is in."""
    place: KeyPlace = UNKNOWN_PLACE
    """What the language's tables say about the place of the name."""
    of_entity: EntityName | None = None
    """Of a field, or of an enum's value, the entity that the text names; None where it is that of the file."""
    through: tuple[str, ...] = ()
    """Of a field in a path, the references before it: ``company`` in ``company.city``."""
    writes: bool = False
    """Whether what is named gets a value here: ``SET name = …``."""
