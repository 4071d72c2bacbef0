"""Hover of a field: its declaration in full, the column that SpecQL makes of it, what it refers to."""

from __future__ import annotations

import re

from specql_lsp.features import descriptions
from specql_lsp.features.hover.columns import column_text
from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.hover.source import written
from specql_lsp.features.hover.types import type_line
from specql_lsp.features.markdown import code, cut, escape, fenced, link, shortened, title
from specql_lsp.index.summary import EntityFacts
from specql_lsp.language.names import is_reserved_field_name
from specql_lsp.language.release import REFERENCE
from specql_lsp.semantics.columns import column, columns_of_every_table
from specql_lsp.semantics.fields import FoundField, find_entity
from specql_lsp.semantics.resolve import Site, resolve_entity
from specql_lsp.semantics.symbol import Role

_DESCRIPTION_LENGTH = 300
_DECLARATION_LENGTH = 200
_COMMENT = re.compile(r"[ \t]+#+[ \t]*(?P<text>[^\r\n]*)")


def field(request: HoverRequest) -> Text | None:
    """A field where it is defined, or where its name is used."""
    symbol = request.symbol
    found = request.field(symbol.name, symbol.through)
    if found is None:
        return _generated_column(request)
    return Text(field_text(request, found), from_registry=True)


def _generated_column(request: HoverRequest) -> Text | None:
    """A column that is no field: one that SpecQL adds to every table, or that it makes of a reference."""
    symbol = request.symbol
    if request.entity is None or not request.shows_generated or symbol.path[:1] != ("actions",):
        return None
    holder = find_entity(
        request.analysis, request.document, request.entity, of_entity=symbol.of_entity, through=symbol.through
    )
    if holder is None:
        return None
    name = holder.name if isinstance(holder, EntityFacts) else holder.name.value if holder.name is not None else ""
    reference = request.field(symbol.name.removeprefix("fk_"), symbol.through) if symbol.name[:3] == "fk_" else None
    if reference is not None and reference.text is not None:
        made = column(reference.name, reference.text, reference.schema)
        if made.name == symbol.name:
            head = f"{title(made.name)} · column of the field {code(reference.name)}"
            return Text(paragraphs(head, column_text(made, reference.text), _refused()))
    line = columns_of_every_table(name).get(symbol.name)
    if line is None:
        return None
    head = f"{title(symbol.name)} · column that {REFERENCE} adds to every table"
    return Text(paragraphs(head, fenced("sql", [line]), _refused()))


def _refused() -> str:
    return f"{REFERENCE} refuses a condition with this name: it accepts the fields of the file only."


def field_text(request: HoverRequest, found: FoundField) -> str:
    """A field, its column and its declaration."""
    reserved = ""
    if is_reserved_field_name(found.name) and request.shows_generated:
        reserved = f"{REFERENCE} refuses a field of this name: it adds such a column itself."
    return paragraphs(
        _head(request, found),
        _column(request, found),
        reserved,
        _reference(request, found),
        _declaration(request, found),
        _description(request, found),
        type_line(found.text.type) if found.text is not None else "",
    )


def _head(request: HoverRequest, found: FoundField) -> str:
    owner = escape(found.entity) if found.entity else "the entity"
    head = f"{title(found.name)} · field of {owner}"
    if found.uri != request.document.uri:
        head += f" · {link(descriptions.file_name(found.uri), found.uri)}"
    if found.item is not None and found.item.inherited and request.symbol.role is Role.REFERENCE:
        head += " · merged through `<<`"
    return head


def _column(request: HoverRequest, found: FoundField) -> str:
    if not request.shows_generated:
        return ""
    if found.text is None:
        return f"{REFERENCE} refuses the field: its `type` is no text."
    return column_text(column(found.name, found.text, found.schema), found.text)


def _reference(request: HoverRequest, found: FoundField) -> str:
    """Where the entity is that it refers to; and that SpecQL looks for it elsewhere."""
    target = found.target
    if target is None or not target.name.text:
        return ""
    schema = target.schema.text if target.schema is not None else None
    meant = resolve_entity(request.analysis, Site(found.uri, found.schema), target.name.text, schema)
    name = f"Refers to {title(target.name.text)}"
    if meant.files:
        facts = meant.files[0]
        name = f"Refers to {title(facts.name)} · {link(descriptions.file_name(facts.uri), facts.uri)}"
        name += f" · schema {escape(facts.schema)}"
        if facts.schema.lower() != found.schema.lower() and request.shows_generated:
            name += f"; {REFERENCE} looks for its table in {escape(found.schema)}"
    elif meant.registrations:
        registered = meant.registrations[0]
        name += f" · registered in {escape(registered.domain.name)} / {escape(registered.subdomain.name)}"
    return name


def _declaration(request: HoverRequest, found: FoundField) -> str:
    if found.item is not None:
        return written(request.document, found.item.span)
    return (
        f"Written {code(cut(f'{found.name}: {found.text.type}', _DECLARATION_LENGTH))}"
        if found.text is not None and found.text.type
        else ""
    )


def _description(request: HoverRequest, found: FoundField) -> str:
    """What the file says of it: its ``description``, or the comment behind it on its line."""
    if found.item is None:
        return ""
    body = found.item.node.body
    scalar = body.scalar("description") if body is not None else None
    if scalar is not None:
        return escape(shortened(scalar.value, _DESCRIPTION_LENGTH))
    text, end = request.document.text, found.item.span.end
    comment = _COMMENT.match(text, end)
    return escape(shortened(comment["text"], _DESCRIPTION_LENGTH)) if comment is not None else ""
