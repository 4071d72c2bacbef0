"""What can change in a workspace, and what a change invalidates: the input and the output of ``AnalysisHost.apply``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from specql_lsp.config import Settings
from specql_lsp.registry.state import RegistryState
from specql_lsp.workspace.documents import Document


class FolderOpened(NamedTuple):
    """A workspace folder was opened, or opened again. None of its files has been read."""

    uri: str
    """In our spelling, as every URI here."""
    path: Path | None
    """None for the owner of files that belong to no folder."""
    settings: Settings


class FolderClosed(NamedTuple):
    """A workspace folder was closed. A folder around it owns its files from now on."""

    uri: str


class FolderRead(NamedTuple):
    """Every file of a folder has been read once."""

    folder: str


class FilesRead(NamedTuple):
    """Files of a folder were read from the disk."""

    folder: str
    documents: Mapping[str, Document | None]
    """By URI; None for a file that is gone, that defines no entity, or that counts under another link's path."""
    to_check: bool = True
    """Whether their findings are of interest; otherwise they are only indexed, for the findings of other files."""


class RegistryFileRead(NamedTuple):
    """The registry's YAML was read from the disk."""

    folder: str
    document: Document | None
    """None where it cannot be read."""


class DocumentChanged(NamedTuple):
    """The editor opened a document or changed its text. Until it is closed, the file on the disk does not count."""

    document: Document


class DocumentLost(NamedTuple):
    """The text of an open document is not known any more; neither its last text nor the disk's is checked."""

    document: Document
    """As it was last: its table code stays used."""


class DocumentClosed(NamedTuple):
    """The editor closed a document; the file on the disk counts."""

    uri: str


class SettingsChanged(NamedTuple):
    """A folder has other settings."""

    folder: str
    settings: Settings


class RegistryChanged(NamedTuple):
    """The registry of a folder was read again, can be read again, or cannot be read any more."""

    folder: str
    state: RegistryState


Change: TypeAlias = (
    FolderOpened
    | FolderClosed
    | FolderRead
    | FilesRead
    | RegistryFileRead
    | DocumentChanged
    | DocumentLost
    | DocumentClosed
    | SettingsChanged
    | RegistryChanged
)


class Invalidated(NamedTuple):
    """What follows from a change, each file once and in the order in which it was found."""

    stale: tuple[str, ...] = ()
    """Files to check again. One whose text the host has not got is to be read first (``FilesRead``)."""
    shown: tuple[str, ...] = ()
    """Files of which something else is shown from now on, without a check."""
    unread: tuple[tuple[str, Path], ...] = ()
    """The URI of a folder, and a file of it or a folder in it, of which all files are to be read from the disk."""
    catalogs: bool = False
    """Whether files define other patterns or services, or the same ones in other places."""
    domains: bool = False
    """Whether files have other table codes or entities, or the same ones in other places."""
