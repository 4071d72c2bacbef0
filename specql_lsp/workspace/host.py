"""The state of a workspace, and the only place that changes it.

``AnalysisHost.apply`` takes a change and says what it invalidates. What is known of a folder is an immutable
``Analysis``; what was found is in the folder's ``DiagnosticsStore``. No I/O, no clock, no threads: the caller reads the
files that ``Invalidated`` names, and runs each check on the thread that it chooses (``Check.run``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Generic, TypeVar

from specql_lsp.config import DiagnosticsSettings, Settings
from specql_lsp.index.summary import FileSummary, summarize
from specql_lsp.registry.state import RegistryState
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.changes import (
    Change,
    DocumentChanged,
    DocumentClosed,
    DocumentLost,
    FilesRead,
    FolderClosed,
    FolderOpened,
    FolderRead,
    Invalidated,
    RegistryChanged,
    RegistryFileRead,
    SettingsChanged,
)
from specql_lsp.workspace.diagnostics_store import DiagnosticsStore, FileDiagnostics
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.folder import WorkspaceFolder
from specql_lsp.workspace.lookups import (
    ALL_READ,
    LookupKey,
    LookupKind,
    changed_by_file,
    changed_by_registry,
    recorded,
)
from specql_lsp.workspace.uris import path_of, uri_of

FindingT = TypeVar("FindingT")

CheckFunction = Callable[[Analysis, Document], tuple[FindingT, ...]]
"""Everything that is found in a document, whatever the settings show."""
ShowFunction = Callable[[tuple[FindingT, ...], DiagnosticsSettings], tuple[FindingT, ...]]
"""What the settings show of findings."""


@dataclass(eq=False, slots=True)
class _Folder(Generic[FindingT]):
    """What the host knows of one folder."""

    folder: WorkspaceFolder
    analysis: Analysis
    store: DiagnosticsStore[FindingT]
    registry_on_disk: Document | None = None
    read: dict[str, Document] = field(default_factory=dict)
    """Files that were read from the disk and are still to be checked."""
    stale: dict[str, None] = field(default_factory=dict)
    checked: dict[str, Document] = field(default_factory=dict)
    """The open documents, and the registry's YAML, as they were checked last."""
    running: list[Check[FindingT]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Check(Generic[FindingT]):
    """The check of one file as it was when the check was made. ``run`` may be called on any thread."""

    folder: str
    document: Document
    analysis: Analysis
    _function: CheckFunction[FindingT]
    changed: set[LookupKey] = field(default_factory=set)
    """What has changed since the check was made."""
    found: tuple[FindingT, ...] = ()
    looked_up: frozenset[LookupKey] = frozenset()

    def run(self) -> Check[FindingT]:
        """Checks the file; returns itself, with the result."""
        analysis, looked_up = recorded(self.analysis)
        self.found = self._function(analysis, self.document)
        self.looked_up = frozenset(looked_up)
        return self


class _Effects:
    """Collects what a change invalidates."""

    def __init__(self) -> None:
        self.stale: dict[str, None] = {}
        self.shown: dict[str, None] = {}
        self.unread: dict[tuple[str, Path], None] = {}

    def invalidated(self) -> Invalidated:
        return Invalidated(tuple(self.stale), tuple(self.shown), tuple(self.unread))


class AnalysisHost(Generic[FindingT]):
    """Workspace folders, open documents, registries' states and findings. Used on one thread.

    Args:
        check: finds everything in a document.
        show: what the settings show of it.
    """

    def __init__(self, check: CheckFunction[FindingT], show: ShowFunction[FindingT]) -> None:
        self._check = check
        self._show = show
        self._folders: dict[str, _Folder[FindingT]] = {}
        self._open: dict[str, Document] = {}
        self._lost: dict[str, Document] = {}
        """Open documents whose text is not known any more, as they were last: their codes are not given out."""
        self._owners: dict[str, str | None] = {}
        """The folder that answers for each open document."""
        self._result_ids = map(str, count(1))

    # What is known.

    def folder(self, uri: str) -> WorkspaceFolder | None:
        """A workspace folder by its URI."""
        state = self._folders.get(uri)
        return state.folder if state is not None else None

    @property
    def folders(self) -> tuple[WorkspaceFolder, ...]:
        """The workspace folders, in the order in which they were opened."""
        return tuple(state.folder for state in self._folders.values())

    def analysis(self, folder: str) -> Analysis:
        """What is known of a folder at this moment.

        Raises:
            KeyError: there is no such folder.
        """
        return self._folders[folder].analysis

    def owner_of(self, path: Path) -> WorkspaceFolder | None:
        """The innermost folder that holds a path."""
        return next((folder for folder in self.folders if folder.holds(path)), None)

    def folder_of(self, uri: str) -> WorkspaceFolder | None:
        """The folder that answers for a document.

        The one whose registry it is, else the innermost one that holds it, else the only one there is. Of several
        folders none answers for a document that is in none of them: it may be of any project, or of no one's.
        """
        path = path_of(uri)
        owner = self.owner_of(path) if path is not None else None
        if owner is not None and owner.registry_uri == uri:
            return owner
        for folder in self.folders:
            if folder.registry_uri == uri:
                return folder
        if owner is None and len(self._folders) == 1:
            return self.folders[0]
        return owner

    def is_registry(self, uri: str) -> bool:
        """Whether a URI is that of the registry of the folder that answers for it."""
        folder = self.folder_of(uri)
        return folder is not None and folder.registry_uri == uri

    def is_open(self, uri: str) -> bool:
        """Whether a document is open, with a known text or without."""
        return uri in self._open or uri in self._lost

    def document(self, uri: str) -> Document | None:
        """An open document with a known text."""
        return self._open.get(uri)

    def diagnostics(self, uri: str) -> FileDiagnostics[FindingT] | None:
        """The result of a file's last check, by the folder that answers for it."""
        folder = self.folder_of(uri)
        return self._folders[folder.uri].store.get(uri) if folder is not None else None

    def checked(self, folder: str) -> tuple[str, ...]:
        """The files of a folder that were checked."""
        return self._folders[folder].store.uris

    def stale(self, folder: str) -> tuple[str, ...]:
        """The files of a folder that are to be checked, in the order in which that became known."""
        return tuple(self._folders[folder].stale)

    # Changes.

    def apply(self, change: Change) -> Invalidated:
        """Follows a change; a folder that is not open (any more) has none."""
        effects = _Effects()
        match change:
            case FolderOpened():
                self._open_folder(change, effects)
            case FolderClosed():
                self._close_folder(change.uri, effects)
            case DocumentChanged():
                self._open[change.document.uri] = change.document
                self._lost.pop(change.document.uri, None)
                self._settle(change.document.uri, effects)
            case DocumentLost():
                self._lose(change.document, effects)
            case DocumentClosed():
                self._close_document(change.uri, effects)
            case _:
                state = self._folders.get(change.folder)
                if state is not None:
                    self._apply_to(state, change, effects)
        return effects.invalidated()

    def _apply_to(
        self,
        state: _Folder[FindingT],
        change: FolderRead | FilesRead | RegistryFileRead | SettingsChanged | RegistryChanged,
        effects: _Effects,
    ) -> None:
        match change:
            case FolderRead():
                if not state.analysis.has_read_all:
                    state.analysis = replace(state.analysis, has_read_all=True)
                    self._invalidate(state, {ALL_READ}, effects)
            case FilesRead():
                self._read(state, change.documents, effects, to_check=change.to_check)
            case RegistryFileRead():
                state.registry_on_disk = change.document
                self._use_registry_file(state, effects)
            case SettingsChanged():
                self._change_settings(state, change.settings, effects)
            case RegistryChanged():
                self._change_registry(state, change.state, effects)

    # Folders.

    def _open_folder(self, change: FolderOpened, effects: _Effects) -> None:
        if change.uri in self._folders:
            self._close_folder(change.uri, effects, is_opened_again=True)
        path = change.path
        outer = self.owner_of(path) if path is not None else None
        store = DiagnosticsStore(partial(self._shown, change.settings.diagnostics), self._result_ids)
        analysis = Analysis(change.settings, has_read_all=False)  # without a path it never has
        folder = WorkspaceFolder(change.uri, path, change.settings)
        self._folders[change.uri] = _Folder(folder, analysis, store)
        self._arrange_folders()
        if outer is not None and path is not None:
            self._withdraw(self._folders[outer.uri], path, effects)
        self._settle_all(effects)
        if path is not None:
            effects.unread[change.uri, path] = None

    def _close_folder(self, uri: str, effects: _Effects, *, is_opened_again: bool = False) -> None:
        state = self._folders.pop(uri, None)
        if state is None:
            return
        effects.shown.update(dict.fromkeys(state.store.uris))
        self._arrange_folders()
        if is_opened_again:
            return
        self._settle_all(effects)
        outer = self.owner_of(state.folder.path) if state.folder.path is not None else None
        if outer is not None and state.folder.path is not None:
            effects.unread[outer.uri, state.folder.path] = None

    def _arrange_folders(self) -> None:
        """Has each folder know which ones are nested in it: of a file, the innermost is the only owner."""
        paths = [state.folder.path for state in self._folders.values() if state.folder.path is not None]
        for state in self._folders.values():
            state.folder = state.folder.among(paths)

    def _withdraw(self, state: _Folder[FindingT], path: Path, effects: _Effects) -> None:
        """Forgets the files in a folder that another workspace folder owns from now on."""
        inside = f"{uri_of(path)}/"
        known = {*state.analysis.index.uris, *state.store.uris, *state.read} - {state.folder.registry_uri}
        self._forget(state, [uri for uri in known if uri.startswith(inside)], effects)

    # Files.

    def _read(
        self,
        state: _Folder[FindingT],
        documents: Mapping[str, Document | None],
        effects: _Effects,
        *,
        to_check: bool,
    ) -> None:
        there: dict[str, Document] = {}
        gone: list[str] = []
        for uri, document in documents.items():
            if self.is_open(uri) or uri == state.folder.registry_uri:
                continue
            if document is None:
                gone.append(uri)
            else:
                there[uri] = document
        self._forget(state, gone, effects)
        self._put(state, {uri: summarize(document) for uri, document in there.items()}, effects)
        if to_check:
            state.read.update(there)
            self._mark(state, there, effects)

    def _put(self, state: _Folder[FindingT], summaries: Mapping[str, FileSummary | None], effects: _Effects) -> None:
        """Indexes files."""
        index = state.analysis.index
        after = index.put_all(summaries)
        if after is index:
            return
        changed: set[LookupKey] = set()
        for uri, new in summaries.items():
            changed |= changed_by_file(uri, index.get(uri), new)
        state.analysis = replace(state.analysis, index=after)
        self._invalidate(state, changed, effects)

    def _forget(self, state: _Folder[FindingT], uris: Iterable[str], effects: _Effects) -> None:
        """Forgets files that are gone, or that count no longer."""
        uris = list(uris)
        for uri in uris:
            self._drop(state, uri, effects)
            state.read.pop(uri, None)
        self._put(state, dict.fromkeys(uris), effects)

    def _drop(self, state: _Folder[FindingT], uri: str, effects: _Effects) -> None:
        """Forgets what was found in a file."""
        state.stale.pop(uri, None)
        state.checked.pop(uri, None)
        if state.store.remove(uri):
            effects.shown[uri] = None

    # Open documents.

    def _settle_all(self, effects: _Effects) -> None:
        for uri in [*self._open, *self._lost]:
            self._settle(uri, effects)

    def _settle(self, uri: str, effects: _Effects) -> None:
        """Has the folder that answers for an open document know it as it is, and no other one."""
        folder = self.folder_of(uri)
        before = self._folders.get(self._owners.get(uri) or "")
        self._owners[uri] = folder.uri if folder is not None else None
        if before is not None and (folder is None or before.folder.uri != folder.uri):
            self._forget(before, [uri], effects)
        documents = self._open if uri in self._open else self._lost
        document = documents[uri]
        is_registry = folder is not None and folder.registry_uri == uri
        if document.is_registry != is_registry:
            document = document.edited(document.lines, document.version, is_registry=is_registry)
            documents[uri] = document
        if folder is None:
            return
        state = self._folders[folder.uri]
        state.read.pop(uri, None)
        if is_registry:
            self._put(state, {uri: None}, effects)
            self._use_registry_file(state, effects)
        else:
            self._put(state, {uri: summarize(document) if folder.takes(uri) else None}, effects)
            if uri in self._open:
                self._mark(state, [uri], effects)

    def _lose(self, document: Document, effects: _Effects) -> None:
        uri = document.uri
        self._open.pop(uri, None)
        self._lost[uri] = document
        self._settle(uri, effects)
        state = self._folders.get(self._owners.get(uri) or "")
        if state is not None:
            self._drop(state, uri, effects)

    def _close_document(self, uri: str, effects: _Effects) -> None:
        self._open.pop(uri, None)
        self._lost.pop(uri, None)
        self._owners.pop(uri, None)
        folder = self.folder_of(uri)
        path = path_of(uri)
        if folder is None:
            return
        state = self._folders[folder.uri]
        state.checked.pop(uri, None)
        if uri == folder.registry_uri:
            self._use_registry_file(state, effects)
            effects.unread[folder.uri, folder.registry_path] = None
        elif path is not None and folder.path is not None and folder.takes(uri):
            effects.unread[folder.uri, path] = None
        else:
            self._forget(state, [uri], effects)

    # The registry.

    def _use_registry_file(self, state: _Folder[FindingT], effects: _Effects) -> None:
        """Has the editor's text of the registry's YAML count before the disk's."""
        uri = state.folder.registry_uri
        before, document = state.analysis.registry_document, self._open.get(uri) or state.registry_on_disk
        if document is not before:
            old, state.analysis = state.analysis, replace(state.analysis, registry_document=document)
            self._invalidate(state, _changed_places(old, state.analysis, state.store.keys_of(_PLACE)), effects)
        if document is None or uri in self._lost:
            self._drop(state, uri, effects)
        elif document is not before or state.store.get(uri) is None:
            self._mark(state, [uri], effects)

    def _change_registry(self, state: _Folder[FindingT], registry: RegistryState, effects: _Effects) -> None:
        changed = changed_by_registry(state.analysis.registry, registry)
        state.analysis = replace(state.analysis, registry=registry)
        self._invalidate(state, changed, effects)

    # Settings.

    def _change_settings(self, state: _Folder[FindingT], settings: Settings, effects: _Effects) -> None:
        before, state.folder = state.folder, state.folder.with_settings(settings)
        state.analysis = replace(state.analysis, settings=settings)
        if settings.diagnostics != before.settings.diagnostics:
            show = partial(self._shown, settings.diagnostics)
            effects.shown.update(dict.fromkeys(state.store.show_by(show)))
        if settings.files != before.settings.files:
            self._read_again(state, effects)
        if state.folder.registry_uri != before.registry_uri:
            self._change_registry_path(state, before, effects)
        if settings.files != before.settings.files or state.folder.registry_uri != before.registry_uri:
            self._settle_all(effects)

    def _read_again(self, state: _Folder[FindingT], effects: _Effects) -> None:
        """Forgets every file that is not open: others are looked at from now on."""
        if state.folder.path is None:
            return
        known = {*state.analysis.index.uris, *state.store.uris, *state.read} - {state.folder.registry_uri}
        state.analysis = replace(state.analysis, has_read_all=False)
        self._forget(state, [uri for uri in known if not self.is_open(uri)], effects)
        effects.unread[state.folder.uri, state.folder.path] = None

    def _change_registry_path(self, state: _Folder[FindingT], before: WorkspaceFolder, effects: _Effects) -> None:
        state.registry_on_disk = None
        self._forget(state, [before.registry_uri, state.folder.registry_uri], effects)
        self._use_registry_file(state, effects)
        effects.unread[state.folder.uri, state.folder.registry_path] = None
        if state.folder.takes(before.registry_uri):
            effects.unread[state.folder.uri, before.registry_path] = None

    # Checks.

    def _shown(self, settings: DiagnosticsSettings, found: tuple[FindingT, ...]) -> tuple[FindingT, ...]:
        return self._show(found, settings)

    def _mark(self, state: _Folder[FindingT], uris: Iterable[str], effects: _Effects) -> None:
        for uri in uris:
            state.stale[uri] = None
            effects.stale[uri] = None

    def _invalidate(self, state: _Folder[FindingT], changed: set[LookupKey], effects: _Effects) -> None:
        """Marks the files as stale that looked up one of some keys."""
        if changed:
            self._mark(state, sorted(state.store.stale(changed)), effects)
            for check in state.running:
                check.changed |= changed

    def prepare(self, uri: str) -> Check[FindingT] | None:
        """The check of a file as it is now; None where its text is not there or no folder answers for it."""
        folder = self.folder_of(uri)
        if folder is None or uri in self._lost:
            return None
        state = self._folders[folder.uri]
        analysis = state.analysis
        if uri == folder.registry_uri:
            document = analysis.registry_document
        elif uri in self._open:
            document = self._open[uri]
            if not folder.takes(uri):  # what is none of a folder's files is not compared with them
                analysis = analysis.without_files()
        else:
            document = state.read.get(uri)
        if document is None:
            return None
        check = Check(folder.uri, document, analysis, self._check)
        state.stale.pop(uri, None)
        state.running.append(check)
        return check

    def finish(self, check: Check[FindingT]) -> Invalidated | None:
        """Takes the result of a check; None if the file has changed meanwhile, so that the result is dropped.

        A file that looked up what has changed meanwhile is stale again.
        """
        state = self._folders.get(check.folder)
        if state is None or check not in state.running:
            return None
        state.running.remove(check)
        uri = check.document.uri
        if not self._is_current(state, check.document):
            return None
        if self.is_open(uri) or check.document.is_registry:
            state.checked[uri] = check.document
        effects = _Effects()
        if state.store.put(uri, check.found, check.looked_up):
            effects.shown[uri] = None
        places = [key for key in check.looked_up if key[0] == _PLACE]
        changed = check.changed | _changed_places(check.analysis, state.analysis, places)
        if not changed.isdisjoint(check.looked_up):
            self._mark(state, [uri], effects)
        else:
            state.read.pop(uri, None)
        return effects.invalidated()

    def _is_current(self, state: _Folder[FindingT], document: Document) -> bool:
        uri = document.uri
        if uri == state.folder.registry_uri:
            return document is state.analysis.registry_document and uri not in self._lost
        return document is (self._open.get(uri) or state.read.get(uri))

    def result_for(self, document: Document) -> FileDiagnostics[FindingT] | None:
        """The result of the last check, if it was of this very document and is not stale.

        It is known of open documents and of the registry's YAML.
        """
        uri = document.uri
        folder = self.folder_of(uri)
        state = self._folders[folder.uri] if folder is not None else None
        if state is None or state.checked.get(uri) is not document or uri in state.stale:
            return None
        return None if any(check.document is document for check in state.running) else state.store.get(uri)


_PLACE = LookupKind.REGISTERED_PLACE


def _changed_places(before: Analysis, after: Analysis, keys: Iterable[LookupKey]) -> set[LookupKey]:
    """The keys of places in the registry's YAML, among some, that are other ones."""
    if before.registry_document is after.registry_document:
        return set()
    return {key for key in keys if before.registered_place(*key[1:]) != after.registered_place(*key[1:])}
