"""``textDocument/semanticTokens/full``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specql_lsp.features.semantic_tokens.pieces import EnumValues, token_pieces
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert import semantic_tokens as convert
from specql_lsp.lsp.request_context import DocumentContext
from specql_lsp.syntax.text import Span

if TYPE_CHECKING:
    from lsprotocol import types


def semantic_tokens_full(context: DocumentContext, _params: types.SemanticTokensParams) -> Json:
    """The tokens of a document."""
    return all_tokens(context)


def all_tokens(context: DocumentContext) -> Json:
    """The tokens of a document as a new result."""
    result = context.token_results.put(context.document.uri, tokens_of(context))
    return Json({"resultId": result.id, "data": result.data.tolist()})


def tokens_of(context: DocumentContext, within: Span | None = None) -> convert.Data:
    """The tokens of a document, or of the sections in a part of it."""
    document = context.document
    return convert.encoded(
        token_pieces(document, within),
        document.text,
        EnumValues(context.analysis, document),
        context.client.encoding,
        says_deprecated=bool(context.analysis.settings.language.release),
    )
