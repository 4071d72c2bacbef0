"""What the texts are that the tables of keys do not describe: the parameters of patterns, steps of the beta line.

``semantics.classify`` says it of one place; this goes through all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from specql_lsp.language.keys import ITEM, Meaning
from specql_lsp.language.pattern_parameters import (
    entity_keys_beside,
    field_of_value,
    holds_steps,
    meaning_by_keys,
    written_entity,
)
from specql_lsp.semantics.symbol import EntityName
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence

_DEEPEST = 50
"""What is nested deeper, which no person writes, is left out."""


class UndescribedNode(NamedTuple):
    """A text, or a step beneath a step.

    Attributes:
        node: a scalar; of a step its mapping.
        meaning: what the text is; None for a step, and for a value of a field.
        field: the field that the text is a value of; empty for any other.
        entity: the entity whose fields are named; None for that of the file.
    """

    node: Node
    meaning: Meaning | None = None
    field: str = ""
    entity: EntityName | None = None


def undescribed(entry: Entry, pattern: str | None, beside: Iterable[Entry]) -> Iterator[UndescribedNode]:
    """The texts with a meaning, and the steps, in the order of the text. Aliases are not followed.

    Args:
        entry: a parameter, or a key of a step.
        pattern: the name of the pattern; None in a step.
        beside: the entries of the mapping that the entry is in.
    """
    return _walk(entry.value, (entry.name or "",), pattern, _entity_among(beside, in_step=pattern is None), 0)


def _walk(
    node: Node | None, keys: tuple[str, ...], pattern: str | None, entity: EntityName | None, depth: int
) -> Iterator[UndescribedNode]:
    if depth > _DEEPEST:
        return
    match node:
        case Scalar():
            found = _text(node, keys, pattern, entity, on_key=False)
            if found is not None:
                yield found
        case Sequence():
            are_steps = pattern is None and holds_steps(keys[-1])
            for item in node.items:
                if are_steps and isinstance(item, Mapping):
                    yield UndescribedNode(item)
                else:
                    yield from _walk(item, (*keys, ITEM), pattern, entity, depth + 1)
        case Mapping():
            own = _entity_among(node.entries, in_step=pattern is None)
            for entry in node.entries:
                inner = (*keys, entry.name or "")
                key = entry.key
                is_row = isinstance(key, Scalar) and _text(key, inner, pattern, entity, on_key=True)
                if is_row:
                    yield is_row
                yield from _walk(entry.value, inner, pattern, entity if is_row else own, depth + 1)


def _text(
    scalar: Scalar, keys: tuple[str, ...], pattern: str | None, entity: EntityName | None, *, on_key: bool
) -> UndescribedNode | None:
    meaning = meaning_by_keys(keys, on_key=on_key, in_step=pattern is None)
    if meaning is not None:
        return UndescribedNode(scalar, meaning, "", entity)
    field = field_of_value(keys, pattern) if not on_key else ""
    return UndescribedNode(scalar, None, field, entity) if field else None


def _entity_among(entries: Iterable[Entry], *, in_step: bool) -> EntityName | None:
    """The entity that the entries of a mapping name; None where they name none."""
    written = {entry.name: entry.value.value for entry in entries if isinstance(entry.value, Scalar)}
    key = next((each for each in entity_keys_beside(in_step=in_step) if written.get(each, "").strip()), None)
    return EntityName(*written_entity(key, written[key])) if key is not None else None
