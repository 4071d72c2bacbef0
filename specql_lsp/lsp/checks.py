"""Which files are checked when, and what is published for them: work follows what changed.

Open documents are checked after a pause in typing, closed ones when they or what they depend on have changed.
Files are read, and large texts parsed, off the event loop; a few at a time, so that requests go between.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from specql_lsp.analysis import Analysis
from specql_lsp.features.diagnostics import check, drift
from specql_lsp.features.model import Finding
from specql_lsp.lsp import convert
from specql_lsp.lsp.background import Background
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.open_documents import OpenDocuments
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.publisher import Debouncer, Origin, Publisher
from specql_lsp.lsp.uris import path_of, uri_of
from specql_lsp.registry.model import Snapshot
from specql_lsp.workspace.discovery import RECENT_SECONDS, entity_paths
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.index import facts_of

CHUNK = 25
PARSE_DELAY_MS = 5
LARGE_LINES = 5_000
"""A text with more lines is parsed off the event loop."""


class _Found(NamedTuple):
    """What was published for one version of a document."""

    document: Document
    by_origin: dict[Origin, tuple[Finding, ...]]


class Checks:
    """Checks files and publishes what is found.

    Args:
        client: who is told.
        background: where files are read.
        documents: what the editor has open; it counts before the disk.
        folder_of: the folder of a URI.
    """

    def __init__(
        self,
        client: Client,
        background: Background,
        documents: OpenDocuments,
        folder_of: Callable[[str], Folder | None],
    ) -> None:
        self._client = client
        self._background = background
        self._documents = documents
        self._folder_of = folder_of
        self._publisher = Publisher(client.publish, versions=client.versions)
        self._found: dict[str, _Found] = {}
        self.debouncer = Debouncer()

    # Open documents.

    def soon(self, uri: str, delay_ms: float) -> None:
        """Checks an open document after a pause in which it does not change."""
        self.debouncer.call(uri, delay_ms, lambda: self._check_open(uri))

    def parse_soon(self, uri: str) -> None:
        """Parses an open document as soon as its user pauses at all, so that it is ready when the check is due."""

        def parse() -> None:
            document = self._documents.get(uri)
            if document is not None and document.lines.line_count <= LARGE_LINES:
                _ = document.entity

        self.debouncer.call(f"parse:{uri}", PARSE_DELAY_MS, parse)

    def closed(self, uri: str) -> None:
        """Forgets what was meant for a document that the editor has closed."""
        self.debouncer.cancel(uri)
        self._found.pop(uri, None)

    def lost(self, uri: str) -> None:
        """Takes away what is shown for an open document whose text is not known any more."""
        self.closed(uri)
        self._clear(uri)

    def _check_open(self, uri: str) -> None:
        document = self._documents.get(uri)
        folder = self._folder_of(uri)
        if document is None:
            return
        if folder is None:
            self._publish(document, Origin.CHECK, check(Analysis(), document))
        elif document.is_configured_registry:
            self._background.spawn(self.registry_file(folder))
        elif document.lines.line_count > LARGE_LINES:
            self._background.spawn(self._check_large(folder, document))
        else:
            self._take(folder, document)

    async def _check_large(self, folder: Folder, document: Document) -> None:
        await self._parse(document)
        if self._documents.get(document.uri) is document:
            self._take(folder, document)

    async def _parse(self, document: Document) -> None:
        await self._background.in_thread(lambda: document.tree)

    async def index_open(self, folder: Folder) -> None:
        """Indexes the open documents of a folder whose check is still due."""
        for document in self._documents:
            if document.is_configured_registry or self._folder_of(document.uri) is not folder:
                continue
            if document.lines.line_count > LARGE_LINES:
                await self._parse(document)
            is_current = self._documents.get(document.uri) is document
            if is_current and facts_of(document) != folder.index.get(document.uri):
                self._take(folder, document)

    # Files.

    async def folder(self, folder: Folder) -> None:
        """Indexes and checks every entity file of a folder."""
        try:
            await self._folder(folder)
        except Exception:
            folder.indexed = True  # as far as it can be: an allocation must not wait for ever
            raise

    async def _folder(self, folder: Folder) -> None:
        path = folder.path
        if path is None:
            folder.indexed = True
            return
        paths = await self._background.in_thread(lambda: list(entity_paths(path, folder.settings.files)))
        checked: list[tuple[str, Snapshot | None]] = []
        async for chunk in self._read(folder, [p for p in paths if p != folder.registry_path]):
            analysis = folder.analysis
            for uri, document in chunk:
                if document is not None:
                    folder.index.put(uri, facts_of(document))
                    self._publish(document, Origin.CHECK, check(analysis, document))
                    checked.append((uri, analysis.snapshot))
        if folder.closed:
            return
        folder.indexed = True
        self.open_documents(folder)
        # What was checked before the registry was read, or before the other user of a code was, is checked again.
        snapshot = folder.analysis.snapshot
        shared = folder.index.sharing_codes()
        self.again(folder, [uri for uri, held in checked if held is not snapshot or uri in shared])

    async def file(self, folder: Folder, path: Path) -> None:
        """Reads a file that has changed, indexes and checks it."""
        await self._background.in_thread(lambda: folder.recent.forget([path]))
        await self._files(folder, [path])

    def forget(self, folder: Folder, uri: str) -> None:
        """Takes away what is known of a file that is gone, and checks the files that it shared a code with."""
        facts = folder.index.get(uri)
        if folder.forget(uri):
            self.again(folder, folder.sharing_code([facts.code if facts else None]))
        self._clear(uri)

    def forget_all(self, folder: Folder) -> None:
        """Takes away what is published for the files of a folder."""
        for uri in self._publisher.uris:
            path = path_of(uri)
            if path is not None and (folder.holds(path) or uri == folder.registry_uri):
                self._clear(uri)

    def open_documents(self, folder: Folder) -> None:
        """Checks the open documents of a folder, its registry's YAML apart."""
        for document in self._documents:
            if not document.is_configured_registry and self._folder_of(document.uri) is folder:
                self.soon(document.uri, 0)

    def again(self, folder: Folder, uris: Iterable[str] | None) -> None:
        """Checks files again although they have not changed; None for every file of the folder."""
        if uris is None:
            uris = [facts.uri for facts in folder.index.all()]
        on_disk: list[Path] = []
        for uri in list(uris):
            path = path_of(uri)
            if uri in self._documents:
                self.soon(uri, 0)
            elif path is not None:
                on_disk.append(path)
        if on_disk and folder.indexed:
            self._background.spawn(self._files(folder, on_disk))

    async def _files(self, folder: Folder, paths: Sequence[Path]) -> None:
        async for chunk in self._read(folder, paths):
            for uri, document in chunk:
                if document is None:
                    self.forget(folder, uri)
                else:
                    self._take(folder, document)
        self.debouncer.call(f"expire:{folder.uri}", (RECENT_SECONDS + 1) * 1000, lambda: self._expire(folder))

    async def _read(self, folder: Folder, paths: Sequence[Path]) -> AsyncIterator[list[tuple[str, Document | None]]]:
        """The documents of files that are not open, a few at a time; it ends early when the folder is closed."""
        for start in range(0, len(paths), CHUNK):
            chunk = [(path, uri_of(path)) for path in paths[start : start + CHUNK]]
            documents = await self._background.in_thread(partial(folder.recent.read, chunk))
            if folder.closed:
                return
            yield [(uri, document) for uri, document in documents if uri not in self._documents]

    def _expire(self, folder: Folder) -> None:
        async def expire() -> None:
            await self._background.in_thread(folder.recent.expire)

        self._background.spawn(expire())

    def _take(self, folder: Folder, document: Document) -> None:
        """Indexes a document, publishes what is found in it, and checks the files that its change concerns."""
        before = folder.index.get(document.uri)
        if folder.put(document):
            after = folder.index.get(document.uri)
            others = folder.sharing_code([f.code if f else None for f in (before, after)]) - {document.uri}
            self.again(folder, others)
        self._publish(document, Origin.CHECK, check(folder.analysis, document))

    # The registry's YAML.

    async def registry_file(self, folder: Folder) -> None:
        """Checks the registry's YAML, off the event loop as it may be large."""
        await self._background.in_thread(folder.read_registry_document)
        document = folder.registry_document
        if document is None or self._documents.is_lost(folder.registry_uri):
            self._clear(folder.registry_uri)
            return
        analysis = folder.analysis

        def look() -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
            return check(analysis, document), drift(analysis, document)

        found, differs = await self._background.in_thread(look)
        is_lost = self._documents.is_lost(folder.registry_uri)
        if folder.closed or is_lost or folder.registry_document is not document:
            return  # a newer text is on its way
        self._publish(document, Origin.CHECK, found)
        self._publish(document, Origin.DRIFT, differs)

    # What is found.

    def findings(self, analysis: Analysis, document: Document) -> tuple[Finding, ...]:
        """What is found in a document as it is now: as published, or looked for where that is still to come."""
        known = self._found.get(document.uri)
        if known is not None and known.document is document:
            return tuple(f for group in known.by_origin.values() for f in group)
        return (*check(analysis, document), *drift(analysis, document))

    def _publish(self, document: Document, origin: Origin, findings: tuple[Finding, ...]) -> None:
        if document.version is not None or document.is_configured_registry:  # else nobody asks for actions there
            known = self._found.get(document.uri)
            if known is None or known.document is not document:
                known = self._found[document.uri] = _Found(document, {})
            known.by_origin[origin] = findings
        positions = Positions(document.lines, self._client.encoding)
        client_uri = self._documents.client_uri
        self._publisher.publish(
            document.uri,
            origin,
            [convert.diagnostic(f, positions, self._client.encoding, client_uri) for f in findings],
            version=document.version,
            client_uri=client_uri(document.uri),
        )

    def _clear(self, uri: str) -> None:
        self._publisher.clear(uri, client_uri=self._documents.client_uri(uri))
