"""``textDocument/codeLens``."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from specql_lsp.features.code_lenses import CodeLens, code_lenses
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.request_context import DocumentContext, document_data
from specql_lsp.workspace.uris import is_editable


def code_lens(context: DocumentContext, _params: types.CodeLensParams) -> Json:
    """The lenses of a document; the one that counts references gets its title by ``codeLens/resolve``."""
    return Json(
        [_lens(context, lens) for lens in code_lenses(context.analysis, context.document) if _can(context, lens)]
    )


def _can(context: DocumentContext, lens: CodeLens) -> bool:
    return not lens.allocates or is_editable(context.document.uri)


def _lens(context: DocumentContext, lens: CodeLens) -> dict[str, Any]:
    range_ = context.positions.json_range(lens.span)
    if lens.title is None:
        name = context.document.text[lens.span.start : lens.span.end]
        return {"range": range_, "data": {**document_data(context), "entity": name}}
    if not lens.allocates:
        return {"range": range_, "command": {"title": lens.title, "command": ""}}
    argument = {"uri": context.client_uri(context.document.uri), "entity": lens.allocates}
    command = {"title": lens.title, "command": "specql.allocateEntityCode", "arguments": [argument]}
    return {"range": range_, "command": command}
