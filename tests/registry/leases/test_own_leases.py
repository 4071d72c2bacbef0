"""A folder's own leases while PostgreSQL answers, through the service: kept, registered, and never given to others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.model import LeasedCode, Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import Allocation, AllocationRequest
from specql_lsp.registry.service.lease_keeper import LeaseKeeper
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.registry.leases.support import DAY, execute, lease, leased, refusal, registered, request
from tests.support.patience import PATIENCE, until
from tests.support.sources import postgresql_source

FOREVER = 10_000.0


@pytest.fixture(autouse=True)
def state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@contextmanager
def service_of(folder: Path, url: str, **settings: object) -> Iterator[RegistryService]:
    """Of a folder, started, after its first reading."""
    folder.mkdir(exist_ok=True)
    limits = {"connect_timeout_seconds": PATIENCE, "refresh_seconds": FOREVER, **settings}
    service = RegistryService(RegistrySettings(database_url=url, **limits), folder)  # type: ignore[arg-type]
    service.start()
    try:
        service.refresh().result(PATIENCE)
        yield service
    finally:
        service.close()


def leases_of(service: RegistryService) -> dict[str, LeasedCode]:
    snapshot = service.state.snapshot
    assert snapshot is not None
    return dict(snapshot.leased)


def keeper_of(service: RegistryService) -> LeaseKeeper:
    assert service.leases.keeper is not None
    return service.leases.keeper


def lease_codes(service: RegistryService, count: int = 3) -> list[str]:
    held = service.leases.ask(
        lambda leases, source, rules: leases.lease(source, rules, "crm", "customer", count, 7 * DAY)
    ).result(PATIENCE)
    return [each.table_code for each in held if each.entity is None]


def test_every_folder_sees_every_lease_and_knows_its_own(leasing_url: str, tmp_path: Path) -> None:
    with service_of(tmp_path / "a", leasing_url) as ours, service_of(tmp_path / "b", leasing_url) as theirs:
        codes = lease_codes(ours)
        for service, is_own in ((ours, True), (theirs, False)):
            until(lambda service=service: list(leases_of(service)) == codes, "the leases")
            assert {each.is_own for each in leases_of(service).values()} == {is_own}
        before = theirs.state
        theirs.refresh().result(PATIENCE)
        assert theirs.state.snapshot is before.snapshot
        (preview,) = theirs.allocations_now([request("Partner")])
        assert isinstance(preview, Allocation)
        assert preview.table_code == theirs.allocate(request("Partner")).result(PATIENCE).table_code == "012037"
        ours.leases.ask(lambda leases, source, _rules: leases.release(source)).result(PATIENCE)
        until(lambda: not leases_of(theirs), "that they were given back")


def test_a_lease_that_ends_is_seen_without_a_change(leasing_url: str, tmp_path: Path) -> None:
    with service_of(tmp_path / "a", leasing_url) as service:
        with closing(postgresql_source(leasing_url)) as other:
            keeper = LeaseKeeper(tmp_path / "b", lambda: "host:5432/db", state=tmp_path / "other")
            lease(keeper, other, 1)
            keeper.lease(other, Rules(), "crm", "customer", 2, 1.0)
        until(lambda: list(leases_of(service)) == ["012033"], "that one of the two has ended")


def test_the_holder_may_ask_for_its_code(leasing_url: str, tmp_path: Path) -> None:
    with service_of(tmp_path / "a", leasing_url) as ours, service_of(tmp_path / "b", leasing_url) as theirs:
        lease_codes(ours)
        until(lambda: leases_of(ours) and leases_of(theirs), "the leases")
        wanted = request("Partner", table_code="012035")
        refused = refusal(lambda: theirs.allocate(wanted).result(PATIENCE))
        assert refused.kind is RefusalKind.CODE_TAKEN
        (preview,) = theirs.allocations_now([wanted])
        assert isinstance(preview, Refused) and preview.message == refused.message
        (preview,) = ours.allocations_now([wanted])
        given = ours.allocate(wanted).result(PATIENCE)
        assert isinstance(preview, Allocation)
        assert (given.table_code, given.created) == (preview.table_code, True) == ("012035", True)
        assert list(leases_of(ours)) == ["012033", "012036"], "the state shows it before the answer"
        again = ours.allocate(wanted).result(PATIENCE)
        assert (again.table_code, again.created) == ("012035", False)
        assert ours.allocate(request("Other")).result(PATIENCE).table_code == "012037", "the rest stays for later"
        assert leased(leasing_url) == {"012033", "012036"} == {each.table_code for each in keeper_of(ours).held}


def test_what_another_process_gives_out_is_shown_without_a_reading(
    source: PostgresqlSource, leasing_url: str, tmp_path: Path
) -> None:
    """Another server of the same folder, as that of a second editor."""
    with service_of(tmp_path / "a", leasing_url) as service:
        lease_codes(service)
        until(lambda: list(leases_of(service)) == ["012033", "012035", "012036"], "the leases")
        other = LeaseKeeper(tmp_path / "a", lambda: source.address)
        known = source.load()
        loaded = service.state.provenance.loaded_at
        for code, entity in (("012033", "Partner"), ("012035", "Supplier")):
            taken = other.take(known, request(entity))
            assert taken is not None and taken.table_code == code
            until(lambda code=code, entity=entity: leases_of(service)[code].entity == entity, "the code's entity")
        assert service.state.provenance.loaded_at == loaded, "PostgreSQL was not asked"


def test_while_postgresql_is_away_another_processs_code_is_offered_no_more(
    source: PostgresqlSource, leasing_url: str, tmp_path: Path
) -> None:
    with service_of(tmp_path / "a", leasing_url) as service:
        lease_codes(service)
        known = source.load()
        other = LeaseKeeper(tmp_path / "a", lambda: source.address)
        execute(leasing_url, "ALTER TABLE specql_registry.tb_domain RENAME TO tb_gone")
        service.refresh().result(PATIENCE)
        assert service.state.provenance.leased == ("012033", "012035", "012036")
        taken = other.take(known, request("Partner"))
        assert taken is not None and taken.table_code == "012033"
        until(lambda: service.state.provenance.leased == ("012035", "012036"), "that the code is given out")
        assert service.allocate(request("Partner")).result(PATIENCE).table_code == "012033", "the same entity"
        assert service.allocate(request("Other")).result(PATIENCE).table_code == "012035"


def test_an_entity_that_got_a_code_keeps_it_when_it_is_asked_for_before_the_confirmation(
    source: PostgresqlSource, leasing_url: str, tmp_path: Path
) -> None:
    with service_of(tmp_path / "a", leasing_url) as service:
        lease_codes(service)
        keeper_of(service).take(source.load(), request("Partner"))
        keeper_of(service).take(source.load(), request("Supplier"))
        service.refresh().result(PATIENCE)
        assert leases_of(service)["012033"].entity == "Partner"
        (preview,) = service.allocations_now([AllocationRequest("partner", "crm")])
        assert isinstance(preview, Allocation) and preview.table_code == "012033"
        given = service.allocate(AllocationRequest("Partner", "crm")).result(PATIENCE)
        assert (given.table_code, given.created, given.subdomain.number) == ("012033", True, "03")
        answers = service.allocate_all([request("New"), request("Supplier")]).result(PATIENCE)
        assert [getattr(each, "table_code", each) for each in answers] == ["012037", "012035"]
        assert service.leases.confirm().result(PATIENCE) == ()
        names = registered(leasing_url)
        assert (names["012033"], names["012035"], names["012037"]) == ("Partner", "Supplier", "New")
        elsewhere = service.allocate(AllocationRequest("Partner", "catalog", "core")).result(PATIENCE)
        assert elsewhere.table_code == "013011", "another domain's entity"


def test_what_the_lease_cannot_give_is_refused_with_the_reason(
    source: PostgresqlSource, leasing_url: str, tmp_path: Path
) -> None:
    with service_of(tmp_path / "a", leasing_url) as service:
        lease_codes(service)
        keeper_of(service).take(source.load(), request("Partner"))
        execute(leasing_url, "DELETE FROM specql_registry_lsp.tb_lease")
        assert source.allocate(request("Theirs"), Rules()).table_code == "012033"
        refused = refusal(lambda: service.allocate(request("Partner")).result(PATIENCE))
        assert "The code 012033 is registered to Theirs" in refused.message
        first, second = service.allocate_all([request("Partner"), request("New")]).result(PATIENCE)
        assert isinstance(first, Refused) and isinstance(second, Allocation)
