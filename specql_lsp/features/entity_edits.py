"""Edits of an entity file: its table code put in, quoted, with everything else kept."""

from __future__ import annotations

from specql_lsp.features.model import Edit
from specql_lsp.features.yaml_edits import Entries, Layout, Quotes, Text, quotes_of, write
from specql_lsp.language import table_code as codes
from specql_lsp.language.entity_file import EntityFile
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.workspace.documents import Document

_ORGANIZATION = Text("organization")
_TABLE_CODE = Text("table_code")


def set_table_code(document: Document, code: str) -> tuple[Edit, ...]:
    """The smallest edits that make ``code`` the file's ``organization.table_code``, quoted.

    Empty where the code stands there quoted already, and where the file defines no entity.
    """
    entity = document.entity
    if entity is None:
        return ()
    layout = Layout(document)
    written = Text(code, Quotes.SINGLE)
    organization = entity.organization
    holder = entity.organization_entry
    if organization is None:
        block = Entries(((_TABLE_CODE, written),))
        if holder is None:
            return _add_organization(layout, entity, block)
        return layout.set_entries(holder, block, in_flow=entity.root.flow)
    entry = organization.entry("table_code")
    if entry is None:
        if not organization.entries and not organization.flow:
            return ()
        if organization.flow:
            return layout.add(organization, _TABLE_CODE, written, after=None)
        return _add_first(layout, organization.entries[0].span.start, written)
    there = document.tree.resolve(entry.value)
    if isinstance(there, Scalar) and quotes_of(there) and codes.normalize(there.value) == codes.normalize(code):
        return ()
    old = entry.value
    quotes = (quotes_of(old) if isinstance(old, Scalar) else "") or Quotes.SINGLE
    return layout.set_scalar(entry, Text(code, quotes), in_flow=organization.flow)


def _add_first(layout: Layout, first: int, code: Text) -> tuple[Edit, ...]:
    """A new first line of a block mapping, in front of its first key and that key's anchor or tag."""
    line = layout.lines.line_span(layout.lines.line_of(first))
    text = layout.text[line.start : line.end]
    at = line.start + len(text) - len(text.lstrip(" "))
    indent = " " * (at - line.start)
    entry = f"{_TABLE_CODE.value}: {write(code, in_flow=False)}"
    return (layout.edit(at, at, f"{entry}{layout.line_break}{indent}"),)


def _add_organization(layout: Layout, entity: EntityFile, block: Entries) -> tuple[Edit, ...]:
    """``organization`` behind ``schema``, or behind ``entity`` where the schema stands nowhere or inside it."""
    after = entity.root.entry("schema") or entity.entity_entry
    if entity.root.flow:
        return layout.add(entity.root, _ORGANIZATION, block, after=after)
    indent = layout.column(entity.entity_entry.span.start)
    lines = layout.block_lines(_ORGANIZATION, block, indent)
    return (layout.lines_after(max(layout.content_end(after.span), after.key.span.end), lines),)
