"""The server, waiting an hour for the client's settings: a slow test must not be mistaken for a slow client."""

import sys

from specql_lsp.cli.serve import run_server
from specql_lsp.lsp.handlers import configuration

configuration.CONFIGURATION_SECONDS = 3600.0

if __name__ == "__main__":
    sys.exit(run_server())
