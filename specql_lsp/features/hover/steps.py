"""Hover of what decides what a step does: what it is for, and what SpecQL generates of it."""

from __future__ import annotations

from specql_lsp.features.hover.keys import key_text
from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.markdown import code, cut, escape, fenced
from specql_lsp.items.entity import ActionItem, EntityItem, StepItem
from specql_lsp.language.release import REFERENCE, Release
from specql_lsp.language.steps import Generated, step_kinds
from specql_lsp.semantics.classify_entity import step_of
from specql_lsp.semantics.step_sql import function_of, is_refused, refused_word, step_sql, template_of

_LONGEST_LINE = 500
_LONGEST_WORD = 100


def step(request: HoverRequest) -> Text | None:
    """The keyword of a step."""
    spec = step_kinds().get(request.symbol.name)
    if spec is None or request.entity is None:
        return None
    found = step_of(request.entity, request.offset_of_name)
    generated = ""
    if request.shows_generated and found is not None:
        generated = _generated(request.entity, *found)
    return Text(paragraphs(key_text(spec.key), generated))


def _generated(entity: EntityItem, action: ActionItem, step: StepItem) -> str:
    kind = step_kinds()[step.kind]
    name = action.name.value if action.name is not None else ""
    template = template_of(name)
    if kind.release is not Release.REFERENCE:
        return ""
    refused = refusal(entity, step)
    if refused:
        return refused
    if template is not None:
        return (
            f"{REFERENCE} generates nothing for it here: {code(name)} begins with {code(template)}, so that "
            f"{code(function_of(entity, name))} is generated from a template."
        )
    if all(each is not step.node for each in action.node.steps):
        return f"{REFERENCE} generates nothing for it here: it generates nothing for the step that contains it."
    lines = [cut(line, _LONGEST_LINE) for line in step_sql(entity, step)]
    if not lines:
        return ""
    where = f"{REFERENCE} generates in {code(function_of(entity, name))}:"
    return paragraphs(where, fenced("sql", lines), _row(entity, step))


def refusal(entity: EntityItem, step: StepItem) -> str:
    """Why SpecQL refuses the file for the text of a step; empty where it does not."""
    word = refused_word(entity, step)
    if word is not None:
        shown = code(cut(word, _LONGEST_WORD))
        problem = f"it takes {shown} in this step for a field, and the entity has no such field"
        return f"{REFERENCE} refuses the file: {problem}."
    return f"{REFERENCE} refuses the file for the text of this step." if is_refused(step) else ""


def _row(entity: EntityItem, step: StepItem) -> str:
    """Which row an ``update`` concerns."""
    if step_kinds()[step.kind].generated is not Generated.PARTLY or entity.name is None:
        return ""
    name = escape(entity.name.value)
    other = next((each.name for each in step.entities if each.name.lower() != entity.name.value.lower()), None)
    if other is not None:
        return f"It looks for the id of the {name} row in {escape(other)}, whatever WHERE says."
    return f"It updates the {name} row that the action is called for, whatever WHERE says."
