"""What was answered survives a crash of the server, whatever the database says of ``synchronous_commit``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.install import create_schema, install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from tests.support.postgres import PostgresServer
from tests.support.registries import small_registry
from tests.support.sources import keep_yaml, postgresql_source

LAZY = {"synchronous_commit": "off", "wal_writer_delay": "10s", "wal_writer_flush_after": "1GB"}
"""The write-ahead log stays in memory for a while after a commit, and is gone when the server is killed."""
PARTNER = AllocationRequest("Partner", "crm", "customer")
BILLING = Discrepancy(DiscrepancyType.MISSING_IN_YAML, "5")


@pytest.fixture(scope="module")
def lazy_server() -> Iterator[PostgresServer]:
    with PostgresServer(LAZY) as server:
        yield server


@pytest.fixture
def url(lazy_server: PostgresServer) -> str:
    """A database with the small registry, all of it on the disk."""
    url = lazy_server.create_database()
    create_schema(url)
    source = postgresql_source(url)
    migrate(small_registry(), source)
    source.close()
    lazy_server.execute("CHECKPOINT")
    return url


def has_trigger(url: str) -> bool:
    with psycopg.connect(url) as connection:
        triggers = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'tr_notify%%' AND tgrelid = %s::regclass"
        row = connection.execute(triggers, ["specql_registry.tb_entity_registration"]).fetchone()
    return row == (4,)


def without_billing() -> Snapshot:
    return small_registry().with_domains(small_registry().domains[:2])


Work = Callable[[PostgresqlSource], object]
WRITES: dict[str, tuple[Work, Work]] = {
    "allocate": (lambda s: s.allocate(PARTNER, Rules()), lambda s: s.load().by_code("012033")),
    "register_domain": (lambda s: s.register_domain("9", "fresh"), lambda s: s.load().domain("9")),
    "register_subdomain": (lambda s: s.register_subdomain("5", "01", "core"), lambda s: s.load().domains[2].subdomains),
    "keep_yaml": (lambda s: keep_yaml(s, BILLING, without_billing()), lambda s: s.load().domain("5") is None),
    "install": (lambda s: install(s._session._settings), lambda s: has_trigger(s._session._settings.database_url)),
}


@pytest.mark.parametrize("work", WRITES)
def test_what_was_answered_survives_a_crash(lazy_server: PostgresServer, url: str, work: str) -> None:
    write, is_there = WRITES[work]
    source = postgresql_source(url)
    assert not is_there(source)
    write(source)
    lazy_server.kill()
    lazy_server.start()
    assert is_there(source)
    source.close()


def test_a_commit_without_our_setting_would_be_lost(lazy_server: PostgresServer, url: str) -> None:
    """The server of these tests is one that loses what it answered."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('9', 'fresh')")
        lazy_server.kill()
    lazy_server.start()
    source = postgresql_source(url)
    assert source.load().domain("9") is None
    source.close()


@pytest.mark.parametrize(("given", "found"), [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")])
def test_what_is_stricter_stays(lazy_server: PostgresServer, url: str, given: str, found: str) -> None:
    name = url.rsplit("/", 1)[1]
    lazy_server.execute(f"ALTER DATABASE {name} SET synchronous_commit = {given}")
    source = postgresql_source(url)
    session = source._session
    levels: list[object] = []

    def work(connection: psycopg.Connection[tuple[object, ...]]) -> None:
        session.begin(connection, "lock_all")  # type: ignore[arg-type]
        cursor = connection.execute(b"".join(_before_the_commit()))
        while cursor.nextset():
            pass
        levels.extend(connection.execute("SHOW synchronous_commit").fetchone() or ())

    session.run(work, writes=True)
    source.close()
    assert levels == [found]


def _before_the_commit() -> tuple[bytes, ...]:
    from specql_lsp.registry.queries import query

    return (query("commit").rpartition(b"COMMIT")[0],)
