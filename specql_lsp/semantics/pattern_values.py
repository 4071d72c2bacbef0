"""Whether a value in ``config`` is of the type that a pattern file gives to its parameter.

Source: SpecQL's beta line (``specql-generator`` 0.5.0b0), which compares Python's types of what PyYAML reads. What is
not certain fits: templates, aliases, tags, types that are not known.
"""

from __future__ import annotations

from specql_lsp.syntax.nodes import TEXT_TAGS, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.yaml11 import ScalarType, type_of

_PYTHON = {
    ScalarType.STRING: "str",
    ScalarType.INTEGER: "int",
    ScalarType.FLOAT: "float",
    ScalarType.BOOLEAN: "bool",
    ScalarType.TIMESTAMP: "date",
}
_FITTING = {
    "string": {"str"},
    "integer": {"int", "bool"},
    "boolean": {"bool"},
    "object": {"dict"},
    "array": {"list"},
}
"""Any other type takes every value."""


def got_instead(node: Node | None, expected: str) -> str | None:
    """What is written instead of a value of a type, as SpecQL says it: ``int: 5``; None where the value fits.

    Args:
        node: the value.
        expected: the parameter's type, as a pattern file writes it.
    """
    found = _python_type(node)
    if found is None or _fits(node, found, expected):
        return None
    return f"{found}: {node.value}" if isinstance(node, Scalar) else found


def _fits(node: Node | None, found: str, expected: str) -> bool:
    if expected in _FITTING:
        return found in _FITTING[expected]
    if expected.startswith("array<") and expected.endswith(">"):
        of = _FITTING.get(expected[len("array<") : -1])
        items = node.items if isinstance(node, Sequence) else ()
        kinds = (_python_type(item) for item in items)
        return found == "list" and (of is None or all(kind is None or kind in of for kind in kinds))
    if expected.startswith("enum[") and expected.endswith("]"):
        values = [value.strip() for value in expected[len("enum[") : -1].split(",")]
        return found == "str" and isinstance(node, Scalar) and node.value in values
    return True


def _python_type(node: Node | None) -> str | None:
    """The Python type of a value; None if there is none yet, or nothing can be said of it."""
    match node:
        case Mapping():
            return "dict"
        case Sequence():
            return "list"
        case Scalar() if node.tag in TEXT_TAGS and "{{" not in node.value:
            return _PYTHON.get(type_of(node.value)) if node.is_plain and node.tag is None else "str"
    return None
