"""The column of a field as Markdown: the SQL that SpecQL writes, and what it loses of the field."""

from __future__ import annotations

from specql_lsp.features.hover.request import paragraphs
from specql_lsp.features.markdown import code, cut, escape, fenced
from specql_lsp.items.field_text import FieldText
from specql_lsp.language.release import REFERENCE
from specql_lsp.language.type_syntax import parse_field_type
from specql_lsp.language.types import type_instead
from specql_lsp.semantics.columns import Column, Loss, LossKind

_LONGEST_LINE = 1000
_LONGEST_NAME = 120


def column_text(column: Column, text: FieldText, *, without: LossKind | None = None) -> str:
    """The column in a block of SQL, with a sentence for everything that it lacks but for losses ``without``."""
    losses = [loss for loss in column.losses if loss.kind is not without]
    lines = [cut(line, _LONGEST_LINE) for line in column.lines]
    return paragraphs(fenced("sql", lines), *(_sentence(loss, column, text) for loss in losses))


def _sentence(loss: Loss, column: Column, text: FieldText) -> str:
    in_mapping = text.nullable is not None
    written = cut(loss.written, _LONGEST_NAME)
    match loss.kind:
        case LossKind.TYPE:
            instead = _instead(text)
            advice = f" Write {code(instead)}." if instead else ""
            return f"{code(written)} is not a type: {REFERENCE} makes the column TEXT.{advice}"
        case LossKind.NOT_NULL if in_mapping:
            return f"NOT NULL is lost: in a mapping {REFERENCE} reads it from `nullable: false` only."
        case LossKind.NOT_NULL:
            return f"NOT NULL is lost: {REFERENCE} reads `!` only as the last character of the field."
        case LossKind.CHECK if "values" in text.unread:
            return f"The CHECK is lost: {REFERENCE} does not read `values`. Write them into the type: `enum(a, b)`."
        case LossKind.CHECK:
            return f"The CHECK is lost: {REFERENCE} does not read this text as a type that has one."
        case LossKind.FOREIGN_KEY if column.references is not None:
            return f"No foreign key to {escape(written)}: {REFERENCE} uses only the first entity."
        case LossKind.FOREIGN_KEY:
            return f"The foreign key to {escape(written)} is lost: {REFERENCE} does not read this text as `ref(…)`."
        case LossKind.SCHEMA:
            return (
                f"The schema {code(written)} is not used: {REFERENCE} looks for the table in the schema of this entity."
            )
        case LossKind.DEFAULT:
            return (
                f"The default {code(written)} is not written: {REFERENCE} reads it and does not write it to the table."
            )


def _instead(text: FieldText) -> str | None:
    """The type to write instead of the name that is no type."""
    found = parse_field_type(text.type).type
    return type_instead(found.name.text) if found is not None else None
