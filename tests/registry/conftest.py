"""Every kind of writable source, and PgBouncer before the session's server, for the tests of the registry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from specql_lsp.registry.sources.base import WritableSource
from specql_lsp.registry.sources.memory import InMemorySource
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import PostgresServer
from tests.support.registries import small_registry
from tests.support.sources import WRITABLE, fill, postgresql_source

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


@pytest.fixture(params=WRITABLE)
def empty(request: pytest.FixtureRequest) -> Iterator[WritableSource]:
    """A writable source that holds nothing."""
    if request.param == "in_memory":
        yield InMemorySource()
    else:
        source = postgresql_source(request.getfixturevalue("database_url"))
        yield source
        source.close()


@pytest.fixture
def source(empty: WritableSource) -> WritableSource:
    """A writable source that holds the small registry."""
    fill(empty, small_registry())
    return empty
