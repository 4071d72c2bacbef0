"""Symbols of the workspace as the protocol's WorkspaceSymbol, and back from a symbol's data to what it is."""

from __future__ import annotations

from typing import Any

from specql_lsp.features.workspace_symbols import WorkspaceSymbol
from specql_lsp.index.symbols import Place, SymbolKind
from specql_lsp.lsp.convert.locations import UriFor, location_json
from specql_lsp.lsp.positions import Encoding, place_range
from specql_lsp.semantics.identity import Identity


def symbol_json(symbol: WorkspaceSymbol, place: Place | None, encoding: Encoding, uri_for: UriFor) -> dict[str, Any]:
    """A symbol as JSON; without a range, and with the data to resolve it, where its place is None."""
    uri = uri_for(symbol.uri)
    located = {"uri": uri} if place is None else location_json(uri, place_range(place, encoding))
    return {
        "name": symbol.name,
        "kind": symbol.kind.value,
        "containerName": symbol.container,
        "location": located,
        **({"data": list(symbol.identity)} if place is None else {}),
    }


def identity_of(data: Any) -> Identity | None:
    """What ``symbol_json`` put into a symbol's data; None for anything else."""
    match data:
        case [str(kind), str(name), str(owner), str(uri)] if kind in set(SymbolKind):
            return Identity(SymbolKind(kind), name, owner, uri)
    return None
