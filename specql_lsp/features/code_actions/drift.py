"""Drift: either side is kept. Both are commands of the contract, which compare the two sides again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from specql_lsp.features.code_actions.request import ActionRequest
from specql_lsp.features.discrepancy_titles import keep_title, keep_yaml_question
from specql_lsp.features.model import ActionKind, CodeAction, CommandCall, Finding
from specql_lsp.features.writable import why_not_write
from specql_lsp.registry.consistency.changes import lowered_counter
from specql_lsp.registry.consistency.comparison import discrepancy_to_json
from specql_lsp.registry.state import Discrepancy
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

RESOLVE = "specql.resolveDiscrepancy"
RESOLVE_ALL = "specql.resolveDiscrepancies"
UP_TO_DATE = "Bring the file up to date with PostgreSQL"


def actions(request: ActionRequest) -> Iterator[CodeAction]:
    """The two ways to resolve each difference at the range, and everything at once for the whole file."""
    for finding in request.findings:
        if finding.discrepancy is not None:
            yield from _keep(request.analysis, request.document, finding, finding.discrepancy)
    if request.document.is_registry and request.analysis.registry.discrepancies:
        here = tuple(finding for finding in request.findings if finding.discrepancy is not None)
        kind = ActionKind.QUICK_FIX if here else ActionKind.UP_TO_DATE
        argument = {"uri": request.document.uri, "keep": "postgresql"}
        yield CodeAction(UP_TO_DATE, kind, here, command=CommandCall(RESOLVE_ALL, argument))


def _keep(analysis: Analysis, document: Document, finding: Finding, discrepancy: Discrepancy) -> Iterator[CodeAction]:
    argument: dict[str, Any] = {"uri": document.uri, "discrepancy": discrepancy_to_json(discrepancy)}
    yield CodeAction(
        keep_title(discrepancy, "postgresql"),
        ActionKind.QUICK_FIX,
        (finding,),
        command=CommandCall(RESOLVE, {**argument, "keep": "postgresql"}),
    )
    title, snapshot = keep_title(discrepancy, "yaml"), analysis.snapshot
    refused = why_not_write(analysis)
    if refused is None and snapshot is not None:
        refused = lowered_counter(snapshot, discrepancy)
    if refused is not None or snapshot is None:
        yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), disabled=refused)
        return
    keep_yaml = {**argument, "keep": "yaml"}
    if keep_yaml_question([discrepancy], snapshot, analysis.registry.provenance.server) is not None:
        keep_yaml["confirmed"] = False
    yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), command=CommandCall(RESOLVE, keep_yaml))
