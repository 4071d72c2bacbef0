"""One client's session: its open documents, its workspace folders, and what follows when one of them changes.

Everything here runs on the event loop. The registry's threads hand over finished states; parsing of large texts
and reading of files goes to one worker thread of our own (pygls' pool shares its threads with stdin).
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from lsprotocol import types

from specql_lsp.analysis import Analysis
from specql_lsp.config import Layer, Settings, settings_for
from specql_lsp.features.diagnostics import check, drift
from specql_lsp.features.model import Finding
from specql_lsp.lsp import convert
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.publisher import Debouncer, Origin, Publisher
from specql_lsp.lsp.status import StatusReporter
from specql_lsp.lsp.sweep import Sweep
from specql_lsp.lsp.uris import canonical, path_of
from specql_lsp.registry.model import RegistryState
from specql_lsp.workspace.discovery import read_text
from specql_lsp.workspace.documents import Document

logger = logging.getLogger(__name__)

PARSE_DELAY_MS = 5
LARGE_LINES = 5_000
"""A text with more lines is parsed off the event loop."""


class _Found(NamedTuple):
    """What was published for one version of a document."""

    document: Document
    by_origin: dict[Origin, tuple[Finding, ...]]


class Session:
    """The state of one client's session.

    Args:
        client: what the client can do, and how it is spoken to.
        layers: the settings given at start (``initializationOptions``), below the client's own.
        overrides: the settings of the command line, above all others.
    """

    def __init__(self, client: Client, layers: list[Layer], overrides: list[Layer]) -> None:
        self.client = client
        self.layers = layers
        self._overrides = overrides
        self.loop = asyncio.get_running_loop()
        self.open: dict[str, Document] = {}
        self._found: dict[str, _Found] = {}
        self._client_uris: dict[str, str] = {}
        self.folders: dict[str, Folder] = {}
        self._folder_numbers: dict[str, int] = {}
        self._folder_configuration: dict[str, Any] = {}
        self._warnings: dict[str, tuple[str, ...]] = {}
        self.publisher = Publisher(client.publish, versions=client.versions)
        self.debouncer = Debouncer()
        self.status = StatusReporter(client)
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="specql-files")
        self._tasks: set[asyncio.Task[Any]] = set()
        self.closed = False

    # --- life ---------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Ends every folder's registry and every pending piece of work."""
        self.closed = True
        self.debouncer.close()
        for task in self._tasks:
            task.cancel()
        for folder in self.folders.values():
            folder.close()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs a coroutine in the background; its failure is logged."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("Background work failed", exc_info=task.exception())

    # --- folders and settings -----------------------------------------------------------------------------

    def add_folder(self, uri: str, configuration: Any = None) -> Folder:
        """Opens a workspace folder and begins to read its registry and its files."""
        path = path_of(uri)
        key = canonical(uri)
        if key in self.folders:
            self.remove_folder(uri)
        self._folder_configuration[key] = configuration
        folder = Folder(
            key,
            path,
            self._settings(key, path, configuration),
            self.open.get,
            self._from_registry,
        )
        self.folders[key] = folder
        folder.service.start()
        self._reread_documents(folder)
        self.spawn(Sweep(self, folder).run())
        return folder

    def remove_folder(self, uri: str) -> None:
        """Closes a workspace folder and takes away what was published for its files."""
        key = canonical(uri)
        folder = self.folders.pop(key, None)
        if folder is None:
            return
        self._folder_configuration.pop(key, None)
        self._clear(folder)
        self.spawn(self._close_folder(folder))

    def _clear(self, folder: Folder) -> None:
        for published in self.publisher.uris:
            path = path_of(published)
            if path is not None and (folder.holds(path) or published == folder.registry_uri):
                self.publisher.clear(published, client_uri=self.client_uri(published))

    async def _close_folder(self, folder: Folder) -> None:
        # Its worker may be waiting for a server, so it is ended off the event loop.
        await self.loop.run_in_executor(None, folder.close)

    def reload_settings(self, folder: Folder, configuration: Any = ...) -> None:
        """Reads a folder's settings anew and follows their change; the registry only begins anew with its own."""
        if configuration is ...:
            configuration = self._folder_configuration.get(folder.uri)
        self._folder_configuration[folder.uri] = configuration
        settings = self._settings(folder.uri, folder.path, configuration)
        if settings == folder.settings:
            return
        if settings.registry == folder.settings.registry:
            if settings.files != folder.settings.files:
                self._clear(folder)
            folder.take_settings(settings)
            self._reread_documents(folder)
            self.spawn(self.check_registry_file(folder))
            self.spawn(Sweep(self, folder).run())
        else:
            self.add_folder(folder.uri, configuration)
            for document in list(self.open.values()):
                self.check_soon(document.uri, 0)

    def _settings(self, key: str, path: Path | None, configuration: Any) -> Settings:
        layers = [*self.layers]
        if isinstance(configuration, dict) and configuration:
            layers.append(Layer("the client's settings", configuration))
        settings, warnings = settings_for(path, [*layers, *self._overrides])
        told = {warning for known in self._warnings.values() for warning in known}
        self._warnings[key] = warnings
        for warning in warnings:
            if warning not in told:  # the same mistake is found for each folder, and at each change
                logger.warning("%s", warning)
                self.client.show(types.MessageType.Warning, warning)
        return settings

    def folder_of(self, uri: str) -> Folder | None:
        """The folder of a file: the innermost one that holds it, one whose registry it is, or the only one."""
        path = path_of(uri)
        if path is not None:
            holding = [f for f in self.folders.values() if f.holds(path)]
            if holding:
                return max(holding, key=lambda f: len(str(f.path)))
            for folder in self.folders.values():
                if uri == folder.registry_uri:
                    return folder
        return next(iter(self.folders.values()), None)

    def folder_number(self, uri: str) -> int:
        """A short name of a folder, the same for the whole session: it goes into each item of a completion."""
        return self._folder_numbers.setdefault(uri, len(self._folder_numbers))

    def folder_numbered(self, number: object) -> Folder | None:
        """The folder with that short name, if it is still open."""
        return next((f for f in self.folders.values() if self._folder_numbers.get(f.uri) == number), None)

    # --- documents ----------------------------------------------------------------------------------------

    def client_uri(self, uri: str) -> str:
        """The client's spelling of our URI."""
        return self._client_uris.get(uri, uri)

    def document(self, uri: str) -> Document | None:
        """The editor's document; the registry's from the disk where it is not open."""
        key = canonical(uri)
        document = self.open.get(key)
        if document is not None:
            return document
        return next(
            (f.registry_document for f in self.folders.values() if f.registry_uri == key and f.registry_document), None
        )

    def analysis(self, uri: str) -> Analysis:
        """The picture for a file, to answer a request from; it counts in the performance report."""
        folder = self.folder_of(canonical(uri))
        if folder is None:
            return Analysis()
        analysis = folder.analysis
        if analysis.snapshot is None:
            folder.service.metrics.cache_miss()
        else:
            folder.service.metrics.cache_hit()
        return analysis

    def put_document(self, client_uri: str, text: str, version: int) -> None:
        """Takes the new text of an open document."""
        uri = canonical(client_uri)
        self._client_uris[uri] = client_uri
        folder = self.folder_of(uri)
        is_registry = folder is not None and folder.registry_uri == uri
        self.open[uri] = Document(uri, text, version, is_registry=is_registry)
        if is_registry and folder is not None:
            # The worker reads the editor's text; what it finds comes back as a new state.
            self.debouncer.call(f"overlay:{uri}", folder.settings.diagnostics.debounce_ms, folder.service.yaml_changed)
        else:
            self._parse_soon(uri)
        self.check_soon(uri, folder.settings.diagnostics.debounce_ms if folder else 0)

    def close_document(self, client_uri: str) -> None:
        """Forgets the editor's text; from now on the disk's counts."""
        uri = canonical(client_uri)
        self.open.pop(uri, None)
        self._client_uris.pop(uri, None)
        self._found.pop(uri, None)
        self.debouncer.cancel(uri)
        folder = self.folder_of(uri)
        path = path_of(uri)
        if folder is None:
            return
        if uri == folder.registry_uri:
            self.registry_file_changed(folder)
        elif path is not None and folder.holds(path):
            self.spawn(Sweep(self, folder).changed(path))
        else:
            self.forget(folder, uri)

    def _reread_documents(self, folder: Folder) -> None:
        for uri, document in list(self.open.items()):
            if self.folder_of(uri) is folder:
                is_registry = uri == folder.registry_uri
                self.open[uri] = Document(uri, document.text, document.version, is_registry=is_registry)
                self.check_soon(uri, 0)

    def forget(self, folder: Folder, uri: str) -> None:
        """Takes away what is known of a file that is gone, and checks the files that it shared a code with."""
        facts = folder.index.get(uri)
        if folder.forget(uri):
            self.recheck(folder, folder.sharing_code([facts.code if facts else None]))
        self.publisher.clear(uri, client_uri=self.client_uri(uri))

    def file_changed(self, uri: str, *, deleted: bool) -> None:
        """Follows a change on the disk (``workspace/didChangeWatchedFiles``)."""
        uri = canonical(uri)
        path = path_of(uri)
        if path is None:
            return
        for folder in list(self.folders.values()):
            if uri == folder.registry_uri:
                self.registry_file_changed(folder)
            elif uri not in self.open and folder.holds(path) and folder is self.folder_of(uri):
                if deleted:
                    self.forget(folder, uri)
                elif folder.looks_at(path):
                    self.spawn(Sweep(self, folder).changed(path))

    def registry_file_changed(self, folder: Folder) -> None:
        """Reads the registry's YAML anew, for answers and for its own diagnostics."""
        folder.service.yaml_changed()
        self.spawn(self.check_registry_file(folder))

    # --- checking -----------------------------------------------------------------------------------------

    def check_soon(self, uri: str, delay_ms: float) -> None:
        """Checks an open document after a pause in which it does not change."""
        self.debouncer.call(uri, delay_ms, lambda: self._check_open(uri))

    def _check_open(self, uri: str) -> None:
        document = self.open.get(uri)
        folder = self.folder_of(uri)
        if document is None:
            return
        if folder is None:
            self.publish(Analysis(), document)
        elif document.is_configured_registry:
            self.spawn(self.check_registry_file(folder))
        elif document.lines.line_count > LARGE_LINES:
            self.spawn(self._check_large(folder, document))
        else:
            self.take(folder, document)

    def _parse_soon(self, uri: str) -> None:
        """Parses an open document as soon as its user pauses at all, so that it is ready when the check is due."""

        def parse() -> None:
            document = self.open.get(uri)
            if document is not None and document.lines.line_count <= LARGE_LINES:
                _ = document.entity

        self.debouncer.call(f"parse:{uri}", PARSE_DELAY_MS, parse)

    async def _check_large(self, folder: Folder, document: Document) -> None:
        await self.loop.run_in_executor(self.pool, lambda: document.tree)
        if self.open.get(document.uri) is document:
            self.take(folder, document)

    def take(self, folder: Folder, document: Document) -> None:
        """Indexes a document, publishes what is found in it, and checks the files that its change concerns."""
        before = folder.index.get(document.uri)
        in_workspace = self.folder_of(document.uri) is folder
        if in_workspace and folder.put(document):
            after = folder.index.get(document.uri)
            others = folder.sharing_code([f.code if f else None for f in (before, after)]) - {document.uri}
            self.recheck(folder, others)
        self.publish(folder.analysis, document)

    def recheck(self, folder: Folder, uris: Iterable[str] | None) -> None:
        """Checks files again although they have not changed; None for every file of the folder."""
        if uris is None:
            uris = [facts.uri for facts in folder.index.all()]
        closed: list[Path] = []
        for uri in list(uris):
            if uri in self.open:
                self.check_soon(uri, 0)
            else:
                path = path_of(uri)
                if path is not None:
                    closed.append(path)
        if closed and folder.indexed:
            self.spawn(Sweep(self, folder).files(closed))

    async def check_registry_file(self, folder: Folder) -> None:
        """Checks the registry's YAML, off the event loop as it may be large."""
        await self.loop.run_in_executor(self.pool, folder.read_registry_document)
        document = folder.registry_document
        if document is None:
            self.publisher.clear(folder.registry_uri, client_uri=self.client_uri(folder.registry_uri))
            return
        analysis = folder.analysis

        def look() -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
            return check(analysis, document), drift(analysis, document)

        found, differs = await self.loop.run_in_executor(self.pool, look)
        if self.closed or folder.registry_document is not document:
            return  # a newer text is on its way
        self._publish(document, Origin.CHECK, found)
        self._publish(document, Origin.DRIFT, differs)

    def publish(self, analysis: Analysis, document: Document) -> None:
        """Checks a document and publishes what is found."""
        self._publish(document, Origin.CHECK, check(analysis, document))

    def findings(self, document: Document) -> tuple[Finding, ...]:
        """What is found in a document as it is now: as published, or looked for where that is still to come."""
        known = self._found.get(document.uri)
        if known is not None and known.document is document:
            return tuple(f for group in known.by_origin.values() for f in group)
        analysis = self.analysis(document.uri)
        return (*check(analysis, document), *drift(analysis, document))

    def _publish(self, document: Document, origin: Origin, findings: Iterable[Finding]) -> None:
        known = self._found.get(document.uri)
        if known is None or known.document is not document:
            known = self._found[document.uri] = _Found(document, {})
        known.by_origin[origin] = tuple(findings)
        if document.version is None and not document.is_configured_registry:
            del self._found[document.uri]  # of a file that is not open nobody asks for actions
        positions = Positions(document.lines, self.client.encoding)
        diagnostics = [
            convert.diagnostic(f, positions, self.client.encoding, self.client_uri) for f in known.by_origin[origin]
        ]
        self.publisher.publish(
            document.uri,
            origin,
            diagnostics,
            version=document.version,
            client_uri=self.client_uri(document.uri),
        )

    # --- the registry -------------------------------------------------------------------------------------

    def _from_registry(self, folder: Folder, state: RegistryState) -> None:
        """Called on the registry's threads."""
        self._on_loop(lambda: self._registry_changed(folder, state))

    def _on_loop(self, run: Callable[[], None]) -> None:
        if not self.closed and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(run)

    def _registry_changed(self, folder: Folder, state: RegistryState) -> None:
        if self.closed or self.folders.get(folder.uri) is not folder:
            return
        before = folder.shown_state
        folder.shown_state = state
        if before.snapshot is not state.snapshot:
            # A snapshot lives long and holds no cycles: the collector would stop the server to find nothing in it.
            gc.freeze()
        self.status.changed(folder, before, state)
        if before.snapshot is not state.snapshot:
            self.recheck(folder, folder.affected_by(before.snapshot, state.snapshot))
            for uri in list(self.open):
                if self.folder_of(uri) is folder and not self.open[uri].is_configured_registry:
                    self.check_soon(uri, 0)
        self.spawn(self.check_registry_file(folder))

    def folder_for_command(self, uri: str | None) -> Folder | None:
        """The folder that a command is about: its file's, or the only or first one."""
        return self.folder_of(canonical(uri)) if uri else next(iter(self.folders.values()), None)

    def read_document(self, uri: str) -> Document | None:
        """The document of a file: the editor's, else the disk's, read now."""
        document = self.document(uri)
        if document is not None:
            return document
        path = path_of(canonical(uri))
        text = read_text(path) if path is not None else None
        return Document(canonical(uri), text) if text is not None else None
