"""A reader that follows the events knows after each reading what one that reads everything knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import AllocationRequest, CodeRelease, EntityMove, EntityRename
from specql_lsp.registry.sources.postgresql.following import Changes, Position, changes_of
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.random_tests import effort
from tests.support.registries import small_registry
from tests.support.sources import fill, postgresql_source

HERE = Position("10:20:", 0)
