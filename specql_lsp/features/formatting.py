"""Formatting of SpecQL's files: the layout is that of any YAML, and table codes have quotes."""

from __future__ import annotations

from specql_lsp.syntax.editing.format import DEFAULT_OPTIONS, FormatOptions, LineRange, format_edits
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document


def formatting(
    document: Document, options: FormatOptions = DEFAULT_OPTIONS, within: Span | None = None
) -> tuple[TextEdit, ...]:
    """The edits that format a document; none for a file that is not SpecQL's, and for one that PyYAML does not read.

    Args:
        document: the document.
        options: what the user wants.
        within: only lines of which a part is in this span are changed; None: all.
    """
    if not document.is_specql:
        return ()
    lines = document.lines
    rows = None
    if within is not None:
        last = lines.line_of(within.end)
        # A selection of whole lines ends where the line behind them begins.
        if within.end > within.start and within.end == lines.line_start(last):
            last -= 1
        rows = LineRange(lines.line_of(within.start), last)
    return format_edits(document.text, lines, options, within=rows, quoted=_table_codes(document))


def _table_codes(document: Document) -> frozenset[Span]:
    codes: list[Scalar | None] = [entity.table_code for entity in document.entities]
    if document.registry is not None:
        codes.extend(entity.code for _, _, entity in document.registry.entities())
        codes.extend(document.registry.reserved_codes)
    return frozenset(code.span for code in codes if code is not None and code.tag is None)
