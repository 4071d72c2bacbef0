"""Edits of an entity file: its table code put in, quoted, with everything else kept."""

from __future__ import annotations

import re

from specql_lsp.items.entity import EntityItem
from specql_lsp.language import table_code as codes
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.text_edit import TextEdit, apply
from specql_lsp.syntax.editing.values import MapValue, Quotes, TextScalar, quotes_of, write
from specql_lsp.syntax.merging import is_merge
from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Scalar, Sequence, walk
from specql_lsp.syntax.pyyaml.errors import syntax_errors
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.syntax.yaml11 import is_null
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import name_of

_ORGANIZATION = TextScalar("organization")
_TABLE_CODE = TextScalar("table_code")
_ANY_CODE = "FFFFFF"
"""Stands for the code that is not known yet."""
_BEFORE_ENTRY = re.compile(r" *(?:[-:][ ]+)*")


def set_table_code(document: Document, code: str) -> tuple[TextEdit, ...]:
    """The smallest edits that make ``code`` the file's ``organization.table_code``, quoted.

    Empty if the file has the code between quotes already, if it defines no entity, and if
    ``why_no_table_code`` says why the code cannot be put there.
    """
    entity = document.entity
    if entity is None or has_code(document, code) or _why_refused(document, entity) is not None:
        return ()
    edits = _edits(document, entity, code)
    return edits if _is_as_asked(document, edits, code) else ()


def why_not_written(document: Document, entity: str, code: str, previous: str | None) -> str | None:
    """Why a code that an entity got is not written into its file as it is now, as a sentence; None where it is.

    Args:
        document: the file as it is now; it may have changed since the code was asked for.
        entity: the entity's name.
        code: what it got.
        previous: the code that the file had then; None: none.
    """
    file, found = f"The file {name_of(document.uri)}", document.entity
    if len(document.entities) > 1:
        reason = "It has several documents, which SpecQL refuses: put each entity into a file of its own."
        return f"{file} cannot be changed. {reason}"
    if found is None or found.name is None or found.name.value.lower() != entity.lower():
        return f"{file} does not define {entity} any more."
    there = found.table_code.value if found.table_code is not None else ""
    if codes.normalize(there) not in {codes.normalize(each) for each in ("", previous or "", code)}:
        return f"{file} has the code {there} by now."
    if has_code(document, code):
        return None
    refused = why_no_table_code(document)
    return f"{file} cannot be changed. {refused}" if refused is not None else None


def _edits(document: Document, entity: EntityItem, code: str) -> tuple[TextEdit, ...]:
    writer = YamlWriter(document.tree)
    written = TextScalar(code, Quotes.SINGLE)
    block = MapValue(((_TABLE_CODE, written),))
    holder = _own(entity.root, entity.organization_entry)
    if holder is None:
        return _add_organization(writer, entity, block)
    if isinstance(holder.value, Alias):
        # The value of the alias belongs to another place, too: a new mapping merges its entries and adds the code.
        merged = f"{{<<: *{holder.value.name}, {_TABLE_CODE.value}: {write(written, in_flow=True)}}}"
        return (writer.edit(*holder.value.span, merged),)
    organization = document.tree.written_mapping(holder.value)
    if organization is None:
        return writer.set_entries(holder, block, in_flow=entity.root.flow)
    entry = organization.entry(_TABLE_CODE.value)
    if entry is None:
        if not organization.entries and not organization.flow:
            return ()
        if organization.flow:
            return writer.add(organization, _TABLE_CODE, written, after=None)
        return _add_first(writer, organization.entries[0].span.start, written)
    old = entry.value
    quotes = (quotes_of(old) if isinstance(old, Scalar) else "") or Quotes.SINGLE
    return writer.set_scalar(entry, TextScalar(code, quotes), in_flow=organization.flow)


def has_code(document: Document, code: str) -> bool:
    """Whether the file has that table code already, between quotes."""
    there = document.entity.table_code if document.entity is not None else None
    return there is not None and bool(quotes_of(there)) and codes.normalize(there.value) == codes.normalize(code)


def why_no_table_code(document: Document) -> str | None:
    """Why no table code can be put into the file without changing something else; None where one can."""
    entity = document.entity
    if entity is None:
        return None
    refused = _why_refused(document, entity)
    if refused is None and not _is_as_asked(document, _edits(document, entity, _ANY_CODE), _ANY_CODE):
        return "The YAML around organization is not understood: write organization.table_code by hand."
    return refused


def _is_as_asked(document: Document, edits: tuple[TextEdit, ...], code: str) -> bool:
    """Whether a text has the code after the edits, and is read by SpecQL if it was before."""
    after = Document(document.uri, apply(document.text, edits))
    return has_code(after, code) and (not syntax_errors(after.tree) or bool(syntax_errors(document.tree)))


def _why_refused(document: Document, entity: EntityItem) -> str | None:
    entry, tree = entity.organization_entry, document.tree
    if entry is None:
        return None
    if _own(entity.root, entry) is None:
        merged = entity.organization.entries if entity.organization is not None else ()
        if any(each.name != _TABLE_CODE.value for each in merged):
            return "organization comes from a merge key (<<) here: write it out in the entity, then ask again."
        return None
    value = tree.resolve(entry.value)
    if isinstance(value, Scalar) and not is_null(value):
        text = " ".join(value.value.split())
        return _holds(f"the text {text}" if text else "an empty text")
    # Without brackets a list has an item in any case, which may be a dash alone.
    if isinstance(value, Sequence) and (value.items or not value.flow):
        return _holds("a list")
    if constructed(value) is Constructed.SET:
        return _holds("a set")
    if isinstance(entry.value, Alias):
        return None if isinstance(value, Mapping) else _holds("an alias")
    organization = tree.written_mapping(value)
    code = organization.value(_TABLE_CODE.value) if organization is not None else None
    changed = entry.value if code is None or isinstance(code, Alias) else code
    anchor = shared_anchor(tree, changed.span) if changed is not None else None
    if anchor is not None:
        return (
            f"What organization holds is used in another place, too, through the alias *{anchor}: "
            "write it out there, then ask again."
        )
    return None


def shared_anchor(tree: SyntaxTree, span: Span) -> str | None:
    """The anchor of a node that contains ``span`` and that an alias refers to elsewhere; None if there is none."""
    if not tree.anchors or tree.root is None:
        return None
    used = {node.name for node in walk(tree.root) if isinstance(node, Alias)}
    for name, node in tree.anchors.items():
        if name in used and (node.span.start <= span.start and span.end <= node.span.end):
            return name
    return None


def _holds(what: str) -> str:
    return f"organization holds {what} and no mapping: make it a mapping, then ask again."


def _own(root: Mapping, entry: Entry | None) -> Entry | None:
    """The entry of the root as it is written; None where it is merged from elsewhere, or not there."""
    if entry is None:
        return None
    return next((each for each in root.entries if each.span == entry.span), None)


def _add_first(writer: YamlWriter, first: int, code: TextScalar) -> tuple[TextEdit, ...]:
    """A new first line of a block mapping, in front of its first key and that key's anchor or tag."""
    line = writer.lines.line_span(writer.lines.line_of(first))
    before = _BEFORE_ENTRY.match(writer.text, line.start, first)
    at = before.end() if before else line.start
    indent = " " * (at - line.start)
    entry = f"{_TABLE_CODE.value}: {write(code, in_flow=False)}"
    return (writer.edit(at, at, f"{entry}{writer.line_break}{indent}"),)


def _add_organization(writer: YamlWriter, entity: EntityItem, block: MapValue) -> tuple[TextEdit, ...]:
    """``organization`` behind ``schema``, or behind ``entity`` if the schema is missing or inside it."""
    root = entity.root
    after = root.entry("schema") or root.entry("entity") or next((e for e in root.entries if is_merge(e)), None)
    after = after or root.entries[-1]
    if root.flow:
        return writer.add(root, _ORGANIZATION, block, after=after)
    indent = writer.margin(after.span.start)
    lines = writer.block_lines(_ORGANIZATION, block, indent)
    return (writer.lines_after(writer.entry_end(after), lines),)
