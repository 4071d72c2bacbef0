"""URIs in one spelling: clients write the same file differently (drive letters, escapes)."""

from __future__ import annotations

import os
import re
import sys
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote, unquote_to_bytes, urlsplit

_DRIVE = re.compile(r"/([A-Za-z]):")
_PLAIN = re.compile(r"file://(/[\w./+@=-]*)", re.ASCII)
_CANONICAL = re.compile(r"file://(?:/(?!\.\.?(?:/|\Z))[\w.~-]+)+", re.ASCII)
"""A URI that is in our spelling already: without an escape, and its path without a part that means no name."""
_PLAIN_PATH = re.compile(r"/[\w./~-]*", re.ASCII)
"""A path that is written in a URI as it is."""
_LOCAL_HOSTS = frozenset({"", "localhost"})
_KEPT = 256
"""So many answers are kept: each request asks several times about the files that an editor has open."""


@lru_cache(maxsize=_KEPT)
def path_of(uri: str) -> Path | None:
    """The path on this machine of a ``file:`` URI (RFC 8089); None for any other URI, and for what is no URI.

    Bytes that are no UTF-8 stand for themselves, as they do in a file's name.
    """
    plain = _PLAIN.fullmatch(uri) if sys.platform != "win32" else None
    if plain is not None:  # as almost all are written: ten thousand of them are asked for in a search
        return Path(plain[1])
    try:
        parts = urlsplit(uri)
        path = os.fsdecode(unquote_to_bytes(parts.path))
        host = unquote(parts.netloc)
    except ValueError:  # brackets that hold no address, half of a surrogate pair
        return None
    if parts.scheme != "file" or not path.startswith("/") or "\0" in path:
        return None
    if sys.platform == "win32":
        return Path(_windows_path(path, host))
    return Path(path) if host.lower() in _LOCAL_HOSTS else None


def _windows_path(path: str, host: str) -> str:
    drive = _DRIVE.match(path)
    if drive is not None:
        return drive[1].lower() + path[2:]
    return path if host.lower() in _LOCAL_HOSTS else f"//{host}{path}"


def uri_of(path: Path) -> str:
    """The URI of an absolute path, in our spelling."""
    text = path.as_posix()
    if sys.platform != "win32" and _PLAIN_PATH.fullmatch(text) is not None:
        return f"file://{text}"
    host = ""
    if sys.platform == "win32":
        if text.startswith("//"):  # a share on another machine
            host, _, text = text[2:].partition("/")
        elif text[1:2] == ":":
            return f"file:///{text[0].lower()}:{quote_from_bytes(os.fsencode(text[2:]))}"
        text = f"/{text.lstrip('/')}"
    return f"file://{host}{quote_from_bytes(os.fsencode(text))}"


_EDITABLE = ("file:", "untitled:", "inmemory:")


def is_editable(uri: str) -> bool:
    """Whether a document is one that its user can edit, and not an older state of one, such as ``git:``."""
    return uri.startswith(_EDITABLE)


@lru_cache(maxsize=_KEPT)
def canonical(uri: str) -> str:
    """Our spelling of a client's URI."""
    if sys.platform != "win32" and _CANONICAL.fullmatch(uri) is not None:
        return uri
    path = path_of(uri)
    return uri_of(path) if path is not None else uri


def name_of(uri: str) -> str:
    """The last part of a URI, to name the file to a user."""
    path = path_of(uri)
    return path.name if path is not None else uri.rpartition("/")[2] or uri
