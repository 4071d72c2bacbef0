"""The fixes of lines that are indented wrongly: a step among the actions, a block of the top level among the fields."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.misplaced import block_keys
from specql_lsp.features.diagnostics.rule import RuleContext
from specql_lsp.features.diagnostics.rules.invalid_structure import IS_STEP
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.items.entity import ActionItem
from specql_lsp.language.steps import step_kind
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.nodes import Sequence
from specql_lsp.syntax.text import LineIndex, Span


def indented_steps(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Puts a step among the actions, and the steps right behind it, beneath the steps of the action before them."""
    if not finding.message.endswith(IS_STEP):
        return
    lines = context.document.lines
    actions = sorted(context.entity.actions, key=lambda action: action.span)
    first = next((n for n, action in enumerate(actions) if action.span.contains(finding.span.start)), 0)
    target = _column_of_steps(context, actions[first - 1]) if first else None
    start = lines.line_of(actions[first].span.start) if first else 0
    line = lines.line_text(start)
    indent = len(line) - len(line.lstrip())
    if target is None or target <= indent or not line.lstrip().startswith("- "):
        return
    last = first
    while last + 1 < len(actions) and _is_step(actions[last + 1]):
        last += 1
    end = lines.line_of(max(actions[last].span.end - 1, actions[last].span.start))
    moved = (lines.line_start(number) for number in range(start, end + 1) if lines.line_text(number).strip())
    edits = tuple(TextEdit(Span(at, at), " " * (target - indent)) for at in moved)
    title = "Indent the steps" if last > first else "Indent the step"
    yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), edits, preferred=True)


def _is_step(action: ActionItem) -> bool:
    return action.name is None and step_kind(entry.name for entry in action.node.body.entries if entry.name) is not None


def _column_of_steps(context: RuleContext, action: ActionItem) -> int | None:
    """The column of the steps of an action; None where something is behind them, or they are in brackets."""
    lines, entries = context.document.lines, action.node.body.entries
    if not entries or entries[-1].name != "steps":
        return None
    value, start = entries[-1].value, entries[-1].span.start + action.shift
    if value is None:
        return start - lines.line_start(lines.line_of(start)) + 2
    if not isinstance(value, Sequence) or value.flow:
        return None
    first = value.span.start + action.shift
    return first - lines.line_start(lines.line_of(first))


def unindented_block(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Begins the line of a block of the top level in the first column, where all fields behind it are its keys."""
    fields, lines = context.entity.fields, context.document.lines
    written = context.document.text[slice(*finding.span)]
    if written not in block_keys() and "\\" not in written:  # a file may have thousands of fields with such a finding
        return
    number = next((n for n, field in enumerate(fields) if field.name_span == finding.span), None)
    names = block_keys().get(fields[number].name) if number is not None else None
    if number is None or not names or fields[number].node.entry.value is not None:
        return
    own = fields[number + 1 :]
    if own and all(field.name in names for field in own) and _begins_line(lines, finding.span.start):
        start = lines.line_start(lines.line_of(finding.span.start))
        edit = TextEdit(Span(start, finding.span.start), "")
        title = f"Move {fields[number].name} to the top level"
        yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), (edit,), preferred=True)


def _begins_line(lines: LineIndex, offset: int) -> bool:
    start = lines.line_start(lines.line_of(offset))
    return offset > start and not lines.text[start:offset].strip(" ")
