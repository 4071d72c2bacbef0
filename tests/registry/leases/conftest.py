"""A database that leases codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.registries import small_registry
from tests.support.sources import fill, postgresql_source


@pytest.fixture
def leasing_url(database_url: str) -> str:
    """A database with the small registry and all that this server adds."""
    with closing(postgresql_source(database_url)) as source:
        fill(source, small_registry())
    install(RegistrySettings(database_url=database_url, statement_timeout_ms=60_000, lock_timeout_ms=60_000))
    return database_url


@pytest.fixture
def source(leasing_url: str) -> Iterator[PostgresqlSource]:
    with closing(postgresql_source(leasing_url)) as source:
        yield source
