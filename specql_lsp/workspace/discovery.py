"""Finding the entity files of a workspace folder. The only module of the workspace that reads the disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from cachetools import TTLCache

from specql_lsp.config import FilesSettings
from specql_lsp.workspace.documents import Document

MAX_FILE_BYTES = 4 * 1024 * 1024
"""A larger file is no entity's; the registry may be larger and is not read through here."""
RECENT_DOCUMENTS = 1_500
RECENT_SECONDS = 30.0
_ENTITY_KEY = re.compile(rb"^(?:\xef\xbb\xbf)?['\"]?entity['\"]?[ \t]*:", re.MULTILINE)


class FileFilter:
    """Which paths of a folder are looked at: matched by ``files.include`` and not by ``files.exclude``.

    Globs are LSP's (``**``, ``*``, ``?``, ``{a,b}``, ``[a-z]``), relative to the folder, with ``/`` between parts.
    """

    def __init__(self, settings: FilesSettings) -> None:
        self._include = [glob_pattern(glob) for glob in settings.include]
        self._exclude = [glob_pattern(glob) for glob in settings.exclude]

    def matches(self, relative: str) -> bool:
        """Whether the file at a relative path, with ``/`` between its parts, is looked at."""
        return any(p.fullmatch(relative) for p in self._include) and not self.excludes(relative)

    def excludes(self, relative: str) -> bool:
        """Whether a relative path is excluded; for a folder, ask for what would be inside it."""
        return any(p.fullmatch(relative) for p in self._exclude)


@lru_cache(maxsize=256)
def glob_pattern(glob: str) -> re.Pattern[str]:
    """The regular expression of a glob (LSP 3.17, "Pattern"); one that makes no sense stands for itself."""
    out: list[str] = []
    depth = 0
    index = 0
    while index < len(glob):
        character = glob[index]
        if glob.startswith("**/", index):
            out.append("(?:[^/]+/)*")
            index += 3
            continue
        if glob.startswith("**", index):
            out.append(".*")
            index += 2
            continue
        if character == "*":
            out.append("[^/]*")
        elif character == "?":
            out.append("[^/]")
        elif character == "{" and "}" in glob[index:]:
            depth += 1
            out.append("(?:")
        elif character == "}" and depth:
            depth -= 1
            out.append(")")
        elif character == "," and depth:
            out.append("|")
        elif character == "[" and "]" in glob[index + 2 :]:
            end = glob.index("]", index + 2)
            body = re.sub(r"([\\\[&~|])", r"\\\1", glob[index + 1 : end])
            out.append("[" + ("^" + body[1:] if body[0] in "!^" else body) + "]")
            index = end
        else:
            out.append(re.escape(character))
        index += 1
    try:
        return re.compile("".join(out))
    except re.error:  # braces or a range that make no sense, such as {{a} or [z-a]
        return re.compile(re.escape(glob))


def entity_paths(folder: Path, settings: FilesSettings) -> Iterator[Path]:
    """The paths beneath a folder that may hold entities, in a stable order; what cannot be read is passed over."""
    files = FileFilter(settings)
    root = str(folder)
    for directory, subdirectories, names in os.walk(root, followlinks=False):
        relative = os.path.relpath(directory, root).replace(os.sep, "/")
        prefix = "" if relative == "." else relative + "/"
        subdirectories[:] = sorted(d for d in subdirectories if not files.excludes(f"{prefix}{d}/x"))
        for name in sorted(names):
            if files.matches(prefix + name):
                yield Path(directory, name)


def read_text(path: Path) -> str | None:
    """The text of a file; None where it cannot be read or is not UTF-8. A byte order mark is taken off."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def read_entity_document(path: Path, uri: str) -> Document | None:
    """The document of a file that defines an entity; None for any other file, which is not even parsed."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    if not _ENTITY_KEY.search(data):
        return None
    try:
        document = Document(uri, data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
    return document if document.entity is not None else None


class RecentDocuments:
    """Entity files as they are on the disk; one that was read a moment ago and has not changed is not parsed again.

    A registry's change, or a folder's first look, has the same files checked again shortly after they were read. It
    is used on one thread.
    """

    def __init__(self) -> None:
        self._recent: TTLCache[Path, tuple[tuple[int, int], Document | None]] = TTLCache(
            RECENT_DOCUMENTS, RECENT_SECONDS
        )

    def read(self, paths: Sequence[tuple[Path, str]]) -> list[tuple[str, Document | None]]:
        """The documents of several files, each with its URI; None for a file that defines no entity."""
        return [(uri, self._read(path, uri)) for path, uri in paths]

    def _read(self, path: Path, uri: str) -> Document | None:
        try:
            status = path.stat()
        except OSError:
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._recent.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        document = read_entity_document(path, uri)
        self._recent[path] = (stamp, document)
        return document

    def forget(self, paths: Iterable[Path]) -> None:
        """Has files read anew, whatever their time and size say: two changes may come within one tick of the clock."""
        for path in paths:
            self._recent.pop(path, None)

    def expire(self) -> None:
        """Gives the memory of what is no longer recent back."""
        self._recent.expire()


def is_no_entity_file(path: Path) -> bool:
    """Whether a file, in whatever encoding it is, can be read and has no top-level ``entity``."""
    try:
        return re.search(rb"^['\"]?entity['\"]?[ \t]*:", path.read_bytes(), re.MULTILINE) is None
    except OSError:
        return False
