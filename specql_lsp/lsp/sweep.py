"""Reading the entity files that are not open: in a worker thread, a few at a time, so that requests go between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from specql_lsp.lsp.uris import uri_of
from specql_lsp.workspace.discovery import entity_paths, read_entity_documents
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.index import facts_of

if TYPE_CHECKING:
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.session import Session

_T = TypeVar("_T")

CHUNK = 25
KEPT_DOCUMENTS = 1_500
"""So many parsed files are kept from the first reading for the first check; of more, memory would suffer."""


class Sweep:
    """Goes through files of a folder."""

    def __init__(self, session: Session, folder: Folder) -> None:
        self._session = session
        self._folder = folder

    async def run(self) -> None:
        """Indexes every entity file of the folder, then checks each: a code's other user may come later."""
        folder = self._folder
        if folder.path is None:
            folder.indexed = True
            return
        paths = await self._work(lambda: list(entity_paths(folder.path or Path(), folder.settings.files)))
        kept: list[Document] = []
        dropped: list[Path] = []
        for chunk in _chunks([p for p in paths if p != folder.registry_path]):
            for path, (uri, document) in zip(chunk, await self._read(chunk), strict=True):
                if document is None or uri in self._session.open:
                    continue
                folder.index.put(uri, facts_of(document))
                if len(kept) < KEPT_DOCUMENTS:
                    kept.append(document)
                else:
                    dropped.append(path)
        folder.indexed = True
        for index, document in enumerate(kept):
            if document.uri not in self._session.open:
                self._session.publish(folder.analysis, document)
            if index % CHUNK == CHUNK - 1:
                await asyncio.sleep(0)
        for uri in list(self._session.open):
            if self._session.folder_of(uri) is folder:
                self._session.check_soon(uri, 0)
        kept.clear()
        await self.files(dropped)

    async def files(self, paths: Sequence[Path]) -> None:
        """Reads some files anew, indexes and checks them."""
        for chunk in _chunks(paths):
            for uri, document in await self._read(chunk):
                if uri in self._session.open:
                    continue
                if document is None:
                    self._session.forget(self._folder, uri)
                else:
                    self._session.take(self._folder, document)

    async def _read(self, chunk: Sequence[Path]) -> list[tuple[str, Document | None]]:
        return await self._work(lambda: read_entity_documents([(path, uri_of(path)) for path in chunk]))

    async def _work(self, run: Callable[[], _T]) -> _T:
        return await self._session.loop.run_in_executor(self._session.pool, run)


def _chunks(paths: Sequence[Path]) -> Iterator[Sequence[Path]]:
    for start in range(0, len(paths), CHUNK):
        yield paths[start : start + CHUNK]
