"""``unknown-step``: a step without a key that SpecQL takes for its kind."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.drafts import Draft, drafted
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import plain, shortened
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.items.entity import ActionNode, StepNode
from specql_lsp.language.keys import entity_keys
from specql_lsp.language.names import nearest
from specql_lsp.language.release import REFERENCE, Release
from specql_lsp.language.steps import step_kinds
from specql_lsp.semantics.steps import actions_with_steps, steps_read
from specql_lsp.severity import Severity
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.nodes import Entry, Mapping, Scalar, shifted
from specql_lsp.syntax.text import Span

RULE = Rule(
    code="unknown-step",
    severity=Severity.ERROR,
    summary="A step has no key that makes it a step of a kind that SpecQL knows.",
    explanation=(
        "A step is what one of its keys makes it: `validate`, `if`, `insert`, `update`, `delete`, `find`, `call`, "
        "`notify`, `reject`, `refresh_table_view`; in SpecQL 0.9.2 also `declare`, `assign`, `query`, `cte`, `return`, "
        "`return_table`, `for_query` and the `cursor_…` steps. Without such a key SpecQL 0.9.2 refuses the whole file: "
        '"Unknown step type".\n\n'
        "Kinds that the documentation shows and no release reads (`foreach`, `partial_update`, `refresh`) are errors, "
        "too. Kinds of the beta line (`raw_sql`, `call_service`, …) are `specql-refuses`."
    ),
    example="""\
entity: Contact
schema: crm
fields:
  status: enum(lead, customer)
actions:
  - name: qualify
    steps:
      - valdate: status = 'lead'
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
""",
    waits=True,
    fix="Changes the key to the nearest kind; writes `type: validate` with `condition` as `validate`.",
)

_CURSOR = "cursor_"
_TYPE_KEYS = ("type", "kind", "step", "action")
"""Keys by which other tools, and SpecQL's documentation, say what a step does."""


def check(context: RuleContext) -> Iterator[Finding]:
    """The steps whose kind no release knows."""
    return drafted(RULE, context, _in_action)


def _in_action(action: ActionNode) -> tuple[Draft, ...]:
    return tuple(_drafts(action))


def _drafts(action: ActionNode) -> Iterator[Draft]:
    kinds = step_kinds()
    for step in steps_read(action):
        spec = kinds.get(step.kind)
        if spec is None:
            yield _unknown(step)
        elif spec.release is Release.NONE and step.keyword is not None:
            instead = f" Instead, {plain(spec.key.instead)}" if spec.key.instead else ""
            message = f"No release of SpecQL reads a step {step.kind}, and {REFERENCE} refuses it.{instead}"
            yield Draft(step.keyword.text_span, message)


def _unknown(step: StepNode) -> Draft:
    """A step none of whose keys is a kind's."""
    entries = step.body.entries
    if not entries:
        message = f"The step is empty: {REFERENCE} refuses a step without a kind. Write validate: condition, say."
        return Draft(step.body.span, message)
    typed = _typed(step.body)
    if typed is not None:
        write = f"Write {_kind(typed)}: … instead."
        message = f"The kind of a step is its key: {REFERENCE} refuses a step with {typed.name}. {write}"
        return Draft(typed.key.span, message)
    entry, near = _likeliest(entries)
    shown = shortened(entry.key.value) if isinstance(entry.key, Scalar) and entry.key.value else "This"
    kind = "operation of a cursor" if shown.startswith(_CURSOR) else "kind of step"
    hint = f"Did you mean {near}?" if near else "Write validate: condition, say."
    message = f"{shown} is no {kind}: {REFERENCE} refuses the step. {hint}"
    span = entry.key.text_span if isinstance(entry.key, Scalar) else entry.key.span
    return Draft(span, message, (near,) if near else ())


def _typed(body: Mapping) -> Entry | None:
    """The entry by which a step says its kind as a value: ``type: validate``."""
    for key in _TYPE_KEYS:
        entry = body.entry(key)
        if entry is not None and isinstance(entry.value, Scalar) and entry.value.value in step_kinds():
            return entry
    return None


def _kind(entry: Entry) -> str:
    return entry.value.value if isinstance(entry.value, Scalar) else ""


def _likeliest(entries: tuple[Entry, ...]) -> tuple[Entry, str | None]:
    """The key that was most likely meant to be the kind, and the nearest kind."""
    kinds = step_kinds()
    read = [name for name, kind in kinds.items() if kind.release is Release.REFERENCE]
    beside = {key.name for key in entity_keys().levels["step"].keys if key.beside}
    for candidates in (read, list(kinds)):
        for entry in entries:
            near = nearest(entry.name, candidates) if entry.name and entry.name not in beside else None
            if near is not None:
                return entry, near
    return next((entry for entry in entries if entry.name not in beside), entries[0]), None


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Writes ``type: validate`` with ``condition: …`` behind it as ``validate: …``."""
    body = _step_at(context, finding.span)
    typed = _typed(body) if body is not None else None
    if body is None or typed is None or typed.key.span != finding.span or body.entries[0] is not typed:
        return
    kind = _kind(typed)
    condition = body.entry("condition") or body.entry("expression")
    if kind not in {"validate", "if"} or condition is None:
        return
    text, following = context.document.text, body.entries[1].span.start
    if "#" in text[typed.span.end : following]:  # a comment is not to be lost
        return
    edits = [TextEdit(Span(typed.span.start, following), ""), TextEdit(condition.key.span, kind)]
    error = body.entry("error_message")
    if error is not None and body.entry("error") is None:
        edits.append(TextEdit(error.key.span, "error"))
    edits.sort(key=lambda edit: edit.span)
    yield CodeAction(f"Write it as {kind}: …", ActionKind.QUICK_FIX, (finding,), tuple(edits), preferred=True)


def _step_at(context: RuleContext, span: Span) -> Mapping | None:
    """The mapping of the step whose key is at a span."""
    for action in actions_with_steps(context.document, context.entity):
        for step in steps_read(action.node):
            if step.body.span.shifted(action.shift).contains(span.start):
                moved = shifted(step.body, action.shift)
                if isinstance(moved, Mapping) and any(entry.key.span.start == span.start for entry in moved.entries):
                    return moved
    return None
