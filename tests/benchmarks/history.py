"""What recording the history costs a program that registers an entity with one INSERT."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, both, median
from tests.support.postgres import PostgresServer

GOAL = 1.2
WITHOUT = Path(__file__).parents[1] / "registry" / "installed" / "version_0.sql"
"""An installation that notifies of each change and records nothing."""
_INSERT = (
    "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)"
    " VALUES (1, %s, %s, 1)"
)


def measure(setup: Setup) -> Iterator[Row]:
    """Inserts with and without the history, in turns, on one connection each."""
    yield _row(setup, setup.durable_postgres, "an insert that is recorded in the history, on the disk")
    yield _row(setup, setup.postgres, "  no commit on the disk: processor alone")


def _row(setup: Setup, server: PostgresServer, what: str) -> Row:
    connections = {"without": _registry(server, has_history=False), "with": _registry(server, has_history=True)}
    seconds: dict[str, list[float]] = {name: [] for name in connections}
    try:
        for number in range(setup.times(1500, 300)):
            for name, connection in connections.items():
                begin = time.perf_counter()
                connection.execute(_INSERT, [f"Entity{number}", f"{number:06X}"])
                seconds[name].append(time.perf_counter() - begin)
    finally:
        for connection in connections.values():
            connection.close()
    ratio = median(seconds["with"]) / median(seconds["without"])
    without = f"notified only {both(seconds['without'])}"
    return Row(what, without, both(seconds["with"]), ratio, f"<= {GOAL} x", ratio <= GOAL)


def _registry(server: PostgresServer, *, has_history: bool) -> psycopg.Connection[tuple[object, ...]]:
    """A connection to a new registry with one subdomain."""
    url = server.create_database()
    connection = psycopg.connect(url, autocommit=True)
    if has_history:
        install(RegistrySettings(database_url=url))
    else:
        connection.execute(WITHOUT.read_bytes())
    connection.execute("INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('1', 'core')")
    subdomain = "INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name)"
    connection.execute(f"{subdomain} VALUES (1, '01', 'core')".encode())
    return connection
