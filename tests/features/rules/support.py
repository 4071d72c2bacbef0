"""Rules by snippet: marks beneath the text say what is found in each file, and nothing else may be found.

A snippet is a workspace (``tests.features.workspace_snippets``) whose marks are codes, with a part of the message
behind the colon. Without a registry file in it, the registry has the domains crm and catalog.

    found('''
    entity: Contact
    fields:
      company: ref(Compny)
                   ^^^^^^ unknown-entity: Did you mean Company?
    ''')
"""

from __future__ import annotations

from collections.abc import Collection

from specql_lsp.features.diagnostics import check
from specql_lsp.features.model import Finding
from tests.features.support import REGISTRY
from tests.features.workspace_snippets import REGISTRY_PATH, Workspace, at, workspace

UNASKED = frozenset({"missing-table-code", "unregistered-table-code"})
"""What a text that says nothing of codes may have."""


def rule_workspace(snippet: str) -> Workspace:
    """The workspace of a snippet, with a registry."""
    made = workspace(snippet)
    if REGISTRY_PATH in made.texts:
        return made
    registry = workspace(f"-- {REGISTRY_PATH} --\n{REGISTRY}")
    documents = {**made.documents, **registry.documents}
    return Workspace(made.texts, made.marks, made.cursor, documents)


def found(snippet: str, *, ignoring: Collection[str] = UNASKED) -> dict[str, tuple[Finding, ...]]:
    """Checks every file and compares with the marks; the findings by path."""
    made = rule_workspace(snippet)
    analysis = made.analysis()
    findings = {path: check(analysis, made.document(path)) for path in made.texts}
    asked = {mark.name for mark in made.marks}
    actual = {
        ((path, *at(made.document(path), *finding.span)), finding.code): finding.message
        for path, those in findings.items()
        for finding in those
        if finding.code not in ignoring or finding.code in asked
    }
    assert set(actual) == {(mark.place, mark.name) for mark in made.marks}, actual
    for mark in made.marks:
        assert mark.message in actual[mark.place, mark.name]
    return findings
