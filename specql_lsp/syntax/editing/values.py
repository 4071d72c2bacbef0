"""Values to be written as YAML: scalars, lists and mappings, and the text of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from specql_lsp.syntax import yaml11
from specql_lsp.syntax.nodes import Scalar, ScalarStyle

_FLOW_INDICATORS = frozenset(",[]{}:?#")


class Quotes:
    """How a scalar is to be written."""

    AS_NEEDED = ""
    SINGLE = "'"
    DOUBLE = '"'


class TextScalar(NamedTuple):
    """A scalar to write."""

    value: str
    quotes: str = Quotes.AS_NEEDED


class RawScalar(NamedTuple):
    """A scalar that is written as it is: a number, a boolean."""

    text: str


@dataclass(frozen=True, slots=True)
class ListValue:
    """A list to write. ``indented`` says whether its dashes are indented more than its key."""

    items: tuple[TextScalar | RawScalar, ...]
    flow: bool = False
    indented: bool = False


@dataclass(frozen=True, slots=True)
class MapValue:
    """A mapping to write."""

    entries: tuple[tuple[TextScalar | RawScalar, YamlValue], ...]
    flow: bool = False


YamlValue: TypeAlias = TextScalar | RawScalar | ListValue | MapValue


def quotes_of(scalar: Scalar | None) -> str:
    """How a scalar is quoted, so that its successor can be quoted alike."""
    if scalar is None:
        return Quotes.AS_NEEDED
    styles = {ScalarStyle.SINGLE_QUOTED: Quotes.SINGLE, ScalarStyle.DOUBLE_QUOTED: Quotes.DOUBLE}
    return styles.get(scalar.style, Quotes.AS_NEEDED)


def write(scalar: TextScalar | RawScalar, *, in_flow: bool) -> str:
    """A scalar as YAML that reads back as the same text."""
    if isinstance(scalar, RawScalar):
        return scalar.text
    if scalar.quotes == Quotes.DOUBLE:
        return yaml11.double_quote(scalar.value)
    if scalar.quotes == Quotes.SINGLE or (in_flow and _FLOW_INDICATORS.intersection(scalar.value)):
        return yaml11.quote(scalar.value)
    return yaml11.write(scalar.value)


def write_flow(value: YamlValue) -> str:
    """A value in flow style."""
    if isinstance(value, MapValue):
        inside = (f"{write(key, in_flow=True)}: {write_flow(each)}" for key, each in value.entries)
        return "{" + ", ".join(inside) + "}"
    if isinstance(value, ListValue):
        return "[" + ", ".join(write(item, in_flow=True) for item in value.items) + "]"
    return write(value, in_flow=True)
