"""Where the name under the cursor is defined: entities in their files, domains and table codes in the registry YAML.

From the registry YAML it leads back: from a registered entity or its code to the file.
"""

from __future__ import annotations

from specql_lsp.features.model import Link
from specql_lsp.features.symbol_places import SymbolPlaces
from specql_lsp.semantics.classify import classify
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def definition(analysis: Analysis, document: Document, offset: int) -> tuple[Link, ...]:
    """The definitions of the name at an offset (code points from 0), the most likely ones first."""
    symbol = classify(document, offset)
    if symbol is None:
        return ()
    places = SymbolPlaces(analysis, document)
    targets = tuple(places.definitions(symbol)) or tuple(places.holders(symbol))
    return tuple(Link(symbol.span, target) for target in targets)
