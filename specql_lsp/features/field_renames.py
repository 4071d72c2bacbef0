"""A field under another name: its key and every place of its own file that names it."""

from __future__ import annotations

import re

from specql_lsp.index.symbols import SymbolKind
from specql_lsp.semantics.classify import classify
from specql_lsp.syntax.editing.scalars import replace_text
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document


def rename_field(document: Document, key: Span, name: str, to: str) -> tuple[TextEdit, ...]:
    """The edits that give a field of a file's entity another name.

    Args:
        document: the file.
        key: the field's name where it is defined, without quotes.
        name: the name; where it is no word, other places than the key are not looked for in expressions.
        to: the new name, a word.
    """
    edits = {key: replace_text(document.tree, key, to)}
    for found in re.finditer(rf"(?<![\w$.]){re.escape(name)}(?!\w)", document.text) if name else ():
        symbol = classify(document, found.start())
        if symbol is None or symbol.kind is not SymbolKind.FIELD or symbol.name != name or symbol.through:
            continue
        of_own = symbol.of_entity is None or symbol.of_entity.name.lower() == symbol.owner.lower()
        is_own = symbol.entity is document.entity and of_own and symbol.span == Span(*found.span())
        if is_own and (symbol.span == key or not symbol.on_key or symbol.path[:1] != ("fields",)):
            edits.setdefault(symbol.span, replace_text(document.tree, symbol.span, to))
    return tuple(edits[span] for span in sorted(edits))
