"""``textDocument/semanticTokens/range``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.semantic_tokens import within_lines
from specql_lsp.lsp.handlers.semantic_tokens_full import tokens_of
from specql_lsp.lsp.request_context import DocumentContext

if TYPE_CHECKING:
    from lsprotocol import types


def semantic_tokens_range(context: DocumentContext, params: types.SemanticTokensRangeParams) -> Json:
    """The tokens on the lines of a range."""
    data = tokens_of(context, context.positions.span(params.range))
    return Json({"data": within_lines(data, params.range.start.line, params.range.end.line).tolist()})
