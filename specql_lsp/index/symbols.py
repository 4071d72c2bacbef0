"""The names of a workspace: the keys by which they are looked up, and the places where they are written."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import NamedTuple, Protocol

from specql_lsp.language.names import DEFAULT_SCHEMA
from specql_lsp.syntax.text import LineIndex, Position, Span


class SymbolKind(StrEnum):
    """What a name is the name of."""

    ENTITY = "entity"
    FIELD = "field"
    ACTION = "action"
    SCHEMA = "schema"
    """A schema, which is a domain's name or alias unless it is the framework's."""
    SUBDOMAIN = "subdomain"
    CODE = "code"
    """A table code."""
    LAYER = "layer"
    """A schema layer of the registry."""
    TYPE = "type"
    """A type that is no reference."""
    STEP = "step"
    """What a step does."""
    PATTERN = "pattern"
    PATTERN_PARAMETER = "pattern parameter"
    """A key under ``config`` of an action or ``params`` of a pattern."""
    SERVICE = "service"
    SERVICE_OPERATION = "service operation"
    ENUM_VALUE = "enum value"
    """A value of a field's ``enum(…)``."""
    CHOICE = "choice"
    """A value that SpecQL itself names, as ``auto`` behind ``mode``."""
    ANCHOR = "anchor"
    """A YAML anchor; its aliases refer to it."""
    FUNCTION = "function"
    """A function of SQL, or one that a step calls."""
    OPERATOR = "operator"
    """An operator or keyword of SQL."""
    VARIABLE = "variable"
    """A variable of an action, or one that every action has, as ``auth_user_id``."""
    PARAMETER = "parameter"
    """``$name`` in an expression, or ``input.name``."""
    KEY = "key"
    """A key of SpecQL's, as ``schema`` or ``fields``."""


class Key(NamedTuple):
    """A name as it is looked up: made by the functions below, which know what does not depend on case.

    ``owner`` is what the name belongs to: the schema of an entity (empty: in whatever schema), the ``schema.entity``
    of a field or an action, the domain of a subdomain.
    """

    kind: SymbolKind
    name: str
    owner: str = ""


new = tuple.__new__
"""Makes a named tuple in half the time of its own constructor, which is a Python function."""


def entity_key(name: str, schema: str = "") -> Key:
    """The key of an entity: in a schema, or without one for every entity of that name."""
    return new(Key, (SymbolKind.ENTITY, name.lower(), schema.lower()))


def schema_key(name: str) -> Key:
    """The key of a schema or domain by its name."""
    return new(Key, (SymbolKind.SCHEMA, name.lower(), ""))


def subdomain_key(name: str, domain: str) -> Key:
    """The key of a subdomain by its name, in a domain by its name."""
    return Key(SymbolKind.SUBDOMAIN, name.lower(), domain.lower())


def code_key(code: str) -> Key:
    """The key of a table code."""
    return new(Key, (SymbolKind.CODE, code.strip().upper(), ""))


def field_key(name: str, entity: str, schema: str = DEFAULT_SCHEMA) -> Key:
    """The key of a field of an entity. The case of a field's name counts, as in SpecQL."""
    return Key(SymbolKind.FIELD, name, member_owner(entity, schema))


def member_owner(entity: str, schema: str) -> str:
    """The owner of an entity's fields and actions, as their keys have it."""
    return f"{schema}.{entity}".lower()


@dataclass(frozen=True, slots=True)
class Place:
    """A span in a file, also as positions, so that it can be shown without the file's text.

    Positions are line and column from 0, the column in code points; ``line_text`` is the text of the first
    line, from which columns in another unit can be counted, and ``last_text`` that of the last line, where it is
    another one.
    """

    uri: str
    span: Span
    start: Position
    end: Position
    line_text: str
    last_text: str = ""


class TextSource(Protocol):
    """A text with a URI."""

    @property
    def uri(self) -> str:
        """The document's URI."""

    @property
    def lines(self) -> LineIndex:
        """The index of its lines."""


def place(document: TextSource, span: Span) -> Place:
    """The place of a span of a document."""
    start = document.lines.position(span.start)
    end = document.lines.position(span.end)
    text_of = document.lines.line_text
    last = text_of(end.line) if end.line != start.line else ""
    return Place(document.uri, span, start, end, text_of(start.line), last)


class Spot(NamedTuple):
    """A place on one line, small enough to be kept for every name of ten thousand files; its file is known.

    Line and column are from 0, the column in code points. ``prefix`` is the line's text up to the name's end where it
    is not ASCII, else empty: then columns are the same in every unit that a protocol counts.
    """

    line: int
    column: int
    length: int
    prefix: str = ""

    @property
    def start(self) -> Position:
        """Where the name begins."""
        return Position(self.line, self.column)

    @property
    def end(self) -> Position:
        """Where the name ends."""
        return Position(self.line, self.column + self.length)

    def place(self, uri: str) -> Place:
        """The place in the file with that URI; without offsets, and of its line only what counts columns."""
        # Without a prefix the line is ASCII up to there, and its columns are the same in every unit.
        return Place(uri, Span(0, 0), self.start, self.end, self.prefix or " " * (self.column + self.length))


class Spots:
    """Makes the spots of one text: it is asked for every name of every file.

    Args:
        lines: the index of the text's lines.
    """

    def __init__(self, lines: LineIndex) -> None:
        self._lines = lines
        self._starts = lines.line_starts
        self._count = len(self._starts)
        self._is_ascii = lines.text.isascii()

    def is_alias(self, span: Span) -> bool:
        """Whether a span is that of an alias."""
        return self._lines.text.startswith("*", span.start)

    def line_of(self, offset: int) -> int:
        """The line of an offset."""
        return bisect_right(self._starts, offset) - 1

    def of(self, span: Span) -> Spot:
        """The spot of a span; of one over several lines, what is on the first."""
        start, end = span
        line = bisect_right(self._starts, start) - 1
        begin = self._starts[line]
        after = line + 1
        if self._is_ascii and (after >= self._count or end < self._starts[after]):
            return new(Spot, (line, start - begin, end - start, ""))
        prefix = self._lines.line_text(line)[: end - begin]
        return Spot(line, start - begin, max(begin + len(prefix) - start, 0), "" if prefix.isascii() else prefix)


class UseKind(Enum):
    """In what a name is used."""

    REF = "ref"
    """A field's ``ref(…)``."""
    STEP = "step"
    VIEW = "view"
    """``table_views.include_relations``."""
    SCHEMA = "schema"
    """``schema:``, or the schema before an entity's name."""
    DOMAIN = "domain"
    """``organization.domain_name`` or ``organization.domain``."""
    SUBDOMAIN = "subdomain"
    CODE = "code"
    FIELD = "field"
    """``translations.fields`` and ``identifier.components``."""
    MENTION = "mention"
    """Somewhere in a text that has to be read (``mentions``), whose place is not kept."""


class Use(NamedTuple):
    """A name that a file uses. Which definition it has is for ``semantics.resolve``."""

    kind: UseKind
    symbol: SymbolKind
    name: str
    """As a key has it (``Key.name``)."""
    owner: str
    """As a key has it; of an entity the schema that is written before it."""
    spot: Spot

    @property
    def is_placed(self) -> bool:
        """Whether its place is known; else the name is somewhere in the text: behind an alias, or a mention."""
        return self.spot.length > 0

    @property
    def key(self) -> Key:
        """What is looked up."""
        return Key(self.symbol, self.name, self.owner)
