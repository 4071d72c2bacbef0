"""Behind PgBouncer in transaction mode nothing stays behind in a connection that others get, notifications included."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.patience import PATIENCE, until
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import PostgresServer
from tests.support.registries import small_registry
from tests.support.sessions import NOTHING, Traces, plain, traces
from tests.support.sources import postgresql_source

PARTNER = AllocationRequest("Partner", "crm", "customer")
CLOSED = "LOCK TABLE specql_registry.tb_entity_registration"


def use_everything(source: PostgresqlSource) -> None:
    """Every kind of work, a refused and a failed one included."""
    migrate(small_registry(), source)
    for _ in range(8):  # psycopg would prepare a statement when it is used for the sixth time
        source.load()
    assert source.allocate(PARTNER, Rules()).created
    assert source.register_domain("9", "fresh")
    with pytest.raises(Refused):
        source.allocate(AllocationRequest("Other", "nowhere"), Rules())
    with pytest.raises(Refused):
        source.allocate(AllocationRequest("X" * 200, "crm", "customer"), Rules())


def test_nothing_stays_in_the_session(single: PgBouncer, database_url: str) -> None:
    url = single.url(database_url)
    source = postgresql_source(url)
    use_everything(source)
    assert traces(url) == NOTHING
    source.close()
    assert traces(url) == NOTHING


def test_a_failed_statement_leaves_nothing_in_the_session(single: PgBouncer, database_url: str) -> None:
    url = single.url(database_url)
    source = postgresql_source(url, statement_timeout_ms=200, lock_timeout_ms=5000)
    with psycopg.connect(database_url) as other:
        other.execute(CLOSED.encode())
        with pytest.raises(SourceUnavailableError):
            source.load()
    assert traces(url) == NOTHING
    source.close()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SET statement_timeout = 1234", NOTHING._replace(settings=["statement_timeout"])),
        ("PREPARE left_behind AS SELECT 1", NOTHING._replace(prepared=1)),
        ("LISTEN specql_registry", NOTHING._replace(channels=1)),
        ("SELECT pg_advisory_lock(1)", NOTHING._replace(advisory_locks=1)),
        ("CREATE TEMPORARY TABLE left_behind ()", NOTHING._replace(temporary_tables=1)),
    ],
)
def test_a_trace_would_be_seen(single: PgBouncer, database_url: str, statement: str, expected: Traces) -> None:
    url = single.url(database_url)
    with plain(url) as careless:
        careless.execute(statement.encode())
    assert traces(url) == expected


OUTLIVES = re.compile(
    r"^\s*(SET (?!LOCAL|CONSTRAINTS)|LISTEN|PREPARE|LOAD|DECLARE|CREATE TEMP|SELECT (pg_catalog\.)?pg_advisory_lock\b"
    r"|.*set_config\([^()]*(?:\([^()]*\)[^()]*)*, false\))",
    re.I | re.DOTALL,
)
"""Statements whose effect outlives their transaction."""
OWN = re.compile(r"^SET (application_name|client_encoding|datestyle|timezone|standard_conforming_strings)=", re.I)
"""What PgBouncer itself sets on a connection before it gives it to a client."""


def statements(log: str) -> list[str]:
    """Every statement that a server has logged, without comments."""
    logged = re.findall(r"LOG:  (?:statement|execute [^:]*): (.*?)(?=\n\S|\Z)", log, re.DOTALL)
    return [part.strip() for text in logged for part in re.sub(r"--[^\n]*", "", text).split(";")]


def test_no_statement_reaches_the_server_that_would_outlive_its_transaction(tmp_path: Path) -> None:
    with PostgresServer({"log_statement": "all"}) as server, PgBouncer(server) as pooler:
        url = pooler.url(server.url())
        install(RegistrySettings(database_url=url))
        source = postgresql_source(url)
        use_everything(source)
        source.close()
        service = RegistryService(RegistrySettings(database_url=url, refresh_seconds=0.2, listen=True), tmp_path)
        service.start()
        service.refresh().result(PATIENCE)
        reads_more(service)
        service.close()
        with plain(url) as careless:
            careless.execute("LISTEN something")
        log = (server.directory / "log").read_text()
    assert not re.search(r"execute (?!<unnamed>)", log), "a statement was prepared under a name"
    found = [text for text in statements(log) if OUTLIVES.match(text) and not OWN.match(text)]
    assert found == ["LISTEN something"]
    assert any("set_config('statement_timeout', 5000::pg_catalog.text, true)" in text for text in statements(log))


# The change notifications, which a pooler cannot carry.


def register(url: str, name: str) -> None:
    """Another program adds a domain."""
    with plain(url) as other:
        other.execute(
            "INSERT INTO specql_registry.tb_domain (domain_number, domain_name)"
            " SELECT to_hex(count(*) + 1), %s FROM specql_registry.tb_domain",
            (name,),
        )


def listeners(url: str) -> int:
    """How many connections to the database have said LISTEN last."""
    with plain(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def reads_more(service: RegistryService) -> None:
    """Waits until the registry has been read twice more, by age."""

    def readings() -> int:
        count: int = service.metrics.report()["byOperation"]["registry.load"]["queries"]
        return count

    before = readings()
    until(lambda: readings() >= before + 2, "two more readings")


def domain_names(service: RegistryService) -> set[str]:
    snapshot = service.state.snapshot
    return {domain.name for domain in snapshot.domains} if snapshot else set()


def test_installing_goes_through_the_pooler(pooled_url: str) -> None:
    done = install(RegistrySettings(database_url=pooled_url))
    assert "function specql_registry.fn_record_entity" in done.created
    assert install(RegistrySettings(database_url=pooled_url)).created == ()


def test_changes_by_others_come_with_age_instead_of_notifications(
    single: PgBouncer, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The pool has one connection, which the service shares with whoever looks for traces."""
    install(RegistrySettings(database_url=database_url))
    url = single.url(database_url)
    service = RegistryService(RegistrySettings(database_url=url, refresh_seconds=0.5, listen=True), tmp_path)
    with caplog.at_level(logging.INFO):
        service.start()
        try:
            service.refresh().result(PATIENCE)
            until(lambda: "goes through a pooler" in caplog.text)
            assert domain_names(service) == set()
            register(database_url, "first")
            until(lambda: domain_names(service) == {"first"})
            register(database_url, "second")
            until(lambda: domain_names(service) == {"first", "second"})
            assert not service.state.provenance.listening
            assert traces(url) == NOTHING
            assert listeners(database_url) == 0
        finally:
            service.close()
    assert caplog.text.count("The connection goes through a pooler") == 1
    assert traces(url) == NOTHING


def test_the_same_service_is_told_at_once_without_the_pooler(database_url: str, tmp_path: Path) -> None:
    """What the pooler costs: the tests above would pass for a service that never listens."""
    install(RegistrySettings(database_url=database_url))
    service = RegistryService(RegistrySettings(database_url=database_url, refresh_seconds=600, listen=True), tmp_path)
    service.start()
    try:
        service.refresh().result(PATIENCE)
        until(lambda: service.state.provenance.listening)
        assert listeners(database_url) == 1
        register(database_url, "others")
        until(lambda: domain_names(service) == {"others"})
    finally:
        service.close()


def test_two_connections_a_process_are_none_too_many_for_the_pooler(
    pooler: PgBouncer, database_url: str, tmp_path: Path
) -> None:
    """The connection that found the pooler is given back: one client stays."""
    install(RegistrySettings(database_url=database_url))
    url = pooler.url(database_url)
    service = RegistryService(RegistrySettings(database_url=url, refresh_seconds=0.2, listen=True), tmp_path)
    service.start()
    try:
        service.refresh().result(PATIENCE)
        reads_more(service)
        clients = [client for client in pooler.show("CLIENTS") if client["database"] == url.rsplit("/", 1)[1]]
        assert len(clients) == 1
    finally:
        service.close()
