"""Short codes (``entity_code``) that are unique within a registry YAML. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain, count
from string import digits

from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.language.table_code import short_code, short_codes
from specql_lsp.lazily import lazily
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.tree import SyntaxTree


class ShortCodes:
    """Allocates short codes that no entity of one document has. Deterministic.

    Args:
        registry: the document's registry.
        tree: the document's tree.
    """

    def __init__(self, registry: RegistryFile, tree: SyntaxTree) -> None:
        self._registry = registry
        self._tree = tree
        self._holes: dict[str, int] = {}
        """By SpecQL's own code for a name: the first number behind it that the document has not."""
        self._next_numbers: dict[str, int] = {}
        """By SpecQL's own code for a name: the first number that is not known to be taken behind it."""

    def give(self, entity_name: str, wanted: str | None = None) -> str:
        """A code for an entity, which is taken from now on.

        Args:
            entity_name: the entity's name, from which codes are derived.
            wanted: the code that it has already; it is kept if it is free.
        """
        code = self._first_free(entity_name, wanted)
        base = short_code(entity_name)
        number = code.removeprefix(base)
        if code != wanted and code.startswith(base) and number.isdecimal():
            self._next_numbers[base] = int(number) + 1
        self._taken[code.upper()] += 1
        return code

    def give_renamed(self, old: str, code: str, new: str) -> str | None:
        """The code of an entity under another name, which is taken from now on in place of the one that it has.

        Args:
            old: the name that it had.
            code: the code that it has.
            new: its name from now on.

        Returns:
            None where the code is not the one that ``old`` gets: it was chosen, and stays.
        """
        if not self._is_derived(old, code):
            return None
        self._taken[code.upper()] -= 1
        base = code.rstrip(digits)
        number = code.removeprefix(base)
        if number and base in self._next_numbers:
            self._next_numbers[base] = min(self._next_numbers[base], int(number))
        return self.give(new)

    def _is_derived(self, entity_name: str, code: str) -> bool:
        """Whether it is the first code that an entity could have beside the others that the document has."""
        base = short_code(entity_name)
        number = code.removeprefix(base)
        first_number = max(2, int(number)) if code.startswith(base) and number.isdecimal() else 2
        if base not in self._holes:
            self._holes[base] = next(each for each in count(2) if f"{base}{each}" not in self._written)
        if first_number > self._holes[base]:
            return False
        for candidate in short_codes(entity_name, first_number):
            if self._written[candidate.upper()] <= (candidate.upper() == code.upper()):
                return candidate == code
        raise AssertionError("the candidates have no end")

    def _first_free(self, entity_name: str, wanted: str | None = None) -> str:
        first_number = self._next_numbers.get(short_code(entity_name), 2)
        candidates = chain((wanted,) if wanted else (), short_codes(entity_name, first_number))
        return next(candidate for candidate in candidates if self._taken[candidate.upper()] <= 0)

    @lazily
    def _written(self) -> Counter[str]:
        """How often the document has each code, in upper case."""
        return Counter(code.upper() for code in self._codes())

    @lazily
    def _taken(self) -> Counter[str]:
        """The same, with what was given and without what was given up."""
        return self._written.copy()

    def _codes(self) -> Iterator[str]:
        for _, _, entity in self._registry.entities():
            value = self._tree.resolve(entity.body.value("entity_code")) if entity.body is not None else None
            if isinstance(value, Scalar):
                yield value.value
