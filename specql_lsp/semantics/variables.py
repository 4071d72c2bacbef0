"""Where an action declares a variable, or stores a result into it."""

from __future__ import annotations

from typing import NamedTuple

from specql_lsp.items.entity import EntityItem
from specql_lsp.language.keys import Meaning
from specql_lsp.semantics.names_in_expressions import names_in_expression
from specql_lsp.semantics.symbol import Role
from specql_lsp.syntax.nodes import Mapping, Scalar
from specql_lsp.syntax.scalar_offsets import span_in_text
from specql_lsp.syntax.text import Span

_MEANINGS = {
    "declare": Meaning.DECLARATION,
    "store": Meaning.VARIABLE,
    "into": Meaning.VARIABLE,
    "name": Meaning.VARIABLE,
    "alias": Meaning.VARIABLE,
}
"""The keys whose values give variables their names."""
_GIVE_NAMES = frozenset({"declare", "cte", "cursor_declare", "for_query"})
"""The steps in whose mappings ``name`` or ``alias`` is that of a variable."""


class VariableDefinition(NamedTuple):
    """A place that gives a variable its name; ``key`` and ``text`` are what is written there."""

    key: str
    text: str
    span: Span


def variable_definition(text: str, entity: EntityItem, name: str, offset: int) -> VariableDefinition | None:
    """The first place that gives a variable its name, in the action around an offset of the file.

    Args:
        text: the file.
        entity: the entity in it.
        name: the variable; case does not matter.
        offset: where the variable is used, in code points from 0.
    """
    action = next((each for each in entity.actions if each.span.contains(offset)), None)
    if action is None:
        return None
    pending = list(reversed(action.steps))
    while pending:
        step = pending.pop()
        pending += reversed(step.steps)
        body = step.node.body
        inner = [(entry.value, entry.name or "") for entry in body.entries if isinstance(entry.value, Mapping)]
        for mapping, kind in ((body, ""), *inner):
            found = _in_mapping(text, mapping, kind, name.lower(), action.shift)
            if found is not None:
                return found
    return None


def _in_mapping(text: str, mapping: Mapping, kind: str, name: str, shift: int) -> VariableDefinition | None:
    for entry in mapping.entries:
        key, value = entry.name or "", entry.value
        if not isinstance(value, Scalar) or key not in _MEANINGS:
            continue
        if key in {"name", "alias"} and kind not in _GIVE_NAMES:
            continue
        for each in names_in_expression(_MEANINGS[key], value.value):
            if each.role is Role.DEFINITION and each.name.lower() == name:
                moved = value._replace(span=value.span.shifted(shift))
                return VariableDefinition(key, value.value.strip(), span_in_text(text, moved, each.span))
    return None
