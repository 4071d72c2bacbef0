"""What is offered at ``initialize`` is what is answered afterwards, and starting imports nothing for it."""

import subprocess
import sys

from specql_lsp.lsp import offers, routes


def test_every_offer_has_its_route_and_every_route_its_offer() -> None:
    assert set(offers.REQUESTS) == set(routes.REQUESTS)
    assert set(offers.NOTIFICATIONS) == set(routes.NOTIFICATIONS)
    assert set(offers.COMMANDS) == set(routes.COMMANDS)


def test_starting_imports_neither_the_database_nor_the_features() -> None:
    script = (
        "import sys; import specql_lsp.cli.serve, specql_lsp.lsp.server; specql_lsp.lsp.server.create_server();"
        "heavy = ('psycopg', 'ruamel', 'click', 'tree_sitter', 'specql_lsp.features', 'specql_lsp.registry');"
        "print(sorted(m for m in heavy if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
