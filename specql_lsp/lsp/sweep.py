"""Reading the entity files that are not open: in a worker thread, a few at a time, so that requests go between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from specql_lsp.lsp.uris import uri_of
from specql_lsp.workspace.discovery import RECENT_SECONDS, entity_paths
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.index import facts_of

if TYPE_CHECKING:
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.session import Session
    from specql_lsp.registry.model import Snapshot

_T = TypeVar("_T")

CHUNK = 25


class Sweep:
    """Goes through files of a folder."""

    def __init__(self, session: Session, folder: Folder) -> None:
        self._session = session
        self._folder = folder

    async def run(self) -> None:
        """Indexes and checks every entity file of the folder."""
        folder = self._folder
        if folder.path is None:
            folder.indexed = True
            return
        paths = await self._work(lambda: list(entity_paths(folder.path or Path(), folder.settings.files)))
        checked: list[tuple[Path, str, Snapshot | None]] = []
        for chunk in _chunks([p for p in paths if p != folder.registry_path]):
            documents = await self._read(chunk)
            if self._is_over():
                return
            analysis = folder.analysis
            for path, (uri, document) in zip(chunk, documents, strict=True):
                if document is not None and uri not in self._session.open:
                    folder.index.put(uri, facts_of(document))
                    self._session.publish(analysis, document)
                    checked.append((path, uri, analysis.snapshot))
        folder.indexed = True
        for uri in list(self._session.open):
            if self._session.folder_of(uri) is folder:
                self._session.check_soon(uri, 0)
        # What was checked before the registry was read, or before the other user of a code was, is checked again.
        snapshot = folder.analysis.snapshot
        shared = folder.index.sharing_codes()
        await self.files([path for path, uri, held in checked if held is not snapshot or uri in shared])

    async def changed(self, path: Path) -> None:
        """Reads a file that has changed, indexes and checks it."""
        await self._work(lambda: self._folder.recent.forget([path]))
        await self.files([path])

    async def files(self, paths: Sequence[Path]) -> None:
        """Reads some files, indexes and checks them."""
        for chunk in _chunks(paths):
            documents = await self._read(chunk)
            if self._is_over():
                return
            for uri, document in documents:
                if uri in self._session.open:
                    continue
                if document is None:
                    self._session.forget(self._folder, uri)
                else:
                    self._session.take(self._folder, document)
        self._session.debouncer.call(f"expire:{self._folder.uri}", (RECENT_SECONDS + 1) * 1000, self._expire)

    def _is_over(self) -> bool:
        """Whether the folder was closed, or begun anew with other settings, while files were read."""
        return self._session.closed or self._session.folders.get(self._folder.uri) is not self._folder

    def _expire(self) -> None:
        if not self._session.closed:
            self._session.pool.submit(self._folder.recent.expire)

    async def _read(self, chunk: Sequence[Path]) -> list[tuple[str, Document | None]]:
        return await self._work(lambda: self._folder.recent.read([(path, uri_of(path)) for path in chunk]))

    async def _work(self, run: Callable[[], _T]) -> _T:
        return await self._session.loop.run_in_executor(self._session.pool, run)


def _chunks(paths: Sequence[Path]) -> Iterator[Sequence[Path]]:
    for start in range(0, len(paths), CHUNK):
        yield paths[start : start + CHUNK]
