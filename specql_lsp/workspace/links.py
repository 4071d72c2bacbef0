"""Which of several links to one file counts, and how each path was when it was last looked at.

It never opens a file. What it knows may be out of date: before a path is passed over for another one, the other is
looked at again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Stamp(NamedTuple):
    """What shows that a file is another one, or has changed; times in nanoseconds."""

    device: int
    inode: int
    modified: int
    changed: int
    size: int

    @property
    def file(self) -> tuple[int, int] | None:
        """What all links to one file have in common; None where the file system does not number its files."""
        return (self.device, self.inode) if self.inode else None


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a file that was looked at; of a link, its target's."""
    return Stamp(status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)


class FileLinks:
    """The paths of one folder that were looked at. It is used on one thread."""

    def __init__(self) -> None:
        self._stamps: dict[Path, Stamp] = {}
        self._counts: dict[tuple[int, int], Path] = {}
        self._passed_over: dict[tuple[int, int], set[Path]] = {}
        self._released: set[Path] = set()

    def claim(self, path: Path, stamp: Stamp) -> bool:
        """Notes how a path is now; whether the file counts under it, because it does not under another path."""
        self._note(path, stamp)
        file = stamp.file
        if file is None:
            return True
        counting = self._counts.setdefault(file, path)
        if counting is path or counting == path:
            return True
        if _leads_to(counting, file):
            self._passed_over.setdefault(file, set()).add(path)
            return False
        self._counts[file] = path
        return True

    def take_over(self, path: Path, stamp: Stamp) -> Path | None:
        """Makes the file count under this path; the path under which it counted, where that was another."""
        self._note(path, stamp)
        file = stamp.file
        if file is None:
            return None
        before = self._counts.get(file, path)
        self._counts[file] = path
        if before == path:
            return None
        self._discard(file, path)
        self._passed_over.setdefault(file, set()).add(before)
        return before

    def release(self, path: Path) -> None:
        """Forgets a path that is gone; the other links to its file are to be read (``released``)."""
        stamp = self._stamps.pop(path, None)
        if stamp is not None:
            self._leave(path, stamp)

    def released(self) -> list[Path]:
        """The paths that are to be read because the one before them is gone; given once."""
        released = sorted(self._released)
        self._released.clear()
        return released

    def changed(self, present: Iterable[Path], within: Iterable[Path]) -> list[Path]:
        """What is not as it was last looked at.

        Args:
            present: every file that there is in ``within`` now.
            within: files and folders. What is known of them or in them, and is not present, has changed, too.
        """
        there = dict.fromkeys(present)
        changed = [path for path in there if _now(path) != self._stamps.get(path)]
        return [*changed, *(path for path in self._known_in(within) if path not in there)]

    def leave(self, within: Iterable[Path]) -> None:
        """Forgets files, and all that is in folders."""
        for path in self._known_in(within):
            self.release(path)

    def _known_in(self, within: Iterable[Path]) -> list[Path]:
        """The paths that were looked at and are among some paths, or beneath one of them."""
        wanted = set(map(str, within))
        directories: dict[str, bool] = {}

        def is_within(path: str) -> bool:
            if path in wanted:
                return True
            parent = path.rpartition(os.sep)[0]
            if not parent or parent == path:
                return os.sep in wanted
            known = directories.get(parent)
            if known is None:
                known = directories[parent] = is_within(parent)
            return known

        return [path for path in self._stamps if is_within(str(path))]

    def _note(self, path: Path, stamp: Stamp) -> None:
        before = self._stamps.get(path)
        self._stamps[path] = stamp
        if before is not None and before.file != stamp.file:  # saved by way of a temporary file
            self._leave(path, before)

    def _leave(self, path: Path, stamp: Stamp) -> None:
        file = stamp.file
        if file is None:
            return
        if self._counts.get(file) == path:
            del self._counts[file]
            self._released |= self._passed_over.pop(file, set())
        else:
            self._discard(file, path)

    def _discard(self, file: tuple[int, int], path: Path) -> None:
        others = self._passed_over.get(file)
        if others is not None:
            others.discard(path)
            if not others:
                del self._passed_over[file]


def _now(path: Path) -> Stamp | None:
    try:
        return stamp_of(path.stat())
    except (OSError, ValueError):
        return None


def _leads_to(path: Path, file: tuple[int, int]) -> bool:
    stamp = _now(path)
    return stamp is not None and stamp.file == file
