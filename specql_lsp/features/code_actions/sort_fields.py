"""Fields in the order of their names: their lines are moved, with the comments above them, and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.code_actions.request import ActionRequest
from specql_lsp.features.entity_edits import shared_anchor
from specql_lsp.features.model import ActionKind, CodeAction
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.nodes import Mapping
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree


def actions(request: ActionRequest) -> Iterator[CodeAction]:
    """Offered at the key ``fields``, where the fields are not sorted yet and are written in block style."""
    tree, entity = request.document.tree, request.document.entity
    entry = entity.fields_entry if entity is not None else None
    if entry is None or tree.has_problems or not entry.key.span.contains(request.span.start):
        return
    fields = entry.value
    if not isinstance(fields, Mapping) or fields.flow or tree.anchors or shared_anchor(tree, entry.span):
        return
    names = [field.name for field in fields.entries]
    lowered = [name.lower() for name in names if name is not None]
    if len(lowered) < max(len(names), 2) or lowered == sorted(lowered) or "<<" in lowered:
        return
    if tree.lines.line_of(fields.span.start) == tree.lines.line_of(entry.key.span.start):
        return
    yield CodeAction(
        "Sort the fields by name, which is the order of their columns",
        ActionKind.REFACTOR_REWRITE,
        edits=_sorted(tree, fields),
    )


def _sorted(tree: SyntaxTree, fields: Mapping) -> tuple[TextEdit, ...]:
    writer, lines = YamlWriter(tree), tree.lines
    starts = [_with_comments(tree, lines.line_of(entry.span.start)) for entry in fields.entries]
    last = lines.line_of(max(writer.extent(fields.entries[-1]).end - 1, fields.entries[-1].span.start))
    chunks: list[tuple[str, str]] = []
    for entry, first, following in zip(fields.entries, starts, [*starts[1:], last + 1], strict=True):
        text = "".join(lines.line_text(line) + writer.line_break for line in range(first, following))
        chunks.append(((entry.name or "").lower(), text))
    ordered = "".join(text for _, text in sorted(chunks, key=lambda chunk: chunk[0]))
    start, end = lines.line_start(starts[0]), lines.line_span(last).end
    return (TextEdit(Span(start, end), ordered.removesuffix(writer.line_break)),)


def _with_comments(tree: SyntaxTree, line: int) -> int:
    """The first of the comment lines right above a line that are indented like it; the line itself without any."""
    own = tree.lines.line_text(line)
    indent = own[: len(own) - len(own.lstrip(" "))]
    while line > 0 and tree.lines.line_text(line - 1).startswith(f"{indent}#"):
        line -= 1
    return line
