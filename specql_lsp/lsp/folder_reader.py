"""Reads the files of workspace folders, off the event loop and a few at a time, and has them indexed and checked.

What the editor has open counts before what is on the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lsprotocol import types

from specql_lsp.features.model import Finding
from specql_lsp.lsp.document_checks import DocumentChecks
from specql_lsp.lsp.findings_publisher import FindingsPublisher
from specql_lsp.workspace.changes import Change, DocumentChanged, FilesRead, FolderRead, Invalidated, RegistryFileRead
from specql_lsp.workspace.checks import Check, run_checks
from specql_lsp.workspace.discovery import RECENT_SECONDS, RecentDocuments
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.reading_order import FileNames, names_in_files, reading_order
from specql_lsp.workspace.uris import path_of, uri_of

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.debouncer import Debouncer
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.gc_freeze import GcFreezer
    from specql_lsp.lsp.open_documents import OpenDocuments
    from specql_lsp.lsp.tasks import Tasks

CHUNK = 25
MANY = 200
"""So many files are checked without the garbage collector, and looked through for names at once."""
REGISTRY_SECONDS = 1.0
"""So long the first files wait for the registry: what is checked without it is checked again, and delays it."""


class Follow(Protocol):
    """``DiagnosticsScheduler.follow``."""

    def __call__(self, invalidated: Invalidated, without: Collection[str] = (), /) -> None:
        """Has everything published and checked that a change invalidates."""


class FolderReader:
    """Used on the event loop.

    Args:
        client: to which what is found is sent.
        tasks: where files are read.
        documents: what the editor has open.
        host: the state of the workspace.
        gc_freezer: pauses the garbage collector while many files are read.
        timers: for the end of what is remembered of files.
        checks: checks what was read.
        publisher: publishes what is shown of files that are not checked again.
        follow: follows what a change invalidates.
        on_read: called with the document of each file that has changed on the disk.
    """

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        documents: OpenDocuments,
        host: AnalysisHost[Finding],
        gc_freezer: GcFreezer,
        timers: Debouncer,
        checks: DocumentChecks,
        publisher: FindingsPublisher,
        follow: Follow,
        on_read: Callable[[Document], None],
    ) -> None:
        self._client = client
        self._tasks = tasks
        self._documents = documents
        self._host = host
        self._gc_freezer = gc_freezer
        self._timers = timers
        self._checks = checks
        self._publisher = publisher
        self._follow = follow
        self._on_read = on_read
        self._draining: set[Folder] = set()

    async def scan(self, folder: Folder) -> None:
        """Indexes and checks every entity file of a folder."""
        try:
            with self._gc_freezer.paused():
                await self._scan(folder)
        except Exception:
            folder.indexed = True  # as far as it can be: an allocation must not wait for ever
            raise

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
            self._follow(self._host.apply(FolderRead(folder.uri)))
        self._follow(Invalidated(stale=self._host.stale(folder.uri), domains=True))

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
            self._checks.finish_all(folder, checked, is_verified=True)
            invalidated = self._host.apply(FilesRead(folder.uri, read))
            # What else is stale is checked when all is read: more of it may become stale until then.
            self._follow(Invalidated(shown=invalidated.shown, catalogs=invalidated.catalogs))
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
        self._follow(self._host.apply(FilesRead(folder.uri, dict.fromkeys(uris))))

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
        self._follow(self._host.apply(FilesRead(folder.uri, documents)), documents.keys())
        for uri, document in documents.items():
            if document is None:
                self._publisher.show(uri)
            else:
                self._on_read(document)
                self._checks.check(folder, uri)

    def check_stale(self, folder: Folder) -> None:
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
        self._timers.call(f"expire:{folder.uri}", delay, lambda: self._tasks.spawn(expire()))

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
            await self._checks.in_thread(document, lambda: document.registry)
        if folder.closed or folder.registry_uri != uri or self._documents.get(uri) is not document:
            return  # a newer text is on its way
        if document is None and folder.registry_on_disk is not None:
            self._on_read(folder.registry_on_disk)
        if uri not in self._documents or document is not None:
            changes: list[Change] = [RegistryFileRead(folder.uri, folder.registry_on_disk)]
            if document is not None:
                changes.append(DocumentChanged(document))
            for change in changes:
                self._follow(self._host.apply(change), {uri})
        self._publisher.show(uri)
        await self._checks.check_elsewhere(folder, uri)

    async def forget_gone(self, folder: Folder, uris: Sequence[str]) -> None:
        """Takes away what is known of files that were found to be gone, the registry's YAML among them."""
        if folder.registry_uri in uris:
            folder.service.yaml_changed()
            await self.registry_file(folder)
        if not folder.closed:
            self._forget(folder, [uri for uri in uris if uri != folder.registry_uri])


def _files_and_links(folder: Folder) -> tuple[list[Path], list[Path]]:
    """The files of a folder in which entities are looked for, and the symbolic links to such files."""
    found: tuple[list[Path], list[Path]] = ([], [])
    for path in folder.entity_paths():
        found[path.is_symlink()].append(path)
    return found


def _chunks(paths: Sequence[Path], size: int = CHUNK) -> Iterator[Sequence[Path]]:
    return (paths[start : start + size] for start in range(0, len(paths), size))


def _checked_and_read(
    checks: Sequence[Check[Finding]], recent: RecentDocuments, paths: Sequence[Path]
) -> list[tuple[Path, str, Document | None]]:
    """Runs checks, and reads files while their trees are still at hand; for a worker thread."""
    run_checks(checks)
    uris = [uri_of(path) for path in paths]
    read = recent.read(list(zip(paths, uris, strict=True)))
    return [(path, uri, document) for path, (uri, document) in zip(paths, read, strict=True)]
