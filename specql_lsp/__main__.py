"""The command ``specql-lsp``. Serving takes the short way: an editor waits for it, and the command line needs click."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line of this process and ends it with its exit status."""
    if len(sys.argv) == 1 or (len(sys.argv) == 2 and sys.argv[1] in {"serve", "--stdio"}):
        from specql_lsp.cli.serve import run_server

        sys.exit(run_server(None, "warning"))
    from specql_lsp.cli.main import cli

    cli.main(prog_name="specql-lsp")


if __name__ == "__main__":
    main()
