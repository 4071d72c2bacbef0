"""What the values of a pattern's parameters name, by the keys that they are under: entities, fields, SQL, patterns.

Likewise those of the beta line's steps, which the tables of keys do not describe.

SpecQL's patterns say of a parameter only that it is a text. Source: the parameters of its standard patterns
(``data/patterns.json``) and what their templates do with them.
"""

from __future__ import annotations

from collections.abc import Sequence

from specql_lsp.language.keys import ITEM, Meaning

_PARAMETERS = (("actions", ITEM, "config"), ("patterns", ITEM, "params"))
_STEPS = ("actions", ITEM, "steps", ITEM)
_HEADS = {"select": Meaning.ROW_HEAD}
"""Steps of the beta line whose texts are what they are in the steps that are read."""
_MEANINGS = {
    "entity": Meaning.ENTITY_REFERENCE,
    "entities": Meaning.ENTITY_REFERENCE,
    "field": Meaning.FIELD_PATH,
    "fields": Meaning.FIELD_PATH,
    "natural_key": Meaning.FIELD_PATH,
    "condition": Meaning.EXPRESSION,
    "expression": Meaning.EXPRESSION,
    "where": Meaning.EXPRESSION,
    "where_clause": Meaning.EXPRESSION,
    "pattern": Meaning.ACTION_PATTERN,
}
_ROWS = frozenset({"set", "updates", "values", "insert"})
"""The keys whose mappings give values to fields."""
ENTITY_KEYS = ("entity", "source_entity", "template_entity")
"""The keys whose value is the entity that the fields beside them are of."""


def meaning_in_pattern(path: Sequence[str], *, on_key: bool = False) -> Meaning | None:
    """The meaning of a text in the parameters of a pattern; None for any other place, and where nothing is known.

    Args:
        path: the keys from the root of the document to the text; ``[]`` for an item of a list.
        on_key: whether the text is the last of these keys.
    """
    start = next((each for each in _PARAMETERS if tuple(path[: len(each)]) == each), None)
    return _by_keys(path[len(start) :], on_key=on_key) if start is not None else None


def meaning_in_step(path: Sequence[str], *, on_key: bool = False) -> Meaning | None:
    """The meaning of a text in a step of the beta line, of which the tables say nothing; as ``meaning_in_pattern``."""
    if tuple(path[: len(_STEPS)]) != _STEPS:
        return None
    inner = path[len(_STEPS) :]
    if not on_key and inner and inner[-1] in _HEADS:
        return _HEADS[inner[-1]]
    # A key of the step itself is none of what it does.
    return _by_keys(inner, on_key=on_key) if len(inner) > 1 else None


def _by_keys(inner: Sequence[str], *, on_key: bool) -> Meaning | None:
    if on_key:
        return Meaning.FIELD_REFERENCE if len(inner) > 1 and inner[-2] in _ROWS else None
    key = next((name for name in reversed(inner) if name != ITEM), "")
    return _MEANINGS.get(key) or _MEANINGS.get(key.rpartition("_")[2])
