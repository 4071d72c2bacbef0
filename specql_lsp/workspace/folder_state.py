"""What the host knows of one workspace folder, and how a change of it is followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Generic

from specql_lsp.config import Settings
from specql_lsp.index.summary import FileSummary
from specql_lsp.registry.state import RegistryState
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.changed_keys import changed_by_file, changed_by_registry
from specql_lsp.workspace.changes import Invalidated
from specql_lsp.workspace.checks import Check, CheckFunction, FindingT
from specql_lsp.workspace.diagnostics_store import DiagnosticsStore, FileDiagnostics
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.folder import WorkspaceFolder
from specql_lsp.workspace.lookups import ALL_READ, LookupKey, LookupKind
from specql_lsp.workspace.uris import path_of, uri_of

ShowFunction = Callable[[Settings, tuple[FindingT, ...]], tuple[FindingT, ...]]
"""What the settings show of findings."""


class Effects:
    """Collects what a change invalidates."""

    def __init__(self) -> None:
        self.stale: dict[str, None] = {}
        self.shown: dict[str, None] = {}
        self.unread: dict[tuple[str, Path], None] = {}
        self.catalogs = False
        self.domains = False

    def invalidated(self) -> Invalidated:
        """What was collected."""
        return Invalidated(tuple(self.stale), tuple(self.shown), tuple(self.unread), self.catalogs, self.domains)


@dataclass(slots=True)
class EditorDocuments:
    """The documents that the editor has open, by URI, for all folders."""

    open: dict[str, Document] = field(default_factory=dict)
    lost: dict[str, Document] = field(default_factory=dict)
    """Those whose text is not known any more, as they were last: their codes are not given out."""

    def __contains__(self, uri: str) -> bool:
        return uri in self.open or uri in self.lost


class FolderState(Generic[FindingT]):
    """One workspace folder. Used by the host only, on its thread.

    Args:
        folder: the folder.
        documents: what the editor has open.
        check: finds everything in documents.
        show: what settings show of findings.
    """

    def __init__(
        self,
        folder: WorkspaceFolder,
        documents: EditorDocuments,
        check: CheckFunction[FindingT],
        show: ShowFunction[FindingT],
    ) -> None:
        self.folder = folder
        self.analysis = Analysis(folder.settings, has_read_all=False)  # without a path it never has
        self.store = DiagnosticsStore(partial(show, folder.settings))
        self._documents = documents
        self._check = check
        self._show = show
        self._registry_on_disk: Document | None = None
        self._read: dict[str, Document] = {}
        """Files that were read from the disk and are still to be checked."""
        self.stale: dict[str, None] = {}
        self._checked: dict[str, Document] = {}
        """The open documents, and the registry's YAML, as they were checked last."""
        self._running: list[Check[FindingT]] = []

    # Files.

    def read(
        self,
        documents: Mapping[str, Document | None],
        effects: Effects,
        *,
        to_check: bool,
    ) -> None:
        """Takes files that were read from the disk; those that are open are passed over."""
        there: dict[str, Document] = {}
        gone: list[str] = []
        for uri, document in documents.items():
            if uri in self._documents or uri == self.folder.registry_uri:
                continue
            if document is None:
                gone.append(uri)
            else:
                there[uri] = document
        self.forget(gone, effects)
        self.put({uri: document.summary for uri, document in there.items()}, effects)
        if to_check:
            self._read.update(there)
            self.mark(there, effects)

    def finish_reading(self, effects: Effects) -> None:
        """Takes that every file of the folder has been read once."""
        if not self.analysis.has_read_all:
            self.analysis = replace(self.analysis, has_read_all=True)
            self._invalidate({ALL_READ}, effects)

    def put(self, summaries: Mapping[str, FileSummary | None], effects: Effects) -> None:
        """Indexes files."""
        index = self.analysis.index
        after = index.put_all(summaries)
        if after is index:
            return
        changed: set[LookupKey] = set()
        for uri, new in summaries.items():
            old = index.get(uri)
            changed |= changed_by_file(uri, old, new)
            effects.catalogs |= (old.library if old is not None else None) != (new.library if new is not None else None)
            effects.domains |= _holders(old) != _holders(new)
        self.analysis = replace(self.analysis, index=after)
        self._invalidate(changed, effects)

    def forget(self, uris: Iterable[str], effects: Effects) -> None:
        """Forgets files that are gone, or that count no longer."""
        uris = list(uris)
        for uri in uris:
            self.drop(uri, effects)
            self._read.pop(uri, None)
        self.put(dict.fromkeys(uris), effects)

    def drop(self, uri: str, effects: Effects) -> None:
        """Forgets what was found in a file."""
        self.stale.pop(uri, None)
        self._checked.pop(uri, None)
        if self.store.remove(uri):
            effects.shown[uri] = None

    def withdraw(self, path: Path, effects: Effects) -> None:
        """Forgets the files in a folder that another workspace folder owns from now on."""
        inside = f"{uri_of(path)}/"
        known = {*self.analysis.index.uris, *self.store.uris, *self._read} - {self.folder.registry_uri}
        self.forget([uri for uri in known if uri.startswith(inside)], effects)

    # Open documents.

    def settle(self, document: Document, effects: Effects) -> None:
        """Takes an open document as it is."""
        uri = document.uri
        self._read.pop(uri, None)
        if document.is_registry:
            self.put({uri: None}, effects)
            self.use_registry_file(effects)
            return
        self.put({uri: document.summary if self.folder.takes(uri) else None}, effects)
        if uri in self._documents.open:
            self.mark([uri], effects)

    def close_document(self, uri: str, effects: Effects) -> None:
        """Follows that a document was closed: the disk's text counts."""
        path = path_of(uri)
        self._checked.pop(uri, None)
        if uri == self.folder.registry_uri:
            self.use_registry_file(effects)
            effects.unread[self.folder.uri, self.folder.registry_path] = None
        elif path is not None and self.folder.path is not None and self.folder.takes(uri):
            effects.unread[self.folder.uri, path] = None
        else:
            self.forget([uri], effects)

    # The registry.

    def read_registry_file(self, document: Document | None, effects: Effects) -> None:
        """Takes the registry's YAML as it is on the disk; None where it cannot be read."""
        self._registry_on_disk = document
        self.use_registry_file(effects)

    def use_registry_file(self, effects: Effects) -> None:
        """Has the editor's text of the registry's YAML count before the disk's."""
        uri = self.folder.registry_uri
        before, document = self.analysis.registry_document, self._documents.open.get(uri) or self._registry_on_disk
        if document is not before:
            old, self.analysis = self.analysis, replace(self.analysis, registry_document=document)
            self._invalidate(_changed_places(old, self.analysis, self.store.keys_of(_PLACE)), effects)
        if document is None or uri in self._documents.lost:
            self.drop(uri, effects)
        elif document is not before or self.store.get(uri) is None:
            self.mark([uri], effects)

    def change_registry(self, registry: RegistryState, effects: Effects) -> None:
        """Goes on with another state of the registry."""
        changed = changed_by_registry(self.analysis.registry, registry)
        self.analysis = replace(self.analysis, registry=registry)
        self._invalidate(changed, effects)

    # Settings.

    def change_settings(self, settings: Settings, effects: Effects) -> bool:
        """Goes on with other settings; whether open documents may count otherwise now."""
        before, self.folder = self.folder, self.folder.with_settings(settings)
        self.analysis = replace(self.analysis, settings=settings)
        if (settings.diagnostics, settings.language) != (before.settings.diagnostics, before.settings.language):
            show = partial(self._show, settings)
            effects.shown.update(dict.fromkeys(self.store.show_by(show)))
        if settings.files != before.settings.files:
            self._read_again(effects)
        if self.folder.registry_uri != before.registry_uri:
            self._change_registry_path(before, effects)
        return settings.files != before.settings.files or self.folder.registry_uri != before.registry_uri

    def _read_again(self, effects: Effects) -> None:
        """Forgets every file that is not open: others are looked at from now on."""
        if self.folder.path is None:
            return
        known = {*self.analysis.index.uris, *self.store.uris, *self._read} - {self.folder.registry_uri}
        self.analysis = replace(self.analysis, has_read_all=False)
        self.forget([uri for uri in known if uri not in self._documents], effects)
        effects.unread[self.folder.uri, self.folder.path] = None

    def _change_registry_path(self, before: WorkspaceFolder, effects: Effects) -> None:
        self._registry_on_disk = None
        self.forget([before.registry_uri, self.folder.registry_uri], effects)
        self.use_registry_file(effects)
        effects.unread[self.folder.uri, self.folder.registry_path] = None
        if self.folder.takes(before.registry_uri):
            effects.unread[self.folder.uri, before.registry_path] = None

    # Checks.

    def mark(self, uris: Iterable[str], effects: Effects) -> None:
        """Marks files as stale."""
        marked = dict.fromkeys(uris)
        self.stale.update(marked)
        effects.stale.update(marked)

    def _invalidate(self, changed: set[LookupKey], effects: Effects) -> None:
        """Marks the files as stale that looked up one of some keys."""
        if changed:
            self.mark(sorted(self.store.stale(changed)), effects)
            for check in self._running:
                check.changed |= changed

    def prepare(self, uri: str) -> Check[FindingT] | None:
        """The check of a file as it is now; None where its text is not there."""
        if uri in self._documents.lost:
            return None
        analysis = self.analysis
        document: Document | None
        if uri == self.folder.registry_uri:
            document = analysis.registry_document
        elif uri in self._documents.open:
            document = self._documents.open[uri]
            if not self.folder.takes(uri):  # what is none of a folder's files is not compared with them
                analysis = analysis.without_files()
        else:
            document = self._read.get(uri)
        if document is None:
            return None
        check = Check(self.folder.uri, document, analysis, self._check)
        self.stale.pop(uri, None)
        self._running.append(check)
        return check

    def is_to_check(self, uri: str) -> bool:
        """Whether the text of a file was read from the disk in order to check it."""
        return uri in self._read

    def finish(self, check: Check[FindingT]) -> Invalidated | None:
        """Takes the result of a check; None if the file has changed meanwhile, so that the result is dropped."""
        if check not in self._running:
            return None
        self._running.remove(check)
        uri = check.document.uri
        if not self._is_current(check.document):
            return None
        if uri in self._documents or check.document.is_registry:
            self._checked[uri] = check.document
        effects = Effects()
        if self.store.put(uri, check.found, check.looked_up):
            effects.shown[uri] = None
        places = [key for key in check.looked_up if key[0] == _PLACE]
        changed = check.changed | _changed_places(check.analysis, self.analysis, places)
        if not changed.isdisjoint(check.looked_up):
            self.mark([uri], effects)
        else:
            self._read.pop(uri, None)
        return effects.invalidated()

    def _is_current(self, document: Document) -> bool:
        """Whether a document is still what there is to check."""
        uri = document.uri
        if uri == self.folder.registry_uri:
            return document is self.analysis.registry_document and uri not in self._documents.lost
        return document is (self._documents.open.get(uri) or self._read.get(uri))

    def result_for(self, document: Document) -> FileDiagnostics[FindingT] | None:
        """The result of the last check, if it was of this very document and is not stale."""
        uri = document.uri
        if self._checked.get(uri) is not document or uri in self.stale:
            return None
        return None if any(check.document is document for check in self._running) else self.store.get(uri)


_PLACE = LookupKind.REGISTERED_PLACE


def _holders(summary: FileSummary | None) -> list[tuple[object, ...]]:
    """What the trees of the domains say of a file: the table codes that it uses, and the places of its entities."""
    holders = summary.code_holders if summary is not None else ()
    return [(facts.name, facts.schema, facts.code, facts.name_spot) for facts in holders]


def _changed_places(before: Analysis, after: Analysis, keys: Iterable[LookupKey]) -> set[LookupKey]:
    """The keys of places in the registry's YAML, among some, that are other ones."""
    if before.registry_document is after.registry_document:
        return set()
    return {key for key in keys if before.registered_place(*key[1:]) != after.registered_place(*key[1:])}
