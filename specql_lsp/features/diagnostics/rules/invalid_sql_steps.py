"""The steps of which SpecQL makes the description of an action's function.

Source: ``MutationAnnotator._generate_action_description_from_steps`` of SpecQL 0.9.2: the first two of the action's
inserts, updates, deletes and notifications are named, unless the action's own name begins with one of four verbs.
"""

from __future__ import annotations

from specql_lsp.features.diagnostics.entity_walk import MappingPlace, kind_of_step
from specql_lsp.language.sql import closes_literal
from specql_lsp.syntax.merging import MERGE_KEY
from specql_lsp.syntax.nodes import Alias, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.text import Span

_NAMED = frozenset({"insert", "update", "delete", "notify"})
_MOST_NAMED = 2
_VERBS = frozenset({"create", "update", "delete", "qualify"})


def closing_step(action: MappingPlace, name: str) -> Span | None:
    """The text of a step that ends the description before its end; None where none does."""
    entry = action.entries.get("steps")
    steps = action.source.resolve(entry.value) if entry is not None else None
    if not isinstance(steps, Sequence) or not any(map(_may_close, steps.items)):
        return None
    if name.replace("_", " ").split()[:1] in [[verb] for verb in _VERBS]:
        return None
    named = 0
    for item in steps.items:
        body = action.source.mapping(item)
        kind = kind_of_step(key for each in body.entries if (key := each.name)) if body is not None else ""
        if body is None or kind not in _NAMED:
            continue
        named += 1
        value = action.source.resolve(body.value(kind))
        written = body.value(kind)
        if isinstance(value, Scalar) and written is not None and closes_literal(_entity(kind, value.value)):
            return value._replace(span=written.span).text_span
        if named == _MOST_NAMED:
            return None
    return None


def _may_close(step: Node) -> bool:
    """Whether a step may be one that ends the description; no other rule looks at so many steps for so little."""
    if not isinstance(step, Mapping):
        return True
    for _, key, value in step.entries:
        if not isinstance(key, Scalar) or isinstance(value, Alias) or (name := key[1]) == MERGE_KEY:
            return True
        if name not in _NAMED or not isinstance(value, Scalar) or "'" not in value.value:
            continue
        if closes_literal(_entity(name, value.value)):
            return True
    return False


def _entity(kind: str, text: str) -> str:
    """What SpecQL takes for the entity of a step."""
    match kind:
        case "insert":
            return text
        case "update":
            return text.split(" SET ", 1)[0] if " SET " in text else ""  # SpecQL refuses it
        case "delete":
            return text.split(" WHERE ", 1)[0]
    return ""
