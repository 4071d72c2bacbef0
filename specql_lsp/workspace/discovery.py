"""Finding the entity files of a workspace folder, and reading them."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from specql_lsp.config import FilesSettings
from specql_lsp.regular_files import ENTITY_FILE_BYTES, REGISTRY_FILE_BYTES, RegularFile, read_regular
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.links import FileLinks, Stamp, stamp_of
from specql_lsp.workspace.specql_files import specql_documents

MAX_FILE_BYTES = ENTITY_FILE_BYTES
"""A larger file is no entity's; the registry may be larger (``read_text``)."""
MAX_PATHS = 50_000
"""A folder with more files that may hold entities is no workspace, but something like a home directory."""
MAX_NAMES = 500_000
"""So many files and folders are looked at in search of them; that takes some seconds."""
RECENT_DOCUMENTS = 200
"""So many trees, of some 30 kB each, are kept; a text is parsed in less than a third of a millisecond."""
RECENT_SECONDS = 30.0


class TooManyFilesError(Exception):
    """A folder holds more than is searched; the message says so, and what to do."""


class FileFilter:
    """Which paths of a folder are looked at: matched by ``files.include`` and not by ``files.exclude``.

    Globs are LSP's (``**``, ``*``, ``?``, ``{a,b}``, ``[a-z]``), relative to the folder, with ``/`` between parts.
    """

    def __init__(self, settings: FilesSettings) -> None:
        self._include = _any_pattern(settings.include)
        self._exclude = _any_pattern(settings.exclude)

    def matches(self, relative: str) -> bool:
        """Whether the file at a relative path, with ``/`` between its parts, is looked at."""
        return self.takes(relative) and self.reaches(relative.rpartition("/")[0])

    def takes(self, relative: str) -> bool:
        """Whether the file at a relative path is looked at, where its folder is looked into (``reaches``)."""
        return self._include.fullmatch(relative) is not None and self._exclude.fullmatch(relative) is None

    def reaches(self, folder: str) -> bool:
        """Whether a folder is looked into: neither what it holds is excluded as a whole, nor a folder around it."""
        parts = folder.split("/") if folder else []
        return not any(self.excludes("/".join((*parts[:count], "x"))) for count in range(1, len(parts) + 1))

    def excludes(self, relative: str) -> bool:
        """Whether a relative path is excluded; for a folder, ask for what would be inside it."""
        return self._exclude.fullmatch(relative) is not None


def _any_pattern(globs: Iterable[str]) -> re.Pattern[str]:
    """The regular expression of what any of some globs matches: ten thousand paths are asked about with one call."""
    return re.compile("|".join(f"(?:{glob_pattern(glob).pattern})" for glob in globs) or r"(?!)")


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


def entity_paths(
    folder: Path,
    settings: FilesSettings,
    *,
    beneath: Path | None = None,
    without: Collection[Path] = (),
    max_paths: int = MAX_PATHS,
    max_names: int = MAX_NAMES,
) -> Iterator[Path]:
    """The paths in a folder that may hold entities, in a stable order; what cannot be read is passed over.

    Links to files are followed, links to folders are not. Nothing is opened, so a path may be a pipe's.

    Args:
        folder: the folder that the globs of ``settings`` are relative to.
        settings: which files are looked at.
        beneath: a file or a folder inside it; only this file, or what is in this folder, is given.
        without: folders inside it that are left out.
        max_paths: how many paths are given.
        max_names: how many names of files and folders are looked at.

    Raises:
        TooManyFilesError: there are more than ``max_paths`` or ``max_names``; what was given until then is right.
    """
    files = FileFilter(settings)
    left_out = frozenset(without)
    top = folder if beneath is None else beneath
    if top != folder:
        start = top.relative_to(folder).as_posix()
        if not left_out.isdisjoint((top, *top.parents)) or not files.reaches(start):
            return
        if not top.is_dir():
            if top.exists() and files.matches(start):
                yield top
            return
        if top.is_symlink():
            return
    paths_left, names_left = max_paths, max_names
    for directory, subdirectories, names in os.walk(str(top), followlinks=False):
        names_left -= len(subdirectories) + len(names)
        if names_left < 0:
            raise TooManyFilesError(_too_many(top, f"{max_names:,} files and folders"))
        relative = os.path.relpath(directory, folder).replace(os.sep, "/")
        prefix = "" if relative == "." else relative + "/"
        subdirectories[:] = sorted(
            name
            for name in subdirectories
            if not files.excludes(f"{prefix}{name}/x") and (not left_out or Path(directory, name) not in left_out)
        )
        for name in sorted(names):
            if files.takes(prefix + name):
                paths_left -= 1
                if paths_left < 0:
                    raise TooManyFilesError(_too_many(top, f"{max_paths:,} YAML files"))
                yield Path(directory, name)


def _too_many(folder: Path, what: str) -> str:
    return (
        f"{folder} holds more than {what}, so that not all are searched for entities: open the project's own folder, "
        "or leave folders out with files.exclude."
    )


def found_entity_paths(paths: Iterator[Path]) -> tuple[list[Path], str | None]:
    """What ``entity_paths`` gives, and a sentence where that is not all there is."""
    found: list[Path] = []
    try:
        for path in paths:
            found.append(path)  # noqa: PERF402 - what was given before the error counts
    except TooManyFilesError as error:
        return found, str(error)
    return found, None


def distinct(paths: Iterable[Path]) -> list[Path]:
    """The paths without those that lead to the file of another one: a file that has several links counts once.

    Of a file and the symbolic links to it, the file itself is kept; of hard links, the first.
    """
    links = FileLinks()
    kept: list[Path] = []
    for path in sorted(dict.fromkeys(paths), key=Path.is_symlink):  # stable: files in their order, then links in theirs
        try:
            status = path.stat()
        except OSError:
            continue
        if links.claim(path, stamp_of(status)):
            kept.append(path)
    return kept


def read_text(path: Path) -> str | None:
    """The text of a file of any kind of ours, at most a registry's size; a byte order mark is taken off.

    Returns:
        None where it cannot be read, is larger, is no regular file or is not UTF-8.
    """
    try:
        return read_regular(path, REGISTRY_FILE_BYTES).content.decode("utf-8-sig")
    except (OSError, ValueError):  # a UnicodeDecodeError is a ValueError; so is a null character in the path
        return None


def read_entity_documents(paths: Sequence[tuple[Path, str]]) -> list[Document | None]:
    """The documents of files, each given with its URI, that define an entity, or patterns or services for those.

    None for any other file, which is not even parsed.
    """
    read = [_read_entity_file(path) for path, _ in paths]
    return _documents((uri, file) for (_, uri), file in zip(paths, read, strict=True))


def _read_entity_file(path: Path, seen: os.stat_result | None = None) -> RegularFile | None:
    try:
        return read_regular(path, ENTITY_FILE_BYTES, seen)
    except (OSError, ValueError):
        return None


def _documents(files: Iterable[tuple[str, RegularFile | None]]) -> list[Document | None]:
    """The documents of those files that could be read and are SpecQL's, each given with its URI.

    Their summaries are worked out here, on the thread that reads, and not where requests are answered.
    """
    return specql_documents([(uri, file.content if file is not None else None) for uri, file in files])


class _Looked(NamedTuple):
    """What was seen of a path."""

    stamp: Stamp | None
    """None where its document is not to be kept: it is known, or there is none."""
    document: Document | None = None
    """The document, where it is known."""
    file: RegularFile | None = None
    """What was read of the file, where it was."""


_NO_DOCUMENT = _Looked(None)


class RecentDocuments:
    """Entity files as they are on the disk, each file once however many links lead to it.

    A file that was read a moment ago and has not changed is not parsed again: a registry's change, or a folder's
    first look, has the same files checked again shortly after they were read. It is used on one thread.
    """

    def __init__(self) -> None:
        self._recent: dict[Path, tuple[float, Stamp, Document | None]] = {}
        """With the time at which each was read; the one that was asked for last is at the end."""
        self._links = FileLinks()

    def read(self, paths: Sequence[tuple[Path, str]]) -> list[tuple[str, Document | None]]:
        """The documents of several files, each with its URI.

        None for a file that is gone, defines nothing that others name, or counts under another path already.
        """
        looked = [self._look_at(path) for path, _ in paths]
        read = _documents((uri, each.file) for (_, uri), each in zip(paths, looked, strict=True))
        found: list[tuple[str, Document | None]] = []
        for (path, uri), (stamp, known, _), document in zip(paths, looked, read, strict=True):
            if stamp is not None:
                self._keep(path, stamp, document)
            found.append((uri, document if known is None else known))
        return found

    def _look_at(self, path: Path) -> _Looked:
        """Looks at a path, and reads the file where its document is not known."""
        try:
            seen = path.stat()
        except (OSError, ValueError):
            self._links.release(path)
            self._recent.pop(path, None)
            return _NO_DOCUMENT
        stamp = stamp_of(seen)
        if not self._links.claim(path, stamp):
            return _NO_DOCUMENT
        known = self._recent.pop(path, None)
        if known is not None and known[1] == stamp and known[0] > monotonic() - RECENT_SECONDS:
            self._recent[path] = known
            return _Looked(None, known[2])
        file = _read_entity_file(path, seen)
        if file is not None and stamp_of(file.status) != stamp:  # it was replaced between the two looks at it
            stamp = stamp_of(file.status)
            if not self._links.claim(path, stamp):
                return _NO_DOCUMENT
        return _Looked(stamp, None, file)

    def _keep(self, path: Path, stamp: Stamp, document: Document | None) -> None:
        self._recent[path] = (monotonic(), stamp, document)
        if len(self._recent) > RECENT_DOCUMENTS:
            del self._recent[next(iter(self._recent))]

    def claim(self, path: Path) -> Path | None:
        """Makes a file count under this path from now on; the path under which it counted, where that was another."""
        try:
            return self._links.take_over(path, stamp_of(path.stat()))
        except (OSError, ValueError):
            return None

    def released(self) -> list[Path]:
        """Paths to read now: the file that each leads to counted under a path that is gone. Given once."""
        return self._links.released()

    def changed(self, present: Iterable[Path], within: Sequence[Path]) -> list[Path]:
        """What is to be read because it is not as it was last read, or is gone.

        Args:
            present: every path in ``within`` now, as ``entity_paths`` gives them.
            within: files and folders; a file among them is read whatever its time and size say.
        """
        self.forget(within)
        there = list(present)
        named = frozenset(within)
        changed = self._links.changed(there, within)
        return list(dict.fromkeys([*(path for path in there if path in named), *changed]))

    def leave(self, *paths: Path) -> None:
        """Forgets files, and all that is in folders."""
        self._links.leave(paths)

    def forget(self, paths: Iterable[Path]) -> None:
        """Has files read again, whatever their time and size say: two changes may come within one tick of the clock."""
        for path in paths:
            self._recent.pop(path, None)

    def expire(self) -> None:
        """Gives the memory of what is no longer recent back."""
        oldest = monotonic() - RECENT_SECONDS
        for path in [path for path, (read, *_) in self._recent.items() if read <= oldest]:
            del self._recent[path]
