"""The state of a workspace, and the only place that changes it.

``AnalysisHost.apply`` takes a change and says what it invalidates. What is known of a folder is an immutable
``Analysis``; what was found is in the folder's ``DiagnosticsStore``. No I/O, no clock, no threads: the caller reads the
files that ``Invalidated`` names, and runs checks on the thread that it chooses (``run_checks``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Generic

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
from specql_lsp.workspace.checks import Check, CheckFunction, FindingT
from specql_lsp.workspace.diagnostics_store import FileDiagnostics
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.folder import WorkspaceFolder
from specql_lsp.workspace.folder_state import EditorDocuments, Effects, FolderState, ShowFunction
from specql_lsp.workspace.uris import path_of


class AnalysisHost(Generic[FindingT]):
    """Workspace folders, open documents, registries' states and findings. Used on one thread.

    Args:
        check: finds everything in documents.
        show: what the settings show of it.
    """

    def __init__(self, check: CheckFunction[FindingT], show: ShowFunction[FindingT]) -> None:
        self._check = check
        self._show = show
        self._folders: dict[str, FolderState[FindingT]] = {}
        self._documents = EditorDocuments()
        self._owners: dict[str, str | None] = {}
        """The folder that answers for each open document."""

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
        return uri in self._documents

    def document(self, uri: str) -> Document | None:
        """An open document with a known text."""
        return self._documents.open.get(uri)

    def diagnostics(self, uri: str) -> FileDiagnostics[FindingT] | None:
        """The result of a file's last check, by the folder that answers for it."""
        found = (state.store.get(uri) for state in self._folders.values())
        return next((file for file in found if file is not None), None)  # no other folder knows the file

    def checked(self, folder: str) -> tuple[str, ...]:
        """The files of a folder that were checked."""
        return self._folders[folder].store.uris

    def stale(self, folder: str) -> tuple[str, ...]:
        """The files of a folder that are to be checked, in the order in which that became known."""
        return tuple(self._folders[folder].stale)

    # Changes.

    def apply(self, change: Change) -> Invalidated:
        """Follows a change; a folder that is not open (any more) has none."""
        effects = Effects()
        match change:
            case FolderOpened():
                self._open_folder(change, effects)
            case FolderClosed():
                self._close_folder(change.uri, effects)
            case DocumentChanged():
                self._documents.open[change.document.uri] = change.document
                self._documents.lost.pop(change.document.uri, None)
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
        state: FolderState[FindingT],
        change: FolderRead | FilesRead | RegistryFileRead | SettingsChanged | RegistryChanged,
        effects: Effects,
    ) -> None:
        match change:
            case FolderRead():
                state.finish_reading(effects)
            case FilesRead():
                state.read(change.documents, effects, to_check=change.to_check)
            case RegistryFileRead():
                state.read_registry_file(change.document, effects)
            case RegistryChanged():
                state.change_registry(change.state, effects)
            case SettingsChanged():
                if state.change_settings(change.settings, effects):
                    self._settle_all(effects)

    # Folders.

    def _open_folder(self, change: FolderOpened, effects: Effects) -> None:
        if change.uri in self._folders:
            self._close_folder(change.uri, effects, is_opened_again=True)
        path = change.path
        outer = self.owner_of(path) if path is not None else None
        folder = WorkspaceFolder(change.uri, path, change.settings)
        self._folders[change.uri] = FolderState(folder, self._documents, self._check, self._show)
        self._arrange_folders()
        if outer is not None and path is not None:
            self._folders[outer.uri].withdraw(path, effects)
        self._settle_all(effects)
        if path is not None:
            effects.unread[change.uri, path] = None

    def _close_folder(self, uri: str, effects: Effects, *, is_opened_again: bool = False) -> None:
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

    # Open documents.

    def _settle_all(self, effects: Effects) -> None:
        for uri in [*self._documents.open, *self._documents.lost]:
            self._settle(uri, effects)

    def _settle(self, uri: str, effects: Effects) -> None:
        """Has the folder that answers for an open document know it as it is, and no other one."""
        folder = self.folder_of(uri)
        before = self._folders.get(self._owners.get(uri) or "")
        self._owners[uri] = folder.uri if folder is not None else None
        if before is not None and (folder is None or before.folder.uri != folder.uri):
            before.forget([uri], effects)
        documents = self._documents.open if uri in self._documents.open else self._documents.lost
        document = documents[uri]
        is_registry = folder is not None and folder.registry_uri == uri
        if document.is_registry != is_registry:
            document = document.edited(document.lines, document.version, is_registry=is_registry)
            documents[uri] = document
        if folder is not None:
            self._folders[folder.uri].settle(document, effects)

    def _lose(self, document: Document, effects: Effects) -> None:
        uri = document.uri
        self._documents.open.pop(uri, None)
        self._documents.lost[uri] = document
        self._settle(uri, effects)
        state = self._folders.get(self._owners.get(uri) or "")
        if state is not None:
            state.drop(uri, effects)

    def _close_document(self, uri: str, effects: Effects) -> None:
        self._documents.open.pop(uri, None)
        self._documents.lost.pop(uri, None)
        self._owners.pop(uri, None)
        folder = self.folder_of(uri)
        if folder is not None:
            self._folders[folder.uri].close_document(uri, effects)

    # Checks.

    def prepare(self, uri: str) -> Check[FindingT] | None:
        """The check of a file as it is now; None where its text is not there or no folder answers for it."""
        state = next((state for state in self._folders.values() if state.is_to_check(uri)), None)
        if state is None:
            folder = self.folder_of(uri)
            state = self._folders[folder.uri] if folder is not None else None
        return state.prepare(uri) if state is not None else None

    def finish(self, check: Check[FindingT]) -> Invalidated | None:
        """Takes the result of a check; None if the file has changed meanwhile, so that the result is dropped.

        A file that looked up what has changed meanwhile is stale again.
        """
        state = self._folders.get(check.folder)
        return state.finish(check) if state is not None else None

    def result_for(self, document: Document) -> FileDiagnostics[FindingT] | None:
        """The result of the last check, if it was of this very document and is not stale.

        It is known of open documents and of the registry's YAML.
        """
        folder = self.folder_of(document.uri)
        return self._folders[folder.uri].result_for(document) if folder is not None else None
