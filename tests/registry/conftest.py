"""PgBouncer before the session's server, for the tests of the registry behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import PostgresServer

POOL_SIZE = 2
"""How many connections to the server all clients of ``pooler`` share."""


@pytest.fixture(scope="module")
def pooler(postgres_server: PostgresServer) -> Iterator[PgBouncer]:
    """A pooler before the session's server; each test's database has a pool of its own."""
    with PgBouncer(postgres_server, POOL_SIZE) as pooler:
        yield pooler


@pytest.fixture
def single(postgres_server: PostgresServer) -> Iterator[PgBouncer]:
    """A pooler with one connection, so that whoever comes next gets the one that was just used."""
    with PgBouncer(postgres_server, 1) as pooler:
        yield pooler


@pytest.fixture
def pooled_url(pooler: PgBouncer, database_url: str) -> str:
    """The test's own database, through the pooler."""
    return pooler.url(database_url)
