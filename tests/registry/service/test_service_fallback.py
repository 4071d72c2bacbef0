"""The registry service against real PostgreSQL servers: absent, killed, back, hanging, without schema or rights."""

from __future__ import annotations

import logging
from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import Backend, RegistrySettings
from specql_lsp.registry.refusals import RefusalKind
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service import current_state
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.sources.postgresql.install import create_schema
from specql_lsp.registry.state import Source
from tests.registry.service.support import COMPANY, Watched, hanging_server, refusal, running, url_of
from tests.registry.yaml_texts import SMALL
from tests.support.patience import FOREVER, PATIENCE, ends, until
from tests.support.ports import silent_address
from tests.support.postgres import PASSWORD, PASSWORD_USER, PostgresServer


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
