"""A field under another name, as a fix: its key and every place of its own file that names it."""

from __future__ import annotations

from specql_lsp.features.occurrences import occurrences_in_file
from specql_lsp.features.rename.spelling import respelled
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.semantics.classify import classify
from specql_lsp.syntax.editing.scalars import replace_text
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def rename_field(analysis: Analysis, document: Document, key: Span, name: str, to: str) -> tuple[TextEdit, ...]:
    """The edits that give a field of a file's entity another name.

    Args:
        analysis: what is known.
        document: the file.
        key: the field's name where it is defined, without quotes.
        name: the name.
        to: the new name, a word.
    """
    edits = {key: replace_text(document.tree, key, to)}
    symbol = classify(document, key.start)
    is_field = symbol is not None and symbol.kind is SymbolKind.FIELD and symbol.span == key and bool(name)
    for found in occurrences_in_file(analysis, document, symbol) if symbol is not None and is_field else ():
        span = found.place.span
        written = document.text[span.start : span.end]
        if written.lower() == name.lower():
            edits.setdefault(span, replace_text(document.tree, span, respelled(written, name, to)))
    return tuple(edits[span] for span in sorted(edits))
