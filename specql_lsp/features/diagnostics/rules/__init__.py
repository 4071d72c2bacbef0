"""The rules: a table of their modules, in the order in which they are asked (``specql_lsp.features.diagnostics.rule``).

To add a rule, import its module and add it to the table.
"""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.rule import Fixes, Rule, RuleContext, RuleFamily, RuleModule
from specql_lsp.features.diagnostics.rules import duplicate_entity
from specql_lsp.features.model import CodeAction, Finding

_MODULES: tuple[RuleModule | RuleFamily, ...] = (duplicate_entity,)


def check_rules(context: RuleContext) -> Iterator[Finding]:
    """Everything that the rules find in an entity, rule by rule."""
    for module in _MODULES:
        yield from module.check(context)


def fixes_of(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """The changes that the rule of a finding has for it, best first."""
    fixing = _FIXING.get(finding.code)
    if fixing is not None:
        yield from fixing.fixes(context, finding)


def _rules_of(module: RuleModule | RuleFamily) -> tuple[Rule, ...]:
    several: tuple[Rule, ...] | None = getattr(module, "RULES", None)
    return (module.RULE,) if several is None else several  # type: ignore[union-attr]


RULES: dict[str, Rule] = {rule.code: rule for module in _MODULES for rule in _rules_of(module)}
"""Every rule by its code, in the order of the table."""

_FIXING: dict[str, Fixes] = {
    rule.code: module  # type: ignore[misc]
    for module in _MODULES
    if hasattr(module, "fixes")
    for rule in _rules_of(module)
}
