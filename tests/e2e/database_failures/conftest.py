"""A registry in a database that a test may do anything to."""

from __future__ import annotations

import pytest

from tests.e2e.database_failures_support import live_database
from tests.support.postgres import PostgresServer


@pytest.fixture
def url(server: PostgresServer) -> str:
    """A database that tells of its changes, on a server that may be killed."""
    return live_database(server)
