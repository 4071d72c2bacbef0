"""``textDocument/codeAction`` and ``codeAction/resolve``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lsprotocol import types

from specql_lsp.features.code_actions import code_actions
from specql_lsp.lsp import convert
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.session import Session
from specql_lsp.workspace.uris import is_editable


def code_action(session: Session, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """The actions for a range.

    They follow from the text as it is now, not from the diagnostics that the client still shows; those it sent
    are only named as what an action fixes.
    """
    document = session.document(params.text_document.uri)
    if document is None or not is_editable(document.uri):
        return None
    positions = Positions(document.lines, session.client.encoding)
    span = positions.span(params.range)
    analysis = session.analysis(document.uri)
    findings = tuple(f for f in session.findings(analysis, document) if f.span.overlaps(span))
    shown = {(d.code, d.message): d for d in params.context.diagnostics if d.source == convert.SOURCE}
    edits = convert.EditConverter(
        session.client.encoding,
        session.document,
        session.client_uri,
        document_changes=session.client.document_changes,
    )
    answer: list[types.CodeAction] = []
    for action in code_actions(analysis, document, span, findings, datetime.now(UTC)):
        if params.context.only and not any(
            action.kind.value == kind or action.kind.value.startswith(f"{kind}.")
            for kind in map(_text, params.context.only)
        ):
            continue
        if any(session.open.is_lost(edit.uri) for edit in action.edits):
            continue
        fixed = [shown[key] for f in action.fixes if (key := (f.code, f.message)) in shown]
        converted = edits.code_action(action, fixed, disabled_support=session.client.disabled_actions)
        if converted is not None:
            answer.append(converted)
    return answer


def resolve(_session: Session, action: Any) -> Json:
    """Gives an action back as it came: ours are whole from the beginning. Some clients ask all the same."""
    return Json(action)


def _text(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind
