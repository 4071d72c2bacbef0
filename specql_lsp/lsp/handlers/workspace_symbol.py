"""``workspace/symbol``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.workspace_symbols import best, located, workspace_symbols
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.workspace_symbols import symbol_json
from specql_lsp.lsp.request_context import RequestContext


def workspace_symbol(context: RequestContext, params: types.WorkspaceSymbolParams) -> Json | None:
    """The symbols of all folders that match a query, best first; None if there are none.

    The file of a field or an action is read only for a client that cannot ask for a symbol's range later.
    """
    encoding, uri_for = context.client.encoding, context.client_uri
    found = [
        (symbol, analysis) for analysis in context.analyses for symbol in workspace_symbols(analysis, params.query)
    ]
    owners = dict(found)
    answer = []
    for symbol in best(owners):
        context.cancelled.check()
        place = symbol.place
        if place is None and not context.client.resolves_symbols:
            place = located(symbol, owners[symbol], context.read)
            if place is None:
                continue
        answer.append(symbol_json(symbol, place, encoding, uri_for))
    return Json(answer) if answer else None
