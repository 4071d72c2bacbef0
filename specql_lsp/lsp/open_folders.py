"""The workspace folders that the client has open, by our spelling of their URIs, and which of them answers for what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from specql_lsp.features.model import Finding
from specql_lsp.lsp.folder import Folder
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.uris import canonical


class OpenFolders(Mapping[str, Folder]):
    """Changed by ``FolderChanges`` only; on the event loop.

    Args:
        host: the state of the workspace, which knows whose a file is.
    """

    def __init__(self, host: AnalysisHost[Finding]) -> None:
        self._host = host
        self._folders: dict[str, Folder] = {}
        self._numbers: dict[str, int] = {}

    def __getitem__(self, uri: str) -> Folder:
        return self._folders[uri]

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)

    def add(self, folder: Folder) -> None:
        """Takes a folder that was opened."""
        self._folders[folder.uri] = folder

    def remove(self, uri: str) -> Folder | None:
        """Forgets a folder, and answers with it."""
        return self._folders.pop(uri, None)

    def of(self, uri: str) -> Folder | None:
        """The folder that answers for a document.

        Of several folders none answers for a document that is in none of them (``AnalysisHost.folder_of``).
        """
        folder = self._host.folder_of(uri)
        return self._folders.get(folder.uri) if folder is not None else None

    def owner_of(self, path: Path) -> Folder | None:
        """The innermost folder that holds a path."""
        owner = self._host.owner_of(path)
        return self._folders.get(owner.uri) if owner is not None else None

    def for_command(self, uri: str | None) -> Folder | None:
        """The folder that a command is about: its file's, or the only or first one."""
        return self.of(canonical(uri)) if uri else next(iter(self._folders.values()), None)

    def number(self, uri: str) -> int:
        """A short name of a folder, the same for the whole session: it goes into each item of a completion."""
        return self._numbers.setdefault(uri, len(self._numbers))

    def numbered(self, number: object) -> Folder | None:
        """The folder with that short name, if it is still open."""
        return next((f for f in self._folders.values() if self._numbers.get(f.uri) == number), None)
