"""The command ``specql-lsp``. Serving takes the short way: an editor waits for it, and the command line needs click."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Runs the command line of this process and ends it with its exit status."""
    is_serving = len(sys.argv) == 1 or (len(sys.argv) == 2 and sys.argv[1] in {"serve", "--stdio"})
    # A shell that wants a word completed gives it in the environment, and no argument.
    if is_serving and "_SPECQL_LSP_COMPLETE" not in os.environ:
        from specql_lsp.cli.serve import run_server

        sys.exit(run_server(None, "warning"))
    from specql_lsp.cli.main import run

    sys.exit(run())


if __name__ == "__main__":
    main()
