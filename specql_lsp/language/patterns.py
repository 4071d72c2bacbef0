"""SpecQL's standard patterns: those of actions (beta line) and those of tables, with their parameters.

The facts are in ``data/patterns.json``, which is read when first used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from specql_lsp.language.data import read_json


@dataclass(frozen=True, slots=True)
class PatternParameter:
    """A parameter of a pattern.

    Attributes:
        name: the key under ``config`` or ``params``.
        type: ``string``, ``integer``, ``number``, ``boolean``, ``object``, ``array<T>`` or ``enum[a, b]``.
        required: whether SpecQL refuses the pattern without it.
        default: what it is without the key; None where it has no default.
        description: what it is for.
    """

    name: str
    type: str
    required: bool
    default: Any
    description: str


@dataclass(frozen=True, slots=True)
class PatternSpec:
    """A pattern; ``name`` is what a file writes."""

    name: str
    description: str
    parameters: tuple[PatternParameter, ...]


@cache
def action_patterns() -> Mapping[str, PatternSpec]:
    """The patterns for ``actions[].pattern`` by their path: ``state_machine/transition``."""
    prefix = "actions/"
    return MappingProxyType(
        {
            path.removeprefix(prefix): _pattern(path.removeprefix(prefix), facts)
            for path, facts in read_json("patterns.json")["patterns"].items()
            if path.startswith(prefix)
        }
    )


@cache
def table_patterns() -> Mapping[str, PatternSpec]:
    """The patterns for the top-level key ``patterns`` by every name that SpecQL 0.9.2 knows them by."""
    facts = read_json("patterns.json")["patterns"]
    by_name = {path.rpartition("/")[2]: spec for path, spec in facts.items()}
    return MappingProxyType({name: _pattern(name, by_name[source]) for name, source in _TABLE_PATTERNS.items()})


def _pattern(name: str, facts: dict[str, Any]) -> PatternSpec:
    return PatternSpec(
        name,
        facts["description"],
        tuple(
            PatternParameter(
                parameter["name"],
                parameter["type"],
                parameter.get("required", False),
                parameter.get("default"),
                parameter.get("description", ""),
            )
            for parameter in facts["parameters"]
        ),
    )


_TABLE_PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "schema_computed_column": "schema_computed_column",
        "schema_aggregate_view": "aggregate_view",
        "schema_scd_type2_helper": "temporal_scd_type2_helper",
        "temporal_non_overlapping_daterange": "temporal_non_overlapping_daterange",
        "temporal_scd_type2_helper": "temporal_scd_type2_helper",
        "validation_recursive_dependency_validator": "recursive_dependency_validator",
        "validation_template_inheritance": "validation_template_inheritance",
        "computed_column": "schema_computed_column",
        "aggregate_view": "aggregate_view",
        "scd_type2_helper": "temporal_scd_type2_helper",
        "non_overlapping_daterange": "temporal_non_overlapping_daterange",
        "recursive_dependency_validator": "recursive_dependency_validator",
        "template_inheritance": "validation_template_inheritance",
    }
)
"""SpecQL 0.9.2's names (``PatternApplier.PATTERN_APPLIERS``) and the pattern that each stands for."""
