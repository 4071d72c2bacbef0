"""``unknown-key``: a key that is none, where one that SpecQL reads is called nearly so."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.entity_walk import MappingPlace, kind_of_step
from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import Finding
from specql_lsp.language.keys import KeySpec
from specql_lsp.language.names import edit_distance
from specql_lsp.language.release import REFERENCE
from specql_lsp.severity import Severity
from specql_lsp.syntax.nodes import Scalar

RULE = Rule(
    code="unknown-key",
    severity=Severity.INFORMATION,
    waits=True,
    summary="A key is none of SpecQL's, and one of them is called nearly so.",
    explanation=(
        f"{REFERENCE} ignores a key that it does not know without a word. A key is reported only where a known one is "
        "a slip or two away: keys of your own and of other tools are never reported.\n\nCorrect the key."
    ),
    example="entity: Contact\nschema: crm\nfeilds:\n  email: email\n",
    better="entity: Contact\nschema: crm\nfields:\n  email: email\n",
)


def of_mapping(place: MappingPlace) -> Iterator[Finding]:
    """The keys of a mapping that are nearly one that SpecQL reads there.

    Of one that SpecQL needs, what is said is that it is missing.
    """
    level = place.level
    if level.any_key is not None:
        return
    missing: tuple[str, ...] | None = None
    for name, entry in place.entries.items():
        if name in level.by_name or not isinstance(entry.key, Scalar):
            continue
        if missing is None:
            missing = tuple(
                key.name for key in _candidates(place) if key.name not in place.entries and not key.required
            )
        near = nearest_key(name, missing)
        if near is not None:
            yield RULE.finding(
                entry.key.text_span,
                f"{shortened(name)} is no key that SpecQL knows here: {REFERENCE} ignores it. Did you mean {near}?",
                replacements=(near,),
            )


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


def _candidates(place: MappingPlace) -> Iterator[KeySpec]:
    """The keys that SpecQL reads in the mapping: of a step, those that are read beside its kind."""
    if place.level.name != "step":
        yield from place.level.read()
        return
    kind = kind_of_step(place.entries)
    if kind:
        yield from (key for key in place.level.read() if kind in key.beside)
