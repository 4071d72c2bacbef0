"""The kinds of steps: which key makes a step what it is, and what SpecQL 0.9.2 generates for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from specql_lsp.language.keys import KeySpec, Meaning, entity_keys
from specql_lsp.language.release import Release


class Generated(Enum):
    """What SpecQL 0.9.2 writes into an action's function for a step."""

    CODE = "code"
    PARTLY = "partly"
    """Code that leaves out a part of what the step says."""
    COMMENT = "comment"
    NOTHING = "nothing"


class StepSpec(NamedTuple):
    """A kind of step.

    Attributes:
        name: the key that makes a step one of this kind.
        precedence: its place in the order in which SpecQL 0.9.2 looks for the key, from 0: where a step has two such
            keys, the lower one counts. Kinds of other releases come last.
        generated: what SpecQL 0.9.2 generates.
        release: the release that reads it.
        key: the specification of its key: documentation, value, snippet.
    """

    name: str
    precedence: int
    generated: Generated
    release: Release
    key: KeySpec

    @property
    def names_entity(self) -> bool:
        """Whether the text of such a step begins with an entity's name."""
        return self.key.value.meaning is Meaning.ROW_HEAD


@cache
def step_kinds() -> Mapping[str, StepSpec]:
    """Every kind by its name, in the order of precedence."""
    from specql_lsp.language.tables.steps import KINDS_BY_PRECEDENCE, OTHER_KINDS

    kinds = (*KINDS_BY_PRECEDENCE, *OTHER_KINDS)
    keys = entity_keys().levels["step"].by_name
    return MappingProxyType(
        {
            name: StepSpec(name, precedence, generated, release, keys[name])
            for precedence, (name, generated, release) in enumerate(kinds)
        }
    )


def step_kind(keys: Iterable[str | None]) -> StepSpec | None:
    """The kind of a step with these keys, by precedence whatever their order; None where no key is a kind's."""
    return _kind_of(tuple(keys))


@lru_cache(maxsize=1024)
def _kind_of(keys: tuple[str | None, ...]) -> StepSpec | None:
    """Steps have few combinations of keys, each of which comes again and again."""
    kinds = step_kinds()
    found = [kinds[key] for key in keys if key is not None and key in kinds]
    return min(found, key=lambda kind: kind.precedence, default=None)
