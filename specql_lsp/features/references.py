"""Where the name under the cursor is used: in every file of the workspace and in the registry YAML."""

from __future__ import annotations

from collections.abc import Callable

from specql_lsp.features.symbol_places import SymbolPlaces
from specql_lsp.index.symbols import Place, SymbolKind
from specql_lsp.semantics.classify import classify
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def references(
    analysis: Analysis,
    document: Document,
    offset: int,
    *,
    with_definition: bool,
    check: Callable[[], object] = lambda: None,
) -> tuple[Place, ...]:
    """The uses of the name at an offset (code points from 0), by file and in the order of the text, each once.

    Args:
        analysis: what is known.
        document: the file.
        offset: where.
        with_definition: whether the name's definitions are among them (LSP's ``includeDeclaration``).
        check: called for each use; it raises if the answer is not wanted any more.
    """
    symbol = classify(document, offset)
    if symbol is None:
        return ()
    places = SymbolPlaces(analysis, document)
    if symbol.kind is SymbolKind.CODE:  # its definition, seen from the registry YAML, is each of its uses
        definitions = set(places.code_registrations(symbol))
    else:
        definitions = set(places.definitions(symbol))
    found: dict[tuple[str, int, int, int, int], Place] = {}
    for place in places.uses(symbol):
        check()
        found[_where(place)] = place
    for place in definitions:
        if with_definition:
            found[_where(place)] = place
        else:
            found.pop(_where(place), None)
    return tuple(found[key] for key in sorted(found))


def _where(place: Place) -> tuple[str, int, int, int, int]:
    return (place.uri, *place.start, *place.end)
