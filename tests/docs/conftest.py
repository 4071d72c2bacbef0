"""The database that documents' examples are tried on."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.registry.migration import migrate
from specql_lsp.registry.sources.yaml import YamlSource
from tests.support.sources import postgresql_source

FIXTURE = Path(__file__).parents[2] / "fixtures" / "workspace"
REGISTRY = "registry/domain_registry.yaml"


@pytest.fixture
def filled_url(database_url: str) -> str:
    """A database of the test's own that holds what the fixture workspace's registry YAML holds."""
    source = postgresql_source(database_url)
    try:
        migrate(YamlSource(FIXTURE / REGISTRY).load(), source)
    finally:
        source.close()
    return database_url
