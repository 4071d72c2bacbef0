"""The registry service while PostgreSQL answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from specql_lsp.registry.refusals import RefusalKind
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import DiscrepancyType, Source
from tests.registry.service.support import COMPANY, CONTACT, refusal, running
from tests.registry.yaml_texts import SMALL
from tests.support.patience import FOREVER, PATIENCE


def test_postgresql_answers_and_is_compared(workspace: Path, url: str) -> None:
    with running(workspace, url) as watched:
        assert watched.summary() == (Source.POSTGRESQL, True, False)
        assert watched.reason == ""
        assert watched.state.discrepancies == ()
        snapshot = watched.state.snapshot
        assert snapshot is not None
        assert snapshot.rules.reserved_codes == {"012032"}  # the YAML's rules
        assert snapshot.by_code("012031")[0].entity.entity_code == "CON"  # and its short codes
        assert watched.state.provenance.since is not None
        assert watched.state.provenance.server is not None
        assert len(watched.changes) == 1


def test_an_unchanged_reading_tells_nobody(workspace: Path, url: str) -> None:
    with running(workspace, url) as watched:
        before = watched.state
        for _ in range(3):
            watched.service.refresh().result(PATIENCE)
        assert len(watched.changes) == 1
        assert watched.state.snapshot is before.snapshot
        assert watched.state.provenance.loaded_at > before.provenance.loaded_at  # type: ignore[operator]
        assert watched.state.provenance.since == before.provenance.since


def test_changes_of_others_are_seen_after_the_refresh_time(workspace: Path, url: str) -> None:
    with running(workspace, url, refresh_seconds=0.2) as watched:
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE specql_registry.tb_domain SET domain_name = 'crm2'")
        watched.wait_until(lambda state: state.snapshot and state.snapshot.domain_named("crm2"))
        assert watched.state.discrepancies is not None
        assert [d.type for d in watched.state.discrepancies] == [DiscrepancyType.DOMAIN_ATTRIBUTE_MISMATCH]
        assert len(watched.changes) == 2


def test_without_a_yaml_the_defaults_hold(tmp_path: Path, url: str) -> None:
    with running(tmp_path, url) as watched:
        assert watched.summary() == (Source.POSTGRESQL, True, False)
        assert watched.state.discrepancies is None
        assert watched.state.yaml is None
        assert watched.service.yaml_problem == "The registry file registry/domain_registry.yaml does not exist."
        assert watched.state.snapshot is not None
        assert watched.state.snapshot.rules.reserved_codes == {"000000", "999999"}
        assert watched.service.metrics.report()["failed"] == 0


def test_the_state_shows_a_write_before_its_answer(workspace: Path, url: str) -> None:
    with running(workspace, url) as watched:
        future = watched.service.allocate(COMPANY)
        seen: list[Snapshot | None] = []
        future.add_done_callback(lambda _: seen.append(watched.state.snapshot))
        allocation = future.result(PATIENCE)
        assert (allocation.table_code, allocation.entity_code, allocation.created) == ("012033", "CMP", True)
        assert seen[0] is not None
        assert seen[0].by_code("012033")
        again = watched.service.allocate(COMPANY).result(PATIENCE)
        assert (again.table_code, again.created) == ("012033", False)
        assert watched.service.allocate(CONTACT).result(PATIENCE).entity_code == "CON"


def test_registering(workspace: Path, url: str) -> None:
    with running(workspace, url) as watched:
        service = watched.service
        assert service.register_domain("7", "sales", aliases=("shop",)).result(PATIENCE).number == "7"
        assert service.register_subdomain("shop", "01", "core").result(PATIENCE).name == "core"
        assert service.allocate(AllocationRequest("Order", "sales")).result(PATIENCE).table_code == "017011"
        again = refusal(lambda: service.register_domain("7", "other").result(PATIENCE))
        assert again.kind is RefusalKind.ALREADY_REGISTERED
        unknown = refusal(lambda: service.allocate(AllocationRequest("Order", "nowhere")).result(PATIENCE))
        assert unknown.kind is RefusalKind.UNKNOWN_DOMAIN


def test_reserved_numbers_are_not_registered(workspace: Path, url: str) -> None:
    path = workspace / "registry" / "domain_registry.yaml"
    path.write_text(f"{SMALL}reserved_codes: ['000000', 'f', '2A0']\n")
    with running(workspace, url) as watched:
        service = watched.service
        reserved = refusal(lambda: service.register_domain("F", "sales").result(PATIENCE))
        assert (reserved.kind, reserved.message) == (
            RefusalKind.CODE_RESERVED,
            "The domain number F is reserved in the registry: choose another.",
        )
        assert (
            refusal(lambda: service.register_subdomain("crm", "A0", "x").result(PATIENCE)).kind
            is RefusalKind.CODE_RESERVED
        )
        assert service.register_subdomain("crm", "A1", "x").result(PATIENCE).number == "A1"
        assert service.register_domain("0", "zero").result(PATIENCE).number == "0"


def test_keeping_the_yaml_resolves_a_discrepancy(workspace: Path, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE specql_registry.tb_domain SET domain_name = 'crm2'")
    with running(workspace, url) as watched:
        assert watched.state.discrepancies is not None
        (discrepancy,) = watched.state.discrepancies
        watched.service.keep_yaml([discrepancy]).result(PATIENCE)
        assert watched.state.discrepancies == ()
        again = refusal(lambda: watched.service.keep_yaml([discrepancy]).result(PATIENCE).raise_refused())
        assert again.kind is RefusalKind.CONFLICT


def test_many_writers_get_different_codes(workspace: Path, url: str) -> None:
    with running(workspace, url) as watched, ThreadPoolExecutor(8) as pool:
        entities = [f"Thing{number}" for number in range(12)]
        futures = pool.map(
            lambda name: watched.service.allocate(AllocationRequest(name, "crm", "customer")).result(PATIENCE), entities
        )
        assert len({allocation.table_code for allocation in futures}) == 12


def test_a_write_does_not_wait_for_a_pause(workspace: Path, url: str) -> None:
    with running(workspace, url, refresh_seconds=FOREVER) as watched:
        watched.service.allocate(COMPANY).result(PATIENCE)


def test_what_another_program_did_is_seen_after_a_refusal(workspace: Path, url: str) -> None:
    with running(workspace, url, refresh_seconds=FOREVER) as watched:
        with psycopg.connect(url) as connection:
            connection.execute("INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('7', 'a')")
        refused = refusal(lambda: watched.service.register_domain("7", "b").result(PATIENCE))
        assert refused.kind is RefusalKind.ALREADY_REGISTERED
        watched.wait_until(lambda state: state.snapshot and state.snapshot.domain_numbered("7"))
