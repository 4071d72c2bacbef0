"""The steps of an action that SpecQL 0.9.2 reads, and what it reads in their place where a list holds no steps.

Source: ``SpecQLParser._parse_single_step``: beneath a step only ``then`` and ``else`` of ``if``, and ``body`` of
``for_query``, are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dict
from types import MappingProxyType
from typing import NamedTuple

from specql_lsp.items.entity import ActionNode, StepNode
from specql_lsp.syntax.nodes import Alias, Mapping, Node, Sequence

LISTS_BENEATH: Dict[str, tuple[str, ...]] = MappingProxyType({"if": ("then", "else"), "for_query": ("body",)})
"""The keys whose lists of steps SpecQL reads, by the kind of the step that they belong to."""


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


def steps_read(action: ActionNode) -> Iterator[StepNode]:
    """The steps that SpecQL reads, in the order of the text; spans are those of the action's section."""
    if not any(step.steps for step in action.steps):
        return iter(action.steps)
    return _with_nested(action.steps)


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


def lists_beneath(step: StepNode) -> Iterator[StepList]:
    """The lists beneath a step that SpecQL reads."""
    holder = step.value if step.kind == "for_query" else step.body
    for key in LISTS_BENEATH.get(step.kind, ()):
        entry = holder.entry(key) if isinstance(holder, Mapping) else None
        if entry is not None:
            yield StepList(entry.value, tuple(each for each in step.steps if each.under == key))
