"""Changes that the database tells of: seen soon, by everybody, over two connections a process; and what is missed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.client import Registry
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.service.shared_connections import ConnectionRegistry
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.state import RegistryState
from tests.support.patience import PATIENCE, ends, until
from tests.support.postgres import PostgresServer
from tests.support.registries import small_registry
from tests.support.sources import postgresql_source

NEVER = 3600.0
"""Seconds between readings by age: what is seen was told."""


@pytest.fixture
def url(database_url: str) -> str:
    """A database with the small registry, installed."""
    source = postgresql_source(database_url)
    migrate(small_registry(), source)
    source.close()
    install(RegistrySettings(database_url=database_url))
    return database_url


@pytest.fixture
def other(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody else's connection, which is no client of ours."""
    with psycopg.connect(url, autocommit=True, application_name="somebody") as connection:
        yield connection


@contextmanager
def running(
    folder: Path, url: str, connections: ConnectionRegistry | None = None, **settings: Any
) -> Iterator[tuple[RegistryService, list[RegistryState]]]:
    states: list[RegistryState] = []
    chosen = RegistrySettings(database_url=url, **{"refresh_seconds": NEVER, **settings})
    service = RegistryService(chosen, folder, connections=connections, on_change=states.append)
    service.start()
    service.refresh().result(PATIENCE)
    try:
        yield service, states
    finally:
        service.close()


def listening(service: RegistryService) -> bool:
    return service.state.provenance.listening


def knows(service: RegistryService, entity: str) -> bool:
    snapshot = service.state.snapshot
    return snapshot is not None and bool(snapshot.by_entity(entity))


def connections(other: psycopg.Connection[Any]) -> int:
    """How many connections of ours the database has."""
    row = other.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'specql-lsp'"
    ).fetchone()
    assert row is not None
    return int(row[0])


def register(other: psycopg.Connection[Any], entity: str, code: str) -> None:
    other.execute(
        "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)"
        " SELECT pk_subdomain, %s, %s, 9 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'customer'",
        [entity, code],
    )


def end_listening(other: psycopg.Connection[Any]) -> int:
    """Ends every connection that listens, and gives how many those were."""
    return len(
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN %'"
        ).fetchall()
    )


def test_a_change_of_somebody_else_is_seen_within_a_second(
    tmp_path: Path, url: str, other: psycopg.Connection[Any]
) -> None:
    with running(tmp_path, url) as (service, _):
        until(lambda: listening(service))
        register(other, "Partner", "012039")
        until(lambda: knows(service, "Partner"))
        other.execute("DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Partner'")
        until(lambda: not knows(service, "Partner"))
        other.execute("TRUNCATE specql_registry.tb_entity_registration")
        until(lambda: not knows(service, "Contact"))


def test_what_one_allocates_the_other_sees(tmp_path: Path, url: str) -> None:
    with running(tmp_path, url) as (one, _), running(tmp_path, url) as (two, _):
        until(lambda: listening(one) and listening(two))
        code = one.allocate(AllocationRequest("Partner", "crm", "customer")).result(PATIENCE).table_code
        until(lambda: knows(two, "Partner"))
        snapshot = two.state.snapshot
        assert snapshot is not None
        assert [r.entity.table_code for r in snapshot.by_entity("Partner")] == [code]


def test_without_the_trigger_nothing_is_listened_to(
    tmp_path: Path, database_url: str, postgres_server: PostgresServer
) -> None:
    with (
        running(tmp_path, database_url, refresh_seconds=1) as (service, _),
        psycopg.connect(database_url, autocommit=True, application_name="somebody") as other,
    ):
        assert connections(other) == 1
        other.execute("INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('7', 'new')")
        until(lambda: service.state.snapshot and service.state.snapshot.domain_named("new"))
        assert not listening(service)
        # The trigger may come at any time, and go again.
        install(RegistrySettings(database_url=database_url))
        until(lambda: listening(service))
        until(lambda: connections(other) == 2)
        other.execute("ALTER TABLE specql_registry.tb_domain DISABLE TRIGGER tr_notify_insert")
        until(lambda: not listening(service))
        until(lambda: connections(other) == 1)


def test_the_setting_listen_false_listens_to_nothing(tmp_path: Path, url: str, other: psycopg.Connection[Any]) -> None:
    with running(tmp_path, url, listen=False) as (service, _):
        assert connections(other) == 1
        other.execute("LISTEN specql_registry")
        register(other, "Partner", "012039")
        assert list(other.notifies(timeout=PATIENCE, stop_after=1)), "whoever listens is told now"
        assert not knows(service, "Partner")
        assert connections(other) == 1
        service.refresh().result(PATIENCE)
        assert knows(service, "Partner")


def test_what_happened_while_the_listening_was_interrupted_is_seen(
    tmp_path: Path, url: str, other: psycopg.Connection[Any]
) -> None:
    with running(tmp_path, url) as (service, _):
        until(lambda: listening(service))
        for number in range(3):
            with other.transaction():  # the loss is in the past when the change is committed
                assert end_listening(other) == 1
                register(other, f"Missed{number}", f"01203{number + 9:X}")
            until(lambda number=number: knows(service, f"Missed{number}"))
            until(lambda: listening(service))
        assert service.state.provenance.writable


def test_a_burst_is_a_few_readings(tmp_path: Path, url: str, other: psycopg.Connection[Any]) -> None:
    with running(tmp_path, url) as (service, _):
        until(lambda: listening(service))
        before = service.metrics.report()["byOperation"]["registry.load"]["queries"]
        for number in range(300):
            other.execute(
                "UPDATE specql_registry.tb_subdomain SET next_entity_sequence = %s WHERE subdomain_name = 'customer'",
                [number + 100],
            )
        other.execute("UPDATE specql_registry.tb_domain SET description = 'The last' WHERE domain_name = 'crm'")

        def seen() -> bool:
            domain = service.state.snapshot.domain_named("crm") if service.state.snapshot else None
            return domain is not None and domain.description == "The last"

        until(seen)
        readings = service.metrics.report()["byOperation"]["registry.load"]["queries"] - before
        assert readings <= 100  # one in 40 ms, were a reading to take no time


def test_folders_of_one_database_share_two_connections(
    tmp_path: Path, url: str, other: psycopg.Connection[Any]
) -> None:
    shared = ConnectionRegistry()
    with ExitStack() as stack:
        services = [stack.enter_context(running(tmp_path, url, shared))[0] for _ in range(3)]
        last, _ = stack.enter_context(running(tmp_path, url, shared))
        until(lambda: all(listening(service) for service in services))
        assert connections(other) == 2
        services[0].allocate(AllocationRequest("Partner", "crm", "customer")).result(PATIENCE)
        until(lambda: all(knows(service, "Partner") for service in services))
        # The others go on when some leave.
        services[0].close()
        services[1].close()
        register(other, "Later", "01203C")
        until(lambda: knows(services[2], "Later") and knows(last, "Later"))
        assert connections(other) == 2
    until(lambda: connections(other) == 0)


def test_a_short_script_needs_one_connection(url: str, other: psycopg.Connection[Any]) -> None:
    with Registry(RegistrySettings(database_url=url, refresh_seconds=NEVER)) as registry:
        for number in range(5):
            registry.allocate("crm", "customer", f"Partner{number}")
        registry.refresh()
        assert (connections(other), registry.status["listening"]) == (1, False)
    until(lambda: connections(other) == 0)


def test_a_script_that_stays_open_listens(url: str, other: psycopg.Connection[Any]) -> None:
    with Registry(RegistrySettings(database_url=url, refresh_seconds=1)) as registry:
        until(lambda: registry.state.provenance.listening)
        assert connections(other) == 2
    until(lambda: connections(other) == 0)


def test_a_loss_that_one_folder_notices_is_noticed_by_all(
    tmp_path: Path, url: str, other: psycopg.Connection[Any]
) -> None:
    shared = ConnectionRegistry()
    with (
        running(tmp_path, url, shared, listen=False) as (one, _),
        running(tmp_path, url, shared, listen=False) as (two, _),
    ):
        register(other, "Partner", "012039")
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'specql-lsp'"
        )
        until(lambda: knows(one, "Partner") and knows(two, "Partner"))


def test_closing_ends_both_connections_at_once(tmp_path: Path, url: str, other: psycopg.Connection[Any]) -> None:
    with running(tmp_path, url) as (service, _):
        until(lambda: listening(service))
        ends(service.close, "closing")
        until(lambda: connections(other) == 0)


def test_an_allocation_shows_without_a_reading(tmp_path: Path, url: str) -> None:
    """What the state shows right after an allocation is what a reading gives: the indexes and the drift, too."""
    folder = tmp_path / "registry"
    folder.mkdir()
    (folder / "domain_registry.yaml").write_text(
        "domains:\n  '2': {name: crm, subdomains: {'03': {name: customer, entities: "
        "{Partner: {table_code: '01203F', entity_code: PRT}}}}}\n"
    )
    with running(tmp_path, url) as (service, states):
        until(lambda: listening(service))
        told, read_at = len(states), service.state.provenance.loaded_at
        allocation = service.allocate(AllocationRequest("Partner", "crm", "customer")).result(PATIENCE)
        shown = states[told]  # told before the answer, so before any reading that follows it
        assert shown.provenance.loaded_at == read_at
        assert allocation.entity_code == "PRT"
        service.refresh().result(PATIENCE)
        read = service.state
        assert shown.snapshot == read.snapshot
        assert shown.discrepancies == read.discrepancies
        for state in (shown, read):
            assert state.snapshot is not None
            for name, code in (("Partner", allocation.table_code), ("Contact", "012031")):
                for (found,) in (state.snapshot.by_entity(name), state.snapshot.by_code(code)):
                    assert (found.entity.name, found.entity.table_code) == (name, code)
                    assert (found.domain.number, found.subdomain.number) == ("2", "03")
