"""``generates-nothing``: steps that SpecQL reads and writes no code for, and the WHERE of an update that it drops."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.drafts import Draft, drafted
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.model import Finding
from specql_lsp.items.entity import ActionNode, StepNode
from specql_lsp.language.checked_words import where_of
from specql_lsp.language.release import REFERENCE, Release
from specql_lsp.language.step_texts import refused_text
from specql_lsp.language.steps import Generated, StepSpec, step_kinds
from specql_lsp.semantics.step_sql import template_of
from specql_lsp.semantics.steps import LISTS_BENEATH, has_fitting_value, text_of, unfit_lists
from specql_lsp.severity import Severity
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import Span

RULE = Rule(
    code="generates-nothing",
    severity=Severity.HINT,
    summary="SpecQL 0.9.2 generates nothing of a step, or drops the WHERE of an update.",
    explanation=(
        "SpecQL 0.9.2 writes code for `validate`, `update` and `refresh_table_view`, and a comment for `call`. It "
        "reads `insert`, `delete`, `find`, `notify`, `reject`, `if` with all its steps, `declare`, `assign`, `query`, "
        "`cte`, `return`, `return_table`, `for_query` and the `cursor_…` steps, and writes nothing for them. An "
        "`update` always changes the row that the action is called for, whatever its WHERE says.\n\n"
        "For an action whose name begins with `create`, `update` or `delete` it writes a function of its own and looks "
        "at none of the steps; that is reported once, at the name. To have them generated, choose another one. An "
        "empty `language.release` turns this off."
    ),
    example="""\
entity: Contact
schema: crm
fields:
  status: enum(lead, customer)
actions:
  - name: qualify
    steps:
      - reject: not_allowed
""",
    better="""\
entity: Contact
schema: crm
fields:
  status: enum(lead, customer)
actions:
  - name: qualify
    steps:
      - validate: status = 'lead'
        error: not_allowed
""",
    of_release=True,
)


def check(context: RuleContext) -> Iterator[Finding]:
    """The steps of which nothing is generated, or the action's name where it is none of them.

    Those beneath a step are not named again.
    """
    return drafted(RULE, context, _in_action)


def _in_action(action: ActionNode) -> tuple[Draft, ...]:
    return tuple(_drafts(action))


def _drafts(action: ActionNode) -> Iterator[Draft]:
    kinds, name = step_kinds(), action.name
    prefix = template_of(name.value) if name is not None else None
    for step in action.steps:
        kind = kinds.get(step.kind)
        if kind is None or kind.release is not Release.REFERENCE or step.keyword is None:
            continue
        if name is not None and prefix is not None:
            message = (
                f"{REFERENCE} generates nothing of this action's steps: for a name that begins with {prefix} it "
                "writes a function of its own. Choose another name to have them generated."
            )
            drafts = [Draft(name.text_span, message)]
        else:
            drafts = _step(step, step.keyword.text_span, kind)
        if drafts and not _is_refused(step):
            yield from drafts
            if prefix is not None:
                return


def _is_refused(step: StepNode) -> bool:
    kind, value = step.kind, step.value
    if not has_fitting_value(step) or (kind in _CONDITIONS and text_of(step) is None):
        return True
    if kind in LISTS_BENEATH and next(unfit_lists(step), None) is not None:
        return True
    return isinstance(value, Scalar) and refused_text(kind, value.value) is not None


_CONDITIONS = frozenset({"validate", "if"})


def _step(step: StepNode, keyword: Span, kind: StepSpec) -> list[Draft]:
    match kind.generated:
        case Generated.NOTHING:
            beneath = " and the steps beneath it" if step.steps else ""
            return [Draft(keyword, f"{REFERENCE} reads the {kind.name} step{beneath}, and generates nothing for it.")]
        case Generated.COMMENT:
            return [Draft(keyword, f"{REFERENCE} writes a comment for the {kind.name} step, and no code.")]
        case Generated.PARTLY if isinstance(step.value, Scalar):
            where = where_of(kind.name, step.value.value)
            if where is not None:
                message = f"{REFERENCE} drops the WHERE: it updates the row that the action is called for."
                return [Draft(where, message, scalar=step.value)]
    return []
