"""A service registry (``registry/service_registry.yaml``) as typed nodes: the services that ``call_service`` names.

Source of the shape: SpecQL's beta line (``specql-generator`` 0.5.0b0): ``services`` is a list of mappings with
``name``, ``type``, ``category``, ``execution_type`` and ``operations``, a list of mappings with ``name``. Names
are compared without regard to case.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.syntax.nodes import Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.tree import SyntaxTree


class OperationItem(NamedTuple):
    """What a service can be called for."""

    name: Scalar
    body: Mapping


class ServiceItem(NamedTuple):
    """A service with a name."""

    name: Scalar
    body: Mapping
    type: str | None
    category: str | None
    execution_type: str | None
    """``http``, ``shell``, ``docker`` or ``serverless``, as written."""
    operations: tuple[OperationItem, ...]

    def operation(self, name: str) -> OperationItem | None:
        """The operation of that name; case does not matter."""
        return next((each for each in self.operations if each.name.value.lower() == name.lower()), None)


class ServiceFile(NamedTuple):
    """The services of a file."""

    services: tuple[ServiceItem, ...]

    def service(self, name: str) -> ServiceItem | None:
        """The service of that name; case does not matter."""
        return next((each for each in self.services if each.name.value.lower() == name.lower()), None)


def lower_services(tree: SyntaxTree) -> ServiceFile | None:
    """The services in a document; None where its top level has no list ``services``. Never raises."""
    root = tree.mapping(tree.root)
    services = tree.resolve(root.value("services")) if root is not None else None
    return ServiceFile(tuple(_services(tree, services))) if isinstance(services, Sequence) else None


def _services(tree: SyntaxTree, services: Sequence) -> Iterator[ServiceItem]:
    for body, name in _named(tree, services):
        yield ServiceItem(
            name,
            body,
            _text(body, "type"),
            _text(body, "category"),
            _text(body, "execution_type"),
            tuple(OperationItem(own, each) for each, own in _named(tree, body.value("operations"))),
        )


def _named(tree: SyntaxTree, node: Node | None) -> Iterator[tuple[Mapping, Scalar]]:
    """The mappings of a list that have a name, each with it."""
    items = tree.resolve(node)
    for item in items.items if isinstance(items, Sequence) else ():
        body = tree.mapping(item)
        name = body.scalar("name") if body is not None else None
        if body is not None and name is not None and name.value.strip():
            yield body, name


def _text(body: Mapping, key: str) -> str | None:
    scalar = body.scalar(key)
    return scalar.value if scalar is not None else None
