"""An action pattern (``stdlib/actions/**``) as typed nodes: what ``pattern`` with ``config`` of an action names.

Source of the shape: SpecQL's beta line (``specql-generator`` 0.5.0b0): ``pattern`` is the name, ``parameters`` a
list of mappings with ``name``, ``type``, ``required``, ``default`` and ``description``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.syntax.nodes import Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.syntax.yaml11 import boolean


class ParameterItem(NamedTuple):
    """A parameter of a pattern."""

    name: Scalar
    body: Mapping
    type: str | None
    """``string``, ``integer``, ``boolean``, ``array``, ``object``, ``array<T>`` or ``enum[a, b]``, as written."""
    required: bool
    default: Node | None
    description: str | None


class PatternFile(NamedTuple):
    """A pattern with its parameters."""

    name: Scalar
    description: str | None
    parameters: tuple[ParameterItem, ...]

    def parameter(self, name: str) -> ParameterItem | None:
        """The parameter of that name."""
        return next((each for each in self.parameters if each.name.value == name), None)


def lower_pattern(tree: SyntaxTree) -> PatternFile | None:
    """The pattern in a document; None where its top level has no name ``pattern``, or is an entity's. Never raises."""
    root = tree.mapping(tree.root)
    name = root.scalar("pattern") if root is not None else None
    if root is None or name is None or not name.value.strip() or root.entry("entity") is not None:
        return None
    return PatternFile(name, _text(root, "description"), tuple(_parameters(tree, root.value("parameters"))))


def _parameters(tree: SyntaxTree, node: Node | None) -> Iterator[ParameterItem]:
    items = tree.resolve(node)
    for item in items.items if isinstance(items, Sequence) else ():
        body = tree.mapping(item)
        name = body.scalar("name") if body is not None else None
        if body is not None and name is not None and name.value.strip():
            yield ParameterItem(
                name,
                body,
                _text(body, "type"),
                (flag := body.scalar("required")) is not None and boolean(flag) is True,
                tree.resolve(body.value("default")),
                _text(body, "description"),
            )


def _text(body: Mapping, key: str) -> str | None:
    scalar = body.scalar(key)
    return scalar.value if scalar is not None else None
