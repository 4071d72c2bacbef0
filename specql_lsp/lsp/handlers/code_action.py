"""``textDocument/codeAction``."""

from __future__ import annotations

from datetime import UTC, datetime

from lsprotocol import types

from specql_lsp.features.code_actions import code_actions
from specql_lsp.lsp.convert.diagnostics import SOURCE
from specql_lsp.lsp.convert.edits import EditConverter
from specql_lsp.lsp.request_context import DocumentContext
from specql_lsp.workspace.uris import is_editable


def code_action(context: DocumentContext, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """The actions for a range.

    They follow from the text as it is now, not from the diagnostics that the client still shows; those it sent
    are only named as what an action fixes.
    """
    session, document, analysis = context.session, context.document, context.analysis
    if not is_editable(document.uri):
        return None
    span = context.positions.span(params.range)
    findings = tuple(f for f in session.findings(analysis, document) if f.span.overlaps(span))
    shown = {(d.code, d.message): d for d in params.context.diagnostics if d.source == SOURCE}
    edits = EditConverter(
        context.client.encoding,
        session.document,
        session.client_uri,
        document_changes=context.client.document_changes,
    )
    answer: list[types.CodeAction] = []
    for action in code_actions(analysis, document, span, findings, datetime.now(UTC)):
        if params.context.only and not any(
            action.kind.value == kind or action.kind.value.startswith(f"{kind}.")
            for kind in map(_text, params.context.only)
        ):
            continue
        if action.edits and session.open.is_lost(document.uri):
            continue
        fixed = [shown[key] for f in action.fixes if (key := (f.code, f.message)) in shown]
        converted = edits.code_action(document.uri, action, fixed, disabled_support=context.client.disabled_actions)
        if converted is not None:
            answer.append(converted)
    return answer


def _text(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind
