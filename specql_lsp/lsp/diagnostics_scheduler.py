"""When files are read and checked, and what is shown of the findings: work follows what changed.

The host (``specql_lsp.workspace.host``) decides what a change invalidates. Open documents are checked after a pause in
typing, closed files in chunks, so that requests go between. Files are read, and large texts parsed and checked, off the
event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from lsprotocol import types

from specql_lsp.features.diagnostics import found_in, shown
from specql_lsp.features.model import Finding
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.debouncer import Debouncer
from specql_lsp.lsp.diagnostic_delivery import DiagnosticDelivery
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.gc_freeze import GcFreezer
from specql_lsp.lsp.open_documents import OpenDocuments
from specql_lsp.lsp.tasks import Tasks
from specql_lsp.lsp.typing_places import QUIET_MS, TypingPlaces
from specql_lsp.lsp.view_refresh import ViewRefresher
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.changes import Change, DocumentChanged, FilesRead, FolderRead, Invalidated, RegistryFileRead
from specql_lsp.workspace.discovery import RECENT_SECONDS, RecentDocuments
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.folder_state import Check
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.reading_order import FileNames, names_in_files, reading_order
from specql_lsp.workspace.uris import path_of, uri_of

CHUNK = 25
MANY = 200
"""So many files are checked without the garbage collector, and looked through for names at once."""
REGISTRY_SECONDS = 1.0
"""So long the first files wait for the registry: what is checked without it is checked again, and delays it."""
PARSE_DELAY_MS = 5

Host: TypeAlias = AnalysisHost[Finding]


class DiagnosticsScheduler:
    """Has files read and checked, and reports what is found.

    Args:
        client: to which it is delivered.
        tasks: where files are read.
        documents: what the editor has open; it counts before the disk.
        host: the state of the workspace.
        folders: the workspace folders by URI.
        gc_freezer: pauses the garbage collector while many files are read.
        on_read: called with the document of each file that has changed on the disk.
    """

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        documents: OpenDocuments,
        host: Host,
        folders: Mapping[str, Folder],
        gc_freezer: GcFreezer,
        on_read: Callable[[Document], None],
    ) -> None:
        self._client = client
        self._tasks = tasks
        self._documents = documents
        self._host = host
        self._folders = folders
        self._gc_freezer = gc_freezer
        self._on_read = on_read
        self.delivery = DiagnosticDelivery(client, tasks, documents, self._is_settled, self._has_read_all)
        self._reports = self.delivery.reports
        self.views = ViewRefresher(client, tasks)
        self._unverified: dict[str, Document] = {}
        """What was checked last of files whose findings name others that are still to be looked for."""
        self._draining: set[Folder] = set()
        self._typing = TypingPlaces()
        self._withheld: dict[str, Document] = {}
        """The documents of which something is found that is not published yet."""
        self.debouncer = Debouncer()

    def _folder_of(self, uri: str) -> Folder | None:
        folder = self._host.folder_of(uri)
        return self._folders.get(folder.uri) if folder is not None else None

    # What a change invalidates.

    def follow(self, invalidated: Invalidated, without: Collection[str] = ()) -> None:
        """Publishes what is shown from now on and has stale files checked.

        Args:
            invalidated: what a change invalidates; files that are to be read are the caller's.
            without: files that the caller itself checks.
        """
        for uri in invalidated.shown:
            if uri not in without:
                self._show(uri)
        folders: dict[Folder, None] = {}
        for uri in invalidated.stale:
            if uri in without:
                continue
            if uri in self._documents:
                self.views.outdated()
                if not self.debouncer.is_pending(uri):  # it waits for a pause in typing
                    self.soon(uri, 0)
                continue
            folder = self._folder_of(uri)
            if folder is not None and uri == folder.registry_uri:
                self._tasks.spawn(self._check_elsewhere(folder, uri))
            elif folder is not None:
                folders[folder] = None
        for folder in folders:
            self._check_stale(folder)

    # Open documents.

    def soon(self, uri: str, delay_ms: float) -> None:
        """Checks an open document after a pause in which it does not change."""
        self.debouncer.call(uri, delay_ms, lambda: self._check_open(uri))

    def edited(self, before: Document, after: Document) -> None:
        """Withholds what is found at the place of an edit until the document has not changed for a while."""
        self._typing.edited(before, after)
        if before.text != after.text:
            self.delivery.edited(after.uri)
        self.debouncer.call(f"quiet:{after.uri}", QUIET_MS, partial(self._publish_withheld, after.uri))

    def _publish_withheld(self, uri: str) -> None:
        self._typing.ended(uri)
        checked, current = self._withheld.pop(uri, None), self._documents.get(uri)
        if checked is not None and current is not None and checked.text is current.text:
            self._show(uri)  # else a check of a newer text is on its way

    def parse_soon(self, uri: str) -> None:
        """Parses an open document as soon as its user pauses at all, so that it is ready when the check is due."""

        def parse() -> None:
            document = self._documents.get(uri)
            if document is not None and not document.is_large:
                _ = document.entity

        self.debouncer.call(f"parse:{uri}", PARSE_DELAY_MS, parse)

    def closed(self, uri: str) -> None:
        """Forgets what was meant for a document that the editor has closed."""
        for key in (uri, f"parse:{uri}", f"quiet:{uri}"):
            self.debouncer.cancel(key)
        self._typing.ended(uri)
        self._withheld.pop(uri, None)
        self._unverified.pop(uri, None)
        self.delivery.closed(uri)

    def _is_settled(self, uri: str) -> bool:
        """Whether what is shown of a document is what is found in its text, and no check of it is due."""
        document = self._documents.get(uri)
        if document is None:
            return True
        if self.debouncer.is_pending(uri):
            return False
        if self._folder_of(uri) is None:
            return True
        return uri not in self._unverified and self._host.result_for(document) is not None

    def _has_read_all(self) -> bool:
        return all(folder.indexed for folder in self._folders.values())

    def _check_open(self, uri: str) -> None:
        document = self._documents.get(uri)
        folder = self._folder_of(uri)
        if document is None:
            return
        if folder is None:  # of several folders none can say what holds for a file that is in none
            self._host.apply(DocumentChanged(document))
            self._reports.checked(document, (), ())
        elif document.is_registry:
            self._tasks.spawn(self.registry_file(folder))
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
            await self._check_elsewhere(folder, document.uri)

    async def _parse(self, document: Document) -> None:
        """Parses a document off the event loop, unless a newer text has come by then."""

        def parse() -> None:
            if self._documents.get(document.uri) is document:
                _ = document.summary

        await self._in_thread(document, parse)

    async def index_open(self, folder: Folder) -> None:
        """Indexes the open documents of a folder whose check is still due."""
        for document in self._documents:
            if not folder.takes(document.uri) or self._folder_of(document.uri) is not folder:
                continue
            if document.is_large:
                await self._parse(document)
            is_current = self._documents.get(document.uri) is document
            if is_current and self._host.document(document.uri) is not document:
                self._take(folder, document)

    def _take(self, folder: Folder, document: Document) -> None:
        """Checks an open document as it is now, and has those files checked that its change concerns."""
        self.follow(self._host.apply(DocumentChanged(document)), {document.uri})
        self._check(folder, document.uri)

    # Files on the disk.

    async def scan(self, folder: Folder) -> None:
        """Indexes and checks every entity file of a folder."""
        try:
            with self._gc_freezer.paused():
                await self._scan(folder)
        except Exception:
            folder.indexed = True  # as far as it can be: an allocation must not wait for ever
            raise
        finally:
            self.delivery.read_all()

    async def _scan(self, folder: Folder) -> None:
        recent = folder.recent
        files, links = await self._tasks.in_thread(partial(_files_and_links, folder))
        if folder.not_searched is not None:
            self._client.show(types.MessageType.Warning, folder.not_searched)
        await self._tasks.at_most(REGISTRY_SECONDS, folder.until_registry_answered())
        await asyncio.sleep(0)  # what is open is checked first
        # Of a file and the links to it, the file itself is to count, so links are read last.
        paths = [*await self._in_reading_order(files), *links]
        checks: list[Check[Finding]] = []
        try:
            for chunk in (*_chunks(paths), ()):
                documents = await self._tasks.in_thread(partial(_checked_and_read, checks, recent, chunk))
                if folder.closed or folder.recent is not recent:  # other files are looked at by now
                    return
                checks = self._take_scanned(folder, checks, self._own(folder, documents))
        finally:
            for check in checks:
                self._host.finish(check)  # it is not awaited any more
        folder.indexed = True
        if folder.not_searched is None:  # else there may be files that nothing is known of
            self.follow(self._host.apply(FolderRead(folder.uri)))
        self.follow(Invalidated(stale=self._host.stale(folder.uri)))

    async def _in_reading_order(self, paths: Sequence[Path]) -> list[Path]:
        names: list[FileNames] = []
        for chunk in _chunks(paths, MANY):
            names += await self._tasks.in_thread(partial(names_in_files, chunk))
        return [paths[number] for number in reading_order(names)]

    def _take_scanned(
        self, folder: Folder, checked: Iterable[Check[Finding]], read: Mapping[str, Document | None]
    ) -> list[Check[Finding]]:
        """Publishes what was found in files, and indexes further ones; the checks of these."""
        with self._client.sending_together():
            for check in checked:
                self._finish(folder, check, is_verified=True)
            invalidated = self._host.apply(FilesRead(folder.uri, read))
            # What else is stale is checked when all is read: more of it may become stale until then.
            self.follow(Invalidated(shown=invalidated.shown))
        return [check for check in map(self._host.prepare, read) if check is not None]

    async def claim(self, folder: Folder, path: Path) -> None:
        """Makes a file that was opened count under the path it was opened by, and no longer under another link's."""
        before = await self._tasks.in_thread(lambda: folder.recent.claim(path))
        if before is not None and not folder.closed and uri_of(before) not in self._documents:
            self._forget(folder, [uri_of(before)])

    async def leave(self, folder: Folder, paths: Sequence[Path]) -> None:
        """Forgets how files, and those in folders, were read that another workspace folder owns from now on."""
        await self._tasks.in_thread(lambda: folder.recent.leave(*paths))

    def _forget(self, folder: Folder, uris: Iterable[str]) -> None:
        """Takes away what is known of files that are gone, and has those checked that it concerns."""
        self.follow(self._host.apply(FilesRead(folder.uri, dict.fromkeys(uris))))

    async def file(self, folder: Folder, path: Path) -> None:
        """Reads a file whatever its time and size say, indexes and checks it."""
        await self._tasks.in_thread(lambda: folder.recent.forget([path]))
        await self.files(folder, [path])

    async def files(self, folder: Folder, paths: Sequence[Path]) -> None:
        """Reads files, indexes and checks those that are there, and forgets those that are gone."""
        while paths:
            async for documents in self._read(folder, paths):
                with self._client.sending_together():
                    self._take_files(folder, documents)
            if folder.closed:
                return
            paths = await self._tasks.in_thread(folder.recent.released)
        self._expire_soon(folder)

    def _take_files(self, folder: Folder, documents: Mapping[str, Document | None]) -> None:
        self.follow(self._host.apply(FilesRead(folder.uri, documents)), documents.keys())
        for uri, document in documents.items():
            if document is None:
                self._show(uri)
            else:
                self._on_read(document)
                self._check(folder, uri)

    def _check_stale(self, folder: Folder) -> None:
        """Has the stale files of a folder checked that are not open, unless it is being done."""
        if folder.indexed and folder not in self._draining:
            self._draining.add(folder)
            self._tasks.spawn(self._drain(folder))

    async def _drain(self, folder: Folder) -> None:
        try:
            if folder.closed:
                return
            are_many = len(self._host.stale(folder.uri)) >= MANY
            with self._gc_freezer.paused() if are_many else nullcontext():
                await self._check_all_stale(folder)
        finally:
            self._draining.discard(folder)

    async def _check_all_stale(self, folder: Folder) -> None:
        recent = folder.recent
        while not folder.closed and folder.recent is recent:  # else all files are read again
            stale = (uri for uri in self._host.stale(folder.uri) if uri not in self._documents)
            chunk = list(islice((uri for uri in stale if uri != folder.registry_uri), CHUNK))
            if not chunk:
                break
            paths = {uri: path for uri in chunk if (path := path_of(uri)) is not None and folder.holds(path)}
            self._forget(folder, [uri for uri in chunk if uri not in paths])
            await self.files(folder, list(paths.values()))

    async def _read(self, folder: Folder, paths: Sequence[Path]) -> AsyncIterator[dict[str, Document | None]]:
        """The documents of files that are not open, by URI, a few at a time.

        It ends early when the folder is closed, or looks at other files.
        """
        recent = folder.recent
        for chunk in _chunks(paths):
            documents = await self._tasks.in_thread(partial(_checked_and_read, (), recent, chunk))
            if folder.closed or folder.recent is not recent:
                return
            yield self._own(folder, documents)

    def _own(
        self, folder: Folder, documents: Iterable[tuple[Path, str, Document | None]]
    ) -> dict[str, Document | None]:
        """The documents that count of some that were read, by URI.

        The editor's text counts before the disk's; a folder that was nested meanwhile owns its files. Those are
        forgotten: they are to be read again when that folder is closed.
        """
        own: dict[str, Document | None] = {}
        others: list[Path] = []
        for path, uri, document in documents:
            if not folder.holds(path):
                others.append(path)
            elif uri not in self._documents:
                own[uri] = document
        if others:
            self._tasks.spawn(self.leave(folder, others))
        return own

    def _expire_soon(self, folder: Folder) -> None:
        async def expire() -> None:
            await self._tasks.in_thread(folder.recent.expire)

        delay = (RECENT_SECONDS + 1) * 1000
        self.debouncer.call(f"expire:{folder.uri}", delay, lambda: self._tasks.spawn(expire()))

    # The registry's YAML.

    async def registry_file(self, folder: Folder) -> None:
        """Reads the registry's YAML, and checks it if it is stale; off the event loop as it may be large.

        One that is not open waits until the entity files have been read, which it would delay.
        """
        if folder.registry_uri not in self._documents:
            await folder.until_indexed()
        await self._tasks.in_thread(folder.read_registry_document)
        uri, document = folder.registry_uri, self._documents.get(folder.registry_uri)
        if document is not None:
            await self._in_thread(document, lambda: document.registry)
        if folder.closed or folder.registry_uri != uri or self._documents.get(uri) is not document:
            return  # a newer text is on its way
        if document is None and folder.registry_on_disk is not None:
            self._on_read(folder.registry_on_disk)
        if uri not in self._documents or document is not None:
            changes: list[Change] = [RegistryFileRead(folder.uri, folder.registry_on_disk)]
            if document is not None:
                changes.append(DocumentChanged(document))
            for change in changes:
                self.follow(self._host.apply(change), {uri})
        self._show(uri)
        await self._check_elsewhere(folder, uri)

    # Checks.

    def _check(self, folder: Folder, uri: str, *, is_verified: bool = False) -> None:
        """Checks a file, if its text is there: here and now, or a large one off the event loop."""
        check = self._host.prepare(uri)
        if check is None:
            return
        if check.document.is_large:
            self._tasks.spawn(self._run_elsewhere(folder, check, is_verified=is_verified))
        else:
            self._finish(folder, check.run(), is_verified=is_verified)

    async def _check_elsewhere(self, folder: Folder, uri: str) -> None:
        """Checks a file off the event loop, if it is stale and its text is there."""
        while not folder.closed and uri in self._host.stale(folder.uri):
            check = self._host.prepare(uri)
            if check is None:
                return
            await self._run_elsewhere(folder, check)

    async def _run_elsewhere(self, folder: Folder, check: Check[Finding], *, is_verified: bool = False) -> None:
        def run() -> None:
            self._reports.prepare(check.document, check.run().found)

        await self._in_thread(check.document, run)
        self._finish(folder, check, is_verified=is_verified)

    async def _in_thread(self, document: Document, run: Callable[[], object]) -> None:
        """Awaits a function that runs on the files' thread, and that may make very many objects of a large document."""
        await (self._tasks.in_thread_uncollected(run) if document.is_large else self._tasks.in_thread(run))

    def _finish(self, folder: Folder, check: Check[Finding], *, is_verified: bool = False) -> None:
        invalidated = self._host.finish(check)
        if invalidated is None:  # it was overtaken by a newer text
            return
        document = check.document
        file = self._host.diagnostics(document.uri)
        named = self._named(document, file.shown if file is not None and not is_verified else ())
        if named:
            self._unverified[document.uri] = document
            self._tasks.spawn(self._verify(folder, document, named))
        else:
            self._publish(document)

    def findings(self, folder: Folder | None, analysis: Analysis, document: Document) -> tuple[Finding, ...]:
        """What is found in a document of a folder, with the analysis of the request that asks."""
        if folder is None:
            return ()
        known = self._host.result_for(document)
        if known is not None and _same_registry(self._host.analysis(folder.uri), analysis):
            return known.shown
        if document.is_large:  # its check is on its way, off the event loop
            return ()
        if not document.is_registry and not folder.takes(document.uri):
            analysis = analysis.without_files()
        return shown(analysis.settings, found_in(analysis, document))

    # Findings that name other files.

    def _named(self, document: Document, found: Iterable[Finding]) -> dict[str, Path]:
        """The files on the disk that findings name, apart from the document's own and from those that are open."""
        uris = {related.place.uri for finding in found for related in finding.related} - {document.uri}
        paths = {uri: path_of(uri) for uri in uris if uri not in self._documents}
        return {uri: path for uri, path in paths.items() if path is not None}

    async def _verify(self, folder: Folder, document: Document, named: dict[str, Path]) -> None:
        """Publishes what is found in a document, once it is known that the files exist that it names."""
        gone = await self._tasks.in_thread(partial(_missing, named))
        if folder.closed or self._unverified.get(document.uri) is not document:  # a newer check is on its way
            return
        if folder.registry_uri in gone:
            folder.service.yaml_changed()
            await self.registry_file(folder)
        if self._folders.get(folder.uri) is not folder:
            return
        self._forget(folder, [uri for uri in gone if uri != folder.registry_uri])
        if self._unverified.get(document.uri) is document and document.uri not in self._host.stale(folder.uri):
            self._publish(document)

    # What is published.

    def _publish(self, document: Document) -> None:
        """Publishes the findings of a document that was checked."""
        self._unverified.pop(document.uri, None)
        file = self._host.diagnostics(document.uri)
        if file is not None:
            self._reports.checked(document, file.found, self._published_now(document, file.shown))

    def _show(self, uri: str) -> None:
        """Publishes what is shown of a file that was not checked again, or takes it away."""
        file = self._host.diagnostics(uri)
        if file is None:
            self._unverified.pop(uri, None)
            self._reports.clear(uri)
        elif uri not in self._unverified:
            document = self._host.document(uri)
            if document is None:
                self._reports.shown(uri, file.shown, None)
            else:
                self._reports.shown(uri, self._published_now(document, file.shown), document.version)

    def _published_now(self, document: Document, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """What is published now of what is shown: what is being typed waits."""
        now = self._typing.published_now(document, found)
        if len(now) < len(found):
            self._withheld[document.uri] = document
        else:
            self._withheld.pop(document.uri, None)
        return now


def _files_and_links(folder: Folder) -> tuple[list[Path], list[Path]]:
    """The files of a folder in which entities are looked for, and the symbolic links to such files."""
    found: tuple[list[Path], list[Path]] = ([], [])
    for path in folder.entity_paths():
        found[path.is_symlink()].append(path)
    return found


def _chunks(paths: Sequence[Path], size: int = CHUNK) -> Iterator[Sequence[Path]]:
    return (paths[start : start + size] for start in range(0, len(paths), size))


def _checked_and_read(
    checks: Iterable[Check[Finding]], recent: RecentDocuments, paths: Sequence[Path]
) -> list[tuple[Path, str, Document | None]]:
    """Runs checks, and reads files while their trees are still at hand; for a worker thread."""
    for check in checks:
        check.run()
    uris = [uri_of(path) for path in paths]
    read = recent.read(list(zip(paths, uris, strict=True)))
    return [(path, uri, document) for path, (uri, document) in zip(paths, read, strict=True)]


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


def _same_registry(one: Analysis, other: Analysis) -> bool:
    """Whether two analyses have the same registry and the same differences, whenever they were read."""
    return one.snapshot is other.snapshot and one.discrepancies == other.discrepancies
