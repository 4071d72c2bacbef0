"""What entity files may know of pattern files and of the service registry: names, parameters, operations.

Source of the places: SpecQL's beta line reads ``stdlib/actions/**`` and ``registry/service_registry.yaml``.
"""

from __future__ import annotations

from typing import NamedTuple

from specql_lsp.syntax.tree import SyntaxTree

_PATTERNS = "/stdlib/actions/"
_SERVICES = "/registry/service_registry.yaml"


class ParameterFacts(NamedTuple):
    """A parameter of an action pattern."""

    name: str
    type: str | None
    """As written: ``string``, ``array<T>``, ``enum[a, b]`` …; None where the file says none."""
    required: bool


class PatternFacts(NamedTuple):
    """An action pattern of the workspace."""

    name: str
    parameters: tuple[ParameterFacts, ...]


class ServiceFacts(NamedTuple):
    """A service of the workspace."""

    name: str
    operations: tuple[str, ...]


class LibraryFacts(NamedTuple):
    """What one file adds to the patterns and services of a workspace."""

    patterns: tuple[PatternFacts, ...] = ()
    services: tuple[ServiceFacts, ...] = ()


def is_library_place(uri: str) -> bool:
    """Whether the file of a URI is where patterns and services are looked for."""
    return _PATTERNS in uri or uri.endswith(_SERVICES)


def library_of(uri: str, tree: SyntaxTree) -> LibraryFacts | None:
    """The patterns and services of a file; None where it has none, or is elsewhere."""
    # Imported when there is such a file: few workspaces have one, and every start waits for what is imported above.
    if uri.endswith(_SERVICES):
        from specql_lsp.items.service_file import lower_services

        registry = lower_services(tree)
        services = registry.services if registry is not None else ()
        facts = tuple(
            ServiceFacts(service.name.value, tuple(each.name.value for each in service.operations))
            for service in services
        )
        return LibraryFacts(services=facts) if registry is not None else None
    from specql_lsp.items.pattern_file import lower_pattern

    pattern = lower_pattern(tree) if _PATTERNS in uri else None
    if pattern is None:
        return None
    parameters = tuple(ParameterFacts(each.name.value, each.type, each.required) for each in pattern.parameters)
    return LibraryFacts((PatternFacts(pattern.name.value.strip(), parameters),))
