"""Ending with the client: pygls ends with stdin only, and a vanished client's stdin may be held open by another."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

PAUSE_SECONDS = 3.0


def watch_process(process_id: int) -> None:
    """Ends this process soon after the client's process is gone (LSP 3.17, "InitializeParams.processId")."""

    def watch() -> None:
        while is_running(process_id):
            time.sleep(PAUSE_SECONDS)
        os._exit(1)

    if is_running(process_id):  # in a container the number may mean nothing here
        threading.Thread(target=watch, name="specql-client-watch", daemon=True).start()


def is_running(process_id: int) -> bool:
    """Whether a process exists; True if that cannot be determined."""
    if process_id <= 0:
        return True
    if sys.platform == "win32":
        return _is_running_on_windows(process_id)
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return not _is_zombie(process_id)


def _is_zombie(process_id: int) -> bool:
    """Whether a process has ended and waits to be reaped by its parent; known on Linux only."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[:1] in (["Z"], ["X"])


def _is_running_on_windows(process_id: int) -> bool:
    # os.kill would end the process there.
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - absent on other systems, so the type checker knows none
    synchronize, timeout = 0x00100000, 0x00000102
    handle = kernel.OpenProcess(synchronize, False, process_id)  # noqa: FBT003 - a C function
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == timeout)
    finally:
        kernel.CloseHandle(handle)
