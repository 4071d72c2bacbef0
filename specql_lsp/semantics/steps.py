"""The steps of an action that SpecQL 0.9.2 reads, and what it reads in their place where a list holds no steps.

Source: ``SpecQLParser._parse_single_step``: beneath a step only ``then`` and ``else`` of ``if``, and ``body`` of
``for_query``, are read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dict
from types import MappingProxyType
from typing import NamedTuple

from specql_lsp.items.entity import ActionItem, ActionNode, EntityItem, StepNode
from specql_lsp.syntax.implicit_typing import misreading
from specql_lsp.syntax.nodes import TEXT_TAGS, Alias, Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.workspace.documents import Document

LISTS_BENEATH: Dict[str, tuple[str, ...]] = MappingProxyType({"if": ("then", "else"), "for_query": ("body",)})
"""The keys whose lists of steps SpecQL reads, by the kind of the step that they belong to."""

TEXTS = frozenset({"insert", "update", "delete", "find", "call", "notify"})
"""The kinds whose value has to be a text."""
TEXTS_OR_MAPPINGS = frozenset({"declare", "assign", "query", "cte"})
MAPPINGS = frozenset({"refresh_table_view", "for_query", "cursor_declare", "cursor_fetch"})


def text_of(step: StepNode) -> str | None:
    """The value of the step's key where SpecQL gets a text; None where it is a number, a mapping, and so on."""
    value = step.value
    return value.value if isinstance(value, Scalar) and value.tag in TEXT_TAGS and misreading(value) is None else None


def has_fitting_value(step: StepNode) -> bool:
    """Whether the value of the step's key is of a type that SpecQL reads; conditions are not looked at."""
    if step.kind in MAPPINGS or (step.kind in TEXTS_OR_MAPPINGS and isinstance(step.value, Mapping)):
        return isinstance(step.value, Mapping)
    return (step.kind not in TEXTS and step.kind not in TEXTS_OR_MAPPINGS) or text_of(step) is not None


def actions_with_steps(document: Document, entity: EntityItem) -> tuple[ActionItem, ...]:
    """The actions of an entity that may have steps and whose text is YAML: what the others mean is not known."""
    actions, problems = entity.actions_with_steps, document.tree.problems
    if not problems or not actions:
        return actions
    starts = sorted(action.span.start for action in entity.actions)
    # Broken text may be behind the nodes of the action that it belongs to.
    broken = {bisect_right(starts, problem.span.end) for problem in problems}
    return tuple(action for action in actions if bisect_right(starts, action.span.start) not in broken)


class StepList(NamedTuple):
    """A list of steps that SpecQL reads; ``node`` is what is written there, a list or not."""

    node: Node | None
    steps: tuple[StepNode, ...]

    @property
    def misfits(self) -> tuple[Node, ...]:
        """The items that are no mappings, and so no steps."""
        items = self.node.items if isinstance(self.node, Sequence) else ()
        # Almost always each item is a step.
        if len(items) == len(self.steps):
            return ()
        return tuple(item for item in items if not isinstance(item, Mapping | Alias))


def steps_read(action: ActionNode) -> tuple[StepNode, ...]:
    """The steps that SpecQL reads, in the order of the text; spans are those of the action's section."""
    return action.fact(_steps_read)


def _steps_read(action: ActionNode) -> tuple[StepNode, ...]:
    if not any(step.steps for step in action.steps):
        return action.steps
    return tuple(_with_nested(action.steps))


def _with_nested(steps: Iterable[StepNode]) -> Iterator[StepNode]:
    for step in steps:
        yield step
        if step.steps and step.kind in LISTS_BENEATH:
            for found in lists_beneath(step):
                yield from _with_nested(found.steps)


def step_lists(action: ActionNode) -> Iterator[StepList]:
    """The lists of steps that SpecQL reads, the action's own first."""
    yield StepList(action.body.value("steps"), action.steps)
    for step in steps_read(action):
        if step.kind in LISTS_BENEATH:
            yield from lists_beneath(step)


def unfit_lists(step: StepNode) -> Iterator[Entry]:
    """The keys of a step whose values SpecQL goes through as lists of steps, and that hold something else."""
    holder = step.value if step.kind == "for_query" else step.body
    for key in LISTS_BENEATH.get(step.kind, ()):
        entry = holder.entry(key) if isinstance(holder, Mapping) else None
        if entry is None or isinstance(entry.value, Sequence) or is_unsure(entry.value):
            continue
        is_empty = isinstance(entry.value, Mapping) and not entry.value.entries
        if is_empty or (isinstance(entry.value, Scalar) and not entry.value.is_plain and not entry.value.value):
            continue  # SpecQL goes through it and finds nothing
        yield entry


def is_unsure(node: Node | None) -> bool:
    """Whether nothing can be said of a value: it has a tag of its own, or is an alias of nothing."""
    return isinstance(node, Alias) or (isinstance(node, Scalar) and node.tag not in TEXT_TAGS)


def lists_beneath(step: StepNode) -> Iterator[StepList]:
    """The lists beneath a step that SpecQL reads."""
    holder = step.value if step.kind == "for_query" else step.body
    for key in LISTS_BENEATH.get(step.kind, ()):
        entry = holder.entry(key) if isinstance(holder, Mapping) else None
        if entry is not None:
            yield StepList(entry.value, tuple(each for each in step.steps if each.under == key))
