"""Code lenses above an entity: its table code, and how often it is referred to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from specql_lsp.features.markdown import cut
from specql_lsp.features.occurrences import Read
from specql_lsp.features.references import references
from specql_lsp.index.symbols import Place
from specql_lsp.items.entity import EntityItem
from specql_lsp.language import table_code as codes
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_LONGEST = 80
"""A longer title is cut."""


class CodeLens(NamedTuple):
    """A lens.

    Attributes:
        span: the entity's name.
        title: what it says; None for one that says how often the entity is referred to, which is counted later.
        allocates: the entity for which it allocates a code; empty where it only says something.
    """

    span: Span
    title: str | None
    allocates: str = ""


def code_lenses(analysis: Analysis, document: Document) -> tuple[CodeLens, ...]:
    """The lenses of a document, as the settings have it."""
    settings = analysis.settings.code_lens
    found: list[CodeLens] = []
    for entity in document.entities:
        if entity.name is None or not entity.name.value.strip():
            continue
        if settings.codes and analysis.snapshot is not None:
            found += _of_code(analysis, analysis.snapshot, entity, entity.name.text_span)
        if settings.references:
            found.append(CodeLens(entity.name.text_span, None))
    return tuple(found)


def _of_code(analysis: Analysis, snapshot: Snapshot, entity: EntityItem, span: Span) -> Iterator[CodeLens]:
    name = entity.name.value if entity.name is not None else ""
    code = entity.table_code
    if code is None or not code.value.strip():
        provenance = analysis.registry.provenance
        if (provenance.writable or provenance.leased) and snapshot.domain_named(entity.schema) is not None:
            yield CodeLens(span, "Allocate a code", name)
        return
    if not codes.is_well_formed(code.value):
        return  # a diagnostic says what is wrong
    parts = snapshot.parts(code.value)
    known = (parts.domain, parts.subdomain) if parts is not None else ()
    names = [part.name for part in known if part is not None]
    yield CodeLens(span, cut(" · ".join([codes.normalize(code.value), *names]), _LONGEST))


def counted(
    analysis: Analysis, document: Document, offset: int, *, read: Read, check: Callable[[], object]
) -> tuple[str, tuple[Place, ...]]:
    """The title of a lens that says how often an entity is referred to, and the places.

    Args:
        analysis: what is known.
        document: the file.
        offset: a place in the entity's name, in code points from 0.
        read: gives the text of other files.
        check: called for each file; it raises if the answer is not wanted any more.
    """
    places = references(analysis, document, offset, with_definition=False, read=read, check=check)
    return ("1 reference" if len(places) == 1 else f"{len(places)} references"), places
