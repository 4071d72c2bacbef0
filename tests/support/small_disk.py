"""A disk of a few megabytes, to be filled to its last byte.

It is a mounted tmpfs, which the kernel lets only the superuser mount.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class SmallDisk:
    """A mounted disk.

    Attributes:
        path: its folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    @property
    def free(self) -> int:
        """The bytes that are left."""
        status = os.statvfs(self.path)
        return status.f_bavail * status.f_frsize

    def fill(self) -> None:
        """Takes all that is left."""
        with self._filler.open("ab", buffering=0) as filler:
            while self.free:
                filler.write(b"\0" * min(self.free, 1 << 20))

    def clear(self) -> None:
        """Gives back what ``fill`` took."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk(path: Path, megabytes: int, owner: int | None = None) -> Iterator[SmallDisk]:
    """Mounts a disk at a folder, which is made, and unmounts it at the end, whoever still holds a file of it.

    Args:
        path: the folder.
        megabytes: its size.
        owner: the user id that may write it; None: ours.

    Raises:
        CannotMountError: this machine does not let us.
    """
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        raise CannotMountError(mounted.stderr.strip())
    try:
        if owner is not None:
            os.chown(path, owner, -1)
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


class CannotMountError(Exception):
    """No disk can be mounted here; the text says why."""
