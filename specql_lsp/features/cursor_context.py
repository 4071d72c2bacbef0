"""The cursor's context in a file: that of its line, or of the SQL that goes on in it."""

from __future__ import annotations

from collections.abc import Collection

from specql_lsp.language.keys import Meaning, entity_keys
from specql_lsp.syntax.continued import continued_at, is_above_value, is_beneath_value
from specql_lsp.syntax.cursor import ITEM, CursorContext, CursorKind, context_at
from specql_lsp.syntax.nodes import Scalar, path_at
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
    if context.in_flow or context.has_colon:
        return context
    is_taken = (context.kind is CursorKind.KEY and is_beneath_value(document.lines, offset)) or (
        context.kind is CursorKind.VALUE and context.path[-1:] != (ITEM,) and is_above_value(document.lines, offset)
    )
    return CursorContext(CursorKind.OUTSIDE) if is_taken or _is_amid_text(document, offset) else context


def _is_amid_text(document: Document, offset: int) -> bool:
    """Whether a cursor is on an empty line of a plain or quoted text that goes on below."""
    lines, tree = document.lines, document.tree
    number = lines.line_of(offset)
    if lines.line_text(number).strip() or tree.has_problems:
        return False
    node = path_at(tree.root, offset).node
    return isinstance(node, Scalar) and lines.line_of(node.span.start) < number < lines.line_of(node.span.end)


def text_before(context: CursorContext) -> str:
    """The text of the scalar before the cursor, without what its quotes ask for."""
    if context.quote == "'":
        return context.prefix.replace("''", "'")
    return context.prefix.replace('\\"', '"') if context.quote else context.prefix
