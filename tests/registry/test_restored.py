"""A registry that was restored on another server: its events have the numbers of that server's transactions."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import AllocationRequest
from tests.registry.test_following import FOLLOWED, Follower
from tests.registry.test_upgrades import installed
from tests.support.postgres import PostgresServer, programs
from tests.support.registries import small_registry
from tests.support.sources import fill, postgresql_source

AHEAD = 2000
"""By so many transactions the server of the dump is ahead."""


def transaction(url: str) -> int:
    """The number of the server's next transaction."""
    with psycopg.connect(url) as connection:
        (found,) = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone() or (0,)
    return int(found)


def let_pass(url: str, until: int) -> None:
    """Has transactions end until a number."""
    loop = (
        "DO $$ BEGIN WHILE pg_snapshot_xmax(pg_current_snapshot())::text::bigint < {} LOOP "
        "PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(loop.format(until))


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)


DESCRIBED = "UPDATE specql_registry.tb_domain SET description = '{}' WHERE domain_name = 'crm'"
RECODED = "UPDATE specql_registry.tb_entity_registration SET table_code = '{}' WHERE entity_name = 'Contact'"


@pytest.fixture(params=["installed long before", "installed last"])
def restored_url(request: pytest.FixtureRequest, postgres_server: PostgresServer, database_url: str) -> Iterator[str]:
    """A database that was dumped on a server that had done more."""
    with PostgresServer() as old_server:
        old = old_server.create_database()
        if request.param == "installed last":
            let_pass(old, transaction(database_url) + AHEAD)
        installed(old)
        source = postgresql_source(old)
        fill(source, small_registry())
        source.close()
        let_pass(old, transaction(database_url) + AHEAD)
        execute(old, DESCRIBED.format("old"))
        execute(old, RECODED.format("01203E"))
        dump = subprocess.run(
            [programs() / "pg_dump", "--format=custom", "--schema=specql_registry*", old],
            capture_output=True,
            check=True,
        ).stdout
    restored = postgres_server.create_database()
    restore = [programs() / "pg_restore", "--exit-on-error", f"--dbname={restored}"]
    subprocess.run(restore, input=dump, capture_output=True, check=True)
    yield restored
    postgres_server.drop_database(restored)


def test_what_was_done_on_the_other_server_is_no_change_here(restored_url: str) -> None:
    execute(restored_url, DESCRIBED.format("new"))
    execute(restored_url, RECODED.format("01203D"))
    follower = Follower(restored_url)
    try:
        assert follower.reads() == FOLLOWED
        source = postgresql_source(restored_url)
        assert source.allocate(AllocationRequest("Partner", "crm", "customer"), Rules()).created
        source.close()
        assert follower.reads() == FOLLOWED
        with psycopg.connect(restored_url) as connection:
            last = "SELECT max(transaction::text::bigint) FROM specql_registry_lsp.tb_event"
            (foreign,) = connection.execute(last).fetchone() or (0,)
        # This server comes to the numbers of the events, one after the other.
        let_pass(restored_url, foreign - 5)
        for number in range(foreign - 4, foreign + 5):
            assert follower.reads() == FOLLOWED
            let_pass(restored_url, number)
        execute(restored_url, DESCRIBED.format("newest"))
        assert follower.reads() == FOLLOWED
    finally:
        follower.close()
