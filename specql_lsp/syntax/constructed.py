"""What PyYAML makes of a node: which kind of Python value its safe constructor builds."""

from __future__ import annotations

from enum import Enum

from specql_lsp.syntax.nodes import Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.yaml11 import ScalarType, type_of


class Constructed(Enum):
    """The kind of a value; the values are how messages name it."""

    TEXT = "a text"
    INTEGER = "an integer"
    FLOAT = "a number"
    BOOLEAN = "a boolean"
    NULL = "null"
    DATE = "a date"
    BYTES = "binary data"
    LIST = "a list"
    MAPPING = "a mapping"
    SET = "a set"


_PLAIN = {
    ScalarType.STRING: Constructed.TEXT,
    ScalarType.INTEGER: Constructed.INTEGER,
    ScalarType.FLOAT: Constructed.FLOAT,
    ScalarType.BOOLEAN: Constructed.BOOLEAN,
    ScalarType.NULL: Constructed.NULL,
    ScalarType.TIMESTAMP: Constructed.DATE,
}
_TAGGED = {
    "!!int": Constructed.INTEGER,
    "!!float": Constructed.FLOAT,
    "!!bool": Constructed.BOOLEAN,
    "!!null": Constructed.NULL,
    "!!timestamp": Constructed.DATE,
    "!!binary": Constructed.BYTES,
}


def constructed(node: Node | None) -> Constructed:
    """The kind of value that a node stands for.

    Args:
        node: no alias: what it refers to; None where nothing is written.
    """
    match node:
        case Scalar():
            if node.tag is not None:
                return _TAGGED.get(node.tag, Constructed.TEXT)
            return _PLAIN[type_of(node.value)] if node.is_plain else Constructed.TEXT
        case Mapping():
            return Constructed.SET if node.tag == "!!set" else Constructed.MAPPING
        case Sequence():
            return Constructed.LIST
    return Constructed.NULL
