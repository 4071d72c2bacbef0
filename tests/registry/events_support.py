"""What the tests of the events share: a database with the installed schema, and what a statement leaves in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.support.registries import small_registry
from tests.support.sources import fill, postgresql_source

Connection = psycopg.Connection[Any]
ENTITY = "specql_registry.tb_entity_registration"


@pytest.fixture
def url(database_url: str) -> str:
    """A database with the installed schema and the small registry, which is not in the history."""
    source = postgresql_source(database_url)
    fill(source, small_registry())
    source.close()
    install(RegistrySettings(database_url=database_url))
    return database_url


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def events(connection: Connection, after: int = 0) -> list[dict[str, Any]]:
    """The events with higher ids than ``after``, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT * FROM specql_registry_lsp.tb_event WHERE id > %s ORDER BY id", [after]
        ).fetchall()


def made(connection: Connection, statement: str) -> list[dict[str, Any]]:
    """The events that a statement leaves."""
    last = connection.execute("SELECT COALESCE(max(id), 0) FROM specql_registry_lsp.tb_event").fetchone()
    connection.execute(statement.encode())
    return events(connection, last[0] if last else 0)


def actions(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = ("action", "domain_number", "subdomain_number", "entity_name", "table_code")
    return [tuple(event[name] for name in names) for event in found]


def role_of(url: str, *grants: str) -> str:
    """A new role with some rights; its URL."""
    role = "few_" + url.rsplit("/", 1)[1]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        for grant in ("USAGE ON SCHEMA specql_registry", *grants):
            connection.execute(f"GRANT {grant} TO {role}".encode())
    return url.replace("postgres@", f"{role}@", 1)
