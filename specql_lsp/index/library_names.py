"""The patterns and services of a workspace by their names, worked out once for all that its files have of them."""

from __future__ import annotations

from collections.abc import Iterable

from specql_lsp.index.library import LibraryFacts, PatternFacts, ServiceFacts


class LibraryNames:
    """What names mean. Immutable.

    Args:
        files: what each file has, in the order of the files: of two that have a pattern or a service of one name it is
            the first one's. Within a file the last service of a name counts, as for SpecQL's beta line.
    """

    def __init__(self, files: Iterable[LibraryFacts]) -> None:
        self.patterns: dict[str, PatternFacts] = {}
        self.services: dict[str, ServiceFacts] = {}
        """By their names in lower case: case does not matter."""
        for facts in files:
            for pattern in facts.patterns:
                self.patterns.setdefault(pattern.name, pattern)
            own = {service.name.lower(): service for service in facts.services}
            for name, service in own.items():
                self.services.setdefault(name, service)
        self.pattern_names = tuple(sorted(self.patterns))
        self.service_names = tuple(sorted(service.name for service in self.services.values()))
