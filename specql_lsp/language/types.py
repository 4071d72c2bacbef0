"""The types of fields that SpecQL 0.9.2 has, with what PostgreSQL gets of them.

Any text that is not one of these types becomes a TEXT column without a word. The facts are in ``data/types.json``, read
when first used; ``tests/specql`` holds them to SpecQL 0.9.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any

from specql_lsp.language.data import read_json


class TypeTier(Enum):
    """What kind of type it is, by SpecQL's own division."""

    BASIC = "basic"
    """A type of PostgreSQL under another name."""
    SCALAR = "scalar"
    """A value with a meaning, such as an e-mail address; many have a CHECK."""
    COMPOSITE = "composite"
    """Several values in one JSONB column."""


@dataclass(frozen=True, slots=True)
class CompositeField:
    """A part of a composite type."""

    name: str
    type: str
    nullable: bool
    description: str


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """A type by its name; case matters.

    Attributes:
        name: as it is written in a file.
        tier: basic, scalar or composite.
        postgres: the column's type.
        graphql: the type's name in the GraphQL API; empty for basic types.
        description: what it is for.
        example: a value.
        pattern: the regular expression that values match, whatever their case; None if there is none.
        minimum: the lowest number.
        maximum: the highest number.
        checks: the conditions of the column's CHECKs, with ``<field>`` for the column.
        fields: the parts of a composite type.
        alias_of: the name of the type that this is another name of; None for a type of its own.
    """

    name: str
    tier: TypeTier
    postgres: str
    graphql: str = ""
    description: str = ""
    example: str = ""
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    checks: tuple[str, ...] = ()
    fields: tuple[CompositeField, ...] = ()
    alias_of: str | None = None


CONSTRUCTORS = ("enum", "list", "ref")
"""The names that make a type together with parentheses: ``enum(a, b)``, ``list(text)``, ``ref(Contact)``."""
COMMON_TYPES = (
    "text",
    "integer",
    "bigint",
    "float",
    "boolean",
    "date",
    "datetime",
    "money",
    "email",
    "url",
    "uuid",
    "json",
)
"""The types that most fields have, in the order in which they are offered."""


@cache
def types() -> Mapping[str, TypeSpec]:
    """Every type by its name: basic, scalar and composite types, and the aliases."""
    data = read_json("types.json")
    found: dict[str, TypeSpec] = {}
    for tier, group in ((TypeTier.BASIC, "basic"), (TypeTier.SCALAR, "scalars"), (TypeTier.COMPOSITE, "composites")):
        for name, facts in data[group].items():
            found[name] = _type(name, tier, facts)
    for alias, name in data["aliases"].items():
        found[alias] = _type(alias, TypeTier.SCALAR, data["scalars"][name], alias_of=name)
    return MappingProxyType(found)


def type_named(name: str) -> TypeSpec | None:
    """The type ``name``, which is compared with its case; None for a text that becomes TEXT."""
    return types().get(name)


def type_instead(name: str) -> str | None:
    """The type to write instead of ``name``, which SpecQL does not have; None if there is no good one.

    Args:
        name: a type's name without arguments, such as ``timestamp`` or ``VARCHAR``.
    """
    lowered = name.lower()
    known = _INSTEAD.get(lowered)
    if known is not None:
        return known
    return _by_lower_name().get(lowered)


@cache
def _by_lower_name() -> Mapping[str, str]:
    """The types by their names in lower case; a basic or scalar type before a composite one."""
    return MappingProxyType({name.lower(): name for name in reversed(tuple(types()))})


def _type(name: str, tier: TypeTier, facts: dict[str, Any], alias_of: str | None = None) -> TypeSpec:
    return TypeSpec(
        name=name,
        tier=tier,
        postgres=facts["postgres"],
        graphql=facts.get("graphql", ""),
        description=facts.get("description", ""),
        example=facts.get("example", ""),
        pattern=facts.get("pattern"),
        minimum=facts.get("min"),
        maximum=facts.get("max"),
        checks=tuple(facts.get("checks", ())),
        fields=tuple(
            CompositeField(part, spec["type"], spec["nullable"], spec["description"])
            for part, spec in facts.get("fields", {}).items()
        ),
        alias_of=alias_of,
    )


_INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        "array": "list(text)",
        "bool": "boolean",
        "bytea": "text",
        "char": "text",
        "character": "text",
        "decimal": "money",
        "double": "float",
        "inet": "ipAddress",
        "int": "integer",
        "int4": "integer",
        "int8": "bigint",
        "interval": "duration",
        "jsonb": "json",
        "macaddr": "macAddress",
        "number": "float",
        "numeric": "money",
        "object": "json",
        "point": "coordinates",
        "real": "float",
        "smallint": "integer",
        "str": "text",
        "string": "text",
        "timestamp": "datetime",
        "timestamptz": "datetime",
        "varchar": "text",
    }
)
"""Types of PostgreSQL and of other languages, in lower case, with the type of SpecQL that comes nearest."""
