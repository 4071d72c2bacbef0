"""Short names for the value specifications that the tables are made of."""

from __future__ import annotations

from specql_lsp.language.keys import Meaning, ValueSpec

TEXT = ValueSpec(Meaning.TEXT)
BOOLEAN = ValueSpec(Meaning.BOOLEAN)
NUMBER = ValueSpec(Meaning.NUMBER)
ANY = ValueSpec(Meaning.ANY)
EXPRESSION = ValueSpec(Meaning.EXPRESSION)
QUERY = ValueSpec(Meaning.QUERY)
VARIABLE = ValueSpec(Meaning.VARIABLE)
ERROR = ValueSpec(Meaning.ERROR)
FIELD_REFERENCE = ValueSpec(Meaning.FIELD_REFERENCE)
ENTITY_REFERENCE = ValueSpec(Meaning.ENTITY_REFERENCE)


def mapping(level: str, meaning: Meaning = Meaning.NOTHING) -> ValueSpec:
    """A mapping of that level; a scalar in its place stands for ``meaning``."""
    return ValueSpec(meaning, level=level)


def listed(items: ValueSpec) -> ValueSpec:
    """A list of such items."""
    return ValueSpec(Meaning.NOTHING, items=items)


def listed_or_one(meaning: Meaning) -> ValueSpec:
    """A list of such values; one of them without a list is understood, too."""
    return ValueSpec(meaning, items=ValueSpec(meaning))


def needed(value: ValueSpec) -> ValueSpec:
    """The value where SpecQL 0.9.2 refuses one of another form."""
    return value.demanding()


def choice(*values: str) -> ValueSpec:
    """One of the values."""
    return ValueSpec(Meaning.CHOICE, choices=values)


STEPS = listed(mapping("step"))
