"""Who follows the events often has that statement prepared, and nothing depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.metrics.statement_timings import StatementTimings
from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.prepared import prepared_texts
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.pgbouncer import PgBouncer
from tests.support.registries import small_registry
from tests.support.sessions import NOTHING, traces
from tests.support.sources import fill, postgresql_source

NAME = "changes_since"


class Reader:
    """A reader that is held against one that reads everything, and what it asked."""

    def __init__(self, url: str) -> None:
        self.timings = StatementTimings()
        self.source = PostgresqlSource(
            RegistrySettings(
                database_url=url,
                refresh_seconds=10_000,
                connect_timeout_seconds=60,
                statement_timeout_ms=60_000,
                lock_timeout_ms=60_000,
            ),
            self.timings,
        )
        self.whole = postgresql_source(url)
        self.source.load()

    def exchanges(self) -> dict[str, int]:
        """Looks again, holds what is known then to what there is, and gives the exchanges that it took."""
        before = {name: row["queries"] for name, row in self.timings.report().items()}
        known = self.source.load()
        after = {name: row["queries"] for name, row in self.timings.report().items()}
        self.whole.forget()
        assert known == self.whole.load()
        return {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}

    def prepared(self) -> list[str]:
        """The names of what the session has prepared."""
        connection = self.source._session._connection
        assert connection is not None
        return [name for (name,) in connection.execute("SELECT name FROM pg_prepared_statements ORDER BY 1")]

    def close(self) -> None:
        self.source.close()
        self.whole.close()


@pytest.fixture
def url(database_url: str) -> str:
    """An installed database that holds the small registry."""
    install(RegistrySettings(database_url=database_url, connect_timeout_seconds=60, statement_timeout_ms=60_000))
    source = postgresql_source(database_url)
    fill(source, small_registry())
    source.close()
    return database_url


@pytest.fixture
def reader(url: str) -> Iterator[Reader]:
    reader = Reader(url)
    yield reader
    reader.close()


@pytest.fixture
def other(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def rename(other: psycopg.Connection[Any], number: int) -> None:
    other.execute(
        "UPDATE specql_registry.tb_domain SET domain_name = %s WHERE domain_number = '2'", [f"renamed{number}"]
    )


def follow(reader: Reader, other: psycopg.Connection[Any], times: int = 3) -> list[dict[str, int]]:
    """What each of several looks took, with a change before each of them."""
    found = []
    for number in range(times):
        rename(other, number)
        found.append(reader.exchanges())
    return found


def test_the_third_look_prepares_and_each_later_one_is_one_exchange(
    reader: Reader, other: psycopg.Connection[Any]
) -> None:
    assert follow(reader, other) == [{NAME: 1}, {NAME: 1}, {NAME: 1, "prepare": 1}]
    assert [name.rsplit("_", 2)[0] for name in reader.prepared()] == [f"specql_lsp_{NAME}"]
    assert follow(reader, other, 8) == [{NAME: 1}] * 8
    assert reader.exchanges() == {NAME: 1}, "nothing has changed"


def test_it_and_an_allocation_are_prepared_by_themselves(reader: Reader, other: psycopg.Connection[Any]) -> None:
    follow(reader, other)
    for number in range(6):
        request = AllocationRequest(f"Partner{number}", "2", "customer")
        assert reader.source.allocate(request, Rules()).created
        rename(other, 100 + number)
        assert reader.exchanges() == {NAME: 1}
    groups = {name.removeprefix("specql_lsp_").rsplit("_", 2)[0] for name in reader.prepared()}
    assert {NAME, "allocate_at_once"} <= groups


def test_a_statement_that_somebody_deallocates(reader: Reader, other: psycopg.Connection[Any]) -> None:
    follow(reader, other)
    connection = reader.source._session._connection
    assert connection is not None
    connection.execute("DEALLOCATE ALL")
    rename(other, 10)
    assert reader.exchanges()["load"] == 1, "everything is read once"
    assert follow(reader, other, 5) == [{NAME: 1}] * 5, "and what changes from then on"


@pytest.mark.parametrize(
    "ddl",
    [
        "ALTER TABLE specql_registry_lsp.tb_event ADD remark text DEFAULT 'none'",
        "ALTER TABLE specql_registry_lsp.tb_event ALTER table_name TYPE varchar(200)",
        "ANALYZE specql_registry_lsp.tb_event",
        "REINDEX TABLE specql_registry_lsp.tb_event",
        "TRUNCATE specql_registry.tb_domain CASCADE",
        "TRUNCATE specql_registry_lsp.tb_event",
        "DROP SCHEMA specql_registry_lsp CASCADE",
    ],
)
def test_what_changes_in_the_database_meanwhile(reader: Reader, other: psycopg.Connection[Any], ddl: str) -> None:
    follow(reader, other)
    other.execute(ddl.encode())
    reader.exchanges()
    follow(reader, other, 2)


def test_a_new_connection_prepares_again(reader: Reader, other: psycopg.Connection[Any]) -> None:
    follow(reader, other)
    other.execute("SELECT pg_terminate_backend(%s, 60000)", [reader.source.backend])
    rename(other, 10)
    assert reader.exchanges()["load"] == 1
    assert reader.prepared() == []
    assert follow(reader, other)[-1] == {NAME: 1, "prepare": 1}


def test_the_limits_are_kept(reader: Reader, other: psycopg.Connection[Any]) -> None:
    follow(reader, other, 4)
    connection = reader.source._session._connection
    assert connection is not None
    kept = dict(connection.execute("SELECT name, setting FROM pg_settings").fetchall())
    assert (kept["lock_timeout"], kept["statement_timeout"], kept["row_security"]) == ("60000", "60000", "off")
    assert kept["DateStyle"].startswith("ISO")


def test_behind_a_pooler_nothing_is_prepared(single: PgBouncer, url: str) -> None:
    pooled = single.url(url)
    source = postgresql_source(pooled)
    with psycopg.connect(url, autocommit=True) as other:
        for number in range(6):
            rename(other, number)
            assert source.load().domain(f"renamed{number}") is not None
    assert traces(pooled) == NOTHING
    source.close()


def test_it_is_one_statement_and_the_end_of_the_transaction() -> None:
    preparing, executing = prepared_texts(NAME)
    assert preparing.count(b"PREPARE") == executing.count(b"EXECUTE") == 1
    assert b"%" not in preparing and executing.endswith(b"COMMIT")
