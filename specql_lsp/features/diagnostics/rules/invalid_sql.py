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
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.items.entity import EntityItem, FieldGroup, FieldItem
from specql_lsp.language.names import is_reserved_field_name
from specql_lsp.language.release import REFERENCE
from specql_lsp.language.sql import closes_literal, is_column_name, is_end_of_name, is_plain_name
from specql_lsp.language.type_syntax import EnumType, RefType, parse_field_type
from specql_lsp.semantics.columns import column_of
from specql_lsp.semantics.step_sql import template_of
from specql_lsp.severity import Severity
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, walk
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
_OWN_COLUMNS = ("id", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by")
_NO_NAME = re.compile(r"[^A-Za-z0-9_\u0080-\U0010ffff]+")


def _finding(span: Span, why: str, instead: str, *replacements: str) -> Finding:
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
    yield _finding(key.text_span, why, "Rename the field.")


def _plain(name: str) -> str:
    """A name of SQL that is nearest to a text; empty if there is none."""
    plain = _NO_NAME.sub("_", name).strip("_")
    plain = f"_{plain}" if plain[:1].isdigit() else plain
    return plain if not plain or is_column_name(plain) else f"{plain}_"


def _type(found: TypeText) -> Iterator[Finding]:
    wrong = wrong_part(found.text.type, in_mapping=found.text.nullable is not None)
    if wrong is None:
        return
    span, why, instead, replacements = wrong
    yield _finding(found.span_of(span), why, instead, *replacements)


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


# The entity


def of_entity(context: RuleContext) -> Iterator[Finding]:
    """The entity's name, schema and description, and columns of one name."""
    tree, entity = context.document.tree, context.entity
    root = tree.mapping(entity.root)
    if root is None:
        return
    inner = tree.mapping(entity.entity_entry.value)
    name = entity.name
    if name is not None and constructed(name) is Constructed.TEXT and not _fits_in_names(entity, name.value):
        free = _NO_NAME.sub("", name.value.title() if " " in name.value or "-" in name.value else name.value)
        why = f"{shortened(name.value)} cannot be a part of a table's name without quotes"
        yield _finding(name.text_span, why, "Rename the entity.", *([free] if is_plain_name(free) else []))
    schema = _read(root, inner, "schema")
    node = tree.resolve(schema.value) if schema is not None else None
    if isinstance(node, Scalar) and schema is not None and schema.value is not None:
        kind = constructed(node)
        if kind is not Constructed.NULL and not (kind is Constructed.TEXT and is_column_name(node.value)):
            scalar = node._replace(span=schema.value.span)
            why = f"A schema cannot be called {shortened(node.value)} without quotes"
            yield _finding(scalar.text_span, why, "Give the entity another schema.")
    description = _read(root, inner, "description")
    if description is not None:
        yield from _description(description, tree.resolve(description.value))
    yield from _same_columns(context)


def _fits_in_names(entity: EntityItem, name: str) -> bool:
    """Whether the names that SpecQL makes of an entity's name are names without quotes.

    ``$$`` ends the bodies of functions, in which actions have the name.
    """
    return is_plain_name(name.lower()) and not ("$$" in name and entity.actions)


def _read(root: Mapping, inner: Mapping | None, name: str) -> Entry | None:
    """The entry that SpecQL reads: the one beneath ``entity``, where it is a mapping that has one."""
    return (inner.entry(name) if inner is not None else None) or root.entry(name)


def _description(entry: Entry, node: Node | None) -> Iterator[Finding]:
    text = _as_text(node)
    has_lines, has_quote = _leaves_comment(text), closes_literal(text)
    if not has_lines and not has_quote:
        return
    if has_lines and has_quote:
        why, instead = "The description has several lines and an apostrophe", "Write one line without an apostrophe."
    elif has_lines:
        several = len(text.strip().splitlines()) > 1
        why = "The description has several lines" if several else "The description ends with a line break"
        instead = "Write it in one line."
    else:
        why, instead = "The description has an apostrophe", "Write it without, or double the apostrophe."
    key = entry.key
    yield _finding(key.text_span if isinstance(key, Scalar) else key.span, why, instead)


def _as_text(node: Node | None) -> str:
    """A description as SpecQL writes it; of a collection only whether it has quotes."""
    if isinstance(node, Scalar):
        return node.value
    if node is None:
        return ""
    texts = (each for each in walk(node) if isinstance(each, Scalar) and constructed(each) is Constructed.TEXT)
    return "'" if next(texts, None) is not None else ""


def _leaves_comment(text: str) -> bool:
    """Whether a text behind ``--`` has a line of its own that is no comment: one follows it on its last line."""
    if "\n" not in text and "\r" not in text:
        return False
    lines = re.split(r"[\r\n]+", f"{text}]")[1:]
    return any(line.strip(" \t\f\v") and not line.lstrip(" \t\f\v").startswith("--") for line in lines)


def _same_columns(context: RuleContext) -> Iterator[Finding]:
    """Fields whose columns PostgreSQL takes for one, as the case of a name without quotes does not count."""
    entity = context.entity
    yield from _input_types(entity)
    if not entity.field_group.fact(_may_share_columns):
        return
    first: dict[str, str] = dict.fromkeys(_OWN_COLUMNS, "")
    for field in _last_ones(entity.fields):
        made = column_of(field, entity.schema)
        if made is None or is_reserved_field_name(field.name):
            continue
        known = first.setdefault(made.name.lower(), field.name)
        if known and known != field.name:
            why = f"PostgreSQL takes {shortened(field.name)} and {shortened(known)} for one column"
            yield _finding(field.name_span, why, "Rename one of the fields.")
        elif not known and made.name != made.name.lower():
            why = f"PostgreSQL takes {shortened(field.name)} for {made.name.lower()}, a column that SpecQL adds"
            yield _finding(field.name_span, why, "Rename or remove the field.")


def _may_share_columns(fields: FieldGroup) -> bool:
    names = {facts.name.lower() for facts in fields.facts}
    return len(names) < len(fields.facts) or not names.isdisjoint(_OWN_COLUMNS)


def _input_types(entity: EntityItem) -> Iterator[Finding]:
    """References whose names make no column of the input types of actions: there it is ``<name>_id``."""
    if not entity.field_group.fact(_has_odd_references):
        return
    odd = [field for field in entity.fields if field.node.references and field.name[:1] in _NO_START]
    if any(template_of(a.name.value) in {"create", "update"} for a in entity.actions if a.name is not None):
        for field in _last_ones(tuple(odd)):
            why = f"{shortened(field.name)}_id cannot be a part of an action's input without quotes"
            yield _finding(field.name_span, why, "Rename the field.")


def _has_odd_references(fields: FieldGroup) -> bool:
    return any(node.references and node.facts.name[:1] in _NO_START for node in fields.nodes)


_NO_START = frozenset("0123456789$")


def _last_ones(fields: tuple[FieldItem, ...]) -> tuple[FieldItem, ...]:
    """Of the fields with one name the last one, as PyYAML takes it."""
    return tuple({field.name: field for field in fields}.values())


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
        free = _plain(node.value)
        why = f"A function cannot be called {shortened(node.value)} without quotes"
        span = node._replace(span=entry.value.span).text_span
        yield _finding(span, why, "Rename the action.", *([free] if free else []))
    closing = closing_step(place, node.value)
    if closing is not None:
        why = "SpecQL makes the description of the action's function of this step, and its apostrophe ends the text"
        yield _finding(closing, why, "Write the row's values without quotes.")


# Fixes


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """A description in one line, without apostrophes; a field under another name."""
    from specql_lsp.features.entry_edits import set_value, written_entry
    from specql_lsp.syntax.editing.values import TextScalar

    place = written_entry(context.document.tree, finding.span)
    key = place.entry.key if place is not None else None
    if place is None or not isinstance(key, Scalar) or key.text_span != finding.span:
        return
    if any(field.name_span == finding.span for field in context.entity.fields):
        yield from _renamed(context, finding, key.value)
    elif key.value == "description" and isinstance(place.entry.value, Scalar):
        text = place.entry.value.value
        line = " ".join(text.split()) if _leaves_comment(text) else text
        plain = line.replace("'", "’") if closes_literal(line) else line
        title = "Make the description one line" if line != text else "Write ’ for the apostrophe"
        edits = set_value(context.document.tree, place, TextScalar(plain))
        yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), edits, preferred=True)


def _renamed(context: RuleContext, finding: Finding, name: str) -> Iterator[CodeAction]:
    from specql_lsp.features.field_renames import rename_field

    to = _plain(name)
    names = {field.name for field in context.entity.fields}
    if to and to not in names and not is_reserved_field_name(to):
        edits = rename_field(context.analysis, context.document, finding.span, name, to)
        yield CodeAction(f"Change to {to}", ActionKind.QUICK_FIX, (finding,), edits, preferred=True)
