"""A workspace folder as paths: which files are its own, and which one is its registry. Nothing is read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from specql_lsp.config import Settings
from specql_lsp.workspace.discovery import FileFilter
from specql_lsp.workspace.uris import path_of, uri_of


@dataclass(frozen=True, slots=True)
class WorkspaceFolder:
    """A workspace folder, or the owner of files that belong to none (``path`` None)."""

    uri: str
    """In our spelling."""
    path: Path | None
    settings: Settings
    nested: frozenset[Path] = frozenset()
    """The paths of the workspace folders in this one: they own what is in them."""
    registry_path: Path = field(init=False, compare=False)
    registry_uri: str = field(init=False, compare=False)
    file_filter: FileFilter = field(init=False, compare=False)
    _beginning: str = field(init=False, repr=False, compare=False)
    """What the path of everything in the folder begins with."""

    def __post_init__(self) -> None:
        base = self.path if self.path is not None else Path.cwd()
        # Not resolved, as the folder is not: through a symbolic link the client names files by the link.
        registry_path = Path(os.path.normpath(base / self.settings.registry.yaml_path))
        object.__setattr__(self, "registry_path", registry_path)
        object.__setattr__(self, "registry_uri", uri_of(registry_path))
        object.__setattr__(self, "file_filter", FileFilter(self.settings.files))
        object.__setattr__(self, "_beginning", os.path.join(_spelled(base), ""))  # noqa: PTH118 - a text, not a path

    def with_settings(self, settings: Settings) -> WorkspaceFolder:
        """The folder with other settings."""
        return replace(self, settings=settings)

    def among(self, folders: Iterable[Path]) -> WorkspaceFolder:
        """The folder beside others: those in it own what is in them."""
        own = self.path
        return replace(
            self, nested=frozenset(p for p in folders if own is not None and p != own and p.is_relative_to(own))
        )

    def holds(self, path: Path) -> bool:
        """Whether a path is in this folder, and not in a workspace folder that is nested in it."""
        # pathlib would take both apart: five times as long, and it is asked for each file and by each request.
        if self.path is None or not (_spelled(path).startswith(self._beginning) or path == self.path):
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


def _spelled(path: Path) -> str:
    """A path as a text that is equal for equal paths."""
    return os.path.normcase(path)
