"""``textDocument/semanticTokens/full/delta``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.semantic_tokens import edits
from specql_lsp.lsp.handlers.semantic_tokens_full import all_tokens, tokens_of
from specql_lsp.lsp.request_context import DocumentContext

if TYPE_CHECKING:
    from lsprotocol import types


def semantic_tokens_full_delta(context: DocumentContext, params: types.SemanticTokensDeltaParams) -> Json:
    """What has changed since an earlier answer; all tokens where that answer is not known any more."""
    before = context.token_results.get(context.document.uri, params.previous_result_id)
    if before is None:
        return all_tokens(context)
    result = context.token_results.put(context.document.uri, tokens_of(context))
    return Json({"resultId": result.id, "edits": edits(before.data, result.data)})
