"""The cursor's context in a file: that of its line, or of the SQL that goes on in it."""

from __future__ import annotations

from collections.abc import Collection

from specql_lsp.language.keys import Meaning, entity_keys
from specql_lsp.syntax.continued import continued_at, is_beneath_value
from specql_lsp.syntax.cursor import CursorContext, CursorKind, context_at
from specql_lsp.workspace.documents import Document


def cursor_context(document: Document, offset: int, sql: Collection[Meaning]) -> CursorContext:
    """The context of the cursor at ``offset`` (code points from 0).

    Args:
        document: the file.
        offset: the cursor.
        sql: what a value of an entity file has to stand for to be read over several lines: no such value is a mapping.
    """
    continued = continued_at(document.lines, offset) if document.entity is not None else None
    if continued is not None and entity_keys().walk(continued.path).meaning in sql:
        return continued
    context = context_at(document.lines, offset)
    is_new_key = context.kind is CursorKind.KEY and not context.in_flow and not context.has_colon
    if is_new_key and is_beneath_value(document.lines, offset):
        return CursorContext(CursorKind.OUTSIDE)
    return context


def text_before(context: CursorContext) -> str:
    """The text of the scalar before the cursor, without what its quotes ask for."""
    if context.quote == "'":
        return context.prefix.replace("''", "'")
    return context.prefix.replace('\\"', '"') if context.quote else context.prefix
