"""``textDocument/codeAction``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lsprotocol import types

from specql_lsp.features.code_actions import code_actions, fix_all_action
from specql_lsp.features.code_actions.table_codes import CLIENT_COMMANDS
from specql_lsp.features.model import ActionKind, CodeAction
from specql_lsp.lsp.convert.diagnostics import SOURCE
from specql_lsp.lsp.convert.edits import EditConverter
from specql_lsp.lsp.request_context import DocumentContext
from specql_lsp.workspace.uris import is_editable

_NO_FILES = "This editor creates no files by edits: create the file by hand."


def code_action(context: DocumentContext, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """The actions for a range.

    They follow from the text as it is now, not from the diagnostics that the client still shows; those it sent
    are only named as what an action fixes.
    """
    document = context.document
    if not is_editable(document.uri):
        return None
    only = tuple(map(_text, params.context.only)) if params.context.only else ()
    shown = {(d.code, d.message): d for d in params.context.diagnostics if d.source == SOURCE}
    edits = edit_converter(context)
    answer: list[types.CodeAction] = []
    for action in offered(context, params.range, fix_all=any(_is_of_kind(ActionKind.FIX_ALL, kind) for kind in only)):
        if only and not any(_is_of_kind(action.kind, kind) for kind in only):
            continue
        if action.has_edit and not is_known(context, action):
            continue
        fixed = [shown[key] for f in action.fixes if (key := (f.code, f.message)) in shown]
        converted = edits.code_action(
            document.uri,
            action,
            fixed,
            disabled_support=context.client.disabled_actions,
            data=_data(context, params.range, action) if context.client.resolves_edits else None,
        )
        if converted is not None:
            answer.append(converted)
    return answer


def offered(context: DocumentContext, range_: types.Range, *, fix_all: bool) -> tuple[CodeAction, ...]:
    """The actions for a range of a document as it is now; with ``fix_all`` the one for the whole file, too.

    An action that creates files is disabled where the client cannot do that; one that calls a command of the client's
    is left out where the client has no such command.
    """
    document, analysis = context.document, context.analysis
    findings = context.session.findings(analysis, document)
    found = list(code_actions(analysis, document, context.positions.span(range_), findings, datetime.now(UTC)))
    whole_file = fix_all_action(analysis, document, findings) if fix_all else None
    if whole_file is not None:
        found.append(whole_file)
    missing = CLIENT_COMMANDS - context.client.commands
    found = [each for each in found if each.command is None or each.command.command not in missing]
    if context.client.creates_files:
        return tuple(found)
    return tuple(
        replace(each, disabled=each.disabled or _NO_FILES) if each.new_files or each.needs_new_files else each
        for each in found
    )


def is_known(context: DocumentContext, action: CodeAction) -> bool:
    """Whether the texts of an action's edits are those that the client shows."""
    session = context.session
    shown = ((each.document, session.document(each.document.uri)) for each in action.elsewhere)
    return not session.open.is_lost(context.document.uri) and all(
        now is not None and now.text == document.text for document, now in shown
    )


def edit_converter(context: DocumentContext) -> EditConverter:
    """Makes the edits of actions as the client takes them."""
    session, client = context.session, context.client
    return EditConverter(
        client.encoding, session.document, session.client_uri, document_changes=client.document_changes
    )


def _data(context: DocumentContext, range_: types.Range, action: CodeAction) -> dict[str, Any]:
    """What ``codeAction/resolve`` finds an action again by."""
    start, end = range_.start, range_.end
    return {
        "uri": context.client_uri(context.document.uri),
        "version": context.document.version,
        "range": [start.line, start.character, end.line, end.character],
        "title": action.title,
        "kind": action.kind.value,
    }


def _is_of_kind(kind: ActionKind, asked: str) -> bool:
    """Whether a kind is the one that is asked for, or beneath it (LSP 3.17, "CodeActionKind")."""
    return kind.value == asked or kind.value.startswith(f"{asked}.")


def _text(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind
