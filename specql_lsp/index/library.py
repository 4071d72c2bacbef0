"""What entity files may know of pattern files and of the service registry: names, parameters, operations.

Source of the places: SpecQL's beta line reads ``stdlib/actions/**`` and ``registry/service_registry.yaml``.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from specql_lsp.index.symbols import Spot, Spots
from specql_lsp.syntax.nodes import Mapping, Node, Scalar
from specql_lsp.syntax.tree import SyntaxTree

if TYPE_CHECKING:
    from specql_lsp.items.service_file import ServiceItem

_PATTERNS = "/stdlib/actions/"
_SERVICES = "/registry/service_registry.yaml"
_LONGEST_DEFAULT = 60
_PATTERN_KEYS = ("pattern", "parameters", "template")
"""A mapping with one of these keys is a pattern, or becomes one."""


class LibraryKind(Enum):
    """What a file is that entity files name things of."""

    PATTERN = "pattern"
    SERVICES = "services"


class ParameterFacts(NamedTuple):
    """A parameter of an action pattern."""

    name: str
    type: str | None
    """As written: ``string``, ``array<T>``, ``enum[a, b]`` …; None where the file says none."""
    required: bool
    description: str | None = None
    default: str | None = None
    """As written; None where the file says none."""
    spot: Spot | None = None
    """Where its name is in the pattern's file."""


class PatternFacts(NamedTuple):
    """An action pattern of the workspace."""

    name: str
    parameters: tuple[ParameterFacts, ...]
    description: str | None = None
    uri: str = ""
    spot: Spot | None = None
    """Where its name is in that file."""

    @property
    def signature(self) -> object:
        """What findings of other files depend on."""
        return self.name, tuple((each.name, each.type, each.required) for each in self.parameters)


class OperationFacts(NamedTuple):
    """An operation of a service."""

    name: str
    inputs: tuple[str, ...]
    """The keys of its ``input_schema``."""
    outputs: tuple[str, ...]
    timeout: str | None
    """In seconds, as written."""
    max_retries: str | None
    spot: Spot


class ServiceFacts(NamedTuple):
    """A service of the workspace."""

    name: str
    operations: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    """Its ``type``, ``category`` and ``execution_type``, as far as the file says them."""
    details: tuple[OperationFacts, ...] = ()
    """What is known of each operation, in the same order."""
    uri: str = ""
    spot: Spot | None = None

    @property
    def signature(self) -> object:
        """What findings of other files depend on."""
        return self.name, self.operations

    def operation(self, name: str) -> OperationFacts | None:
        """The operation of that name; case does not matter."""
        return next((each for each in self.details if each.name.lower() == name.lower()), None)


class LibraryFacts(NamedTuple):
    """What one file adds to the patterns and services of a workspace."""

    patterns: tuple[PatternFacts, ...] = ()
    services: tuple[ServiceFacts, ...] = ()


def is_library_place(uri: str) -> bool:
    """Whether the file of a URI is where patterns and services are looked for."""
    return _PATTERNS in uri or uri.endswith(_SERVICES)


def is_service_registry(uri: str) -> bool:
    """Whether the file of a URI is where services are looked for."""
    return uri.endswith(_SERVICES)


def library_kind(uri: str, tree: SyntaxTree) -> LibraryKind | None:
    """What the file of a URI is by its place and its content, also while it is not complete; None for any other."""
    root = tree.mapping(tree.root)
    if is_service_registry(uri):
        return LibraryKind.SERVICES if tree.root is not None else None
    if _PATTERNS not in uri or root is None or root.entry("entity") is not None:
        return None
    return LibraryKind.PATTERN if any(root.entry(key) is not None for key in _PATTERN_KEYS) else None


def pattern_path(uri: str) -> str | None:
    """The name of a pattern by the place of its file, by which alone the beta line finds it; None where it does not."""
    path = uri.rpartition(_PATTERNS)[2]
    return unquote(path.removesuffix(".yaml")) if _PATTERNS in uri and path.endswith(".yaml") else None


def pattern_uri(uri: str, name: str) -> str:
    """The URI of the file in which the beta line looks for a pattern, in the ``stdlib/actions`` of another file."""
    folder, place, _ = uri.rpartition(_PATTERNS)
    return f"{folder}{place}{quote(name)}.yaml"


def pattern_name(uri: str, written: str) -> str:
    """The name that actions have to write for a pattern: by the place of its file, else as the file says."""
    return pattern_path(uri) or written.strip()


def library_of(uri: str, tree: SyntaxTree) -> LibraryFacts | None:
    """The patterns and services of a file; None where it has none, or is elsewhere."""
    # Imported when there is such a file: few workspaces have one, and every start waits for what is imported above.
    if is_service_registry(uri):
        from specql_lsp.items.service_file import lower_services

        registry = lower_services(tree)
        if registry is None:
            return None
        spots = Spots(tree.lines)
        return LibraryFacts(services=tuple(_service(uri, tree, each, spots) for each in registry.services))
    from specql_lsp.items.pattern_file import lower_pattern

    pattern = lower_pattern(tree) if _PATTERNS in uri else None
    if pattern is None:
        return None
    spots = Spots(tree.lines)
    parameters = tuple(
        ParameterFacts(
            each.name.value,
            each.type,
            each.required,
            each.description,
            _written(tree, each.default),
            spots.of(each.name.text_span),
        )
        for each in pattern.parameters
    )
    spot = spots.of(pattern.name.text_span)
    name = pattern_name(uri, pattern.name.value)
    return LibraryFacts((PatternFacts(name, parameters, pattern.description, uri, spot),))


def _service(uri: str, tree: SyntaxTree, service: ServiceItem, spots: Spots) -> ServiceFacts:
    return ServiceFacts(
        service.name.value,
        tuple(each.name.value for each in service.operations),
        tuple(filter(None, (service.type, service.category, service.execution_type))),
        tuple(
            OperationFacts(
                each.name.value,
                _keys(tree.mapping(each.body.value("input_schema"))),
                _keys(tree.mapping(each.body.value("output_schema"))),
                _text(each.body, "timeout"),
                _text(each.body, "max_retries"),
                spots.of(each.name.text_span),
            )
            for each in service.operations
        ),
        uri,
        spots.of(service.name.text_span),
    )


def _written(tree: SyntaxTree, node: Node | None) -> str | None:
    """A value as it is written, cut to one line; None where there is none."""
    text = "" if node is None else node.value if isinstance(node, Scalar) else tree.text[slice(*node.span)]
    return " ".join(text.split())[:_LONGEST_DEFAULT] or None


def _keys(mapping: Mapping | None) -> tuple[str, ...]:
    return tuple(entry.name for entry in mapping.entries if entry.name) if mapping is not None else ()


def _text(mapping: Mapping, key: str) -> str | None:
    scalar = mapping.scalar(key)
    return scalar.value if scalar is not None else None
