"""Our program, killed (SIGKILL) before one of the changes that it makes to files of a folder.

``python -m tests.support.killed_program FOLDER NUMBER ARGUMENT…``: the change with that number, from 0, is not made any
more. Counted are files that are created, replaced or removed anywhere in the folder.
"""

from __future__ import annotations

import os
import signal
import sys

from specql_lsp.__main__ import main
from tests.support import patient


def die_before(folder: str, number: int) -> None:
    """Has this process kill itself in place of a change."""
    left = number

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event not in {"open", "os.rename", "os.remove"} or not str(arguments[0]).startswith(folder):
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & os.O_CREAT):
            return
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    sys.addaudithook(hook)


if __name__ == "__main__":
    die_before(sys.argv[1], int(sys.argv[2]))
    del sys.argv[1:3]
    patient.adjust()
    main()
