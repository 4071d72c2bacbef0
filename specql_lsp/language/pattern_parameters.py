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
_IN_STEPS = {
    **_MEANINGS,
    "query": Meaning.QUERY,
    "conflict_target": Meaning.FIELD_PATH,
    "group_by": Meaning.FIELD_PATH,
}
"""Source: the parser of the beta line (``specql-generator`` 0.5.0b0, ``SpecQLParser._parse_…_step``)."""
_TABLES = (("aggregate", "from"),)
"""The keys of steps whose texts are tables."""
_ROWS = frozenset({"set", "updates", "values", "insert", "fields"})
"""The keys whose mappings give values to fields."""
_LISTS = frozenset({"then", "else", "do", "loop", "steps", "body", "try", "catch", "finally", "default", "cases"})
"""The keys of steps that hold further steps."""
_STATES = (("to_state",), ("from_states", ITEM))
_STATE_FIELD = "status"
_STATE_MACHINES = frozenset(
    {"state_machine/transition", "state_machine/guarded_transition", "state_machine_guarded_transition"}
)
"""The standard patterns that compare and set the field ``status`` of the action's entity, whatever its type."""
_ENTITIES = ("entity", "source_entity", "template_entity")
"""The keys whose value is the entity that the fields beside them are of."""
_TABLE = "from"
"""In steps, the key whose value is the table of that entity."""
_TABLE_PREFIX = "tb_"
_HEADED = ("update", "insert", "partial_update", "upsert")
"""The keys of steps whose value begins with that entity."""


def entity_keys_beside(*, in_step: bool) -> tuple[str, ...]:
    """The keys of a mapping that say whose the fields beside them are, the first before the others."""
    return (*_ENTITIES, _TABLE, *_HEADED) if in_step else _ENTITIES


def written_entity(key: str, text: str) -> tuple[str, str]:
    """The schema and the name of the entity that the text of one of these keys says."""
    schema, _, name = (text.split() or [""])[0].rpartition(".")
    is_table = key == _TABLE and name.lower().startswith(_TABLE_PREFIX)
    return schema, name[len(_TABLE_PREFIX) :] if is_table else name


def holds_steps(key: str) -> bool:
    """Whether the list of a key in a step holds further steps."""
    return key in _LISTS


def meaning_in_pattern(path: Sequence[str], *, on_key: bool = False) -> Meaning | None:
    """The meaning of a text in the parameters of a pattern; None for any other place, and where nothing is known.

    Args:
        path: the keys from the root of the document to the text; ``[]`` for an item of a list.
        on_key: whether the text is the last of these keys.
    """
    inner = _in_parameters(path)
    return meaning_by_keys(inner, on_key=on_key) if inner is not None else None


def meaning_in_step(path: Sequence[str], *, on_key: bool = False) -> Meaning | None:
    """The meaning of a text in a step of the beta line, of which the tables say nothing; as ``meaning_in_pattern``."""
    inner = in_innermost_step(path)
    return meaning_by_keys(inner, on_key=on_key, in_step=True) if inner is not None else None


def meaning_by_keys(inner: Sequence[str], *, on_key: bool, in_step: bool = False) -> Meaning | None:
    """The meaning of a text by the keys from the parameters of a pattern, or from a step, to it.

    Args:
        inner: these keys; ``[]`` for an item of a list.
        on_key: whether the text is the last of them.
        in_step: whether they are those of a step.
    """
    is_row = _is_row(inner, in_step=in_step)
    if on_key:
        return Meaning.FIELD_REFERENCE if is_row else None
    if in_step and inner and inner[-1] in _HEADS:
        return _HEADS[inner[-1]]
    # A key of the step itself is none of what it does.
    if is_row or (in_step and len(inner) < 2):
        return None
    if in_step and tuple(inner) in _TABLES:
        return Meaning.TABLE
    meanings = _IN_STEPS if in_step else _MEANINGS
    key = next((name for name in reversed(inner) if name != ITEM), "")
    return meanings.get(key) or meanings.get(key.rpartition("_")[2])


def field_of_value(inner: Sequence[str], pattern: str | None = None) -> str:
    """The field that a text is a value of; empty where it is none.

    Args:
        inner: the keys from the parameters of a pattern, or from a step, to the text; ``[]`` for an item of a list.
        pattern: the pattern's name as an action writes it; None in a step.
    """
    if _is_row(inner, in_step=pattern is None):
        return inner[-1]
    is_state = tuple(inner) in _STATES and (pattern or "").strip().removeprefix("actions/") in _STATE_MACHINES
    return _STATE_FIELD if is_state else ""


def valued_field(path: Sequence[str], pattern: str) -> str:
    """As ``field_of_value``, by the keys from the root of the document; ``pattern`` is the one around the text."""
    inner = _in_parameters(path)
    if inner is not None:
        return field_of_value(inner, pattern)
    inner = in_innermost_step(path)
    return field_of_value(inner) if inner is not None else ""


def in_innermost_step(path: Sequence[str]) -> Sequence[str] | None:
    """The keys from the innermost step to the end of a path from the root; None where it does not lead into one."""
    if tuple(path[: len(_STEPS)]) != _STEPS:
        return None
    at = len(_STEPS)
    for index in range(at, len(path) - 1):
        if path[index] in _LISTS and path[index + 1] == ITEM:
            at = index + 2
    return path[at:]


def in_step(inner: Sequence[str]) -> tuple[str, ...]:
    """The path from the root to what is in a step of an action, by the keys from the step on."""
    return (*_STEPS, *inner)


def _in_parameters(path: Sequence[str]) -> Sequence[str] | None:
    start = next((each for each in _PARAMETERS if tuple(path[: len(each)]) == each), None)
    return path[len(start) :] if start is not None else None


def _is_row(inner: Sequence[str], *, in_step: bool) -> bool:
    """Whether keys lead to a key of a mapping that gives values to fields, or to its value."""
    if len(inner) < 2 or inner[-2] not in _ROWS or inner[-1] == ITEM:
        return False
    # In the step ``insert`` are the entity and further keys.
    return not (in_step and len(inner) == 2 and inner[0] in _HEADED)
