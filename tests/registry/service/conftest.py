"""A workspace, and a database and a server that say the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from specql_lsp.registry.sources.postgresql.install import create_schema
from tests.registry.service.support import FILL
from tests.registry.yaml_texts import SMALL
from tests.support.postgres import PostgresServer


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with a registry YAML that says the same as the filled database."""
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "domain_registry.yaml").write_text(SMALL)
    return tmp_path


@pytest.fixture
def url(database_url: str) -> str:
    """A database that says the same as the YAML."""
    with psycopg.connect(database_url) as connection:
        connection.execute(FILL)
    return database_url


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of the test's own, to be killed."""
    with PostgresServer() as own:
        own_url = own.create_database(name="registry")
        create_schema(own_url)
        with psycopg.connect(own_url) as connection:
            connection.execute(FILL)
        yield own
