"""Fixes by snippet: a workspace with a cursor, the titles that are offered there, and the text after one of them.

    fix('''
    entity: Contact
    fields:
      email: teyt$0
    ''', "Change to text", '''
    entity: Contact
    fields:
      email: text
    ''')

A snippet is as in ``tests.features.rules.support``; its marks are not looked at. What is expected are the files that an
action changes or creates; a text without a path is that of the file with the cursor. Every fix that is applied is held
to what holds of all: the YAML is as readable as before, what the fix mends is gone, and no error is new.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from specql_lsp.features.code_actions import code_actions, fix_all_action
from specql_lsp.features.diagnostics import check
from specql_lsp.features.model import ActionKind, CodeAction, Finding, Severity
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.pyyaml.errors import syntax_errors
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.rules.support import rule_workspace
from tests.features.workspace_snippets import FOLDER, NO_PATH, workspace

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def offered(snippet: str, *, registry: bool = True) -> dict[str, CodeAction]:
    """The code actions at the cursor by title, best first; ``registry`` False: none can be read."""
    made = rule_workspace(snippet)
    return actions_at(made.analysis(registry=registry), made.document(), Span(made.offset, made.offset))


def titles(snippet: str, kind: ActionKind = ActionKind.QUICK_FIX, *, registry: bool = True) -> list[str]:
    """The titles of the actions of a kind at the cursor that can be done, best first."""
    actions = offered(snippet, registry=registry).values()
    return [action.title for action in actions if action.disabled is None and action.kind is kind]


def quick_fixes(snippet: str) -> list[str]:
    """The titles of the quick fixes at the cursor that can be done, best first."""
    actions = offered(snippet).items()
    return [t for t, action in actions if action.disabled is None and action.kind is ActionKind.QUICK_FIX]


def fix(snippet: str, title: str, after: str, *, registry: bool = True) -> CodeAction:
    """Applies the action of that title at the cursor, and compares the files after it."""
    made = rule_workspace(snippet)
    analysis, document = made.analysis(registry=registry), made.document()
    actions = actions_at(analysis, document, Span(made.offset, made.offset))
    assert title in actions, list(actions)
    action = actions[title]
    assert action.disabled is None, action.disabled
    _compare(analysis, document, action, after)
    return action


def fix_all(snippet: str, after: str) -> None:
    """Applies ``source.fixAll.specql`` to the first file, and compares its text."""
    made = rule_workspace(snippet)
    analysis, document = made.analysis(), made.document()
    action = fix_all_action(analysis, document, check(analysis, document))
    assert action is not None
    _compare(analysis, document, action, after)


def actions_at(analysis: Analysis, document: Document, span: Span) -> dict[str, CodeAction]:
    """The code actions for a range of a file, by title."""
    actions = code_actions(analysis, document, span, check(analysis, document), NOW)
    return {action.title: action for action in actions}


def applied(analysis: Analysis, document: Document, action: CodeAction) -> Document:
    """The file after an action, which is held to what holds of every fix."""
    changed = Document(document.uri, apply(document.text, action.all_edits()), 2, is_registry=document.is_registry)
    if not syntax_errors(document.tree):
        assert not syntax_errors(changed.tree), changed.text
    before, after = check(analysis, document), check(analysis, changed)
    if not action.new_files:  # else the finding goes when the new file is read
        for fixed in action.fixes:
            assert _count(after, fixed) < _count(before, fixed), f"{fixed.message}\n{changed.text}"
    new = _errors(after) - _errors(before)
    assert not new, f"{new}\n{changed.text}"
    for file in action.new_files:
        created = Document(file.uri, file.text)
        assert not syntax_errors(created.tree), file.text
        assert not _errors(check(analysis, created)), file.text
    return changed


def _compare(analysis: Analysis, document: Document, action: CodeAction, after: str) -> None:
    changed = applied(analysis, document, action)
    files = {changed.uri: changed.text} if changed.text != document.text else {}
    files |= {file.uri: file.text for file in action.new_files}
    expected = workspace(after).texts
    if list(expected) == [NO_PATH]:
        expected = {document.uri.removeprefix(FOLDER): expected[NO_PATH]}
    assert files == {FOLDER + path: text for path, text in expected.items()}


def _count(findings: tuple[Finding, ...], like: Finding) -> int:
    return sum(1 for finding in findings if (finding.code, finding.message) == (like.code, like.message))


def _errors(findings: tuple[Finding, ...]) -> Counter[str]:
    return Counter(finding.code for finding in findings if finding.severity is Severity.ERROR)
