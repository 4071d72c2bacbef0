"""Our server with four requests of its own, to see how requests on the requests' thread end. Started as the real one.

``textDocument/foldingRange`` goes on until the file ``NAME.gate`` beside its document exists, and writes what happens
to it into ``NAME.log``. ``textDocument/selectionRange`` looks at every line of its document,
``textDocument/documentColor`` fails. ``test/inspect`` tells what the server holds.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

from specql_lsp.logs import configure_logging
from specql_lsp.lsp.cancellation import Cancelled
from specql_lsp.lsp.request_context import DocumentContext
from specql_lsp.lsp.routes import REQUESTS, WORKER
from specql_lsp.lsp.server import create_server
from specql_lsp.workspace.uris import path_of
from tests.support.own_route import OwnRoute


def wait(context: DocumentContext, _params: Any) -> dict[str, Any]:
    """Goes on until there is a gate, or the answer is not wanted any more."""
    path = path_of(context.document.uri)
    assert path is not None
    gate, log = path.with_suffix(".gate"), path.with_suffix(".log")

    def happened(what: str) -> None:
        with log.open("a") as stream:
            stream.write(f"{what}\n")

    happened("started")
    try:
        while not gate.exists():
            context.cancelled.check()
    except Cancelled:
        happened("cancelled")
        raise
    happened("ended")
    return {"version": context.document.version}


def look(context: DocumentContext, _params: Any) -> dict[str, Any]:
    """Looks at every line."""
    lines = context.document.lines
    for number in range(lines.line_count):
        context.cancelled.check()
        lines.line_text(number)
    return {"version": context.document.version, "lines": lines.line_count}


def fail(_context: DocumentContext, _params: Any) -> None:
    """Fails with a text that is nobody's business."""
    raise RuntimeError("postgresql://somebody:secret@host/db")


def main() -> None:
    """Serves on stdin and stdout."""
    configure_logging("warning", None)
    own = (
        OwnRoute("textDocument/foldingRange", wait, runs=WORKER),
        OwnRoute("textDocument/selectionRange", look, runs=WORKER),
        OwnRoute("textDocument/documentColor", fail, runs=WORKER),
    )
    replaced = {route.method for route in own}
    server = create_server(requests=(*(route for route in REQUESTS if route.method not in replaced), *own))

    @server.feature("test/inspect")
    def inspect(_params: Any) -> dict[str, Any]:
        return {
            "futures": len(server.protocol._request_futures),
            "resultTypes": len(server.protocol._result_types),
            "completes": "specql_lsp.features.completion" in sys.modules,
            "threads": sorted(thread.name for thread in threading.enumerate() if "requests" in thread.name),
        }

    server.start_io()
    raise SystemExit(0 if server.protocol.was_shut_down else 1)


if __name__ == "__main__":
    main()
