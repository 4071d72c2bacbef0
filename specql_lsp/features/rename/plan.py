"""Makes the plan of a rename: from the name at a place to every edit, the file's move and the registry's change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from specql_lsp.features.occurrences import Access, Occurrence, Read, occurrences, with_document
from specql_lsp.features.rename.file_names import followed
from specql_lsp.features.rename.library import (
    LIBRARY_KINDS,
    check_library_name_is_free,
    check_named_nowhere,
    library_definition,
    pattern_move,
    pattern_text,
)
from specql_lsp.features.rename.model import ChangeGroup, FileEdits, FileMove, RenamePlan, RenameRefused
from specql_lsp.features.rename.new_names import check_new_name
from specql_lsp.features.rename.registered import (
    domain_rename,
    entity_rename,
    registration_of,
    registry_domain_edits,
)
from specql_lsp.features.rename.renamable import (
    check_understood,
    defining_facts,
    found_at,
    member_name,
    name_span,
)
from specql_lsp.features.rename.schemas_in_sql import schemas_before_tables
from specql_lsp.features.rename.spelling import respelled
from specql_lsp.features.rename.taken import check_domain_is_free, check_entity_is_free, check_member_is_free
from specql_lsp.features.rename.unchanged import check_meanings
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.registry.model import Registration, RegistryPath
from specql_lsp.registry.requests import DomainRename, EntityRename
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.yaml_edits.renamed import registry_entity_edits
from specql_lsp.semantics.identity import Identity, pattern_name
from specql_lsp.semantics.symbol import Role, Symbol
from specql_lsp.syntax import yaml11
from specql_lsp.syntax.editing.scalars import replace_text
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import name_of


def rename(
    analysis: Analysis,
    document: Document,
    offset: int,
    new_name: str,
    *,
    read: Read,
    check: Callable[[], object] = lambda: None,
) -> RenamePlan:
    """Everything that gives the name at an offset (code points from 0) another text.

    Args:
        analysis: what is known; every file of the folder has been read.
        document: the file.
        offset: where.
        new_name: the new name; blanks around it do not count.
        read: gives the text of other files.
        check: called for each file; it raises if the answer is not wanted any more.

    Raises:
        RenameRefused: with the reason.
    """
    new = new_name.strip()
    symbol, identity = found_at(analysis, document, offset)
    if symbol.kind is SymbolKind.PATTERN:
        new = _whole_name(new_name, symbol, document)
    check_new_name(symbol.kind, new)
    return _Planner(with_document(analysis, document), document, symbol, identity, new, read, check).plan()


def _whole_name(new_name: str, symbol: Symbol, document: Document) -> str:
    """The new name of a pattern; where only its last part is written, that alone may have been given."""
    new, old = pattern_name(new_name), pattern_name(symbol.name)
    written = document.text[symbol.span.start : symbol.span.end]
    folder, _, last = old.rpartition("/")
    is_short = symbol.role is Role.DEFINITION and written == last != old
    return f"{folder}/{new}" if is_short and "/" not in new else new


class _Planner:
    """One rename.

    Args:
        analysis: what is known, the document included.
        document: the file of the request.
        symbol: the name in it.
        identity: what the name means.
        new: the new name.
        read: gives the text of other files.
        check: called for each file.
    """

    def __init__(
        self,
        analysis: Analysis,
        document: Document,
        symbol: Symbol,
        identity: Identity,
        new: str,
        read: Read,
        check: Callable[[], object],
    ) -> None:
        self._analysis = analysis
        self._document = document
        self._symbol = symbol
        self._identity = identity
        self._new = new
        self._read_file = read
        self._check = check
        self._documents: dict[str, Document | None] = {document.uri: document}
        self._edits: dict[str, dict[Span, TextEdit]] = {}
        is_library = identity.kind in LIBRARY_KINDS
        self._library = library_definition(analysis, identity) if is_library else None
        self._facts = defining_facts(analysis, identity)
        self._registration = self._registered()
        self._old = self._old_name()

    def plan(self) -> RenamePlan:
        """The plan; raises ``RenameRefused``."""
        self._check_free()
        if self._new == self._old:
            return RenamePlan(self._old, self._new, ())
        for occurrence in occurrences(
            self._analysis,
            self._document,
            self._symbol,
            read=self._read,
            check=self._check,
            whole=True,
            with_symbols=False,
        ):
            self._add(occurrence)
        if self._identity.kind is SymbolKind.SCHEMA:
            for document, span in schemas_before_tables(self._analysis, self._old, self._read, self._check):
                self._replace(document, span, respelled(document.text[span.start : span.end], self._old, self._new))
        self._check_all_understood()
        defined = self._library.uri if self._library is not None else self._identity.uri
        is_written = self._identity.kind is not SymbolKind.PATTERN  # else the place of the file is the name
        if defined and is_written and defined not in self._edits:
            raise RenameRefused(
                f"{name_of(defined)} writes the name with escapes, or has changed: write it plainly there."
            )
        self._add_registry()
        files = tuple(self._ordered())
        plan = RenamePlan(self._old, self._new, files, self._move(), self._request(), self._key(files))
        if self._library is not None:  # whole values, in a space of names of their own: nothing else can be meant
            read = [each for each in self._documents.values() if each is not None]
            check_named_nowhere(self._analysis, self._identity, read, self._new)
            return replace(plan, needs_move=plan.move is not None)
        check_meanings(self._analysis, self._document, self._identity, plan, self._check)
        return plan

    # What is renamed.

    def _registered(self) -> Registration | None:
        if self._identity.kind is not SymbolKind.ENTITY:
            return None
        return self._registration_in(self._analysis.snapshot)

    def _registration_in(self, snapshot: Snapshot | None) -> Registration | None:
        definer = self._read(self._identity.uri) if self._identity.uri else None
        return registration_of(self._analysis, snapshot, self._identity, self._facts, definer)

    def _old_name(self) -> str:
        """The name as its definition has it."""
        if self._facts is not None:
            return self._facts.name
        if self._registration is not None:
            return self._registration.entity.name
        if self._library is not None:
            return self._library.name
        return member_name(self._symbol, self._identity)

    def _check_free(self) -> None:
        kind = self._identity.kind
        if kind is SymbolKind.ENTITY:
            schema = self._facts.schema if self._facts is not None else ""
            check_entity_is_free(self._analysis, self._identity, schema, self._registration, self._new)
        elif kind is SymbolKind.SCHEMA:
            check_domain_is_free(self._analysis, self._old, self._new)
        elif self._library is not None:
            definer = self._read(self._library.uri)
            if definer is None:
                raise RenameRefused(f"{name_of(self._library.uri)} cannot be read.")
            check_understood(definer)
            check_library_name_is_free(self._analysis, self._identity, definer, self._new)
        else:
            definer = self._read(self._identity.uri)
            if definer is None:
                raise RenameRefused(f"{name_of(self._identity.uri)} cannot be read.")
            check_understood(definer)
            for entity in definer.entities:
                check_member_is_free(definer, entity, self._identity, self._new)

    # The edits.

    def _read(self, uri: str) -> Document | None:
        """The document of a file, the same one each time."""
        if uri not in self._documents:
            self._documents[uri] = self._read_file(uri)
        return self._documents[uri]

    def _add(self, occurrence: Occurrence) -> None:
        uri, document = occurrence.place.uri, occurrence.document
        if document is None:
            raise RenameRefused(f"{name_of(uri)} cannot be read.")
        span = occurrence.place.span
        is_pattern = self._identity.kind is SymbolKind.PATTERN
        if is_pattern and occurrence.access is Access.DEFINITION:
            check_understood(document)
            written = document.text[span.start : span.end]
            self._replace(document, span, pattern_text(written, self._old, self._new))
            return
        if occurrence.symbol is not None:
            check_understood(document)
            span = name_span(document, occurrence.symbol)
        written = document.text[span.start : span.end]
        if self._identity.kind is SymbolKind.SCHEMA:
            if written.lower() != self._old.lower():
                return  # another of the domain's names
        elif written.lower() != self._old.lower():
            line = document.lines.line_of(span.start) + 1
            raise RenameRefused(
                f"Line {line} of {name_of(uri)} has another text than was read, or writes the name with escapes: ask "
                "again, or write it plainly."
            )
        self._replace(document, span, respelled(written, self._old, self._new))

    def _check_all_understood(self) -> None:
        """Refuses where a file that was read names what is renamed, perhaps, and is not understood."""
        if self._identity.kind in {SymbolKind.ENTITY, SymbolKind.SCHEMA}:
            return  # the index knows their uses, also those of a text that is being edited
        word = re.compile(rf"(?<!\w){re.escape(self._old)}(?!\w)", re.IGNORECASE)
        for document in self._documents.values():
            if document is not None and word.search(document.text):
                check_understood(document)

    def _replace(self, document: Document, span: Span, text: str) -> None:
        self._documents.setdefault(document.uri, document)
        # Only a text that YAML reads as something else may need quotes, and its scalar to be known.
        edit = replace_text(document.tree, span, text) if yaml11.needs_quotes(text) else TextEdit(span, text)
        self._edits.setdefault(document.uri, {})[edit.span] = edit

    def _add_registry(self) -> None:
        document = self._analysis.registry_document
        if document is None or document.registry is None:
            return
        edits: Iterable[tuple[Span, str]] = ()
        if self._identity.kind is SymbolKind.ENTITY:
            # What PostgreSQL does not have may be in the YAML all the same.
            registration = self._registration or self._registration_in(self._analysis.registry.yaml)
            if registration is not None:
                place = RegistryPath(
                    registration.domain.number, registration.subdomain.number, registration.entity.name
                )
                edits = registry_entity_edits(document, place, self._new)
        elif self._identity.kind is SymbolKind.SCHEMA:
            edits = registry_domain_edits(self._analysis, document, self._old, self._new)
        known = self._edits.get(document.uri, {})
        for span, text in edits:
            if span not in known:
                self._replace(document, span, text)
        if document.uri in self._edits:
            check_understood(document)
            fresh = self._read(document.uri)
            if fresh is None or fresh.text != document.text:
                raise RenameRefused(f"{name_of(document.uri)} has changed since it was read: ask again.")

    def _ordered(self) -> Iterator[FileEdits]:
        registry = self._analysis.registry_document.uri if self._analysis.registry_document is not None else None

        def rank(uri: str) -> tuple[bool, bool, str]:
            return uri == registry, uri != self._document.uri, uri

        for uri in sorted(self._edits, key=rank):
            document = self._documents[uri]
            assert document is not None  # noqa: S101 - it has edits
            own = ChangeGroup.OWN_FILE if uri == self._document.uri else ChangeGroup.OTHER_FILES
            group = ChangeGroup.REGISTRY if uri == registry else own
            edits = sorted(self._edits[uri].values(), key=lambda edit: edit.span)
            changes = tuple(each for each in edits if document.text[each.span.start : each.span.end] != each.new_text)
            if changes:  # a new name in another case may be what a place has already
                yield FileEdits(document, changes, group)

    # What follows.

    def _move(self) -> FileMove | None:
        if self._library is not None:
            is_pattern = self._identity.kind is SymbolKind.PATTERN
            return pattern_move(self._library.uri, self._new, self._exists) if is_pattern else None
        uri = self._identity.uri
        summary = self._analysis.index.get(uri) if self._facts is not None else None
        if summary is None or len(summary.entities) != 1:
            return None
        target = followed(uri, self._old, self._new)
        is_free = target is not None and not self._exists(target)
        return FileMove(uri, target) if target is not None and is_free else None

    def _exists(self, uri: str) -> bool:
        return self._analysis.index.get(uri) is not None or self._read(uri) is not None

    def _request(self) -> EntityRename | DomainRename | None:
        if self._registration is not None:
            return entity_rename(self._registration, self._new)
        if self._identity.kind is SymbolKind.SCHEMA:
            return domain_rename(self._analysis, self._old, self._new)
        return None

    def _key(self, files: tuple[FileEdits, ...]) -> int:
        uris = [each.document.uri for each in files]
        registry = self._analysis.registry_document
        for uri in (self._identity.uri, registry.uri if registry is not None else ""):
            if uri in uris:
                return uris.index(uri)
        return 0
