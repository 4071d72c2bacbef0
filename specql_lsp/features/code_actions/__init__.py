"""Code actions: what a finding, or the place of the cursor, lets the user change with one keystroke.

Edits are the smallest ones; what writes the registry is a command of the contract, which asks the registry again. A fix
for one rule is in the rule's module; what belongs to no rule is a module here, in the table below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from specql_lsp.features.code_actions import (
    drift,
    fields,
    fix_all,
    quote_values,
    registry_yaml,
    sort_fields,
    sort_keys,
    split_documents,
    table_codes,
)
from specql_lsp.features.code_actions.fixes import fixes
from specql_lsp.features.code_actions.request import ActionRequest, few_of_each_kind
from specql_lsp.features.model import CodeAction, Finding
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_SOURCES: tuple[Callable[[ActionRequest], Iterator[CodeAction]], ...] = (
    drift.actions,
    registry_yaml.actions,
    table_codes.actions,
    split_documents.actions,
    fix_all.actions,
    quote_values.actions,
    fields.actions,
    sort_fields.actions,
    sort_keys.actions,
)
"""What is asked behind the fixes of the findings, in this order."""


def code_actions(
    analysis: Analysis, document: Document, span: Span, findings: tuple[Finding, ...], now: datetime
) -> tuple[CodeAction, ...]:
    """The actions for a range of a file, best first; each title once.

    Of many findings of a kind the first ones alone have fixes of their own (``few_of_each_kind``).

    Args:
        analysis: the analysis of the workspace.
        document: the file.
        span: the range; empty for a cursor.
        findings: those of ``check`` and ``drift`` in the file.
        now: what a fix writes for the time of an assignment that is not known.
    """
    here = tuple(finding for finding in findings if finding.span.overlaps(span))
    request = ActionRequest(analysis, document, span, here, findings, now)
    actions: dict[str, CodeAction] = {}
    for finding in few_of_each_kind(here):
        for action in fixes(analysis, document, finding):
            actions.setdefault(action.title, action)
    for source in _SOURCES:
        for action in source(request):
            actions.setdefault(action.title, action)
    return tuple(_harmless(document, actions.values()))


def _harmless(document: Document, actions: Iterable[CodeAction]) -> Iterator[CodeAction]:
    """The actions without those whose edits would break a text further that is broken already, or part an alias.

    In a broken text the structure is a guess, and so is what an edit of it does. What is taken out of a text may have
    an anchor that an alias elsewhere refers to.
    """
    before = len(document.syntax_review.errors)
    is_at_risk = before or (document.tree.anchors and not document.is_large)
    for action in actions:
        if not is_at_risk or not action.has_edit or action.disabled is not None:
            yield action
        elif not document.is_large:
            after = Document(document.uri, apply(document.text, action.all_edits()))
            if len(after.syntax_review.errors) <= before:
                yield action


def fix_all_action(analysis: Analysis, document: Document, findings: tuple[Finding, ...]) -> CodeAction | None:
    """What may be done to a whole file unasked, as one action; None if there is nothing to do."""
    return fix_all.safe_action(analysis, document, findings)
