"""Our server, started as the real one, whose parses of large texts can be held and are written down.

A parse of a whole large text goes on once the file that ``SPECQL_TEST_GATE`` names exists; ``test/parses`` answers on
which kind of thread (``loop`` or ``worker``) each began, and how many have ended.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

from specql_lsp.logs import configure_logging
from specql_lsp.lsp.server import create_server
from specql_lsp.syntax.text import LineIndex
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.workspace import documents


def main() -> None:
    """Serves on stdin and stdout."""
    configure_logging("warning", None)
    gate = Path(os.environ["SPECQL_TEST_GATE"])
    parse = documents.parse
    began: list[str] = []
    ended: list[int] = []

    def held(text: str, lines: LineIndex, previous: SyntaxTree | None) -> SyntaxTree:
        if lines.line_count <= documents.LARGE_LINES:
            return parse(text, lines, previous)
        began.append("loop" if threading.current_thread() is threading.main_thread() else "worker")
        while not gate.exists():
            time.sleep(0.01)
        tree = parse(text, lines, previous)
        ended.append(lines.line_count)
        return tree

    documents.parse = held  # type: ignore[assignment]
    server = create_server()

    @server.feature("test/parses")
    def parses(_params: Any) -> dict[str, Any]:
        return {"began": began, "ended": len(ended)}

    server.start_io()
    raise SystemExit(0 if server.protocol.was_shut_down else 1)


if __name__ == "__main__":
    main()
