"""``codeAction/resolve``."""

from __future__ import annotations

from typing import Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified

from specql_lsp.features.model import ActionKind
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.handlers.code_action import edit_converter, is_known, offered
from specql_lsp.lsp.request_context import DocumentContext, RequestContext, document_context

_LARGEST = 2**31 - 1
"""The largest ``uinteger`` (LSP 3.17, "Base Types")."""


class _Wanted(NamedTuple):
    """What ``code_action`` put into an action's data."""

    uri: str
    version: int
    range: types.Range
    title: str
    kind: str


def code_action_resolve(context: RequestContext, action: Any) -> Json:
    """Adds an action's edit, made from the text for which the action was offered.

    An action that is none of ours, or that is complete, is returned unchanged: some clients ask all the same.

    Raises:
        JsonRpcContentModified: the text, or what the action follows from, is not the same any more.
    """
    wanted = _wanted(action.get("data")) if isinstance(action, dict) else None
    if wanted is None or "edit" in action:
        return Json(action)
    document = document_context(context.session, wanted.uri)
    edit = _edit(document, wanted) if document is not None and document.document.version == wanted.version else None
    if edit is None:
        raise JsonRpcContentModified("The document has changed since the action was offered.")
    return Json({**action, "edit": context.client.as_json(edit)})


def _edit(context: DocumentContext, wanted: _Wanted) -> types.WorkspaceEdit | None:
    """The edit of the action with that title and kind, if it is still offered."""
    for action in offered(context, wanted.range, fix_all=wanted.kind == ActionKind.FIX_ALL.value):
        is_wanted = (action.title, action.kind.value) == (wanted.title, wanted.kind) and action.disabled is None
        if is_wanted and is_known(context, action):
            return edit_converter(context).edit_of(context.document.uri, action)
    return None


def _wanted(data: Any) -> _Wanted | None:
    match data:
        case {
            "uri": str(uri),
            "version": int(version),
            "range": [int(start), int(start_character), int(end), int(end_character)],
            "title": str(title),
            "kind": str(kind),
        } if all(0 <= number <= _LARGEST for number in (start, start_character, end, end_character)):
            range_ = types.Range(types.Position(start, start_character), types.Position(end, end_character))
            return _Wanted(uri, version, range_, title, kind)
    return None
