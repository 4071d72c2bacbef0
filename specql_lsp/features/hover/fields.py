"""Hover of a field: its declaration in full, the column that SpecQL makes of it, what it refers to."""

from __future__ import annotations

from specql_lsp.features import descriptions
from specql_lsp.features.hover.columns import column_text
from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.hover.source import written
from specql_lsp.features.hover.types import type_line
from specql_lsp.features.markdown import code, escape, link, shortened
from specql_lsp.language.names import is_reserved_field_name
from specql_lsp.language.release import REFERENCE
from specql_lsp.semantics.columns import column
from specql_lsp.semantics.fields import FoundField
from specql_lsp.semantics.resolve import Site, resolve_entity
from specql_lsp.semantics.symbol import Role

_DESCRIPTION_LENGTH = 300


def field(request: HoverRequest) -> Text | None:
    """A field where it is defined, or where its name is used."""
    symbol = request.symbol
    found = request.field(symbol.name, symbol.through)
    return Text(field_text(request, found), from_registry=True) if found is not None else None


def field_text(request: HoverRequest, found: FoundField) -> str:
    """A field, its column and its declaration."""
    reserved = ""
    if is_reserved_field_name(found.name):
        reserved = f"{REFERENCE} refuses a field of this name: it adds such a column itself."
    return paragraphs(
        _head(request, found),
        _column(request, found),
        reserved,
        _reference(request, found),
        _declaration(request, found),
        _description(found),
        type_line(found.text.type) if found.text is not None else "",
    )


def _head(request: HoverRequest, found: FoundField) -> str:
    owner = escape(found.entity) if found.entity else "the entity"
    head = f"**{escape(found.name)}** · field of {owner}"
    if found.uri != request.document.uri:
        head += f" · {link(descriptions.file_name(found.uri), found.uri)}"
    if found.item is not None and found.item.inherited and request.symbol.role is Role.REFERENCE:
        head += " · merged through `<<`"
    return head


def _column(request: HoverRequest, found: FoundField) -> str:
    if not request.tells_generated:
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
    name = f"Refers to **{escape(target.name.text)}**"
    if meant.files:
        facts = meant.files[0]
        name = f"Refers to **{escape(facts.name)}** · {link(descriptions.file_name(facts.uri), facts.uri)}"
        name += f" · schema {escape(facts.schema)}"
        if facts.schema.lower() != found.schema.lower() and request.tells_generated:
            name += f"; {REFERENCE} looks for its table in {escape(found.schema)}"
    elif meant.registrations:
        registered = meant.registrations[0]
        name += f" · registered in {escape(registered.domain.name)} / {escape(registered.subdomain.name)}"
    return name


def _declaration(request: HoverRequest, found: FoundField) -> str:
    if found.item is not None:
        return written(request.document, found.item.span)
    return f"Written {code(f'{found.name}: {found.text.type}')}" if found.text is not None and found.text.type else ""


def _description(found: FoundField) -> str:
    body = found.item.node.body if found.item is not None else None
    scalar = body.scalar("description") if body is not None else None
    return escape(shortened(scalar.value, _DESCRIPTION_LENGTH)) if scalar is not None else ""
