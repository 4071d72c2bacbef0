"""Where the name under the cursor is used: in every file of the workspace and in the registry YAML."""

from __future__ import annotations

from collections.abc import Callable

from specql_lsp.features.occurrences import Access, Read, occurrences
from specql_lsp.index.symbols import Place
from specql_lsp.semantics.classify import classify
from specql_lsp.syntax.parsing.gc_pause import gc_paused
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def references(
    analysis: Analysis,
    document: Document,
    offset: int,
    *,
    with_definition: bool,
    read: Read,
    check: Callable[[], object] = lambda: None,
) -> tuple[Place, ...]:
    """The uses of the name at an offset (code points from 0), by file and in the order of the text, each once.

    Args:
        analysis: what is known.
        document: the file.
        offset: where.
        with_definition: whether the name's definitions are among them (LSP's ``includeDeclaration``).
        read: gives the text of other files.
        check: called for each file; it raises if the answer is not wanted any more.
    """
    symbol = classify(document, offset)
    if symbol is None:
        return ()
    with gc_paused():  # hundreds of files may be parsed, whose trees are garbage at once
        found = list(occurrences(analysis, document, symbol, read=read, check=check))
    places = [each.place for each in found if with_definition or each.access is not Access.DEFINITION]
    return tuple(sorted(places, key=_where))


def _where(place: Place) -> tuple[str, int, int, int, int]:
    return (place.uri, *place.start, *place.end)
