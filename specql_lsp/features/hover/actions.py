"""Hover of an action: its description, its steps at a glance, and the function that SpecQL makes of it."""

from __future__ import annotations

from specql_lsp.features.hover.patterns import pattern_summary
from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.hover.sql import called
from specql_lsp.features.hover.steps import refusal
from specql_lsp.features.markdown import code, escape, shortened, title
from specql_lsp.items.entity import ActionItem, EntityItem, StepItem
from specql_lsp.language.release import REFERENCE
from specql_lsp.language.steps import Generated, step_kinds
from specql_lsp.semantics.step_sql import function_of, template_of

_MOST_STEPS = 12
_TITLE_LENGTH = 80
_DESCRIPTION_LENGTH = 300


def action(request: HoverRequest) -> Text | None:
    """An action by its name."""
    entity = request.entity
    if entity is None:
        return None
    names = ((each.node.name, each) for each in entity.actions)
    found = next((each for name, each in names if name is not None and name.value == request.symbol.name), None)
    if found is None:
        return called(request) if request.symbol.path[-1:] == ("call",) else None
    return Text(action_text(request, entity, found))


def action_text(request: HoverRequest, entity: EntityItem, found: ActionItem) -> str:
    """What an action does."""
    name = found.node.name.value if found.node.name is not None else ""
    description = found.node.body.scalar("description")
    owner = f" of {escape(entity.name.value)}" if entity.name is not None else ""
    return paragraphs(
        f"{title(name)} · action{owner}",
        escape(shortened(description.value, _DESCRIPTION_LENGTH)) if description is not None else "",
        pattern_summary(request, found.pattern) if found.pattern is not None else "",
        _steps(found),
        _generated(entity, found, name) if request.shows_generated else "",
    )


def _steps(found: ActionItem) -> str:
    steps = found.steps
    lines = [f"{number}. {_code_or_text(each)}" for number, each in enumerate(steps[:_MOST_STEPS], 1)]
    if len(steps) > _MOST_STEPS:
        lines.append(f"\n… and {len(steps) - _MOST_STEPS} more")
    return "\n".join(lines)


def _code_or_text(step: StepItem) -> str:
    """A step in a line."""
    title = shortened(step.title, _TITLE_LENGTH)
    beneath = len(step.steps)
    return code(title) + (f" · {beneath} beneath" if beneath else "")


def _generated(entity: EntityItem, found: ActionItem, name: str) -> str:
    function = code(function_of(entity, name))
    refused = next((number for number, each in enumerate(found.steps, 1) if refusal(entity, each)), None)
    if refused is not None:
        return f"{REFERENCE} refuses the file for step {refused}."
    template = template_of(name)
    if template is not None:
        steps = " The steps are not used." if found.node.steps else ""
        return f"{REFERENCE} generates {function} from its `{template}` template, because of the action's name.{steps}"
    kinds = step_kinds()
    made = {Generated.CODE, Generated.PARTLY}
    used = sum(1 for step in found.node.steps if step.kind in kinds and kinds[step.kind].generated in made)
    text = f"{REFERENCE} generates {function} from it"
    if not found.node.steps:
        return f"{text}, which does nothing, as it has no steps."
    total = len(found.node.steps)
    return f"{text}, with code for {used} of its {total} {'step' if total == 1 else 'steps'}."
