"""One client's session: its open documents, its workspace folders, and what follows when one of them changes.

Everything here runs on the event loop; the registry's threads hand over finished states.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from specql_lsp.config import Layer, Settings
from specql_lsp.features.diagnostics import found_in, shown
from specql_lsp.features.model import Finding
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.diagnostics_scheduler import DiagnosticsScheduler
from specql_lsp.lsp.disk_changes import DiskChanges
from specql_lsp.lsp.edit_order import EditOrder
from specql_lsp.lsp.file_reader import FileReader
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.folder_settings import FolderSettings
from specql_lsp.lsp.gc_freeze import GcFreezer
from specql_lsp.lsp.internal_errors import InternalErrors
from specql_lsp.lsp.open_documents import OpenDocuments
from specql_lsp.lsp.own_changes import OwnChanges
from specql_lsp.lsp.semantic_token_results import SemanticTokenResults
from specql_lsp.lsp.status import StatusReporter
from specql_lsp.lsp.tasks import Tasks
from specql_lsp.lsp.user_messages import UserMessages
from specql_lsp.registry.service.lease_keeper import Confirmation
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.service.shared_connections import ConnectionRegistry
from specql_lsp.registry.state import RegistryState
from specql_lsp.syntax.text import LineIndex
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.changes import (
    DocumentClosed,
    DocumentLost,
    FolderClosed,
    FolderOpened,
    Invalidated,
    RegistryChanged,
    SettingsChanged,
)
from specql_lsp.workspace.discovery import read_text
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.uris import canonical, name_of, path_of

if TYPE_CHECKING:
    from specql_lsp.lsp.pending_renames import PendingRenames
    from specql_lsp.lsp.yaml_updates import YamlUpdates
    from specql_lsp.registry.model import RegistryPath

logger = logging.getLogger(__name__)


class Session:
    """The state of one client's session.

    Args:
        client: what the client can do, and how it is spoken to.
        layers: the settings given at start (``initializationOptions``), below the client's own.
        overrides: the settings of the command line, above all others.
        internal_errors: the errors of the server's own so far.
        trusted: whether a folder's ``specql-lsp.toml`` may name a database to connect to.
    """

    def __init__(
        self,
        client: Client,
        layers: list[Layer],
        overrides: list[Layer],
        internal_errors: InternalErrors,
        *,
        trusted: bool = True,
    ) -> None:
        self.client = client
        self.internal_errors = internal_errors
        self._settings = FolderSettings(client, layers, overrides, trusted=trusted)
        self.folders: dict[str, Folder] = {}
        self._folder_numbers: dict[str, int] = {}
        self._rejected: set[str] = set()
        self._connections = ConnectionRegistry()
        self._gc_freezer = GcFreezer()
        self._tasks = Tasks()
        self.spawn = self._tasks.spawn
        self.in_thread = self._tasks.in_thread
        self.open = OpenDocuments()
        self.client_uri = self.open.client_uri
        self.token_results = SemanticTokenResults()
        self.host: AnalysisHost[Finding] = AnalysisHost(found_in, shown)
        self._diagnostics = DiagnosticsScheduler(
            client, self._tasks, self.open, self.host, self.folders, self._gc_freezer, self._look_for_rename
        )
        self.delivery = self._diagnostics.delivery
        self._disk = DiskChanges(
            self._tasks,
            self.folders,
            self._diagnostics.reader.files,
            self._registry_file_changed,
            self.reload_settings,
        )
        self._renames: PendingRenames | None = None
        self.watches_files = client.watches_files
        """Whether the client says what changes on the disk."""
        self.own_changes = OwnChanges()
        self.edit_order = EditOrder()
        self._yaml_updates: YamlUpdates | None = None
        self.messages = UserMessages(client, self._tasks, self.folders, self.client_uri, self.own_changes)
        self._status = StatusReporter(client, self.messages)

    def notify_of_catalogs(self) -> None:
        """Has the client notified from now on when files change what catalogs list."""
        self.client.shows_catalogs = True

    def close(self) -> None:
        """Ends every folder's registry and every pending piece of work."""
        self._diagnostics.debouncer.close()
        self.delivery.close()
        self._disk.close()
        self._status.close()
        self._tasks.close()
        self._gc_freezer.close()
        for folder in self.folders.values():
            folder.close()

    # Folders and their settings.

    def add_folder(self, uri: str, configuration: Any = None) -> Folder:
        """Opens a workspace folder and begins to read its registry and its files."""
        path = path_of(uri)
        key = canonical(uri)
        if key in self.folders:
            self._follow_closed(self._close_folder(key))
        self._settings.configure(key, configuration)
        outer = self._owner_of(path.parent) if path is not None else None
        opened = FolderOpened(key, path, self._settings.read(key, path))
        invalidated = self.host.apply(opened)
        own = self.host.folder(key)
        assert own is not None  # noqa: S101 - it was opened
        folder = Folder(own, self.host, self.open.get, self._connections, self._from_registry, self._from_leases)
        self.folders[key] = folder
        if outer is not None and path is not None:
            self.spawn(self._diagnostics.reader.leave(outer, [path]))
        folder.service.start()
        self._assign_documents()
        self._follow(invalidated)
        if path is None:
            folder.indexed = True
        if not self.watches_files:
            self._disk.look_by_time(folder)
        self.delivery.folders_changed()
        return folder

    def remove_folder(self, uri: str) -> None:
        """Closes a workspace folder and takes away what was published for its files; a folder around it takes them."""
        invalidated = self._close_folder(canonical(uri))
        self._assign_documents()
        self._follow_closed(invalidated)
        self.delivery.folders_changed()

    def _follow_closed(self, invalidated: Invalidated) -> None:
        """Has everything done that follows from a folder's end: what is in it may be a folder's around it."""
        self._diagnostics.follow(invalidated)
        for uri, path in invalidated.unread:
            self._disk.changed(self.folders[uri], [path])

    def _close_folder(self, key: str) -> Invalidated:
        folder = self.folders.pop(key, None)
        if folder is None:
            return Invalidated()
        self._settings.forget(key)
        folder.leave()
        self._disk.stop(folder)
        # Its worker may be waiting for a server, so it is ended off the event loop.
        self.spawn(self._tasks.elsewhere(folder.close))
        return self.host.apply(FolderClosed(key))

    def _owner_of(self, path: Path) -> Folder | None:
        owner = self.host.owner_of(path)
        return self.folders.get(owner.uri) if owner is not None else None

    def _follow(self, invalidated: Invalidated) -> None:
        """Has everything done that follows from a change."""
        self._diagnostics.follow(invalidated)
        for uri, path in invalidated.unread:
            folder = self.folders.get(uri)
            if folder is None:
                continue
            if path == folder.path:
                self.spawn(self._diagnostics.scan(folder))
            elif path == folder.registry_path:
                self.spawn(self._diagnostics.reader.registry_file(folder))
            else:
                self.spawn(self._diagnostics.reader.file(folder, path))

    def look_by_time(self) -> None:
        """Looks at the files again and again, because the client does not say what changes on the disk."""
        self.watches_files = False
        for folder in self.folders.values():
            self._disk.look_by_time(folder)

    def look_again(self, folder: Folder) -> None:
        """Looks at every file of a folder, as its user asks for it."""
        self.spawn(self._disk.look_through(folder))
        self.spawn(self._diagnostics.reader.registry_file(folder))

    def reload_settings(self, folder: Folder, configuration: Any = ...) -> None:
        """Reads a folder's settings again and follows their change; the registry only restarts for its own."""
        if configuration is not ...:
            self._settings.configure(folder.uri, configuration)
        settings = self._settings.read(folder.uri, folder.path)
        before = folder.settings
        retired = None
        if settings == before and _same_registry(settings, before):
            return
        invalidated = self.host.apply(SettingsChanged(folder.uri, settings))
        self._diagnostics.views.soon()
        if settings.files != before.files:
            folder.read_again()
        if not _same_registry(settings, before):
            retired = folder.change_registry()
        self._assign_documents()
        self._follow(invalidated)
        if retired is not None:
            # Its worker may be waiting for a server, so it is ended off the event loop.
            self.spawn(self._tasks.elsewhere(retired.close))
            folder.service.start()
            self.spawn(self._diagnostics.reader.registry_file(folder))

    def folder_of(self, uri: str) -> Folder | None:
        """The folder that answers for a document.

        Of several folders none answers for a document that is in none of them (``AnalysisHost.folder_of``).
        """
        folder = self.host.folder_of(uri)
        return self.folders.get(folder.uri) if folder is not None else None

    def folder_for_command(self, uri: str | None) -> Folder | None:
        """The folder that a command is about: its file's, or the only or first one."""
        return self.folder_of(canonical(uri)) if uri else next(iter(self.folders.values()), None)

    def folder_number(self, uri: str) -> int:
        """A short name of a folder, the same for the whole session: it goes into each item of a completion."""
        return self._folder_numbers.setdefault(uri, len(self._folder_numbers))

    def folder_numbered(self, number: object) -> Folder | None:
        """The folder with that short name, if it is still open."""
        return next((f for f in self.folders.values() if self._folder_numbers.get(f.uri) == number), None)

    # What requests are answered from.

    def document(self, uri: str) -> Document | None:
        """The editor's document; the registry's from the disk where it is not open. None where no text is known."""
        key = canonical(uri)
        if key in self.open:
            return self.open.get(key)
        return next(
            (f.registry_document for f in self.folders.values() if f.registry_uri == key and f.registry_document), None
        )

    def read_document(self, uri: str) -> Document | None:
        """The document of a file: the editor's, else the disk's, read now."""
        key = canonical(uri)
        if key in self.open or self.open.is_lost(key):
            return self.open.get(key)
        path = path_of(key)
        text = read_text(path) if path is not None else None
        known = self.document(uri)  # the registry's YAML, as it was read last
        if text is None or (known is not None and known.text == text):
            return known if text is not None else None
        return Document(key, text, is_registry=known is not None)

    def reader(self) -> FileReader:
        """What reads files for a request that arrives now."""
        return FileReader(self.open.now())

    def analysis(self, folder: Folder | None) -> Analysis:
        """The analysis of the folder that answers for a file, to answer a request from.

        It counts in the performance report.
        """
        if folder is None:
            return Analysis()
        analysis = folder.analysis
        if analysis.snapshot is None:
            folder.service.metrics.cache_miss()
        else:
            folder.service.metrics.cache_hit()
        return analysis

    async def index_now(self, folder: Folder) -> None:
        """Waits until every file of a folder is indexed, and indexes what the editor has open as it is now."""
        await folder.until_indexed()
        await self._diagnostics.index_open(folder)

    def findings(self, analysis: Analysis, document: Document) -> tuple[Finding, ...]:
        """What is found in a document as it is now, with the registry of a request's analysis."""
        return self._diagnostics.checks.findings(self.folder_of(document.uri), analysis, document)

    # What changes.

    def put_document(self, client_uri: str, lines: LineIndex, version: int) -> None:
        """Takes the new text of an open document, as the index of its lines."""
        uri = canonical(client_uri)
        folder = self.folder_of(uri)
        is_registry = folder is not None and folder.registry_uri == uri
        is_new = uri not in self.open
        before = self.open.get(uri)
        document = self.open.put(client_uri, lines, version, is_registry=is_registry)
        if before is not None:
            self._diagnostics.edited(before, document)
        self._look_for_rename(document)
        path = path_of(uri)
        if is_new and folder is not None and path is not None and folder.holds(path):
            self.spawn(self._diagnostics.reader.claim(folder, path))
        delay = folder.settings.diagnostics.debounce_ms if folder and not is_new else 0  # nothing is typed yet
        if is_registry and folder is not None:
            # The worker reads the editor's text; what it finds comes back as a new state.
            self._diagnostics.debouncer.call(f"overlay:{uri}", delay, folder.service.yaml_changed)
        else:
            self._diagnostics.parse_soon(uri)
        self._diagnostics.soon(uri, delay)

    def changed_registry(self, folder: Folder, *paths: RegistryPath, is_in_yaml: bool = False) -> None:
        """Follows a change that the user made in a folder's registry: its YAML may get the same.

        Args:
            folder: whose registry it is.
            paths: what was changed there, at old and new paths.
            is_in_yaml: whether the client is making the same change in the YAML already.
        """
        from specql_lsp.lsp.yaml_updates import YamlUpdates  # with the first of them

        self.own_changes.add(folder.uri, paths)
        if self._yaml_updates is None:
            self._yaml_updates = YamlUpdates(self)
        self._yaml_updates.follow(folder, is_in_yaml=is_in_yaml)

    @property
    def renames(self) -> PendingRenames:
        """The renames that were answered and wait for their edit; imported with the first of them."""
        if self._renames is None:
            from specql_lsp.lsp.pending_renames import PendingRenames

            self._renames = PendingRenames(
                self.client,
                self._tasks,
                self.read_document,
                self.client_uri,
                lambda folder, old, new, is_in_yaml: self.changed_registry(folder, old, new, is_in_yaml=is_in_yaml),
            )
        return self._renames

    def _look_for_rename(self, document: Document) -> None:
        """Looks whether the new text of a file shows that a rename is applied."""
        if self._renames is not None:
            self._renames.look(document)

    def lose_document(self, client_uri: str, why: str) -> None:
        """Answers nothing about an open document any more, until its text comes as a whole, and says so once.

        Args:
            client_uri: the document, in the client's spelling.
            why: why the change could not be applied, as the end of a sentence.
        """
        uri = canonical(client_uri)
        document = self.open.get(uri)
        if document is None:  # it is lost already
            return
        self.open.lose(uri)
        self._diagnostics.closed(uri)
        self._diagnostics.follow(self.host.apply(DocumentLost(document)))
        folder = self.folder_of(uri)
        if folder is not None and uri == folder.registry_uri:
            folder.service.yaml_changed()  # the file on the disk counts
        self._complain(client_uri, f"The editor sent a change that cannot be applied: {why}.")

    def reject_change(self, client_uri: str) -> None:
        """Says once that a change is ignored because its document is not open."""
        if client_uri not in self._rejected:
            self._rejected.add(client_uri)
            self._complain(client_uri, "The editor changed the file without having opened it.")

    def _complain(self, client_uri: str, what: str) -> None:
        message = f"{what} Close {name_of(client_uri)} and open it again; until then specql-lsp says nothing about it."
        logger.error("%s", message)
        self.client.show(types.MessageType.Warning, message)

    def close_document(self, client_uri: str) -> None:
        """Forgets the editor's text; from now on the disk's counts."""
        uri = canonical(client_uri)
        self.open.remove(uri)
        self.token_results.forget(uri)
        self._diagnostics.closed(uri)
        folder = self.folder_of(uri)
        if folder is not None and uri == folder.registry_uri:
            folder.service.yaml_changed()
        invalidated = self.host.apply(DocumentClosed(uri))
        self._follow(invalidated if folder is not None else Invalidated(shown=(uri,)))

    def _assign_documents(self) -> None:
        """Has each open document be a registry's YAML or not: another folder may own it now."""
        for document in self.open:
            is_registry = self.host.is_registry(document.uri)
            if is_registry != document.is_registry:
                client_uri = self.client_uri(document.uri)
                self.open.put(client_uri, document.lines, document.version, is_registry=is_registry)
                self._diagnostics.soon(document.uri, 0)

    def files_changed(self, uris: list[str]) -> None:
        """Follows that files and folders were made, changed or removed (``DiskChanges.events``)."""
        self._disk.events(uris)

    def _registry_file_changed(self, folder: Folder) -> None:
        folder.service.yaml_changed()
        self.spawn(self._diagnostics.reader.registry_file(folder))

    def _from_registry(self, folder: Folder, service: RegistryService, state: RegistryState) -> None:
        """Called on the registry's threads."""
        self._tasks.on_loop(lambda: self._registry_changed(folder, service, state))

    def _from_leases(self, folder: Folder, done: tuple[Confirmation, ...]) -> None:
        """Called on the registry's threads."""
        self._tasks.on_loop(lambda: self.messages.confirmed(folder, done))

    def _registry_changed(self, folder: Folder, service: RegistryService, state: RegistryState) -> None:
        if folder.closed or service is not folder.service or self._tasks.closed:
            return
        before = folder.shown_state
        folder.shown_state = state
        folder.registry_answered()
        if before.snapshot is not state.snapshot:
            self._gc_freezer.request()
        newest = folder.service.state.discrepancies
        if newest is not None:
            self.own_changes.settle(folder.uri, newest)
        self._status.changed(folder, state)
        self._follow(self.host.apply(RegistryChanged(folder.uri, state)))
        self.spawn(self._registry_file_later(folder))

    async def _registry_file_later(self, folder: Folder) -> None:
        """Reads and checks the registry's YAML once the open documents have been checked that its change concerns."""
        await asyncio.sleep(0)
        await self._diagnostics.reader.registry_file(folder)


def _same_registry(one: Settings, other: Settings) -> bool:
    """Whether two folders' settings lead to the same registry, with the same words on where its database is named."""
    other_registry = replace(other.registry, update_yaml=one.registry.update_yaml)
    return one.registry == other_registry and one.registry.url_origin == other.registry.url_origin
