"""What PyYAML makes of a node: which kind of Python value its safe constructor builds."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from specql_lsp.syntax.nodes import Mapping, Node, Scalar, ScalarStyle, Sequence
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


@lru_cache(maxsize=4096)
def _of_plain(text: str) -> Constructed:
    return _PLAIN[type_of(text)]


def constructed(node: Node | None) -> Constructed:
    """The kind of value that PyYAML makes of a node.

    Args:
        node: no alias: what it refers to; None where nothing is written.
    """
    if isinstance(node, Scalar):
        _, value, style, tag = node
        if tag is not None:
            return _TAGGED.get(tag, Constructed.TEXT)
        return _of_plain(value) if style is ScalarStyle.PLAIN else Constructed.TEXT
    if isinstance(node, Mapping):
        return Constructed.SET if node.tag == "!!set" else Constructed.MAPPING
    return Constructed.LIST if isinstance(node, Sequence) else Constructed.NULL
