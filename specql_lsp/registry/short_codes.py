"""Short codes (``entity_code``) that are unique within a registry YAML. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.language.table_code import short_code, short_codes
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.tree import SyntaxTree


class ShortCodes:
    """Allocates short codes that no entity of one document has. Deterministic.

    Args:
        registry: the document's registry.
        tree: the document's tree.
        without: a code that does not count once, as the entity that has it gets another one.
    """

    def __init__(self, registry: RegistryFile, tree: SyntaxTree, *, without: str | None = None) -> None:
        self._registry = registry
        self._tree = tree
        self._without = without
        self._taken: set[str] | None = None
        self._next_numbers: dict[str, int] = {}
        """By SpecQL's own code for a name: the first number that is not known to be taken behind it."""

    def give(self, entity_name: str, wanted: str | None = None) -> str:
        """A code for an entity, which is taken from now on.

        Args:
            entity_name: the entity's name, from which codes are derived.
            wanted: the code that it has already; it is kept if it is free.
        """
        taken = self._taken_codes()
        base = short_code(entity_name)
        candidates = chain((wanted,) if wanted else (), short_codes(entity_name, self._next_numbers.get(base, 2)))
        code = next(candidate for candidate in candidates if candidate.upper() not in taken)
        number = code.removeprefix(base)
        if code != wanted and code.startswith(base) and number.isdecimal():
            self._next_numbers[base] = int(number) + 1
        taken.add(code.upper())
        return code

    def _taken_codes(self) -> set[str]:
        if self._taken is None:
            codes = [code.upper() for code in self._codes()]
            if self._without is not None and self._without.upper() in codes:
                codes.remove(self._without.upper())
            self._taken = set(codes)
        return self._taken

    def _codes(self) -> Iterator[str]:
        for _, _, entity in self._registry.entities():
            value = self._tree.resolve(entity.body.value("entity_code")) if entity.body is not None else None
            if isinstance(value, Scalar):
                yield value.value
