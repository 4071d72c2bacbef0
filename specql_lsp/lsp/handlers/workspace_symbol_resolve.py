"""``workspaceSymbol/resolve``."""

from __future__ import annotations

from typing import Any

from specql_lsp.features.workspace_symbols import place_of
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.locations import location_json
from specql_lsp.lsp.convert.workspace_symbols import identity_of
from specql_lsp.lsp.positions import place_range
from specql_lsp.lsp.request_context import RequestContext


def workspace_symbol_resolve(context: RequestContext, symbol: Any) -> Json:
    """Adds the range of a field or an action in its file as it is now, or that of its entity where it is no more.

    A symbol that is none of ours, or whose data is outdated, is returned unchanged.
    """
    identity = identity_of(symbol.get("data")) if isinstance(symbol, dict) else None
    analysis = next((each for each in context.analyses if identity and each.index.get(identity.uri)), None)
    if identity is None or analysis is None:
        return Json(symbol)
    place = place_of(identity, analysis, context.read)
    if place is None:
        return Json(symbol)
    location = location_json(context.client_uri(place.uri), place_range(place, context.client.encoding))
    return Json({**symbol, "location": location})
