"""A ``specql-lsp`` for an editor that tells nothing: runs the real server, and keeps what both sides say.

``python observer.py FOLDER [ARGUMENT…]`` writes what the editor sends to ``FOLDER/client`` and what the server sends to
``FOLDER/server``, byte for byte. Nothing is changed on the way.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import IO


def main() -> int:
    """Runs the server until the editor leaves, and gives the server's exit status."""
    folder = Path(sys.argv[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "specql_lsp", *sys.argv[2:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdin is not None and server.stdout is not None
    ways = (
        threading.Thread(target=_copy, args=(sys.stdin.buffer, server.stdin, folder / "client")),
        threading.Thread(target=_copy, args=(server.stdout, sys.stdout.buffer, folder / "server")),
    )
    for way in ways:
        way.start()
    status = server.wait()
    ways[1].join()
    return status


def _copy(source: IO[bytes], target: IO[bytes], record: Path) -> None:
    with record.open("ab") as log, target:
        while chunk := source.read1(65536):  # type: ignore[attr-defined]
            log.write(chunk)
            log.flush()
            target.write(chunk)
            target.flush()


if __name__ == "__main__":
    sys.exit(main())
