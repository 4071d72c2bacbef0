"""Workspace folders are opened and closed, their settings change, and their files are looked at again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from specql_lsp.config import Settings
from specql_lsp.features.model import Finding
from specql_lsp.lsp.change_follower import ChangeFollower
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.diagnostics_scheduler import DiagnosticsScheduler
from specql_lsp.lsp.disk_changes import DiskChanges
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.folder_settings import FolderSettings
from specql_lsp.lsp.open_documents import OpenDocuments
from specql_lsp.lsp.open_folders import OpenFolders
from specql_lsp.lsp.registry_states import RegistryStates
from specql_lsp.lsp.tasks import Tasks
from specql_lsp.registry.service.shared_connections import ConnectionRegistry
from specql_lsp.workspace.changes import FolderClosed, FolderOpened, Invalidated, SettingsChanged
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.uris import canonical, path_of


class FolderChanges:
    """Changes the workspace folders of one session; on the event loop.

    Args:
        client: which may say what changes on the disk.
        tasks: where folders are read and closed.
        settings: what is set for each folder.
        host: the state of the workspace.
        open_documents: the editor's documents.
        folders: the workspace folders that are open.
        states: what follows the states of their registries.
        diagnostics: what reads and checks files.
        follower: has done what a change invalidates.
    """

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        settings: FolderSettings,
        host: AnalysisHost[Finding],
        open_documents: OpenDocuments,
        folders: OpenFolders,
        states: RegistryStates,
        diagnostics: DiagnosticsScheduler,
        follower: ChangeFollower,
    ) -> None:
        self._tasks = tasks
        self._settings = settings
        self._host = host
        self._open = open_documents
        self._folders = folders
        self._states = states
        self._diagnostics = diagnostics
        self._follow = follower.follow
        self._connections = ConnectionRegistry()
        self._disk = DiskChanges(
            tasks, folders, diagnostics.reader.files, states.registry_file_changed, self.reload_settings
        )
        self.on_disk = self._disk.events
        """Follows that files and folders were made, changed or removed (``DiskChanges.events``)."""
        self._watches_files = client.watches_files

    def close(self) -> None:
        """Looks at nothing on the disk any more."""
        self._disk.close()

    def add(self, uri: str, configuration: Any = None) -> Folder:
        """Opens a workspace folder and begins to read its registry and its files."""
        path = path_of(uri)
        key = canonical(uri)
        if key in self._folders:
            self._follow_closed(self._close_folder(key))
        self._settings.configure(key, configuration)
        outer = self._folders.owner_of(path.parent) if path is not None else None
        opened = FolderOpened(key, path, self._settings.read(key, path))
        invalidated = self._host.apply(opened)
        own = self._host.folder(key)
        assert own is not None  # noqa: S101 - it was opened
        folder = Folder(
            own, self._host, self._open.get, self._connections, self._states.from_registry, self._states.from_leases
        )
        self._folders.add(folder)
        if outer is not None and path is not None:
            self._tasks.spawn(self._diagnostics.reader.leave(outer, [path]))
        folder.service.start()
        self._assign_documents()
        self._follow(invalidated)
        if path is None:
            folder.indexed = True
        if not self._watches_files:
            self._disk.look_by_time(folder)
        self._diagnostics.delivery.folders_changed()
        return folder

    def remove(self, uri: str) -> None:
        """Closes a workspace folder and takes away what was published for its files; a folder around it takes them."""
        invalidated = self._close_folder(canonical(uri))
        self._assign_documents()
        self._follow_closed(invalidated)
        self._diagnostics.delivery.folders_changed()

    def _follow_closed(self, invalidated: Invalidated) -> None:
        """Has everything done that follows from a folder's end: what is in it may be a folder's around it."""
        self._diagnostics.follow(invalidated)
        for uri, path in invalidated.unread:
            self._disk.changed(self._folders[uri], [path])

    def _close_folder(self, key: str) -> Invalidated:
        folder = self._folders.remove(key)
        if folder is None:
            return Invalidated()
        self._settings.forget(key)
        folder.leave()
        self._disk.stop(folder)
        # Its worker may be waiting for a server, so it is ended off the event loop.
        self._tasks.spawn(self._tasks.elsewhere(folder.close))
        return self._host.apply(FolderClosed(key))

    def look_by_time(self) -> None:
        """Looks at the files again and again, because the client does not say what changes on the disk."""
        self._watches_files = False
        for folder in self._folders.values():
            self._disk.look_by_time(folder)

    def look_again(self, folder: Folder) -> None:
        """Looks at every file of a folder, as its user asks for it."""
        self._tasks.spawn(self._disk.look_through(folder))
        self._tasks.spawn(self._diagnostics.reader.registry_file(folder))

    def reload_settings(self, folder: Folder, configuration: Any = ...) -> None:
        """Reads a folder's settings again and follows their change; the registry only restarts for its own."""
        if configuration is not ...:
            self._settings.configure(folder.uri, configuration)
        settings = self._settings.read(folder.uri, folder.path)
        before = folder.settings
        retired = None
        if settings == before and _same_registry(settings, before):
            return
        invalidated = self._host.apply(SettingsChanged(folder.uri, settings))
        self._diagnostics.views.soon()
        if settings.files != before.files:
            folder.read_again()
        if not _same_registry(settings, before):
            retired = folder.change_registry()
        self._assign_documents()
        self._follow(invalidated)
        if retired is not None:
            # Its worker may be waiting for a server, so it is ended off the event loop.
            self._tasks.spawn(self._tasks.elsewhere(retired.close))
            folder.service.start()
            self._tasks.spawn(self._diagnostics.reader.registry_file(folder))

    def _assign_documents(self) -> None:
        """Has each open document be a registry's YAML or not: another folder may own it now."""
        for document in self._open:
            is_registry = self._host.is_registry(document.uri)
            if is_registry != document.is_registry:
                client_uri = self._open.client_uri(document.uri)
                self._open.put(client_uri, document.lines, document.version, is_registry=is_registry)
                self._diagnostics.soon(document.uri, 0)


def _same_registry(one: Settings, other: Settings) -> bool:
    """Whether two folders' settings lead to the same registry, with the same words on where its database is named.

    What of them could not be read is a difference, too: nothing is written then.
    """
    other_registry = replace(other.registry, update_yaml=one.registry.update_yaml)
    return (
        one.registry == other_registry
        and one.registry.url_origin == other.registry.url_origin
        and one.registry.unread == other.registry.unread
    )
