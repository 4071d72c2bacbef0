"""One client's session: its open documents, its workspace folders, and what requests about them are answered from.

Everything here runs on the event loop; the registry's threads hand over finished states.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from specql_lsp.config import Layer
from specql_lsp.features.diagnostics import found_in_each, shown
from specql_lsp.features.model import Finding
from specql_lsp.lsp.change_follower import ChangeFollower
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.diagnostics_scheduler import DiagnosticsScheduler
from specql_lsp.lsp.document_changes import DocumentChanges
from specql_lsp.lsp.edit_order import EditOrder
from specql_lsp.lsp.file_reader import FileReader
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.folder_changes import FolderChanges
from specql_lsp.lsp.folder_settings import FolderSettings
from specql_lsp.lsp.gc_freeze import GcFreezer
from specql_lsp.lsp.internal_errors import InternalErrors
from specql_lsp.lsp.open_documents import OpenDocuments
from specql_lsp.lsp.open_folders import OpenFolders
from specql_lsp.lsp.own_changes import OwnChanges
from specql_lsp.lsp.registry_states import RegistryStates
from specql_lsp.lsp.semantic_token_results import SemanticTokenResults
from specql_lsp.lsp.status import StatusReporter
from specql_lsp.lsp.tasks import Tasks
from specql_lsp.lsp.user_messages import UserMessages
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.discovery import read_text
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.uris import canonical, path_of

if TYPE_CHECKING:
    from specql_lsp.lsp.pending_renames import PendingRenames
    from specql_lsp.lsp.yaml_updates import YamlUpdates
    from specql_lsp.registry.model import RegistryPath


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
        self._gc_freezer = GcFreezer()
        self._tasks = Tasks()
        self.spawn = self._tasks.spawn
        self.in_thread = self._tasks.in_thread
        self.open = OpenDocuments()
        self.client_uri = self.open.client_uri
        self.token_results = SemanticTokenResults()
        self.host: AnalysisHost[Finding] = AnalysisHost(found_in_each, shown)
        self.folders = OpenFolders(self.host)
        self._diagnostics = DiagnosticsScheduler(
            client, self._tasks, self.open, self.host, self.folders, self._gc_freezer, self._look_for_rename
        )
        self.delivery = self._diagnostics.delivery
        follower = ChangeFollower(self._tasks, self.folders, self._diagnostics)
        self._renames: PendingRenames | None = None
        self.own_changes = OwnChanges()
        self.edit_order = EditOrder()
        self._yaml_updates: YamlUpdates | None = None
        self.messages = UserMessages(client, self._tasks, self.folders, self.client_uri, self.own_changes)
        self._status = StatusReporter(client, self.messages)
        states = RegistryStates(
            self._tasks,
            self.host,
            self.open,
            self._diagnostics.reader,
            self._gc_freezer,
            self.own_changes,
            self._status,
            self.messages,
            lambda folder, paths: self.changed_registry(folder, *paths),
            follower,
            self._compared,
        )
        self.folder_changes = FolderChanges(
            client,
            self._tasks,
            FolderSettings(client, layers, overrides, trusted=trusted),
            self.host,
            self.open,
            self.folders,
            states,
            self._diagnostics,
            follower,
        )
        self.document_changes = DocumentChanges(
            client,
            self._tasks,
            self.host,
            self.open,
            self.folders,
            self.token_results,
            self._diagnostics,
            follower,
            self._look_for_rename,
        )

    def notify_of_catalogs(self) -> None:
        """Has the client notified from now on when files change what catalogs list."""
        self.client.shows_catalogs = True

    def notify_of_domains(self) -> None:
        """Has the client notified from now on when files change what is listed of the domains."""
        self.client.shows_domains = True

    def close(self) -> None:
        """Ends every folder's registry and every pending piece of work."""
        self._diagnostics.debouncer.close()
        self.delivery.close()
        self.folder_changes.close()
        self._status.close()
        self._tasks.close()
        self._gc_freezer.close()
        for folder in self.folders.values():
            folder.close()

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
        return self._diagnostics.checks.findings(self.folders.of(document.uri), analysis, document)

    # What follows changes that were asked for.

    def changed_registry(self, folder: Folder, *paths: RegistryPath, is_in_yaml: bool = False) -> None:
        """Follows a change that the user made in a folder's registry: its YAML may get the same.

        Args:
            folder: whose registry it is.
            paths: what was changed there, at old and new paths.
            is_in_yaml: whether the client is making the same change in the YAML already.
        """
        from specql_lsp.lsp.yaml_updates import YamlUpdates  # with the first of them

        if self._yaml_updates is None:
            self._yaml_updates = YamlUpdates(self)
        self._yaml_updates.follow(folder, paths, is_in_yaml=is_in_yaml)

    def _compared(self, folder: Folder) -> None:
        """Follows that it is known what differs between a folder's registries."""
        if self._yaml_updates is not None:
            self._yaml_updates.compared(folder)

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
