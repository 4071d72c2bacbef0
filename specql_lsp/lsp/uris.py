"""URIs in one spelling: clients write the same file differently (drive letters, escapes)."""

from __future__ import annotations

from pathlib import Path

from pygls.uris import from_fs_path, to_fs_path


def path_of(uri: str) -> Path | None:
    """The path of a ``file:`` URI; None for any other scheme."""
    if not uri.startswith("file:"):
        return None
    path = to_fs_path(uri)
    return Path(path) if path else None


def uri_of(path: Path) -> str:
    """The URI of a path, in our spelling."""
    return from_fs_path(str(path)) or path.as_uri()


_EDITABLE = ("file:", "untitled:", "inmemory:")


def is_editable(uri: str) -> bool:
    """Whether a document is one that its user can edit, and not an older state of one, such as ``git:``."""
    return uri.startswith(_EDITABLE)


def canonical(uri: str) -> str:
    """Our spelling of a client's URI."""
    path = path_of(uri)
    return uri_of(path) if path is not None else uri
