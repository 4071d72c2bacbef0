"""The keys of SpecQL's YAML as data: what each key is called, what its value is, and which release reads it.

A ``KeyTable`` describes one kind of file as levels. A level is a mapping: the keys that it can have, or one ``KeySpec``
for any key where users choose the names (fields, domain numbers). ``KeyTable.walk`` follows the names of a path from
the root and says which key and which kind of value a place has. Completion, hover and checks read the same table.

The tables are in ``specql_lsp.language.tables``; functions such as ``entity_keys`` build each when first used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from specql_lsp.language.release import Release

ITEM = "[]"
"""The name of an item of a sequence in a path; the same text as ``specql_lsp.syntax.cursor.ITEM``."""


class Meaning(Enum):
    """What a name or a value stands for."""

    KEY = "key"
    """A word of SpecQL."""
    TEXT = "text"
    """Prose, or a value without a meaning of its own."""
    BOOLEAN = "boolean"
    NUMBER = "number"
    CHOICE = "choice"
    """One of ``ValueSpec.choices``."""
    NOTHING = "nothing"
    """No scalar belongs here: the value is a mapping or a list."""
    ANY = "any"
    """A value of any form that SpecQL passes on."""

    ENTITY = "entity"
    """The name that the file gives to its entity."""
    ENTITY_REFERENCE = "entity reference"
    TABLE = "table"
    """The table of an entity, as SQL writes it: ``crm.tb_contact``."""
    SCHEMA = "schema"
    TABLE_CODE = "table code"
    SHORT_CODE = "short code"
    DOMAIN = "domain"
    """A domain by its name."""
    SUBDOMAIN = "subdomain"
    """A subdomain by its name."""

    FIELD = "field"
    """The name that the file gives to a field."""
    FIELD_REFERENCE = "field reference"
    FIELD_PATH = "field path"
    """A field, or one behind a reference: ``author.name``."""
    FIELD_TYPE = "field type"
    """A type with its marks and default: ``enum(a, b) = a!``."""
    TYPE = "type"
    """A type without marks and default."""
    DEFAULT = "default"

    ACTION = "action"
    """The name that the file gives to an action."""
    ACTION_REFERENCE = "action reference"
    ACTION_PATTERN = "action pattern"
    PATTERN = "pattern"
    PARAMETER = "parameter"
    """A parameter of a pattern."""
    PARAMETER_TYPE = "parameter type"
    """The type of a pattern's parameter, in the pattern's file."""
    AGENT = "agent"
    ERROR = "error"
    """The code of an error that an action answers with."""
    VARIABLE = "variable"
    SERVICE = "service"
    SERVICE_OPERATION = "service operation"

    EXPRESSION = "expression"
    """SQL that yields a value."""
    QUERY = "query"
    """An SQL statement."""
    ROW_HEAD = "row head"
    """``Entity``, ``Entity SET … WHERE …``."""
    CALL_HEAD = "call head"
    """``function(name = value)``."""
    NOTIFICATION_HEAD = "notification head"
    """``recipient(channel, "text")``."""
    DECLARATION = "declaration"
    """``v_count integer := 0``."""
    ASSIGNMENT = "assignment"
    """``v_count := v_count + 1``."""

    DOMAIN_NUMBER = "domain number"
    SUBDOMAIN_NUMBER = "subdomain number"
    LAYER = "layer"
    REGISTERED_ENTITY = "registered entity"
    RESERVED_CODE = "reserved code"
    ALIAS = "alias"
    """Another name of a domain."""
    TIMESTAMP = "timestamp"


class Demand(Enum):
    """Which values SpecQL 0.9.2 refuses in a place."""

    NONE = "none"
    """It takes any value."""
    FORM = "form"
    """It refuses what is not of the form described: the mapping, the list, one of the choices, the text."""
    FORM_OR_NULL = "form or null"
    ITERABLE = "iterable"
    """It goes through the items of a list; it takes a text for the list of its letters, a mapping for that of its keys,
    and refuses what has no items."""


class ValueSpec(NamedTuple):
    """What may be written behind a key, or as an item of a list.

    Attributes:
        meaning: what a scalar stands for.
        level: the name of the level of a mapping; empty where no mapping belongs here.
        items: what an item of a list is; None where no list belongs here.
        choices: the values of a ``Meaning.CHOICE``.
        demand: which other values SpecQL 0.9.2 refuses.
    """

    meaning: Meaning
    level: str = ""
    items: ValueSpec | None = None
    choices: tuple[str, ...] = ()
    demand: Demand = Demand.NONE

    def demanding(self, demand: Demand = Demand.FORM) -> ValueSpec:
        """The same where SpecQL 0.9.2 refuses other values."""
        return self._replace(demand=demand)


class KeySpec(NamedTuple):
    """One key of a level.

    Attributes:
        name: the key; ``*`` for a key whose name users choose.
        value: what is written behind it.
        documentation: one or two sentences in Markdown, with an example where it helps.
        detail: what it is, in a few words.
        required: whether the release in ``release`` refuses a mapping without it.
        release: the release that reads it.
        instead: what to write instead where no release reads it; Markdown, empty if there is nothing.
        meaning: what the key's own name stands for; ``Meaning.KEY`` for a word of SpecQL.
        beside: the keys beside which it is read; empty where it is read always.
        older: what older files call the same key.
        snippet: the key and its value as lines with the placeholders of LSP snippets, indented from the key; SpecQL
            0.9.2 reads what they say. Empty where a snippet needs names of the file.
    """

    name: str
    value: ValueSpec
    documentation: str
    detail: str = ""
    required: bool = False
    release: Release = Release.REFERENCE
    instead: str = ""
    meaning: Meaning = Meaning.KEY
    beside: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    snippet: tuple[str, ...] = ()

    @property
    def markdown(self) -> str:
        """The documentation with what the releases do and what to write instead."""
        parts = [self.documentation, self.release.sentence]
        if self.beside:
            parts.append(f"It is read beside {_listed(self.beside)}.")
        if self.instead:
            parts.append(f"Instead: {self.instead}")
        return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Level:
    """The keys of one kind of mapping.

    Attributes:
        name: how value specifications name it.
        keys: the fixed keys, those that real files use most first.
        any_key: what any other key is, where users choose names; None where other keys are unknown.
        has_one_key: whether SpecQL 0.9.2 refuses a mapping with another number of keys than one.
    """

    name: str
    keys: tuple[KeySpec, ...] = ()
    any_key: KeySpec | None = None
    has_one_key: bool = False
    by_name: Mapping[str, KeySpec] = field(init=False, repr=False, compare=False)
    """The fixed keys by their names."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", MappingProxyType({key.name: key for key in self.keys}))

    def key(self, name: str) -> KeySpec | None:
        """The specification of the key ``name``; None for an unknown key."""
        return self.by_name.get(name, self.any_key)

    def rank(self, name: str) -> int:
        """The place of a fixed key among those of its level by use in real files, from 0; unknown keys come last."""
        return next((rank for rank, key in enumerate(self.keys) if key.name == name), len(self.keys))

    def read(self) -> Iterator[KeySpec]:
        """The fixed keys that SpecQL 0.9.2 reads."""
        return (key for key in self.keys if key.release is Release.REFERENCE)


class KeyPlace(NamedTuple):
    """What the table says about a place in a file.

    Attributes:
        key: the innermost key on the way; None at the root and where the way leaves the table.
        value: what may be written there; None where the way leaves the table.
        level: the keys of a mapping there; None where no mapping belongs there.
        names: the names on the way that users choose, with what they stand for, outermost first.
    """

    key: KeySpec | None
    value: ValueSpec | None
    level: Level | None
    names: tuple[tuple[Meaning, str], ...] = ()

    @property
    def meaning(self) -> Meaning | None:
        """What a scalar at the place stands for; None where the way leaves the table."""
        return self.value.meaning if self.value is not None else None

    def name(self, meaning: Meaning) -> str | None:
        """The innermost name on the way that stands for ``meaning``."""
        return next((name for kind, name in reversed(self.names) if kind is meaning), None)


UNKNOWN_PLACE = KeyPlace(None, None, None)
"""A place that no table describes."""


@dataclass(frozen=True, slots=True)
class KeyTable:
    """The keys of one kind of file."""

    root: ValueSpec
    levels: Mapping[str, Level]

    def walk(self, path: Iterable[str]) -> KeyPlace:
        """The place at the end of a path.

        Args:
            path: names of keys from the root on; ``[]`` for an item of a sequence.
        """
        value: ValueSpec | None = self.root
        key: KeySpec | None = None
        names: list[tuple[Meaning, str]] = []
        for name in path:
            if value is None:
                return UNKNOWN_PLACE
            if name == ITEM:
                value = value.items
                continue
            level = self.levels.get(value.level)
            key = level.key(name) if level is not None else None
            if key is None:
                return UNKNOWN_PLACE
            if key.meaning is not Meaning.KEY:
                names.append((key.meaning, name))
            value = key.value
        if value is None:
            return UNKNOWN_PLACE
        return KeyPlace(key, value, self.levels.get(value.level), tuple(names))


def key_table(root: str, levels: Sequence[Level]) -> KeyTable:
    """A table whose root is a mapping of the level ``root``."""
    return KeyTable(ValueSpec(Meaning.NOTHING, level=root), MappingProxyType({level.name: level for level in levels}))


@cache
def entity_keys() -> KeyTable:
    """The keys of an entity file."""
    from specql_lsp.language.tables import entity, steps

    return key_table("entity file", (*entity.levels(), *steps.levels()))


@cache
def registry_keys() -> KeyTable:
    """The keys of a registry YAML."""
    from specql_lsp.language.tables import registry

    return key_table("registry", registry.levels())


@cache
def pattern_keys() -> KeyTable:
    """The keys of a pattern file."""
    from specql_lsp.language.tables import library

    return key_table("pattern file", library.pattern_levels())


@cache
def service_keys() -> KeyTable:
    """The keys of a service registry."""
    from specql_lsp.language.tables import library

    return key_table("service registry", library.service_levels())


def table_of(root: str) -> KeyTable:
    """The table whose root is a mapping of that level."""
    tables = (entity_keys, registry_keys, pattern_keys, service_keys)
    return next(table for made in tables if (table := made()).root.level == root)


def level_named(name: str) -> Level | None:
    """The level of that name in any table; each name is that of one level."""
    tables = (entity_keys, pattern_keys, service_keys, registry_keys)
    return next((level for table in tables if (level := table().levels.get(name)) is not None), None)


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
