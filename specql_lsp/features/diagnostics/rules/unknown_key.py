"""``unknown-key``: a key that is none, where one that SpecQL reads is called nearly so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

from specql_lsp.features.diagnostics.entity_walk import MappingPlace, kind_of_step
from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import Finding
from specql_lsp.language.keys import KeySpec, Level, entity_keys
from specql_lsp.language.names import edit_distance
from specql_lsp.language.release import REFERENCE
from specql_lsp.severity import Severity
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.yaml11 import boolean

RULE = Rule(
    code="unknown-key",
    severity=Severity.INFORMATION,
    fix="Changes the key to the nearest one.",
    waits=True,
    summary="A key is none of SpecQL's, and one of them is called nearly so.",
    explanation=(
        f"{REFERENCE} ignores a key that it does not know without a word. A key is reported only where a known one is "
        "a slip or two away: keys of your own and of other tools are never reported.\n\nCorrect the key. Where the key "
        "that is meant is there already, move what belongs to it there, and remove the other one."
    ),
    example="entity: Contact\nschema: crm\nfeilds:\n  email: email\n",
    better="entity: Contact\nschema: crm\nfields:\n  email: email\n",
)


def of_mapping(place: MappingPlace) -> Iterator[Finding]:
    """The keys of a mapping that are nearly one that SpecQL reads there.

    Of one that SpecQL needs, what is said is that it is missing.
    """
    if place.level.name == "step" and place.body.flow:
        yield from _cut_assignments(place)
    for name, near, is_there in _slips(place.level.name, tuple(place.entries)):
        key = place.entries[name].key
        if not isinstance(key, Scalar) or (near == "fields" and are_enabled(place)):
            continue
        message = f"{shortened(name)} is no key that SpecQL knows here: {REFERENCE} ignores it."
        if is_there:
            yield RULE.finding(key.text_span, f"{message} {near} is there already.")
        else:
            yield RULE.finding(key.text_span, f"{message} Did you mean {near}?", replacements=(near,))


def passes(level: str, names: tuple[str, ...]) -> bool:
    """Whether nothing is to be said of a mapping of a level with these keys."""
    return not _slips(level, names)


def _cut_assignments(place: MappingPlace) -> Iterator[Finding]:
    """Assignments of an ``update`` between braces that YAML takes for keys, as they are behind a comma."""
    for before, entry in pairwise(place.body.entries):
        key = entry.key
        is_cut = entry.value is None and isinstance(key, Scalar) and _ASSIGNMENT.match(key.value) is not None
        if is_cut and isinstance(key, Scalar) and before.name == "update" and isinstance(before.value, Scalar):
            message = (
                f"Between braces YAML ends a value at a comma, so that {shortened(key.value)} is a key: {REFERENCE} "
                "ignores it. Quote all that is behind update."
            )
            yield RULE.finding(key.text_span, message)


_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\s*=")


@lru_cache(maxsize=2048)
def _slips(level: str, names: tuple[str, ...]) -> tuple[tuple[str, str, bool], ...]:
    """Of the keys of a mapping those that are slips, each with what is meant, and whether that is there already."""
    known = entity_keys().levels[level]
    unknown = [name for name in names if name not in known.by_name] if known.any_key is None else []
    if not unknown:
        return ()
    missing = _missing(known, names)
    there = tuple(key.name for key in _candidates(known, names) if key.name in names)
    found: list[tuple[str, str, bool]] = []
    for name in unknown:
        near = nearest_key(name, missing)
        if near is not None:
            found.append((name, near, False))
        elif name not in _all_names() and (near := nearest_key(name, there)) and not _is_plural(name, near):
            found.append((name, near, True))
    return tuple(found)


def _is_plural(name: str, other: str) -> bool:
    """Whether one is the plural of the other: both may well be meant."""
    return f"{name}s" == other or f"{other}s" == name


def are_enabled(place: MappingPlace) -> bool:
    """Whether the mapping is that of translations which are enabled: then SpecQL needs their fields."""
    entry = place.entries.get("enabled") if place.level.name == "translations" else None
    flag = place.source.resolve(entry.value) if entry is not None else None
    return isinstance(flag, Scalar) and boolean(flag) is True


@cache
def _all_names() -> frozenset[str]:
    """The keys of all levels: where one is written elsewhere, ``key-not-read`` speaks of it."""
    return frozenset(name for level in entity_keys().levels.values() for name in level.by_name)


def _missing(level: Level, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key.name for key in _candidates(level, names) if key.name not in names and not key.required)


def nearest_key(name: str, keys: tuple[str, ...]) -> str | None:
    """The key that ``name`` is a misspelling of; None where none is near enough, or two are as near."""
    limit = 1 if len(name) <= 4 else 2
    lowered = name.lower()
    ranked = sorted((edit_distance(lowered, key, limit), key) for key in keys)
    if not ranked or ranked[0][0] > limit or (len(ranked) > 1 and ranked[1][0] == ranked[0][0]):
        return None
    return ranked[0][1]


def misspelt(place: MappingPlace, missing: str) -> Scalar | None:
    """The unknown key of a mapping that is nearly ``missing``, a key that it has to have."""
    for name, entry in place.entries.items():
        if name not in place.level.by_name and isinstance(entry.key, Scalar) and nearest_key(name, (missing,)):
            return entry.key
    return None


def _candidates(level: Level, names: tuple[str, ...]) -> Iterator[KeySpec]:
    """The keys that SpecQL reads in a mapping: of a step, those that are read beside its kind."""
    if level.name != "step":
        yield from level.read()
        return
    kind = kind_of_step(names)
    if kind:
        yield from (key for key in level.read() if kind in key.beside)
