"""The state after a write is derived from the one before, and the registry is never read twice where once is enough."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from specql_lsp.check_workspace import check_paths
from specql_lsp.config import RegistrySettings, Settings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service.refresh_throttle import LOAD_SHARE, SPREAD_SECONDS, RefreshThrottle
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.service.shared_connections import ConnectionRegistry
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, Source
from tests.support.patience import PATIENCE, until
from tests.support.readings import readings
from tests.support.registries import large_registry, small_registry, yaml_text
from tests.support.sources import postgresql_source

ALLOCATIONS = 40


@pytest.fixture
def filled_url(database_url: str) -> str:
    source = postgresql_source(database_url)
    migrate(large_registry(3, 45, 4), source)
    source.close()
    return database_url


@pytest.fixture
def service(filled_url: str, tmp_path: Path) -> Iterator[RegistryService]:
    service = started(filled_url, tmp_path)
    yield service
    service.close()


def started(url: str, folder: Path, connections: ConnectionRegistry | None = None) -> RegistryService:
    """A service that has read its sources once, and reads by age never."""
    settings = RegistrySettings(database_url=url, yaml_path="registry.yaml", refresh_seconds=6000)
    service = RegistryService(settings, folder, connections=connections)
    first = service.refresh()
    service.start()
    assert first.result(PATIENCE).provenance.source is Source.POSTGRESQL
    return service


def counts(service: RegistryService) -> dict[str, int]:
    report = service.metrics.report()
    queries = {name: each["queries"] for name, each in report["byStatement"].items()}
    writes = queries.get("allocate_write", 0) + queries.get("allocate_at_once", 0)
    return {"readings": readings(report), "probe": queries.get("probe", 0), "writes": writes}


def allocate(service: RegistryService, number: int) -> None:
    """Allocates in a subdomain of its own, so that no write finds one full."""
    request = AllocationRequest(f"Fresh{number}", "domain_2", f"{number:02X}")
    allocation = service.allocate(request).result(PATIENCE)
    snapshot = service.state.snapshot
    assert allocation.created and snapshot is not None
    (found,) = snapshot.by_code(allocation.table_code)
    assert found.entity.name == f"Fresh{number}"
    counter = next(s for s in snapshot.domains[1].subdomains if s.number == f"{number:02X}").next_entity_sequence
    assert counter == max(5, allocation.sequence + 1)


def test_one_reading_before_the_first_write(service: RegistryService) -> None:
    assert counts(service) == {"readings": 1, "probe": 1, "writes": 0}


def test_allocations_are_not_followed_by_readings_where_nobody_listens(service: RegistryService) -> None:
    """What others changed is looked for now and then, in a small part of the time."""
    for number in range(1, ALLOCATIONS + 1):
        allocate(service, number)
    found = counts(service)
    assert found["writes"] == ALLOCATIONS
    assert found["readings"] < ALLOCATIONS / 2


def test_own_notifications_lead_to_no_reading(filled_url: str, tmp_path: Path) -> None:
    install(RegistrySettings(database_url=filled_url))
    service = started(filled_url, tmp_path)
    try:
        until(lambda: service.state.provenance.listening)
        before = counts(service)
        for number in range(1, ALLOCATIONS + 1):
            allocate(service, number)
        with psycopg.connect(filled_url, autocommit=True) as other:
            other.execute("INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('9', 'others')")
        until(lambda: service.state.snapshot and service.state.snapshot.domain("9"))
        after = counts(service)
        assert after["readings"] - before["readings"] < ALLOCATIONS / 2
        # All were derived: what was read at last is what was known before, but for the other's domain.
        assert service.state.snapshot is not None
        assert service.state.snapshot.entity_count == 3 * 45 * 4 + ALLOCATIONS
    finally:
        service.close()


def test_another_folder_of_the_process_sees_an_allocation(filled_url: str, tmp_path: Path) -> None:
    install(RegistrySettings(database_url=filled_url))
    connections = ConnectionRegistry()
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    one, two = (started(filled_url, folder, connections) for folder in folders)
    try:
        until(lambda: one.state.provenance.listening and two.state.provenance.listening)
        for number, (writer, reader) in enumerate([(one, two), (two, one), (one, two)], 1):
            allocate(writer, number)
            name = f"Fresh{number}"
            until(lambda reader=reader, name=name: reader.state.snapshot.by_entity(name))  # type: ignore[misc]
    finally:
        one.close()
        two.close()


BILLING = Discrepancy(DiscrepancyType.MISSING_IN_POSTGRESQL, "8")


@pytest.mark.parametrize("work", ["register_domain", "register_subdomain", "keep_yaml"])
def test_a_change_reads_for_its_plan_and_reads_back(filled_url: str, tmp_path: Path, work: str) -> None:
    extra = small_registry().domains[2]._replace(number="8")
    yaml = Snapshot((*large_registry(3, 45, 4).domains, extra))
    (tmp_path / "registry.yaml").write_text(yaml_text(yaml))
    service = started(filled_url, tmp_path)
    try:
        before = counts(service)
        if work == "register_domain":
            service.register_domain("9", "fresh").result(PATIENCE)
            assert service.state.snapshot is not None and service.state.snapshot.domain("9")
        elif work == "register_subdomain":
            service.register_subdomain("domain_1", "A0", "fresh").result(PATIENCE)
            assert service.state.snapshot is not None
            domain = service.state.snapshot.domain("1")
            assert domain is not None and domain.subdomain("A0")
        else:
            assert service.state.discrepancies and service.state.discrepancies[0].domain == "8"
            service.keep_yaml([BILLING]).result(PATIENCE)
            assert service.state.discrepancies == ()
        after = counts(service)
        assert (after["readings"] - before["readings"], after["probe"] - before["probe"]) == (2, 0)
        state, read = service.state, service.refresh().result(PATIENCE)
        assert read.snapshot is state.snapshot  # what was derived is what is there
    finally:
        service.close()


def test_a_derived_state_is_what_a_reading_gives(service: RegistryService) -> None:
    for number in range(1, 10):
        allocate(service, number)
    derived = service.state.snapshot
    assert service.refresh().result(PATIENCE).snapshot is derived


def test_checking_reads_the_registry_once(filled_url: str, tmp_path: Path) -> None:
    (tmp_path / "registry.yaml").write_text(yaml_text(large_registry(3, 45, 4)))
    settings = Settings(registry=RegistrySettings(database_url=filled_url, yaml_path="registry.yaml"))

    def scans() -> int:
        with psycopg.connect(filled_url, autocommit=True) as connection:
            connection.execute("SELECT pg_stat_clear_snapshot()")
            row = connection.execute(
                "SELECT seq_scan, (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'specql-lsp') FROM pg_stat_user_tables WHERE relname = 'tb_domain'"
            ).fetchone()
        assert row is not None
        return -1 if row[1] else int(row[0])  # a session says what it did when it ends

    until(lambda: scans() >= 0)
    before = scans()
    assert check_paths(tmp_path, (), settings).provenance.source is Source.POSTGRESQL
    until(lambda: scans() > before)
    assert scans() - before == 1


def test_readings_that_may_find_nothing_have_a_small_share_of_the_time() -> None:
    throttle = RefreshThrottle(chance=lambda: 0)
    assert throttle.spare(100) == SPREAD_SECONDS
    throttle.read(100, 2)
    assert throttle.spare(101) == pytest.approx(2 / LOAD_SHARE - 1)
    assert throttle.spare(1000) == SPREAD_SECONDS
