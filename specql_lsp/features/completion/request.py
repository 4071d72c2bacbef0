"""The argument of every provider: analysis, document and cursor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from specql_lsp.language.keys import KeyPlace
from specql_lsp.syntax.cursor import CursorContext
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


@dataclass(frozen=True, slots=True)
class Request:
    """One completion request."""

    analysis: Analysis
    document: Document
    context: CursorContext
    place: KeyPlace
    """What the language's tables say about the place of the cursor."""
    offset: int
    """The cursor, in code points from 0."""
    now: datetime
    """The time of the request."""
