"""One workspace folder of a session: the service of its registry, how its files are read, and what waits for either.

Which files are its own, and what is known of them, is the host's (``specql_lsp.workspace.host``).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from specql_lsp.config import Backend, Settings
from specql_lsp.features.model import Finding
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.items.registry_file import RegistryFile, read_registry
from specql_lsp.registry import refusals
from specql_lsp.registry.catalogs.reading import LastReadings
from specql_lsp.registry.service.lease_keeper import Confirmation
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.service.shared_connections import ConnectionRegistry
from specql_lsp.registry.service.source_selection import primary_source_for
from specql_lsp.registry.state import RegistryState, Source
from specql_lsp.syntax.parsing.gc_pause import gc_ignores_new_objects
from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.discovery import RecentDocuments, entity_paths, found_entity_paths, read_text
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.folder import WorkspaceFolder
from specql_lsp.workspace.host import AnalysisHost

OpenDocument = Callable[[str], Document | None]


class Folder:
    """A workspace folder, or the owner of files that belong to none (``path`` None).

    Args:
        own: the folder as the host knows it at first.
        host: the state of the workspace.
        open_document: the editor's document of a URI, if it is open.
        connections: the database connections of this process; folders of one database share them.
        on_registry_change: called on the registry's own threads with every visible change, and the service it is of.
        on_confirmed: called there with what became of codes that were given out while PostgreSQL was away.
    """

    def __init__(
        self,
        own: WorkspaceFolder,
        host: AnalysisHost[Finding],
        open_document: OpenDocument,
        connections: ConnectionRegistry,
        on_registry_change: Callable[[Folder, RegistryService, RegistryState], None],
        on_confirmed: Callable[[Folder, tuple[Confirmation, ...]], None],
    ) -> None:
        self.uri = own.uri
        """In our spelling."""
        self._own = own
        self._host = host
        self.recent = RecentDocuments()
        self._indexed = asyncio.Event()
        self._answered = asyncio.Event()
        self.closed = False
        self.not_searched: str | None = None
        """A sentence where the folder holds more files than are searched."""
        self.shown_state = RegistryState()
        self._open_document = open_document
        self.registry_on_disk: Document | None = None
        """The registry's YAML, as it was read last."""
        self._connections = connections
        self._on_registry_change = on_registry_change
        self._on_confirmed = on_confirmed
        self._use_registry()

    @property
    def own(self) -> WorkspaceFolder:
        """Which files are the folder's own; of a closed folder, which were."""
        known = self._host.folder(self.uri)
        if known is not None and not self.closed:
            self._own = known
        return self._own

    @property
    def path(self) -> Path | None:
        """The folder on the disk."""
        return self._own.path

    @property
    def settings(self) -> Settings:
        """Its settings."""
        return self.own.settings

    @property
    def registry_path(self) -> Path:
        """Where the registry's YAML is, or would be."""
        return self.own.registry_path

    @property
    def registry_uri(self) -> str:
        """The URI of the registry's YAML."""
        return self.own.registry_uri

    @property
    def snapshot_file(self) -> Path | None:
        """Where the snapshot of the registry is, or would be; None without the setting."""
        relative = self.settings.registry.snapshot_path
        return Path(os.path.normpath((self.path or Path()) / relative)) if relative else None

    def holds(self, path: Path) -> bool:
        """Whether a path is in this folder, and not in a workspace folder that is nested in it."""
        return self.own.holds(path)

    def reaches(self, path: Path) -> bool:
        """Whether a file or folder of this folder is in no folder that is excluded as a whole."""
        return self.own.reaches(path)

    def takes(self, uri: str) -> bool:
        """Whether the entity of a document counts in this folder (``WorkspaceFolder.takes``)."""
        return self.own.takes(uri)

    def _use_registry(self) -> None:
        settings = self.settings.registry
        self.wants_postgresql = (
            settings.backend is Backend.POSTGRESQL or primary_source_for(settings)[0] is Source.POSTGRESQL
        )
        service = RegistryService(
            settings,
            self.path,
            overlay=self._registry_overlay,
            read_yaml=lambda text: self._read_registry(service, text),
            connections=self._connections,
            on_change=lambda state: self._on_registry_change(self, service, state),
            on_confirmed=lambda done: self._on_confirmed(self, done),
        )
        self.service = service
        self.catalogs = LastReadings()

    @property
    def indexed(self) -> bool:
        """Whether every file of the folder has been read once."""
        return self._indexed.is_set()

    @indexed.setter
    def indexed(self, value: bool) -> None:
        if value:
            self._indexed.set()
        else:
            self._indexed.clear()

    async def until_indexed(self) -> None:
        """Waits until every file has been read once, or the folder is closed."""
        await self._indexed.wait()

    def registry_answered(self) -> None:
        """Says that the registry has been read for the first time, or that it is known why it cannot be."""
        self._answered.set()

    async def until_registry_answered(self) -> None:
        """Waits for ``registry_answered``, or until the folder is closed."""
        await self._answered.wait()

    def read_again(self) -> None:
        """Forgets what was read of the folder's files: other ones are looked at from now on."""
        self.recent = RecentDocuments()
        self.indexed = False

    def change_registry(self) -> RegistryService:
        """Begins with the registry that the settings name now; what is known of the files stays.

        Returns:
            The service until now, which is still to be closed. The new one is still to be started.
        """
        retired = self.service
        self._answered.clear()
        self.registry_on_disk = None
        self._use_registry()
        return retired

    def leave(self) -> None:
        """Marks the folder as closed and ends what waits for it; on the event loop, before ``close``."""
        self.closed = True
        self._answered.set()
        self._indexed.set()

    def close(self) -> None:
        """Ends the registry's worker and its connections; it may wait for the worker."""
        self.closed = True
        self.service.close()

    def _registry_overlay(self) -> str | None:
        document = self._open_document(self.registry_uri)
        return document.text if document else None

    def _read_registry(self, service: RegistryService, text: str) -> tuple[SyntaxTree, RegistryFile]:
        """Reads the registry's YAML for a service, in the document that is shown: a large one is parsed once."""
        if service is not self.service:  # it was replaced, and reads to no purpose
            tree = parse(text)
            return tree, read_registry(tree)
        document = self.registry_document
        if document is None or document.text != text:
            document = Document(self.registry_uri, text, is_registry=True)
            self.registry_on_disk = document
        return document.tree, document.registry or read_registry(document.tree)

    def entity_paths(self, beneath: Path | None = None) -> list[Path]:
        """The files in which entities are looked for, now; for a worker thread.

        Args:
            beneath: a file or a folder of this folder, to which they are restricted.
        """
        if self.path is None:
            return []
        paths = entity_paths(self.path, self.settings.files, beneath=beneath, without=self.own.nested)
        found, not_searched = found_entity_paths(paths)
        self.not_searched = not_searched or self.not_searched
        return [path for path in found if path != self.registry_path]

    @property
    def registry_document(self) -> Document | None:
        """The registry's YAML: the editor's text before the disk's."""
        return self._open_document(self.registry_uri) or self.registry_on_disk

    def read_registry_document(self) -> None:
        """Reads the registry's YAML from the disk; for a worker thread, as it may be large."""
        text = read_text(self.registry_path)
        known = self.registry_on_disk
        if text is None:
            self.registry_on_disk = None
        elif known is None or known.text != text:
            document = Document(self.registry_uri, text, is_registry=True)
            with gc_ignores_new_objects() if document.is_large else nullcontext():
                _ = document.registry  # what asks for it is on the event loop
            self.registry_on_disk = document

    @property
    def analysis(self) -> Analysis:
        """What is known of the folder at this moment.

        The registry is what its service answers now, and its YAML the newest text: the host may hear of them later.

        Raises:
            Refused: the folder was closed, while what asks waited for something.
        """
        return replace(self._analysis(), registry=self.service.state, registry_document=self.registry_document)

    @property
    def index(self) -> WorkspaceIndex:
        """The entities of the folder's files.

        Raises:
            Refused: the folder was closed, while what asks waited for something.
        """
        return self._analysis().index

    def _analysis(self) -> Analysis:
        if self.closed:
            raise refusals.closed()
        return self._host.analysis(self.uri)
