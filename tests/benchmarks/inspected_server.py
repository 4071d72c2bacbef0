"""Our server with one more request, ``bench/inspect``, that tells what it holds. Started as ``cli/serve.py`` does."""

from __future__ import annotations

import gc
from typing import Any

from specql_lsp.logs import configure_logging
from specql_lsp.lsp.server import create_server


def main() -> None:
    """Serves on stdin and stdout."""
    configure_logging("warning", None)
    gc.disable()
    server = create_server()

    @server.feature("bench/inspect")
    def inspect(_params: Any) -> dict[str, int]:
        gc.collect()
        protocol = server.protocol
        return {
            "requestFutures": len(protocol._request_futures),
            "resultTypes": len(protocol._result_types),
            "objects": len(gc.get_objects()),
        }

    server.start_io()


if __name__ == "__main__":
    main()
