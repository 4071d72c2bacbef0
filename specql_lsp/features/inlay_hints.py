"""Inlay hints: what a table code means, whose an entity is, what column a field has, where the text does not say it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from specql_lsp.config import InlayHintsSettings
from specql_lsp.features.markdown import cut
from specql_lsp.items.entity import EntityItem, EntityReference
from specql_lsp.language import table_code as codes
from specql_lsp.language.type_syntax import parse_field_type
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.semantics.columns import LossKind, column_of
from specql_lsp.semantics.resolve import Site, resolve_entity
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_LONGEST = 60
"""A longer label is cut."""


class HintKind(Enum):
    """What a hint is about."""

    CODE = "code"
    REFERENCE = "reference"
    COLUMN = "column"


class InlayHint(NamedTuple):
    """A hint.

    Attributes:
        offset: where it is shown, in code points from 0.
        label: what it says.
        kind: what it is about.
        subject: the place whose hover says more.
    """

    offset: int
    label: str
    kind: HintKind
    subject: int


def inlay_hints(analysis: Analysis, document: Document, within: Span) -> tuple[InlayHint, ...]:
    """The hints in a part of a document, in the order of the text; which kinds are shown, is for the settings to say.

    Args:
        analysis: what is known.
        document: the file.
        within: the part.
    """
    settings = analysis.settings.inlay_hints
    found: list[InlayHint] = []
    for entity in document.entities:
        if entity.root.span.overlaps(within):
            found += _of_entity(analysis, document, entity, within, settings)
    return tuple(sorted({hint for hint in found if within.contains(hint.offset)}))


def _of_entity(
    analysis: Analysis, document: Document, entity: EntityItem, within: Span, settings: InlayHintsSettings
) -> Iterator[InlayHint]:
    if settings.codes and analysis.snapshot is not None:
        yield from _of_code(analysis.snapshot, entity)
    if settings.references:
        for reference in (*entity.references, *entity.step_entities, *entity.view_entities):
            if reference.span.overlaps(within):
                yield from _of_reference(analysis, document, entity, reference)
    if settings.columns and analysis.settings.language.release:
        yield from _of_columns(document, entity, within)


def _of_code(snapshot: Snapshot, entity: EntityItem) -> Iterator[InlayHint]:
    code = entity.table_code
    parts = snapshot.parts(code.value) if code is not None and codes.is_well_formed(code.value) else None
    if code is not None and parts is not None and parts.domain is not None:
        names = [parts.domain.name, *([parts.subdomain.name] if parts.subdomain is not None else [])]
        yield InlayHint(code.span.end, _cut(" · ".join(names)), HintKind.CODE, code.text_span.start)


def _of_reference(
    analysis: Analysis, document: Document, entity: EntityItem, reference: EntityReference
) -> Iterator[InlayHint]:
    start, end = reference.name_span
    if reference.schema or document.text[start:end] != reference.name:  # an alias names it elsewhere
        return
    files, registrations = resolve_entity(analysis, Site(document.uri, entity.schema), reference.name)
    schemas = {facts.schema for facts in files} or {registration.domain.name for registration in registrations}
    if len(schemas) != 1:
        return
    [schema] = schemas
    own = analysis.snapshot.domain_named(entity.schema) if analysis.snapshot is not None else None
    names = {entity.schema.lower(), *([own.name.lower(), *(alias.lower() for alias in own.aliases)] if own else [])}
    if schema.lower() not in names:
        yield InlayHint(start, _cut(schema) + ".", HintKind.REFERENCE, start)


def _of_columns(document: Document, entity: EntityItem, within: Span) -> Iterator[InlayHint]:
    for field in entity.fields:
        type_ = field.type
        if type_ is None or not type_.span.overlaps(within) or field.inherited:
            continue
        if document.text[type_.text_span.start : type_.text_span.end] != type_.value:  # an alias, or over several lines
            continue
        column = column_of(field, entity.schema)
        if column is None:
            continue
        written = parse_field_type(type_.value).type
        said: list[str] = []
        if written is None or written.name.text.lower() != column.type.lower():
            said.append(column.type)
        if column.lost(LossKind.NOT_NULL):
            said.append("NULL")
        if said:
            yield InlayHint(type_.span.end, _cut(" ".join(said)), HintKind.COLUMN, field.name_span.start)


def _cut(label: str) -> str:
    return cut(label, _LONGEST)
