"""One workspace folder: its settings, its registry, the index of its entities, and the picture made of them."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from specql_lsp.config import Backend, RegistrySettings, Settings
from specql_lsp.index.summary import EntityFacts, summarize
from specql_lsp.index.symbols import SymbolKind, entity_key
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.items.registry_file import RegistryFile, read_registry
from specql_lsp.registry.model import Domain
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.service.shared_connections import ConnectionRegistry
from specql_lsp.registry.service.source_selection import primary_source_for
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import RegistryState, Source
from specql_lsp.syntax.parser import SyntaxTree, parse
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.discovery import FileFilter, RecentDocuments, entity_paths, found_entity_paths, read_text
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import path_of, uri_of

logger = logging.getLogger(__name__)

OpenDocument = Callable[[str], Document | None]


class Folder:
    """A workspace folder, or the place of files that belong to none (``path`` None).

    Args:
        uri: the folder's URI in our spelling.
        path: the folder on the disk.
        settings: its settings.
        open_document: the editor's document of a URI, if it is open.
        connections: the database connections of this process; folders of one database share them.
        on_registry_change: called on the registry's own threads with every visible change, and the service it is of.
    """

    def __init__(
        self,
        uri: str,
        path: Path | None,
        settings: Settings,
        open_document: OpenDocument,
        connections: ConnectionRegistry,
        on_registry_change: Callable[[Folder, RegistryService, RegistryState], None],
    ) -> None:
        self.uri = uri
        self.path = path
        self.settings = settings
        self.index = WorkspaceIndex()
        self.recent = RecentDocuments()
        self.file_filter = FileFilter(settings.files)
        self._indexed = asyncio.Event()
        self._answered = asyncio.Event()
        self.closed = False
        self.not_searched: str | None = None
        """A sentence where the folder holds more files than are searched."""
        self.nested: frozenset[Path] = frozenset()
        """The paths of the workspace folders in this one: they own what is in them."""
        self.shown_state = RegistryState()
        self._open_document = open_document
        self._registry_on_disk: Document | None = None
        self._connections = connections
        self._on_registry_change = on_registry_change
        self._use_registry(settings.registry)

    def _use_registry(self, settings: RegistrySettings) -> None:
        base = self.path if self.path is not None else Path.cwd()
        # Not resolved, as the folder is not: through a symbolic link the client names files by the link.
        self.registry_path = Path(os.path.normpath(base / settings.yaml_path))
        self.registry_uri = uri_of(self.registry_path)
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
        )
        self.service = service

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

    def take_settings(self, settings: Settings) -> None:
        """Goes on with other settings than those of ``registry``; where ``files`` changed, the index begins anew."""
        if settings.files != self.settings.files:
            self.file_filter = FileFilter(settings.files)
            self.index = WorkspaceIndex()
            self.recent = RecentDocuments()
            self.indexed = False
        self.settings = settings

    def change_registry(self, settings: Settings) -> RegistryService:
        """Goes on with other settings, those of ``registry`` included; what is known of the files stays.

        Returns:
            The service until now, which is still to be closed. The new one is still to be started.
        """
        retired = self.service
        self._answered.clear()
        self._registry_on_disk = None
        self._use_registry(settings.registry)
        self.take_settings(settings)
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
            self._registry_on_disk = document
        return document.tree, document.registry or read_registry(document.tree)

    def holds(self, path: Path) -> bool:
        """Whether a path is in this folder, and not in a workspace folder that is nested in it."""
        if self.path is None or not path.is_relative_to(self.path):
            return False
        return not self.nested or self.nested.isdisjoint((path, *path.parents))

    def reaches(self, path: Path) -> bool:
        """Whether a file or folder of this folder is in no folder that is excluded as a whole."""
        return self.path is None or self.file_filter.reaches(path.relative_to(self.path).parent.as_posix())

    def takes(self, uri: str) -> bool:
        """Whether the entity of a document counts in this folder: as one that exists, and as a user of its code.

        Documents that are not on the disk (``untitled:``, ``git:``) do not count, nor do excluded files.
        """
        path = path_of(uri)
        if path is None or uri == self.registry_uri:
            return False
        if self.path is None:
            return True
        return self.holds(path) and self.file_filter.matches(path.relative_to(self.path).as_posix())

    def entity_paths(self, beneath: Path | None = None) -> list[Path]:
        """The files in which entities are looked for, now; for a worker thread.

        Args:
            beneath: a file or a folder of this folder, to which they are restricted.
        """
        if self.path is None:
            return []
        paths = entity_paths(self.path, self.settings.files, beneath=beneath, without=self.nested)
        found, not_searched = found_entity_paths(paths)
        self.not_searched = not_searched or self.not_searched
        return [path for path in found if path != self.registry_path]

    @property
    def registry_document(self) -> Document | None:
        """The registry's YAML: the editor's text before the disk's."""
        return self._open_document(self.registry_uri) or self._registry_on_disk

    def read_registry_document(self) -> None:
        """Reads the registry's YAML from the disk; for a worker thread, as it may be large."""
        text = read_text(self.registry_path)
        known = self._registry_on_disk
        if text is None:
            self._registry_on_disk = None
        elif known is None or known.text != text:
            self._registry_on_disk = Document(self.registry_uri, text, is_registry=True)

    @property
    def analysis(self) -> Analysis:
        """The picture as it is now."""
        has_read_all = self.indexed and self.path is not None and self.not_searched is None
        return Analysis(self.settings, self.service.state, self.index, self.registry_document, has_read_all)

    def put(self, document: Document) -> bool:
        """Indexes a document; whether anything that other files can see has changed."""
        after = summarize(document)
        before = self.index.get(document.uri)
        self.index = self.index.put(document.uri, after)
        if before is None or after is None:
            return before is not after
        return [_seen(facts) for facts in before.entities] != [_seen(facts) for facts in after.entities]

    def forget(self, uri: str) -> bool:
        """Takes a file out of the index; whether it was there."""
        before, self.index = self.index, self.index.put(uri, None)
        return self.index is not before

    def sharing_code(self, codes: Iterable[str | None]) -> set[str]:
        """The files that use one of some codes: what one file's change can change in others."""
        return {facts.uri for code in codes if code for facts in self.index.using_code(code)}

    def naming(self, names: Iterable[str]) -> set[str]:
        """The files that define or use an entity of one of some names."""
        found: set[str] = set()
        for name in names:
            found.update(facts.uri for facts in self.index.named(name))
            found.update(self.index.users(entity_key(name)))
        return found

    def unsettled(self, uri: str) -> bool:
        """Whether what is found in a file depends on files that may not have been read when it was checked."""
        summary = self.index.get(uri)
        return summary is not None and (
            any(use.symbol is SymbolKind.ENTITY and not self.index.named(use.name) for use in summary.uses)
            or any(len(self.index.defining(facts.name, facts.schema)) > 1 for facts in summary.entities)
        )

    def affected_by(self, before: Snapshot | None, after: Snapshot | None) -> set[str] | None:
        """The files whose diagnostics a registry's change can change; None for all of them."""
        if before is None or after is None or before.rules != after.rules:
            return None
        if [_frame(d) for d in before.domains] != [_frame(d) for d in after.domains]:
            return None
        affected: set[str] = set()
        for name, code in _differing(before, after):
            affected.update(self.naming([name]))
            affected.update(facts.uri for facts in self.index.using_code(code.strip().upper()))
        return affected


def _seen(facts: EntityFacts) -> tuple[object, ...]:
    """What other files' findings are made of."""
    return (facts.name, facts.schema, facts.code, facts.code_place)


def _frame(domain: Domain) -> tuple[object, ...]:
    return (domain.number, domain.name, domain.aliases, [(s.number, s.name) for s in domain.subdomains])


def _differing(before: Snapshot, after: Snapshot) -> set[tuple[str, str]]:
    """Name and code of every registration that only one of two snapshots with the same subdomains has."""
    differing: set[tuple[str, str]] = set()
    for old, new in zip(before.domains, after.domains, strict=True):
        if old is new or old == new:
            continue
        for was, now in zip(old.subdomains, new.subdomains, strict=True):
            if was.entities != now.entities:
                registered = ({(e.name, e.table_code) for e in s.entities} for s in (was, now))
                differing.update(set.symmetric_difference(*registered))
    return differing
