"""Several fixes at once: all of one kind in a file, and those that change no meaning to SpecQL."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

from specql_lsp.features.code_actions.fixes import fixes
from specql_lsp.features.code_actions.request import ActionRequest, few_of_each_kind
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_MOST_PROBED = 50
"""Among as many findings of a kind two with a fix are looked for; a kind without fixes has none among them."""


def actions(request: ActionRequest) -> Iterator[CodeAction]:
    """For each kind of finding at the range that is several times in the file, its first fixes at once."""
    for code in dict.fromkeys(finding.code for finding in request.findings):
        same = tuple(finding for finding in request.all_findings if finding.code == code)
        if len(same) < 2:
            continue
        probed = same[:_MOST_PROBED]
        if len(list(islice(_first_fixes(request.analysis, request.document, probed), 2))) < 2:
            continue
        here = tuple(
            finding
            for finding in few_of_each_kind(request.findings)
            if finding.code == code and any(_first_fixes(request.analysis, request.document, (finding,)))
        )
        if not here:
            continue
        later = partial(_all_edits, request.analysis, request.document, same)
        yield CodeAction(f"Fix every {code} of this file", ActionKind.QUICK_FIX, here, later=later)


def safe_action(analysis: Analysis, document: Document, findings: Iterable[Finding]) -> CodeAction | None:
    """The fixes that change no meaning to SpecQL, as one action; None if there is none.

    Of fixes that overlap the first is made; the others are there when it is asked for again.
    """
    edits = _joined(
        next((action for action in fixes(analysis, document, finding) if action.safe and action.edits), None)
        for finding in findings
    )
    if not edits:
        return None
    return CodeAction("Fix what changes no meaning to SpecQL", ActionKind.FIX_ALL, edits=edits)


def _first_fixes(analysis: Analysis, document: Document, findings: Iterable[Finding]) -> Iterator[CodeAction]:
    """The first fix of each finding that is only an edit and does not need a choice."""
    for finding in findings:
        first = next(iter(fixes(analysis, document, finding)), None)
        if first is not None and first.edits and first.disabled is None and (first.preferred or first.safe):
            yield first


def _all_edits(analysis: Analysis, document: Document, findings: Iterable[Finding]) -> tuple[TextEdit, ...]:
    return _joined(_first_fixes(analysis, document, findings))


def _joined(chosen: Iterable[CodeAction | None]) -> tuple[TextEdit, ...]:
    """The edits of several actions, without those of an action that overlap earlier ones."""
    edits: list[TextEdit] = []
    for action in chosen:
        if action is not None and not any(_overlaps(edit, edits) for edit in action.edits):
            for edit in action.edits:
                insort(edits, edit)
    return tuple(edits)


def _overlaps(edit: TextEdit, others: list[TextEdit]) -> bool:
    """Whether an edit may not be made beside others, which are sorted and do not overlap.

    Of two that insert at one place, the order is not defined.
    """
    at = bisect_left(others, edit)
    return any(_overlap(edit, other) for other in others[max(at - 1, 0) : at + 1])


def _overlap(one: TextEdit, other: TextEdit) -> bool:
    (start, end), (other_start, other_end) = one.span, other.span
    return (start < other_end and other_start < end) or start == other_start
