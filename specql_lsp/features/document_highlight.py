"""The places of one file that mean the same as the name under the cursor."""

from __future__ import annotations

from typing import NamedTuple

from specql_lsp.features.occurrences import Access, occurrences_in_file
from specql_lsp.semantics.classify import classify
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


class Highlight(NamedTuple):
    """A place in the file; ``writes`` where the name gets its definition, a value or rows."""

    span: Span
    writes: bool


def document_highlight(analysis: Analysis, document: Document, offset: int) -> tuple[Highlight, ...]:
    """The places that mean what the name at an offset (code points from 0) does, in the order of the text."""
    symbol = classify(document, offset)
    if symbol is None:
        return ()
    found = occurrences_in_file(analysis, document, symbol)
    return tuple(Highlight(each.place.span, each.access is not Access.READ) for each in found)
