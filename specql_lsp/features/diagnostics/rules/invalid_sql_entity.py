"""What ``invalid-sql`` says of an entity: its name, schema and description, and columns of one name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specql_lsp.features.diagnostics.rule import RuleContext
from specql_lsp.features.diagnostics.rules.invalid_sql import NO_NAME, finding
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import Finding
from specql_lsp.items.entity import EntityItem, FieldGroup, FieldItem
from specql_lsp.language.names import is_reserved_field_name
from specql_lsp.language.sql import closes_literal, is_column_name, is_plain_name
from specql_lsp.semantics.columns import column_of
from specql_lsp.semantics.step_sql import template_of
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, walk

_OWN_COLUMNS = ("id", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by")


def of_entity(context: RuleContext) -> Iterator[Finding]:
    """The entity's name, schema and description, and columns of one name."""
    tree, entity = context.document.tree, context.entity
    root = tree.mapping(entity.root)
    if root is None:
        return
    inner = tree.mapping(entity.entity_entry.value)
    name = entity.name
    if name is not None and constructed(name) is Constructed.TEXT and not _fits_in_names(entity, name.value):
        free = NO_NAME.sub("", name.value.title() if " " in name.value or "-" in name.value else name.value)
        why = f"{shortened(name.value)} cannot be a part of a table's name without quotes"
        yield finding(name.text_span, why, "Rename the entity.", *([free] if is_plain_name(free) else []))
    schema = _read(root, inner, "schema")
    node = tree.resolve(schema.value) if schema is not None else None
    if isinstance(node, Scalar) and schema is not None and schema.value is not None:
        kind = constructed(node)
        if kind is not Constructed.NULL and not (kind is Constructed.TEXT and is_column_name(node.value)):
            scalar = node._replace(span=schema.value.span)
            why = f"A schema cannot be called {shortened(node.value)} without quotes"
            yield finding(scalar.text_span, why, "Give the entity another schema.")
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
    has_lines, has_quote = leaves_comment(text), closes_literal(text)
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
    yield finding(key.text_span if isinstance(key, Scalar) else key.span, why, instead)


def _as_text(node: Node | None) -> str:
    """A description as SpecQL writes it; of a collection only whether it has quotes."""
    if isinstance(node, Scalar):
        return node.value
    if node is None:
        return ""
    texts = (each for each in walk(node) if isinstance(each, Scalar) and constructed(each) is Constructed.TEXT)
    return "'" if next(texts, None) is not None else ""


def leaves_comment(text: str) -> bool:
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
            yield finding(field.name_span, why, "Rename one of the fields.")
        elif not known and made.name != made.name.lower():
            why = f"PostgreSQL takes {shortened(field.name)} for {made.name.lower()}, a column that SpecQL adds"
            yield finding(field.name_span, why, "Rename or remove the field.")


def _may_share_columns(fields: FieldGroup) -> bool:
    names = fields.names
    if fields.names_with_capitals:
        names = frozenset([name.lower() for name in names])
    return len(names) < len(fields.facts) or not names.isdisjoint(_OWN_COLUMNS)


def _input_types(entity: EntityItem) -> Iterator[Finding]:
    """References whose names make no column of the input types of actions: there it is ``<name>_id``."""
    if not entity.field_group.fact(_has_odd_references):
        return
    odd = [field for field in entity.fields if field.node.references and field.name[:1] in _NO_START]
    if any(template_of(a.name.value) in {"create", "update"} for a in entity.actions if a.name is not None):
        for field in _last_ones(tuple(odd)):
            why = f"{shortened(field.name)}_id cannot be a part of an action's input without quotes"
            yield finding(field.name_span, why, "Rename the field.")


def _has_odd_references(fields: FieldGroup) -> bool:
    return any(node.key.value[:1] in _NO_START for node in fields.nodes if node.references)


_NO_START = frozenset("0123456789$")


def _last_ones(fields: tuple[FieldItem, ...]) -> tuple[FieldItem, ...]:
    """Of the fields with one name the last one, as PyYAML takes it."""
    return tuple({field.name: field for field in fields}.values())
