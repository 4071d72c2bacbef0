"""Which files are checked when, and what is published for them: work follows what changed.

Open documents are checked after a pause in typing, closed ones when they or what they depend on have changed.
Files are read, and large texts parsed, off the event loop; a few at a time, so that requests go between.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lsprotocol import types

from specql_lsp.features.diagnostics import check, drift
from specql_lsp.features.model import Finding
from specql_lsp.index.summary import summarize
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.convert.diagnostics import diagnostic
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.open_documents import OpenDocuments
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.publisher import Debouncer, Origin, Publisher
from specql_lsp.lsp.tasks import Background
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import RegistryState
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.discovery import RECENT_SECONDS
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import path_of, uri_of

CHUNK = 25
PARSE_DELAY_MS = 5
LARGE_LINES = 5_000
"""A text with more lines is parsed off the event loop."""


class _Found(NamedTuple):
    """What was published for a registry's YAML: looking again may take long."""

    document: Document
    registry: RegistryState
    findings: tuple[Finding, ...]


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
        self._unverified: dict[str, Document] = {}
        """What was checked last of files whose findings name others that are still to be looked for."""
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
        self.clear(uri)

    def _check_open(self, uri: str) -> None:
        document = self._documents.get(uri)
        folder = self._folder_of(uri)
        if document is None:
            return
        if folder is None:  # of several folders none can say what holds for a file that is in none
            self._publish(document, Origin.CHECK, ())
        elif document.is_registry:
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
            if not folder.takes(document.uri) or self._folder_of(document.uri) is not folder:
                continue
            if document.lines.line_count > LARGE_LINES:
                await self._parse(document)
            is_current = self._documents.get(document.uri) is document
            if is_current and summarize(document) != folder.index.get(document.uri):
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
        if folder.path is None:
            folder.indexed = True
            return
        # Of a file and the links to it, the file itself is to count, so links are read last.
        paths = await self._background.in_thread(lambda: sorted(folder.entity_paths(), key=Path.is_symlink))
        if folder.not_searched is not None:
            self._client.show(types.MessageType.Warning, folder.not_searched)
        checked: list[tuple[str, Snapshot | None]] = []
        async for chunk in self._read(folder, paths):
            analysis = folder.analysis
            for uri, document in chunk:
                if document is not None:
                    folder.put(document)
                    self._publish(document, Origin.CHECK, check(analysis, document))
                    checked.append((uri, analysis.snapshot))
        if folder.closed:
            return
        folder.indexed = True
        self.open_documents(folder)
        # What was checked before the registry was read, or before the other user of a code was, is checked again.
        snapshot = folder.analysis.snapshot
        shared = folder.index.sharing_codes()
        self.again(folder, [u for u, held in checked if held is not snapshot or u in shared or folder.unsettled(u)])

    async def file(self, folder: Folder, path: Path) -> None:
        """Reads a file that has changed, indexes and checks it."""
        await self._background.in_thread(lambda: folder.recent.forget([path]))
        await self.files(folder, [path])

    async def claim(self, folder: Folder, path: Path) -> None:
        """Makes a file that was opened count under the path it was opened by, and no longer under another link's."""
        before = await self._background.in_thread(lambda: folder.recent.claim(path))
        if before is not None and not folder.closed and uri_of(before) not in self._documents:
            self.forget(folder, uri_of(before))

    def forget(self, folder: Folder, uri: str) -> None:
        """Takes away what is known of a file that is gone, and checks the files that it shared a code with."""
        summary = folder.index.get(uri)
        if folder.forget(uri) and summary is not None:
            names = folder.naming(facts.name for facts in summary.entities)
            self.again(folder, names | folder.sharing_code(summary.codes))
        self.clear(uri)

    def withdraw(self, folder: Folder, path: Path) -> None:
        """Takes away what is known of the files in a folder that another workspace folder owns from now on."""
        inside = f"{uri_of(path)}/"
        summaries = {uri: folder.index.get(uri) for uri in folder.index.uris if uri.startswith(inside)}
        gone = {uri: summary.codes for uri, summary in summaries.items() if summary}
        for uri in gone:
            folder.forget(uri)
        for uri in self._publisher.uris:
            if uri.startswith(inside) and uri != folder.registry_uri:
                self.clear(uri)
        self.again(folder, folder.sharing_code(code for codes in gone.values() for code in codes))

        async def leave() -> None:
            await self._background.in_thread(lambda: folder.recent.leave(path))

        self._background.spawn(leave())

    def forget_all(self, folder: Folder) -> None:
        """Takes away what is published for the files of a folder."""
        for uri in self._publisher.uris:
            path = path_of(uri)
            if path is not None and (folder.holds(path) or uri == folder.registry_uri):
                self.clear(uri)

    def open_documents(self, folder: Folder) -> None:
        """Checks the open documents of a folder, its registry's YAML apart."""
        for document in self._documents:
            if not document.is_registry and self._folder_of(document.uri) is folder:
                self.soon(document.uri, 0)

    def again(self, folder: Folder, uris: Iterable[str] | None) -> None:
        """Checks files again although they have not changed; None for every file of the folder."""
        if uris is None:
            uris = folder.index.uris
        on_disk: list[Path] = []
        for uri in list(uris):
            path = path_of(uri)
            if uri in self._documents:
                self.soon(uri, 0)
            elif path is not None:
                on_disk.append(path)
        if on_disk and folder.indexed:
            self._background.spawn(self.files(folder, on_disk))

    async def files(self, folder: Folder, paths: Sequence[Path]) -> None:
        """Reads files, indexes and checks those that are there, and forgets those that are gone."""
        while paths:
            async for chunk in self._read(folder, paths):
                for uri, document in chunk:
                    if document is None:
                        self.forget(folder, uri)
                    else:
                        self._take(folder, document)
            if folder.closed:
                return
            paths = await self._background.in_thread(folder.recent.released)
        self.debouncer.call(f"expire:{folder.uri}", (RECENT_SECONDS + 1) * 1000, lambda: self._expire(folder))

    async def _read(self, folder: Folder, paths: Sequence[Path]) -> AsyncIterator[list[tuple[str, Document | None]]]:
        """The documents of files that are not open, a few at a time; it ends early when the folder is closed."""
        for start in range(0, len(paths), CHUNK):
            chunk = [(path, uri_of(path)) for path in paths[start : start + CHUNK]]
            documents = await self._background.in_thread(partial(folder.recent.read, chunk))
            if folder.closed:
                return
            # The editor's text counts before the disk's; a folder that was nested meanwhile owns its files.
            yield [
                (uri, document)
                for (path, _), (uri, document) in zip(chunk, documents, strict=True)
                if uri not in self._documents and folder.holds(path)
            ]

    def _expire(self, folder: Folder) -> None:
        async def expire() -> None:
            await self._background.in_thread(folder.recent.expire)

        self._background.spawn(expire())

    def _take(self, folder: Folder, document: Document) -> None:
        """Indexes a document, publishes what is found in it, and checks the files that its change concerns."""
        if not folder.takes(document.uri):
            self._publish(document, Origin.CHECK, check(self._analysis(folder, document), document))
            return
        before = folder.index.get(document.uri)
        if folder.put(document):
            after = folder.index.get(document.uri)
            both = [each for each in (before, after) if each]
            names = folder.naming(facts.name for each in both for facts in each.entities)
            others = names | folder.sharing_code([code for each in both for code in each.codes])
            self.again(folder, others - {document.uri})
        self._publish_verified(folder, document)

    @staticmethod
    def _analysis(folder: Folder | None, document: Document) -> Analysis:
        """What a document is checked against: what is none of a folder's files is not compared with them."""
        if folder is None:
            return Analysis()
        analysis = folder.analysis
        return analysis if document.is_registry or folder.takes(document.uri) else analysis.without_files()

    # Findings that name other files.

    def _publish_verified(self, folder: Folder, document: Document) -> None:
        """Publishes what is found in a document; where that names other files, once it is known that they exist."""
        found = check(folder.analysis, document)
        named = self._named(document, found)
        if named:
            self._unverified[document.uri] = document
            self._background.spawn(self._verify(folder, document, named))
        else:
            self._publish(document, Origin.CHECK, found)

    def _named(self, document: Document, found: Iterable[Finding]) -> dict[str, Path]:
        """The files on the disk that findings name, apart from the document's own and from those that are open."""
        uris = {related.place.uri for finding in found for related in finding.related} - {document.uri}
        paths = {uri: path_of(uri) for uri in uris if uri not in self._documents}
        return {uri: path for uri, path in paths.items() if path is not None}

    async def _verify(self, folder: Folder, document: Document, named: dict[str, Path]) -> None:
        while named:
            gone = await self._background.in_thread(partial(_missing, named))
            if not self._is_awaited(folder, document):
                return
            for uri in gone:
                if uri == folder.registry_uri:
                    folder.service.yaml_changed()
                    await self._background.in_thread(folder.read_registry_document)
                else:
                    self.forget(folder, uri)
            if not self._is_awaited(folder, document):
                return
            found = check(folder.analysis, document)
            # What was seen a moment ago need not be looked at again.
            named = {uri: path for uri, path in self._named(document, found).items() if uri not in named}
        self._publish(document, Origin.CHECK, found)

    def _is_awaited(self, folder: Folder, document: Document) -> bool:
        """Whether a check has not been overtaken: by a newer text, the file's end, or the folder's."""
        if self._unverified.get(document.uri) is not document:
            return False
        if folder.closed:
            del self._unverified[document.uri]
            return False
        return True

    # The registry's YAML.

    async def registry_file(self, folder: Folder) -> None:
        """Checks the registry's YAML, off the event loop as it may be large."""
        await self._background.in_thread(folder.read_registry_document)
        document = folder.registry_document
        if document is None or self._documents.is_lost(folder.registry_uri):
            self.clear(folder.registry_uri)
            return
        analysis = folder.analysis

        def look() -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
            return check(analysis, document), drift(analysis, document)

        found, differs = await self._background.in_thread(look)
        is_lost = self._documents.is_lost(folder.registry_uri)
        if folder.closed or is_lost or folder.registry_document is not document:
            return  # a newer text is on its way
        self._found[document.uri] = _Found(document, analysis.registry, (*found, *differs))
        self._publish(document, Origin.CHECK, found)
        self._publish(document, Origin.DRIFT, differs)

    # What is found.

    def findings(self, folder: Folder | None, analysis: Analysis, document: Document) -> tuple[Finding, ...]:
        """What is found in a document of a folder in one picture: that of the request that asks."""
        if folder is None:
            return ()
        if document.is_registry:
            known = self._found.get(document.uri)
            if known is not None and known.document is document and _same(known.registry, analysis.registry):
                return known.findings
        elif not folder.takes(document.uri):
            analysis = analysis.without_files()
        return (*check(analysis, document), *drift(analysis, document))

    def _publish(self, document: Document, origin: Origin, findings: tuple[Finding, ...]) -> None:
        if origin is Origin.CHECK:
            self._unverified.pop(document.uri, None)
        positions = Positions(document.lines, self._client.encoding)
        client_uri = self._documents.client_uri
        self._publisher.publish(
            document.uri,
            origin,
            [diagnostic(f, positions, self._client.encoding, client_uri) for f in findings],
            version=document.version,
            client_uri=client_uri(document.uri),
        )

    def clear(self, uri: str) -> None:
        """Takes away what is published for a file."""
        self._unverified.pop(uri, None)
        self._publisher.clear(uri, client_uri=self._documents.client_uri(uri))


def _missing(named: dict[str, Path]) -> list[str]:
    """The URIs of those files that do not exist; one that cannot be looked for counts as there."""
    missing: list[str] = []
    for uri, path in named.items():
        try:
            if not path.is_file():
                missing.append(uri)
        except OSError:
            continue
    return missing


def _same(one: RegistryState, other: RegistryState) -> bool:
    """Whether two states have the same registry and the same differences, whenever they were read."""
    return one.snapshot is other.snapshot and one.discrepancies == other.discrepancies
