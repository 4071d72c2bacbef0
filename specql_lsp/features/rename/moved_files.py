"""What follows when files are renamed or moved: an entity takes its file's new name, or its new folder's schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import unquote

from specql_lsp.features.occurrences import Read, occurrences, with_document
from specql_lsp.features.rename.file_names import entity_named
from specql_lsp.features.rename.model import ChangeGroup, FileEdits, FileMove, RenamePlan, RenameRefused
from specql_lsp.features.rename.plan import rename
from specql_lsp.features.rename.renamable import check_understood
from specql_lsp.index.library import LibraryKind, pattern_path
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.items.entity import EntityItem
from specql_lsp.items.pattern_file import lower_pattern
from specql_lsp.semantics.classify import classify
from specql_lsp.semantics.names_in_expressions import TABLE_PREFIX
from specql_lsp.semantics.resolve import in_schema
from specql_lsp.syntax.editing.scalars import replace_text
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

MOST_FILES = 200
"""Of a folder with more files nothing follows: that is the move of a project, not of some entities."""


class Followed(NamedTuple):
    """What follows from moves of files.

    Attributes:
        plans: a plan for each name that changes, with the move of its file, which the client makes itself. They are
            about the texts under the old URIs, and no two of them change the same place.
        refused: why entities do not follow, a sentence each.
    """

    plans: tuple[RenamePlan, ...]
    refused: tuple[str, ...]


def expanded(analysis: Analysis, moves: Iterable[FileMove]) -> tuple[FileMove, ...]:
    """The moves of files with entities; that of a folder is that of each file in it."""
    found: dict[str, FileMove] = {}
    for move in moves:
        if analysis.index.get(move.old_uri) is not None:
            found[move.old_uri] = move
            continue
        prefix = move.old_uri.rstrip("/") + "/"
        inside = [uri for uri in analysis.index.uris if uri.startswith(prefix)]
        for uri in inside if len(inside) <= MOST_FILES else ():
            found[uri] = FileMove(uri, move.new_uri.rstrip("/") + "/" + uri[len(prefix) :])
    return tuple(found.values())


def following(
    analysis: Analysis, moves: Iterable[FileMove], *, read: Read, check: Callable[[], object] = lambda: None
) -> Followed:
    """What follows from moves of files, in the order of the moves.

    Args:
        analysis: what is known, before the moves.
        moves: of files, as ``expanded`` gives them.
        read: gives the text of files.
        check: called for each file; it raises if the answer is not wanted any more.
    """
    plans: list[RenamePlan] = []
    refused: list[str] = []
    for move in moves:
        check()
        document = read(move.old_uri)
        if document is not None and document.library_kind is LibraryKind.PATTERN:
            try:
                plans += _pattern_following(analysis, document, move, read, check)
            except RenameRefused as reason:
                refused.append(f"The pattern's uses do not follow its file. {reason.message}")
            continue
        entity = document.entity if document is not None and len(document.entities) == 1 else None
        if document is None or entity is None or entity.name is None:
            continue
        try:
            plans += _following(analysis, document, entity, move, read, check)
        except RenameRefused as reason:
            refused.append(f"{entity.name.value} does not follow its file. {reason.message}")
    return Followed(_merged(plans), tuple(refused))


def _following(
    analysis: Analysis, document: Document, entity: EntityItem, move: FileMove, read: Read, check: Callable[[], object]
) -> Iterator[RenamePlan]:
    assert entity.name is not None  # noqa: S101 - its caller asks
    new = entity_named(move.old_uri, move.new_uri, entity.name.value)
    if new is not None:
        plan = rename(analysis, document, entity.name.text_span.start, new, read=read, check=check)
        yield replace(plan, move=move)
    schema = _new_schema(analysis, entity, move)
    if schema is not None:
        moved = _moved(analysis, document, entity, schema, read, check)
        if moved is not None:
            yield moved


def _pattern_following(
    analysis: Analysis, document: Document, move: FileMove, read: Read, check: Callable[[], object]
) -> Iterator[RenamePlan]:
    """A pattern's name is the place of its file: what names it follows."""
    new, pattern = pattern_path(move.new_uri), lower_pattern(document.tree)
    if new is None or pattern is None or pattern.name.value == new:
        return
    plan = rename(analysis, document, pattern.name.text_span.start, new, read=read, check=check)
    if plan.files:
        yield replace(plan, move=move)


# The schema of a folder.


def _new_schema(analysis: Analysis, entity: EntityItem, move: FileMove) -> str | None:
    """The schema that a file's new folder is named after, where its old one was; None where no schema follows."""
    old, new = (unquote(uri).split("/")[:-1] for uri in move)
    at = next((i for i in reversed(range(len(old))) if old[i].lower() == entity.schema.lower()), None)
    if at is None or new[:at] != old[:at] or len(new) <= at or new[at].lower() == old[at].lower():
        return None
    name = new[at]
    is_domain = analysis.snapshot is not None and analysis.snapshot.domain_named(name) is not None
    return name if is_domain or analysis.index.in_schema(name) else None


def _moved(
    analysis: Analysis, document: Document, entity: EntityItem, schema: str, read: Read, check: Callable[[], object]
) -> RenamePlan | None:
    """The edits that give an entity another schema, also where it is named with the schema before it."""
    node = entity.schema_node
    symbol = classify(document, entity.name.text_span.start) if entity.name is not None else None
    if node is None or symbol is None or symbol.kind is not SymbolKind.ENTITY:
        return None
    check_understood(document)
    analysis = with_document(analysis, document)
    for other in in_schema(analysis, analysis.index.named(symbol.name), schema):
        if other.uri != document.uri:
            raise RenameRefused(f"There is an entity {other.name} in the schema {other.schema} already.")
    edits: dict[str, tuple[Document, list[TextEdit]]] = {}
    own = [node]
    if entity.domain_name is not None and entity.domain_name.value.lower() == entity.schema.lower():
        own.append(entity.domain_name)
    edits[document.uri] = document, [replace_text(document.tree, each.text_span, schema) for each in own]
    names = {entity.schema.lower()}
    domain = analysis.snapshot.domain_named(entity.schema) if analysis.snapshot is not None else None
    if domain is not None:
        names.update(each.lower() for each in (domain.name, *domain.aliases))
    for found in occurrences(analysis, document, symbol, read=read, check=check, whole=True):
        span = _schema_before(found.document, found.place.span, names) if found.document is not None else None
        if span is not None and found.document is not None:
            edits.setdefault(found.place.uri, (found.document, []))[1].append(TextEdit(span, schema))
    files = (
        FileEdits(each, tuple(sorted(made)), ChangeGroup.OWN_FILE if each is document else ChangeGroup.OTHER_FILES)
        for each, made in edits.values()
    )
    return RenamePlan(entity.schema, schema, tuple(files))


def _schema_before(document: Document, name: Span, schemas: set[str]) -> Span | None:
    """The span of the schema that is written before an entity's name or its table's."""
    text, end = document.text, name.start
    if text[end - len(TABLE_PREFIX) : end].lower() == TABLE_PREFIX:
        end -= len(TABLE_PREFIX)
    for schema in schemas:
        start = end - 1 - len(schema)
        is_word = start <= 0 or not (text[start - 1].isalnum() or text[start - 1] in "_.")
        if start >= 0 and text[start:end].lower() == f"{schema}." and is_word:
            return Span(start, end - 1)
    return None


# Several plans at once.


def _merged(plans: list[RenamePlan]) -> tuple[RenamePlan, ...]:
    """The plans with the edits of all in each file that several change; a plan that collides with one before is left
    out."""
    kept: list[RenamePlan] = []
    edits: dict[str, dict[Span, TextEdit]] = {}
    for plan in plans:
        own = [(file.document.uri, edit) for file in plan.files for edit in file.edits]
        if any(_collides(edits.get(uri, {}), edit) for uri, edit in own):
            continue
        kept.append(plan)
        for uri, edit in own:
            edits.setdefault(uri, {})[edit.span] = edit
    return tuple(
        replace(plan, files=tuple(_with_all(file, edits[file.document.uri]) for file in plan.files)) for plan in kept
    )


def _collides(known: dict[Span, TextEdit], edit: TextEdit) -> bool:
    start, end = edit.span
    return any(each != edit and each.span.start < end and start < each.span.end for each in known.values())


def _with_all(file: FileEdits, edits: dict[Span, TextEdit]) -> FileEdits:
    return file._replace(edits=tuple(sorted(edits.values())))


def together(plans: Iterable[RenamePlan]) -> RenamePlan:
    """One plan with the edits of several that ``following`` gives, for one workspace edit, and with nothing else."""
    files: dict[str, FileEdits] = {}
    names: list[tuple[str, str]] = []
    for plan in plans:
        names.append((plan.old, plan.new))
        for file in plan.files:
            files.setdefault(file.document.uri, file)
    return RenamePlan(
        ", ".join(dict.fromkeys(old for old, _ in names)),
        ", ".join(dict.fromkeys(new for _, new in names)),
        tuple(files.values()),
    )
