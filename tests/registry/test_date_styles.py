"""A database, or a role, that writes moments in another style than ISO 8601: they are read all the same."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.history import HistoryRequest
from specql_lsp.registry.history_in_words import summary
from specql_lsp.registry.leases.model import LeaseRequest
from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.moments import MomentLoader
from tests.support.registries import small_registry
from tests.support.sources import fill, postgresql_source

STYLES = ("German, DMY", "SQL, DMY", "SQL, MDY", "Postgres, DMY", "ISO, YMD")


@pytest.mark.parametrize("style", STYLES)
def test_history_origins_leases_and_changes_are_read(database_url: str, style: str) -> None:
    with closing(postgresql_source(database_url)) as source:
        fill(source, small_registry())
    install(RegistrySettings(database_url=database_url))
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET DateStyle = {}").format(name, sql.Literal(style)))
        connection.execute(sql.SQL("ALTER DATABASE {} SET timezone = 'Asia/Kathmandu'").format(name))
    request = LeaseRequest("crm", "customer", 1, 3600, token="folder", holder="anna@laptop", layer="01")
    with closing(postgresql_source(database_url)) as source, closing(postgresql_source(database_url)) as other:
        source.load()
        began = datetime.now(UTC)
        code = other.allocate(AllocationRequest("Visit", "crm", "customer"), Rules()).table_code
        (lease,) = other.lease(request, Rules())
        for _ in range(2):  # the whole of it, then what has changed
            assert [each.entity.name for each in source.load().by_code(code)] == ["Visit"]
        event = next(each for each in source.history(HistoryRequest()).events if each.table_code == code)
        assert abs(event.at - began) < timedelta(hours=1)
        origins = source.origins(None)
        origin = origins.of(code) if origins is not None else None
        assert origin is not None and origin.at == event.at
        assert [each.table_code for each in source.leases()] == [lease.table_code]
        assert abs(lease.expires_at - began - timedelta(hours=1)) < timedelta(hours=1)
        soon = began + timedelta(hours=1)
        source.prune_history(soon)
        pruned = source.history(HistoryRequest(limit=1)).events[0]
        assert summary(pruned).endswith(f" before {soon:%Y-%m-%d %H:%M} UTC")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (b"2026-01-31 12:00:00.25+05:45", datetime(2026, 1, 31, 6, 15, 0, 250_000, tzinfo=UTC)),
        (b"2026-01-31 12:00:00-03", datetime(2026, 1, 31, 15, tzinfo=UTC)),
        (b"infinity", datetime(9999, 12, 30, tzinfo=UTC)),
        (b"12026-01-31 12:00:00+00", datetime(9999, 12, 30, tzinfo=UTC)),
        (b"-infinity", datetime(1, 1, 2, tzinfo=UTC)),
        (b"0044-03-15 12:00:00+00 BC", datetime(1, 1, 2, tzinfo=UTC)),
    ],
)
def test_a_moment(text: bytes, moment: datetime) -> None:
    assert MomentLoader(psycopg.postgres.types["timestamptz"].oid).load(text) == moment
