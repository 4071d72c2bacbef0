"""When documents and files are checked: work follows what changed.

The host (``specql_lsp.workspace.host``) decides what a change invalidates. Open documents are checked after a pause in
typing, closed files in chunks (``FolderReader``), so that requests go between. Large texts are parsed and checked off
the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from specql_lsp.features.model import Finding
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.debouncer import Debouncer
from specql_lsp.lsp.diagnostic_delivery import DiagnosticDelivery
from specql_lsp.lsp.document_checks import DocumentChecks
from specql_lsp.lsp.findings_publisher import FindingsPublisher
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.folder_reader import FolderReader
from specql_lsp.lsp.gc_freeze import GcFreezer
from specql_lsp.lsp.open_documents import OpenDocuments
from specql_lsp.lsp.open_folders import OpenFolders
from specql_lsp.lsp.refresh_request import RefreshRequest
from specql_lsp.lsp.tasks import Tasks
from specql_lsp.workspace.changes import DocumentChanged, Invalidated
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.host import AnalysisHost

PARSE_DELAY_MS = 5
VIEWS_MS = 200
"""A registry that is loaded concerns every open document, and other files change while one types."""


class DiagnosticsScheduler:
    """Has documents and files checked, and what is found delivered.

    Args:
        client: to which it is delivered.
        tasks: where files are read and large documents are parsed.
        documents: what the editor has open; it counts before the disk.
        host: the state of the workspace.
        folders: the workspace folders.
        gc_freezer: pauses the garbage collector while many files are read.
        on_read: called with the document of each file that has changed on the disk.
    """

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        documents: OpenDocuments,
        host: AnalysisHost[Finding],
        folders: OpenFolders,
        gc_freezer: GcFreezer,
        on_read: Callable[[Document], None],
    ) -> None:
        self._tasks = tasks
        self._documents = documents
        self._host = host
        self._folders = folders
        self.debouncer = Debouncer()
        self.delivery = DiagnosticDelivery(client, tasks, documents, self._is_settled, self._has_read_all)
        self._reports = self.delivery.reports
        self.views = RefreshRequest(tasks, self.debouncer, "views", VIEWS_MS, client.refresh_views)
        """What is shown in open documents beside diagnostics. The client asks for it by itself after an edit of the
        document; it says what other files and the registry say, too."""
        self.catalogs = RefreshRequest(tasks, self.debouncer, "catalogs", VIEWS_MS, client.refresh_catalogs)
        self.domains = RefreshRequest(tasks, self.debouncer, "domains", VIEWS_MS, client.refresh_domains)
        self._publisher = FindingsPublisher(tasks, documents, host, self._reports, self.debouncer, self._forget_gone)
        self.checks = DocumentChecks(tasks, host, self._reports, self._publisher)
        self.reader = FolderReader(
            client,
            tasks,
            documents,
            host,
            gc_freezer,
            self.debouncer,
            self.checks,
            self._publisher,
            self.follow,
            on_read,
        )

    async def _forget_gone(self, folder: Folder, uris: list[str]) -> None:
        await self.reader.forget_gone(folder, uris)

    # What a change invalidates.

    def follow(self, invalidated: Invalidated, without: Collection[str] = ()) -> None:
        """Publishes what is shown from now on and has stale files checked.

        Args:
            invalidated: what a change invalidates; files that are to be read are the caller's.
            without: files that the caller itself checks.
        """
        if invalidated.catalogs:
            self.catalogs.soon()
        if invalidated.domains:
            self.domains.soon()
        for uri in invalidated.shown:
            if uri not in without:
                self._publisher.show(uri)
        folders: dict[Folder, None] = {}
        for uri in invalidated.stale:
            if uri in without:
                continue
            if uri in self._documents:
                self.views.soon()
                if not self.debouncer.is_pending(uri):  # it waits for a pause in typing
                    self.soon(uri, 0)
                continue
            folder = self._folders.of(uri)
            if folder is not None and uri == folder.registry_uri:
                self._tasks.spawn(self.checks.check_elsewhere(folder, uri))
            elif folder is not None:
                folders[folder] = None
        for folder in folders:
            self.reader.check_stale(folder)

    async def scan(self, folder: Folder) -> None:
        """Has every entity file of a folder read and checked, and answers those who wait for that."""
        try:
            await self.reader.scan(folder)
        finally:
            self.delivery.read_all()

    # Open documents.

    def soon(self, uri: str, delay_ms: float) -> None:
        """Checks an open document after a pause in which it does not change."""
        self.debouncer.call(uri, delay_ms, lambda: self._check_open(uri))

    def edited(self, before: Document, after: Document) -> None:
        """Withholds what is found at the place of an edit until the document has not changed for a while."""
        self._publisher.edited(before, after)
        if before.text != after.text:
            self.delivery.edited(after.uri)

    def parse_soon(self, uri: str) -> None:
        """Parses an open document as soon as its user pauses at all, so that it is ready when the check is due."""

        def parse() -> None:
            document = self._documents.get(uri)
            if document is not None and not document.is_large:
                _ = document.entity

        self.debouncer.call(f"parse:{uri}", PARSE_DELAY_MS, parse)

    def closed(self, uri: str) -> None:
        """Forgets what was meant for a document that the editor has closed."""
        for key in (uri, f"parse:{uri}"):
            self.debouncer.cancel(key)
        self._publisher.closed(uri)
        self.delivery.closed(uri)

    def _is_settled(self, uri: str) -> bool:
        """Whether what is shown of a document is what is found in its text, and no check of it is due."""
        document = self._documents.get(uri)
        if document is None:
            return True
        if self.debouncer.is_pending(uri):
            return False
        if self._folders.of(uri) is None:
            return True
        return not self._publisher.is_unverified(uri) and self._host.result_for(document) is not None

    def _has_read_all(self) -> bool:
        return all(folder.indexed for folder in self._folders.values())

    def _check_open(self, uri: str) -> None:
        document = self._documents.get(uri)
        folder = self._folders.of(uri)
        if document is None:
            return
        if folder is None:  # of several folders none can say what holds for a file that is in none
            self._host.apply(DocumentChanged(document))
            self._reports.checked(document, (), ())
        elif document.is_registry:
            self._tasks.spawn(self.reader.registry_file(folder))
        elif document.is_large:
            self._tasks.spawn(self._check_large(folder, document))
        else:
            self._take(folder, document)

    async def _check_large(self, folder: Folder, document: Document) -> None:
        await self._parse(document)
        if self._documents.get(document.uri) is not document:  # a newer text is on its way
            return
        if folder.closed:
            self.soon(document.uri, 0)  # by the folder that answers for it now
        else:
            self.follow(self._host.apply(DocumentChanged(document)), {document.uri})
            await self.checks.check_elsewhere(folder, document.uri)

    async def _parse(self, document: Document) -> None:
        """Parses a document off the event loop, unless a newer text has come by then."""

        def parse() -> None:
            if self._documents.get(document.uri) is document:
                _ = document.summary

        await self.checks.in_thread(document, parse)

    async def index_open(self, folder: Folder) -> None:
        """Indexes the open documents of a folder whose check is still due."""
        for document in self._documents:
            if not folder.takes(document.uri) or self._folders.of(document.uri) is not folder:
                continue
            if document.is_large:
                await self._parse(document)
            is_current = self._documents.get(document.uri) is document
            if is_current and self._host.document(document.uri) is not document:
                self._take(folder, document)

    def _take(self, folder: Folder, document: Document) -> None:
        """Checks an open document as it is now, and has those files checked that its change concerns."""
        self.follow(self._host.apply(DocumentChanged(document)), {document.uri})
        self.checks.check(folder, document.uri)
