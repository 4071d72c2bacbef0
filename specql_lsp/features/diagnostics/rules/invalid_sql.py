"""``invalid-sql``: what SpecQL puts into its SQL as it is, so that PostgreSQL refuses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from specql_lsp.features.diagnostics.entity_walk import FieldPlace, MappingPlace
from specql_lsp.features.diagnostics.field_texts import TypeText
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.rules.invalid_sql_steps import closing_step
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import CodeAction, Finding
from specql_lsp.language.release import REFERENCE
from specql_lsp.language.sql import is_column_name, is_end_of_name, is_plain_name
from specql_lsp.language.type_syntax import EnumType, RefType, parse_field_type
from specql_lsp.severity import Severity
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import Span

RULE = Rule(
    code="invalid-sql",
    severity=Severity.INFORMATION,
    summary="SpecQL makes SQL of it that PostgreSQL refuses.",
    explanation=(
        f"{REFERENCE} puts names and descriptions into its SQL as they are, without quotes and escapes. PostgreSQL "
        "refuses what comes of\n\n"
        "- a description of several lines (SpecQL writes it behind `--`; a block scalar `|` of one line ends with a "
        "line break, too) or with an apostrophe,\n"
        "- a field whose name is a reserved word of SQL (`order`, `user`, `table`), or has a dash, a blank or another "
        "character that no SQL name has,\n"
        "- two fields whose names differ in the case of letters only, or a field that is called like one of SpecQL's "
        "columns but for the case,\n"
        "- a schema, an entity's or an action's name, or the target of a reference with such characters,\n"
        "- quotes around the values of an enumeration: `enum('a')`; the quotes are SpecQL's,\n"
        "- an apostrophe in an `insert` step of which SpecQL makes the description of the action's function.\n\n"
        "Rename, or write the description in one line without apostrophes."
    ),
    example="entity: Task\nfields:\n  order: integer\n",
    better="entity: Task\nfields:\n  position: integer\n",
    of_release=True,
    fix="Makes a description one line, takes the quotes from an enumeration's values, renames a field.",
)
NO_NAME = re.compile(r"[^A-Za-z0-9_\u0080-\U0010ffff]+")
"""What no name of SQL has."""


def finding(span: Span, why: str, instead: str, *replacements: str) -> Finding:
    """The finding about what makes the SQL invalid: why it does, and what to do instead."""
    message = f"{why}: PostgreSQL refuses the SQL that {REFERENCE} makes of it. {instead}"
    return RULE.finding(span, message, replacements=replacements)


# Fields


def of_field(place: FieldPlace) -> Iterator[Finding]:
    """A field's name, the values of its enumeration, the entity that it refers to."""
    if not place.has_name:
        return
    found = place.type
    is_reference = found is not None and found.column.references is not None
    yield from _field_name(place.key, is_reference=is_reference)
    if found is not None:
        yield from _type(found)


def _field_name(key: Scalar, *, is_reference: bool) -> Iterator[Finding]:
    name = key.value
    if is_end_of_name(name) if is_reference else is_column_name(name):
        return
    if is_plain_name(name):
        why = f"{name} is a reserved word of SQL, and SpecQL does not quote names"
    else:
        why = f"A column cannot be called {shortened(name)} without quotes" if name else "The field's name is empty"
    yield finding(key.text_span, why, "Rename the field.")


def plain_name(name: str) -> str:
    """A name of SQL that is nearest to a text; empty if there is none."""
    plain = NO_NAME.sub("_", name).strip("_")
    plain = f"_{plain}" if plain[:1].isdigit() else plain
    return plain if not plain or is_column_name(plain) else f"{plain}_"


def _type(found: TypeText) -> Iterator[Finding]:
    wrong = wrong_part(found.text.type, in_mapping=found.text.nullable is not None)
    if wrong is None:
        return
    span, why, instead, replacements = wrong
    yield finding(found.span_of(span), why, instead, *replacements)


@lru_cache(maxsize=512)
def wrong_part(text: str, *, in_mapping: bool) -> tuple[Span, str, str, tuple[str, ...]] | None:
    """The part of a type that makes the SQL invalid; None where none does."""
    head = text if in_mapping else text.strip().removesuffix("!").split(" = ", 1)[0]
    expression = parse_field_type(text).type
    if head.startswith("enum(") and head.endswith(")"):
        values = [value.strip() for value in head[5:-1].split(",")]
        if _LITERALS.fullmatch(", ".join(f"'{value}'" for value in values)):
            return None
        span = expression.span if isinstance(expression, EnumType) else Span(0, len(text))
        bare = [value.strip("'\"").strip() for value in values]
        plain = f"enum({', '.join(bare)})"
        fits = not any("'" in value for value in bare) and all(bare)
        return span, "SpecQL puts quotes around the values itself", "Write them without.", (plain,) if fits else ()
    if head.startswith("ref(") and head.endswith(")"):
        target = head[4:-1].split("|", 1)[0].strip().split(".", 1)[-1]
        if not is_end_of_name(target.lower()):
            span = expression.span if isinstance(expression, RefType) else Span(0, len(text))
            return span, f"{shortened(target)} is no name of a table", "Write an entity's name.", ()
    return None


_LITERALS = re.compile(r"'(?:[^']|'')*'(?:, '(?:[^']|'')*')*")


# Actions


def of_mapping(place: MappingPlace) -> Iterator[Finding]:
    """An action's name, and its steps."""
    entry = place.entries.get("name")
    node = place.source.resolve(entry.value) if entry is not None else None
    if entry is None or entry.value is None or not isinstance(node, Scalar):
        return
    if constructed(node) is not Constructed.TEXT:
        return
    if not is_plain_name(node.value) or "$$" in node.value:
        free = plain_name(node.value)
        why = f"A function cannot be called {shortened(node.value)} without quotes"
        span = node._replace(span=entry.value.span).text_span
        yield finding(span, why, "Rename the action.", *([free] if free else []))
    closing = closing_step(place, node.value)
    if closing is not None:
        why = "SpecQL makes the description of the action's function of this step, and its apostrophe ends the text"
        yield finding(closing, why, "Write the row's values without quotes.")


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """A description in one line, without apostrophes; a field under another name."""
    from specql_lsp.features.diagnostics.rules.invalid_sql_fixes import fixes_of_sql

    return fixes_of_sql(context, finding)
