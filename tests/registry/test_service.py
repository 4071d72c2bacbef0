"""The registry service against real PostgreSQL servers: absent, killed, back, hanging, without schema or rights."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import Backend, RegistrySettings
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service import current_state
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.install import create_schema
from specql_lsp.registry.state import DiscrepancyType, RegistryState, Source
from tests.registry.yaml_texts import SMALL
from tests.support.patience import FOREVER, PATIENCE, ends, until
from tests.support.ports import silent_address, silent_server
from tests.support.postgres import PASSWORD, PASSWORD_USER, PostgresServer

CONTACT = AllocationRequest("Contact", "crm", "customer")
COMPANY = AllocationRequest("Company", "crm", "customer")
_FILL = """
INSERT INTO specql_registry.tb_domain (domain_number, domain_name, description, multi_tenant)
VALUES ('2', 'crm', 'Customers', true);
INSERT INTO specql_registry.tb_subdomain
    (fk_domain, subdomain_number, subdomain_name, description, next_entity_sequence)
VALUES (1, '03', 'customer', 'People', 2);
INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)
VALUES (1, 'Contact', '012031', 1);
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with a registry YAML that says the same as the filled database."""
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "domain_registry.yaml").write_text(SMALL)
    return tmp_path


@pytest.fixture
def url(database_url: str) -> str:
    """A database that says the same as the YAML."""
    with psycopg.connect(database_url) as connection:
        connection.execute(_FILL)
    return database_url


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of the test's own, to be killed."""
    with PostgresServer() as own:
        own_url = own.create_database(name="registry")
        create_schema(own_url)
        with psycopg.connect(own_url) as connection:
            connection.execute(_FILL)
        yield own


class Watched:
    """A service with all the states that it told."""

    def __init__(
        self, settings: RegistrySettings, folder: Path, overlay: Callable[[], str | None] | None = None
    ) -> None:
        self.changes: list[RegistryState] = []
        self.service = RegistryService(settings, folder, overlay=overlay, on_change=self.changes.append)

    @property
    def state(self) -> RegistryState:
        return self.service.state

    @property
    def reason(self) -> str:
        return self.state.provenance.reason

    @property
    def sources(self) -> list[Source]:
        return [change.provenance.source for change in self.changes]

    def summary(self) -> tuple[Source, bool, bool]:
        provenance = self.state.provenance
        return provenance.source, provenance.writable, provenance.stale

    def wait_until(self, condition: Callable[[RegistryState], object]) -> None:
        """Waits for a state."""
        until(lambda: condition(self.state), lambda: f"the state; {self.state.provenance}")


@contextmanager
def running(
    folder: Path,
    url: str = "",
    *,
    overlay: Callable[[], str | None] | None = None,
    settled: bool = True,
    **settings: object,
) -> Iterator[Watched]:
    """A started service; ``settled``: after its first reading."""
    patient = {"connect_timeout_seconds": PATIENCE} if settled else {}
    chosen = RegistrySettings(database_url=url, **{**patient, **settings})  # type: ignore[arg-type]
    watched = Watched(chosen, folder, overlay)
    watched.service.start()
    try:
        if settled:
            watched.service.refresh().result(PATIENCE)
        yield watched
    finally:
        ends(watched.service.close, "closing")


@contextmanager
def hanging_server() -> Iterator[str]:
    """A URL at which somebody takes connections and never answers."""
    with silent_server() as port:
        yield url_of(port)


def url_of(port: int) -> str:
    return f"postgresql://someone:{PASSWORD}@127.0.0.1:{port}/registry"


def refusal(action: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        action()
    return refused.value


# PostgreSQL answers.


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


# No PostgreSQL.


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({}, "set registry.databaseUrl"),
        ({"backend": Backend.YAML}, "set registry.databaseUrl"),
        ({"backend": Backend.YAML, "database_url": "postgresql://nowhere"}, "registry.backend is yaml"),
        ({"backend": Backend.POSTGRESQL}, "No database URL is set"),
    ],
)
def test_without_a_database_the_yaml_is_read_only(workspace: Path, settings: dict[str, object], part: str) -> None:
    watched = Watched(RegistrySettings(**settings), workspace)  # type: ignore[arg-type]
    watched.service.start()
    watched.service.refresh().result(PATIENCE)
    try:
        assert watched.summary() == (Source.YAML, False, False)
        assert part in watched.reason
        assert watched.state.snapshot is watched.state.yaml is not None
        refused = refusal(lambda: watched.service.allocate(COMPANY).result(PATIENCE))
        assert refused.kind is RefusalKind.REGISTRY_READ_ONLY
        assert watched.reason in refused.message
        assert watched.service.metrics.report()["fallbacks"] == (settings.get("backend") is Backend.POSTGRESQL)
    finally:
        watched.service.close()


def test_in_memory(tmp_path: Path) -> None:
    with running(tmp_path, backend=Backend.IN_MEMORY) as watched:
        assert watched.summary() == (Source.IN_MEMORY, True, False)
        watched.service.register_domain("1", "core").result(PATIENCE)
        watched.service.register_subdomain("core", "01", "auth").result(PATIENCE)
        assert watched.service.allocate(AllocationRequest("User", "core")).result(PATIENCE).table_code == "011011"
        assert watched.state.discrepancies is None


def test_nothing_at_all(tmp_path: Path) -> None:
    with running(tmp_path) as watched:
        assert watched.summary() == (Source.NONE, False, False)
        assert watched.state.snapshot is None
        assert "databaseUrl" in watched.reason
        assert "registry/domain_registry.yaml does not exist" in watched.reason
        refused = refusal(lambda: watched.service.allocate(COMPANY).result(PATIENCE))
        assert refused.kind is RefusalKind.REGISTRY_UNAVAILABLE


# PostgreSQL is away, and comes back.


def test_absent_at_start_then_there(workspace: Path, server: PostgresServer) -> None:
    server.stop()
    with running(workspace, server.url("registry"), refresh_seconds=FOREVER) as watched:
        assert watched.summary() == (Source.YAML, False, False)
        assert watched.reason.startswith("PostgreSQL refused the connection")
        assert watched.state.discrepancies is None
        server.start()
        watched.wait_until(lambda state: state.provenance.writable)  # by itself, at the next attempt
        assert watched.service.allocate(COMPANY).result(PATIENCE).created
        assert watched.sources == [Source.YAML, Source.POSTGRESQL, Source.POSTGRESQL]


def test_killed_while_running_and_back(workspace: Path, server: PostgresServer) -> None:
    with running(workspace, server.url("registry"), refresh_seconds=0.3) as watched:
        since = watched.state.provenance.since
        server.kill()
        watched.wait_until(lambda state: state.provenance.source is Source.YAML)
        refused = refusal(lambda: watched.service.allocate(COMPANY).result(PATIENCE))
        assert refused.kind is RefusalKind.REGISTRY_READ_ONLY
        server.start()
        assert watched.service.allocate(COMPANY).result(PATIENCE).table_code == "012033"  # asking counts as a retry
        assert watched.summary() == (Source.POSTGRESQL, True, False)
        assert watched.state.discrepancies
        assert watched.state.provenance.since != since
        assert watched.service.metrics.report()["fallbacks"] == 1


def test_a_killed_server_is_noticed_long_before_the_next_reading(workspace: Path, server: PostgresServer) -> None:
    with running(workspace, server.url("registry"), refresh_seconds=3600) as watched:
        assert watched.summary() == (Source.POSTGRESQL, True, False)
        server.kill()
        watched.wait_until(lambda state: state.provenance.source is Source.YAML)


def readings(service: RegistryService) -> int:
    """How often PostgreSQL's registry has been read."""
    count: int = service.metrics.report()["byStatement"]["load"]["queries"]
    return count


def test_a_restart_between_two_writes_is_not_noticed(workspace: Path, server: PostgresServer) -> None:
    with running(workspace, server.url("registry"), refresh_seconds=FOREVER) as watched:
        before = readings(watched.service)
        assert watched.service.allocate(COMPANY).result(PATIENCE).created
        until(lambda: readings(watched.service) > before, "the look for what others wrote")
        server.restart()
        assert watched.service.allocate(AllocationRequest("Other", "crm", "customer")).result(PATIENCE).created
        assert set(watched.sources) == {Source.POSTGRESQL}


def test_killed_with_no_yaml_leaves_the_last_snapshot(tmp_path: Path, server: PostgresServer) -> None:
    with running(tmp_path, server.url("registry"), refresh_seconds=0.3) as watched:
        snapshot = watched.state.snapshot
        server.kill()
        watched.wait_until(lambda state: state.provenance.stale)
        assert watched.summary() == (Source.POSTGRESQL, False, True)
        assert watched.state.snapshot is snapshot
        assert "does not exist" in watched.reason
        refused = refusal(lambda: watched.service.allocate(COMPANY).result(PATIENCE))
        assert refused.kind is RefusalKind.REGISTRY_READ_ONLY
        server.start()
        watched.service.refresh().result(PATIENCE)
        assert watched.summary() == (Source.POSTGRESQL, True, False)


def test_frozen_while_running(workspace: Path, server: PostgresServer) -> None:
    with running(workspace, server.url("registry"), refresh_seconds=0.3, connect_timeout_seconds=3) as watched:
        server.freeze()
        watched.wait_until(lambda state: state.provenance.source is Source.YAML)
        server.thaw()
        watched.wait_until(lambda state: state.provenance.writable)


def test_frozen_during_a_write(workspace: Path, server: PostgresServer) -> None:
    limits = {"connect_timeout_seconds": 3, "statement_timeout_ms": 3000, "lock_timeout_ms": 3000}
    with running(workspace, server.url("registry"), refresh_seconds=FOREVER, **limits) as watched:
        server.freeze()
        refused = refusal(lambda: watched.service.allocate(COMPANY).result(PATIENCE))
        assert refused.kind is RefusalKind.REGISTRY_UNAVAILABLE
        assert refused.message.endswith("Ask again; nothing is allocated twice.")
        assert watched.summary() == (Source.YAML, False, False)
        server.thaw()
        assert watched.service.allocate(COMPANY).result(PATIENCE).table_code == "012033"


def test_hanging_from_the_start(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_state, "FIRST_ANSWER_SECONDS", 1.0)
    with hanging_server() as url, running(workspace, url, settled=False) as watched:
        watched.wait_until(lambda state: state.provenance.source is Source.YAML)
        assert "has not answered for 1.0 s" in watched.reason
        watched.service.refresh().result(PATIENCE)
        assert watched.summary() == (Source.YAML, False, False)
        assert PASSWORD not in watched.reason


def test_closing_while_the_server_hangs(workspace: Path) -> None:
    with (
        silent_address("127.0.0.1") as silent,
        running(workspace, url_of(silent.port), settled=False, connect_timeout_seconds=FOREVER) as watched,
    ):
        until(lambda: silent.accepted, "the connection")
        waiting = watched.service.refresh()
        write = watched.service.allocate(COMPANY)
        ends(watched.service.close, "closing")
        assert refusal(lambda: waiting.result(PATIENCE)).kind is RefusalKind.REGISTRY_UNAVAILABLE
        assert refusal(lambda: write.result(PATIENCE)).kind is RefusalKind.REGISTRY_UNAVAILABLE
        assert refusal(lambda: watched.service.refresh().result(PATIENCE)).message == "The registry is closed."


def test_schema_missing(workspace: Path, empty_database_url: str) -> None:
    with running(workspace, empty_database_url) as watched:
        assert watched.summary() == (Source.YAML, False, False)
        assert "specql_registry" in watched.reason
        create_schema(empty_database_url)
        watched.service.refresh().result(PATIENCE)
        assert watched.summary() == (Source.POSTGRESQL, True, False)


def test_no_rights(workspace: Path, url: str, postgres_server: PostgresServer) -> None:
    guarded = url.replace("postgres@", f"{PASSWORD_USER}:{PASSWORD}@")
    with running(workspace, guarded) as watched:
        assert watched.summary() == (Source.YAML, False, False)
        assert "specql_registry" in watched.reason
        with psycopg.connect(url) as connection:
            connection.execute(f"GRANT USAGE ON SCHEMA specql_registry TO {PASSWORD_USER}")
            connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA specql_registry TO {PASSWORD_USER}")
        watched.service.refresh().result(PATIENCE)
        assert watched.summary() == (Source.POSTGRESQL, False, False)
        assert watched.reason
        assert watched.state.discrepancies == ()
        refused = refusal(lambda: watched.service.allocate(COMPANY).result(PATIENCE))
        assert refused.kind is RefusalKind.REGISTRY_READ_ONLY
        assert watched.reason in refused.message


@pytest.mark.parametrize("bad", ["nonsense", "postgresql://h:p@ss@/x", "postgresql://u:{p}@127.0.0.1:1/x", "host='"])
def test_wrong_urls_never_show_a_password(workspace: Path, bad: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(workspace, bad.replace("{p}", PASSWORD)) as watched:
        assert watched.summary() == (Source.YAML, False, False)
        assert watched.reason.endswith(".")
    assert PASSWORD not in repr(watched.changes) + caplog.text


def test_both_missing_then_one_comes(tmp_path: Path) -> None:
    with running(tmp_path, "postgresql://127.0.0.1:1/x") as watched:
        assert watched.summary() == (Source.NONE, False, False)
        assert "PostgreSQL refused" in watched.reason
        assert "does not exist" in watched.reason
        (tmp_path / "registry").mkdir()
        (tmp_path / "registry" / "domain_registry.yaml").write_text(SMALL)
        watched.service.yaml_changed()
        watched.wait_until(lambda state: state.provenance.source is Source.YAML)


# The YAML changes.


def test_a_broken_yaml_on_the_disk(workspace: Path, url: str) -> None:
    path = workspace / "registry" / "domain_registry.yaml"
    with running(workspace, url, refresh_seconds=FOREVER) as watched:
        path.write_text(SMALL + "broken: [\n")
        watched.service.yaml_changed()
        watched.wait_until(lambda state: state.discrepancies is None)
        assert watched.summary() == (Source.POSTGRESQL, True, False)
        assert watched.state.yaml is None
        assert watched.state.snapshot is not None
        assert watched.state.snapshot.rules.reserved_codes == {"012032"}  # broken does not mean free
        path.write_text(SMALL.replace("name: crm", "name: crm2"))
        watched.service.yaml_changed()
        watched.wait_until(lambda state: state.discrepancies)


def test_a_broken_yaml_and_no_postgresql(workspace: Path) -> None:
    path = workspace / "registry" / "domain_registry.yaml"
    path.write_text("domains: [\n")
    with running(workspace, "postgresql://127.0.0.1:1/x") as watched:
        assert watched.summary() == (Source.NONE, False, False)
        assert "is not valid YAML" in watched.reason
        path.write_text(SMALL)
        watched.service.refresh().result(PATIENCE)
        assert watched.summary() == (Source.YAML, False, False)
        path.write_text("domains: [\n")
        watched.service.refresh().result(PATIENCE)
        assert watched.summary() == (Source.YAML, False, True)
        assert watched.state.snapshot is not None


def test_typing_in_the_unsaved_yaml_keeps_the_last_good_one(workspace: Path, url: str) -> None:
    buffer: list[str | None] = [None]
    with running(workspace, url, overlay=lambda: buffer[0]) as watched:
        good = watched.state.yaml
        buffer[0] = SMALL + "broken: [\n"
        watched.service.yaml_changed()
        watched.wait_until(lambda state: state.discrepancies is None)
        assert watched.state.yaml is good
        buffer[0] = SMALL.replace("012031", "012034")
        watched.service.yaml_changed()
        watched.wait_until(lambda state: state.discrepancies)
        assert watched.state.discrepancies is not None
        assert [d.attribute for d in watched.state.discrepancies] == ["table_code"]


def test_keystrokes_are_read_together(workspace: Path, url: str) -> None:
    reads: list[None] = []

    def overlay() -> str:
        reads.append(None)
        return SMALL

    with running(workspace, url, overlay=overlay) as watched:
        before = len(reads)
        for _ in range(50):
            watched.service.yaml_changed()
        until(lambda: len(reads) > before, "a reading")
        watched.service.refresh().result(PATIENCE)  # the worker has done what it was given before
        assert len(reads) - before <= 5


def test_a_failing_reader_does_not_end_the_service(workspace: Path, url: str, caplog: pytest.LogCaptureFixture) -> None:
    fails = [True]

    def overlay() -> str | None:
        if fails[0]:
            raise RuntimeError(PASSWORD)
        return None

    with running(workspace, url, overlay=overlay) as watched:
        assert watched.summary() == (Source.POSTGRESQL, True, False)
        assert watched.state.discrepancies is None
        fails[0] = False
        watched.service.refresh().result(PATIENCE)
        assert watched.state.discrepancies == ()
    assert "RuntimeError" in caplog.text
    assert PASSWORD not in caplog.text


def test_a_failing_listener_does_not_end_the_service(
    workspace: Path, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_state: RegistryState) -> None:
        raise RuntimeError(PASSWORD)

    service = RegistryService(RegistrySettings(database_url=url), workspace, on_change=fail)
    service.start()
    try:
        assert service.refresh().result(PATIENCE).provenance.writable
        assert service.allocate(COMPANY).result(PATIENCE).created
    finally:
        service.close()
    assert "RuntimeError" in caplog.text
    assert PASSWORD not in caplog.text


def test_what_another_program_did_is_seen_after_a_refusal(workspace: Path, url: str) -> None:
    with running(workspace, url, refresh_seconds=FOREVER) as watched:
        with psycopg.connect(url) as connection:
            connection.execute("INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('7', 'a')")
        refused = refusal(lambda: watched.service.register_domain("7", "b").result(PATIENCE))
        assert refused.kind is RefusalKind.ALREADY_REGISTERED
        watched.wait_until(lambda state: state.snapshot and state.snapshot.domain_numbered("7"))
