"""Findings about an action alone, before they have a place in the text.

What is found in an action is worked out once and kept with it (``ActionNode.fact``): after an edit only the action that
it touched is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.model import Finding
from specql_lsp.items.entity import ActionNode
from specql_lsp.semantics.steps import actions_with_steps
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.scalar_offsets import span_in_text
from specql_lsp.syntax.text import Span


class Draft(NamedTuple):
    """A finding whose span is one of the action's section."""

    span: Span
    """Of the section; where there is a scalar, of its value."""
    message: str
    replacements: tuple[str, ...] = ()
    scalar: Scalar | None = None

    def placed(self, rule: Rule, text: str, shift: int) -> Finding:
        """The finding in a text."""
        span = self.span.shifted(shift) if self.scalar is None else place_in(text, self.scalar, self.span, shift)
        return rule.finding(span, self.message, replacements=self.replacements)


def place_in(text: str, scalar: Scalar, span: Span, shift: int) -> Span:
    """The span in a text of a part of a scalar whose own span is one of a section."""
    return span_in_text(text, scalar._replace(span=scalar.span.shifted(shift)), span)


def said_once(found: Iterable[Finding]) -> Iterator[Finding]:
    """Findings without those that aliases repeat."""
    seen: set[tuple[Span, str]] = set()
    for finding in found:
        if (finding.span, finding.message) not in seen:
            seen.add((finding.span, finding.message))
            yield finding


def drafted(rule: Rule, context: RuleContext, work_out: Callable[[ActionNode], tuple[Draft, ...]]) -> Iterator[Finding]:
    """What a function of a module finds in each action."""
    text = context.document.text
    drafts = [
        (draft, action.shift)
        for action in actions_with_steps(context.document, context.entity)
        for draft in action.node.fact(work_out)
    ]
    return said_once(draft.placed(rule, text, shift) for draft, shift in drafts) if drafts else iter(())
