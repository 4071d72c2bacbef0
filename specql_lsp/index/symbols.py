"""The names of a workspace: what a file defines and what it uses, each by its key and with its place."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from specql_lsp.language.names import DEFAULT_SCHEMA
from specql_lsp.syntax.text import LineIndex, Span


class SymbolKind(Enum):
    """What a name is the name of."""

    ENTITY = "entity"
    FIELD = "field"
    ACTION = "action"
    SCHEMA = "schema"
    """A schema, which is a domain's name or alias unless it is the framework's."""
    SUBDOMAIN = "subdomain"
    CODE = "code"
    """A table code."""


class Key(NamedTuple):
    """A name as it is looked up: made by the functions below, which know what does not depend on case.

    ``owner`` is what the name belongs to: the schema of an entity (empty: in whatever schema), the ``schema.entity``
    of a field or an action, the domain of a subdomain.
    """

    kind: SymbolKind
    name: str
    owner: str = ""


def entity_key(name: str, schema: str = "") -> Key:
    """The key of an entity: in a schema, or without one for every entity of that name."""
    return Key(SymbolKind.ENTITY, name.lower(), schema.lower())


def schema_key(name: str) -> Key:
    """The key of a schema or domain by its name."""
    return Key(SymbolKind.SCHEMA, name.lower())


def subdomain_key(name: str, domain: str) -> Key:
    """The key of a subdomain by its name, in a domain by its name."""
    return Key(SymbolKind.SUBDOMAIN, name.lower(), domain.lower())


def code_key(code: str) -> Key:
    """The key of a table code."""
    return Key(SymbolKind.CODE, code.strip().upper())


def field_key(name: str, entity: str, schema: str = DEFAULT_SCHEMA) -> Key:
    """The key of a field of an entity. The case of a field's name counts, as in SpecQL."""
    return Key(SymbolKind.FIELD, name, f"{schema}.{entity}".lower())


def action_key(name: str, entity: str, schema: str = DEFAULT_SCHEMA) -> Key:
    """The key of an action of an entity."""
    return Key(SymbolKind.ACTION, name, f"{schema}.{entity}".lower())


class Spot(NamedTuple):
    """A place on one line, small enough to be kept for every name of ten thousand files; its file is known.

    ``prefix`` is the line's text up to the name's end where it is not ASCII, else empty: then columns are the same in
    every unit that a protocol counts.
    """

    start: int
    """The offset of the name in its file, in code points from 0."""
    line: int
    column: int
    length: int
    prefix: str

    @property
    def span(self) -> Span:
        """The span in its file."""
        return Span(self.start, self.start + self.length)


def spot_of(lines: LineIndex, span: Span) -> Spot:
    """The spot of a span; of one over several lines, what is on the first."""
    number = lines.line_of(span.start)
    line = lines.line_span(number)
    end = min(span.end, line.end)
    prefix = lines.text[line.start : end]
    length = max(end - span.start, 0)
    return Spot(span.start, number, span.start - line.start, length, "" if prefix.isascii() else prefix)


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
    """``organization.domain_name``, or a domain in the registry YAML."""
    SUBDOMAIN = "subdomain"
    CODE = "code"
    FIELD = "field"


class Definition(NamedTuple):
    """A name that a file defines, as it is written there."""

    key: Key
    name: str
    spot: Spot


class Use(NamedTuple):
    """A name that a file uses: ``key`` is what is looked up, which definition it has is for ``semantics.resolve``."""

    key: Key
    kind: UseKind
    spot: Spot
