"""Ends what a test process has started and left behind, however that process ends: killed, or interrupted in parallel.

``Guardian`` is a process of its own that reads of each program and folder from a pipe. When the pipe is closed, which
the kernel does for every process that ends, it kills those programs with all that they have started, and removes the
folders. It needs nothing but Python's own library, and starts in a few hundredths of a second.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

_STARTED, _ENDED = "+", "-"


class Guardian:
    """The process that stays until this one has ended. Use ``guardian()``: one is enough for each test process.

    Attributes:
        pid: its process id.
    """

    def __init__(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the tests
            text=True,
        )
        assert process.stdin is not None
        self.pid = process.pid
        self._process = process
        self._pipe = process.stdin
        self._lock = threading.Lock()

    def guard(self, pid: int, folder: Path) -> None:
        """Has a program and its folder go when this process goes."""
        self._say(f"{_STARTED} {pid} {folder}\n")

    def remove(self, folder: Path) -> None:
        """Has a folder go when this process goes."""
        self._say(f"{_STARTED} 0 {folder}\n")

    def release(self, folder: Path) -> None:
        """Forgets a folder and its programs, which have been ended in order."""
        self._say(f"{_ENDED} 0 {folder}\n")

    def _say(self, line: str) -> None:
        with self._lock:
            self._pipe.write(line)
            self._pipe.flush()


@functools.cache
def guardian() -> Guardian:
    """The guardian of this process."""
    return Guardian()


def main() -> None:
    """Listens until the pipe is closed, then ends what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    left: dict[str, set[int]] = {}
    for line in sys.stdin:
        sign, pid, folder = line.rstrip("\n").split(" ", 2)
        if sign == _STARTED:
            left.setdefault(folder, set()).add(int(pid))
        else:
            left.pop(folder, None)
    for folder, pids in left.items():
        for pid in pids:
            if pid and _is_of(pid, folder):
                _end(pid)
        shutil.rmtree(folder, ignore_errors=True)


def _is_of(pid: int, folder: str) -> bool:
    """Whether the process is still the one that was guarded: it works in the folder."""
    try:
        return Path(f"/proc/{pid}/cwd").resolve().is_relative_to(folder)
    except OSError:
        return False


def _end(pid: int) -> None:
    """Ends a process, and those that it has started, its own children first among them."""
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGSTOP)
        for child in _children(pid):
            _end(child)
        os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found


if __name__ == "__main__":
    main()
