"""The fixes of ``invalid-sql``: a description in one line, a field under another name."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.rule import RuleContext
from specql_lsp.features.diagnostics.rules.invalid_sql import plain_name
from specql_lsp.features.diagnostics.rules.invalid_sql_entity import leaves_comment
from specql_lsp.features.entry_edits import set_value, written_entry
from specql_lsp.features.field_renames import rename_field
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.language.names import is_reserved_field_name
from specql_lsp.language.sql import closes_literal
from specql_lsp.syntax.editing.values import TextScalar
from specql_lsp.syntax.nodes import Scalar


def fixes_of_sql(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """A description in one line, without apostrophes; a field under another name."""
    place = written_entry(context.document.tree, finding.span)
    key = place.entry.key if place is not None else None
    if place is None or not isinstance(key, Scalar) or key.text_span != finding.span:
        return
    if any(field.name_span == finding.span for field in context.entity.fields):
        yield from _renamed(context, finding, key.value)
    elif key.value == "description" and isinstance(place.entry.value, Scalar):
        text = place.entry.value.value
        line = " ".join(text.split()) if leaves_comment(text) else text
        plain = line.replace("'", "’") if closes_literal(line) else line
        title = "Make the description one line" if line != text else "Write ’ for the apostrophe"
        edits = set_value(context.document.tree, place, TextScalar(plain))
        yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), edits, preferred=True)


def _renamed(context: RuleContext, finding: Finding, name: str) -> Iterator[CodeAction]:
    to = plain_name(name)
    names = {field.name for field in context.entity.fields}
    if to and to not in names and not is_reserved_field_name(to):
        edits = rename_field(context.analysis, context.document, finding.span, name, to)
        yield CodeAction(f"Change to {to}", ActionKind.QUICK_FIX, (finding,), edits, preferred=True)
