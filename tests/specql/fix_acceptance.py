"""What SpecQL makes of a file after a fix: the finding is gone, nothing is worse, only what was edited has changed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from specql_lsp.features.code_actions import code_actions, fix_all_action
from specql_lsp.features.model import ActionKind, CodeAction
from specql_lsp.severity import Severity
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.workspace.analysis import Analysis
from tests.specql.acceptance import Said, is_yaml, said_of
from tests.specql.reference import Reference

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def fixes_of(said: Said) -> list[CodeAction]:
    """Every quick fix that is offered for a finding, each once, and the source action; what can be done."""
    analysis, found = Analysis(), dict[tuple[object, ...], CodeAction]()
    for finding in said.findings:
        for action in code_actions(analysis, said.document, finding.span, said.findings, NOW):
            if action.kind is ActionKind.QUICK_FIX and action.fixes and action.disabled is None:
                found.setdefault((action.title, tuple(action.all_edits())), action)
    everything = fix_all_action(analysis, said.document, said.findings)
    return [*found.values(), *([everything] if everything is not None else [])]


def objection(specql: Reference, said: Said, action: CodeAction) -> str:
    """What is wrong with a fix; empty if nothing is."""
    before = said.document.text
    text = apply(before, action.all_edits())
    after = said_of(text)
    if is_yaml(before) and not is_yaml(text):
        return "breaks the YAML"
    if not action.new_files and not _reveals(said, action):
        left = _counted(after)
        for fixed in action.fixes:
            if left[fixed.code, fixed.message] >= _counted(said)[fixed.code, fixed.message]:
                return f"leaves {fixed.code}"
    if _reveals(said, action):
        return ""
    new = _errors(after) - _errors(said)
    if new:
        return f"makes {next(iter(new))}"
    if specql.entity(before).error is None:
        error = specql.entity(text).error
        if error is not None:
            return f"makes SpecQL refuse it: {error[:60]}"
        return _other_fields(specql, said, after, action)
    return ""


def _reveals(said: Said, action: CodeAction) -> bool:
    """Whether SpecQL has not read something until now that may be wrong in its turn: what is behind a misspelt key.

    Likewise a key that is there twice, of which PyYAML takes the last one.
    """
    codes = {finding.code for finding in said.findings}
    return bool({finding.code for finding in action.fixes} & {"unknown-key"}) or "duplicate-key" in codes


def _other_fields(specql: Reference, said: Said, after: Said, action: CodeAction) -> str:
    """The fields that read otherwise and that the fix has not touched."""
    old, new = specql.fields(said.document.text).value, specql.fields(after.document.text).value
    if said.document.entity is None or "*" in said.document.text:
        return ""  # through an alias a fix may concern fields in several places
    lines = said.document.tree.lines
    edited = {
        line
        for edit in action.all_edits()
        for line in range(lines.line_of(edit.span.start), lines.line_of(edit.span.end) + 1)
    }
    for field in said.document.entity.fields:
        own = range(lines.line_of(field.span.start), lines.line_of(field.span.end) + 1)
        if edited.isdisjoint(own) and old.get(field.name) != new.get(field.name):
            return f"changes the field {field.name}"
    return ""


def _counted(said: Said) -> Counter[tuple[str, str]]:
    return Counter((finding.code, finding.message) for finding in said.findings)


def _errors(said: Said) -> Counter[str]:
    return Counter(finding.code for finding in said.findings if finding.severity is Severity.ERROR)
