"""A workspace in memory for tests of the host: files on a disk, and what an editor and the registries say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from specql_lsp.config import Settings
from specql_lsp.features.diagnostics import found_in_each, shown
from specql_lsp.features.model import Finding
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.changes import Change, FilesRead, FolderOpened, FolderRead, RegistryFileRead
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.uris import path_of, uri_of

ROOT = Path("/workspace")


def registry_state(text: str | None) -> RegistryState:
    """A registry as a YAML says it; None for one that cannot be read."""
    if text is None:
        return RegistryState(Provenance(reason="It cannot be read."))
    document = Document("file:///r.yaml", text, is_registry=True)
    assert document.registry is not None
    return RegistryState(Provenance(Source.YAML), snapshot_of(document.registry, document.tree))


def with_snapshot(snapshot: Snapshot) -> RegistryState:
    """A registry in PostgreSQL."""
    return RegistryState(Provenance(Source.POSTGRESQL), snapshot)


class Workspace:
    """A host, the files that it is to read, and how often each file was checked."""

    def __init__(self) -> None:
        self.checks: Counter[str] = Counter()
        self.host: AnalysisHost[Finding] = AnalysisHost(self._check, shown)
        self.disk: dict[Path, str] = {}

    def _check(self, files: Sequence[tuple[Analysis, Document]]) -> list[tuple[Finding, ...]]:
        self.checks.update(document.uri for _, document in files)
        return found_in_each(files)

    def open_folder(self, path: Path = ROOT, settings: Settings | None = None) -> str:
        """Opens a folder and reads it."""
        uri = uri_of(path)
        self.apply(FolderOpened(uri, path, settings or Settings()))
        return uri

    def write(self, *paths: Path) -> None:
        """Reads files that were made, changed or removed."""
        for path in paths:
            owner = self.host.owner_of(path)
            if owner is not None:
                self.read(owner.uri, path)

    def apply(self, change: Change) -> None:
        """Follows a change to its end: reads what is to be read and checks what is to be checked."""
        invalidated = self.host.apply(change)
        for folder, path in invalidated.unread:
            self.read(folder, path)
        self.check_all()

    def read(self, folder_uri: str, path: Path) -> None:
        """Reads a file of a folder, or all files beneath a path."""
        folder = self.host.folder(folder_uri)
        if folder is None:
            return
        if folder.registry_path == path or folder.registry_path.is_relative_to(path):
            text = self.disk.get(folder.registry_path)
            document = Document(folder.registry_uri, text, is_registry=True) if text is not None else None
            self.apply(RegistryFileRead(folder_uri, document))
        known = {known for uri in self.host.checked(folder_uri) if (known := path_of(uri))}
        paths = [p for p in {*self.disk, *known, path} if p.is_relative_to(path) and folder.takes(uri_of(p))]
        self.apply(FilesRead(folder_uri, {uri_of(p): self._document(p) for p in sorted(paths)}))
        if path == folder.path:
            self.apply(FolderRead(folder_uri))

    def _document(self, path: Path) -> Document | None:
        document = Document(uri_of(path), self.disk.get(path, ""))
        return document if document.entity is not None or document.library is not None else None

    def check_all(self) -> None:
        """Checks every stale file."""
        for folder in self.host.folders:
            while stale := self.host.stale(folder.uri):
                for uri in stale:
                    check = self.host.prepare(uri)
                    if check is None:
                        path = path_of(uri)
                        assert path is not None
                        self.host.apply(FilesRead(folder.uri, {uri: self._document(path)}))
                        check = self.host.prepare(uri)
                    if check is not None:
                        self.host.finish(check.run())

    def found(self) -> dict[tuple[str, str], tuple[tuple[Finding, ...], tuple[Finding, ...]]]:
        """By folder and file: everything that was found, and what is shown of it."""
        results: dict[tuple[str, str], tuple[tuple[Finding, ...], tuple[Finding, ...]]] = {}
        for folder in self.host.folders:
            for uri in self.host.checked(folder.uri):
                file = self.host.diagnostics(uri)
                assert file is not None
                results[folder.uri, uri] = (file.found, file.shown)
        return results
