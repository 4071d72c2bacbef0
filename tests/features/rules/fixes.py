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

A snippet is as in ``tests.features.rules.support``; its marks are not looked at. Every fix that is applied is held to
what holds of all: the YAML is as readable as before, what the fix mends is gone, and no error is new.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from datetime import UTC, datetime

from specql_lsp.features.code_actions import code_actions
from specql_lsp.features.diagnostics import check
from specql_lsp.features.model import CodeAction, Finding, Severity
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.pyyaml.errors import syntax_errors
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.rules.support import rule_workspace

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def offered(snippet: str) -> dict[str, CodeAction]:
    """The code actions at the cursor by title, best first."""
    made = rule_workspace(snippet)
    return actions_at(made.analysis(), made.document(), Span(made.offset, made.offset))


def titles(snippet: str) -> list[str]:
    """The titles of the quick fixes and of the other actions at the cursor that can be done, best first."""
    return [title for title, action in offered(snippet).items() if action.disabled is None]


def fix(snippet: str, title: str, after: str) -> CodeAction:
    """Applies the action of that title at the cursor, and compares the text of the file after it."""
    made = rule_workspace(snippet)
    analysis, document = made.analysis(), made.document()
    actions = actions_at(analysis, document, Span(made.offset, made.offset))
    assert title in actions, list(actions)
    action = actions[title]
    assert action.disabled is None, action.disabled
    changed = applied(analysis, document, action)
    assert changed.text == textwrap.dedent(after).strip("\n") + "\n"
    return action


def actions_at(analysis: Analysis, document: Document, span: Span) -> dict[str, CodeAction]:
    """The code actions for a range of a file, by title."""
    findings = tuple(finding for finding in check(analysis, document) if finding.span.overlaps(span))
    actions = code_actions(analysis, document, span, findings, NOW)
    repeated = [title for title, count in Counter(action.title for action in actions).items() if count > 1]
    assert not repeated
    return {action.title: action for action in actions}


def applied(analysis: Analysis, document: Document, action: CodeAction) -> Document:
    """The file after an action, which is held to what holds of every fix."""
    changed = Document(document.uri, apply(document.text, action.edits), 2, is_registry=document.is_registry)
    if not syntax_errors(document.tree):
        assert not syntax_errors(changed.tree), changed.text
    before, after = check(analysis, document), check(analysis, changed)
    for fixed in action.fixes:
        assert _count(after, fixed) < _count(before, fixed), f"{fixed.message}\n{changed.text}"
    new = _errors(after) - _errors(before)
    assert not new, f"{new}\n{changed.text}"
    return changed


def _count(findings: tuple[Finding, ...], like: Finding) -> int:
    return sum(1 for finding in findings if (finding.code, finding.message) == (like.code, like.message))


def _errors(findings: tuple[Finding, ...]) -> Counter[str]:
    return Counter(finding.code for finding in findings if finding.severity is Severity.ERROR)
