"""What is leased: nobody else gets it, until it is given back or ends."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import Backend, RegistrySettings
from specql_lsp.registry.client import Registry
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest, EntityMove
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.sources.snapshot_file.format import TakenSnapshot, snapshot_text
from specql_lsp.registry.state import Source
from tests.registry.leases.support import DAY, execute, expire, keeper, lease, leased, refusal, request
from tests.support.registries import small_registry, yaml_text
from tests.support.sources import fill, postgresql_source


def test_nobody_else_gets_a_leased_code(source: PostgresqlSource, leasing_url: str, tmp_path: Path) -> None:
    assert lease(keeper(tmp_path), source) == ["012033", "012035", "012036"], "the lowest that are free"
    with closing(postgresql_source(leasing_url)) as other:
        assert other.allocate(request("Partner"), Rules()).table_code == "012037"
        answers = other.allocate_all([request("A"), request("B", table_code="012035"), request("C")], Rules())
        codes = [answer.message if isinstance(answer, Refused) else answer.table_code for answer in answers]
        assert codes[0] == "012038" and codes[2] == "012039"
        assert codes[1] == "The code 012035 is leased to another folder or machine. Take another code."
        refused = refusal(lambda: other.allocate(request("D", table_code="012036"), Rules()))
        assert refused.kind is RefusalKind.CODE_TAKEN
        assert refused.message.startswith("The code 012036 is leased to anna@laptop until ")
        core = AllocationRequest("Moved", "crm", "core")
        other.allocate(core, Rules())
        moved = other.move_entity(EntityMove("crm", "Moved", "customer"), Rules())
        assert moved.table_code == "01203A"
        yaml = small_registry()
        crm = yaml.domains[0]
        entity = crm.subdomains[1].entities[0]._replace(name="ByHand", table_code="012033", sequence=3)
        subdomain = crm.subdomains[1]._replace(entities=(*crm.subdomains[1].entities, entity))
        wanted = Snapshot((crm._replace(subdomains=(crm.subdomains[0], subdomain)), *yaml.domains[1:]))
        from specql_lsp.registry.consistency.comparison import compare

        resolution = other.keep_yaml(
            [each for each in compare(other.load(), wanted) if each.entity == "ByHand"], wanted
        )
        assert "is leased to anna@laptop" in resolution.refused[0].message


def test_other_programs_get_none_either(source: PostgresqlSource, leasing_url: str, tmp_path: Path) -> None:
    lease(keeper(tmp_path), source)
    insert = (
        "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)"
        " SELECT pk_subdomain, 'Theirs', '{}', 99 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'customer'"
    )
    with pytest.raises(psycopg.Error, match="012033 is leased to anna@laptop"):
        execute(leasing_url, insert.format("012033"))
    execute(leasing_url, "UPDATE specql_registry.tb_entity_registration SET entity_name = entity_name || 's'")
    with pytest.raises(psycopg.Error, match="012033 is leased"):
        execute(
            leasing_url,
            "UPDATE specql_registry.tb_entity_registration SET table_code = '012033' WHERE table_code = '012032'",
        )
    execute(leasing_url, insert.format("012037"))


def test_what_has_ended_returns(source: PostgresqlSource, leasing_url: str, tmp_path: Path) -> None:
    anna, boris = keeper(tmp_path), keeper(tmp_path, state="boris")
    assert lease(anna, source) == ["012033", "012035", "012036"]
    expire(leasing_url)
    assert source.allocate(request("Partner"), Rules()).table_code == "012033"
    assert lease(boris, source, 2) == ["012035", "012036"]
    assert leased(leasing_url) == {"012035", "012036"}
    assert [each.table_code for each in anna.list(source)] == ["012035", "012036"]
    assert anna.held == (), "they are another's now"


def test_asked_again_it_leases_the_same(source: PostgresqlSource, leasing_url: str, tmp_path: Path) -> None:
    anna = keeper(tmp_path)
    first = lease(anna, source, 2)
    assert lease(anna, source, 2) == first
    assert lease(anna, source, 3) == [*first, "012036"]
    assert lease(anna, source, 1, days=30)[0] == first[0]
    lengths = {each.table_code: round(each.seconds / DAY) for each in anna.held}
    assert lengths == {"012033": 30, "012035": 7, "012036": 7}
    assert anna.release(source, ["012035"]) == ("012035",)
    assert anna.release(source) == ("012033", "012036")
    assert leased(leasing_url) == set() and anna.held == ()
    assert refusal(lambda: anna.release(source, ["012033"])).message == "The code 012033 is not leased by this folder."
    full = refusal(lambda: lease(anna, source, 15))
    assert (full.kind, "has 12 codes to lease, not 15" in full.message) == (RefusalKind.SUBDOMAIN_FULL, True)


def test_without_what_is_installed_there_are_none(database_url: str, tmp_path: Path) -> None:
    with closing(postgresql_source(database_url)) as source:
        fill(source, small_registry())
        refused = refusal(lambda: lease(keeper(tmp_path), source))
        assert "specql-lsp registry install adds them" in refused.message
        install(RegistrySettings(database_url=database_url, statement_timeout_ms=60_000, lock_timeout_ms=60_000))
        execute(database_url, "ALTER TABLE specql_registry.tb_entity_registration DISABLE TRIGGER tr_notify_insert")
        assert refusal(lambda: lease(keeper(tmp_path), source)).message == refused.message
        execute(database_url, "ALTER TABLE specql_registry.tb_entity_registration ENABLE TRIGGER tr_notify_insert")
        assert lease(keeper(tmp_path), source)
        execute(database_url, "DROP SCHEMA specql_registry_lsp CASCADE")
        assert source.allocate(request("Partner"), Rules()).table_code == "012033", "nothing else needs that schema"


@pytest.mark.parametrize("backend", ["yaml", "in_memory", "snapshot"])
def test_no_other_source_has_leases(tmp_path: Path, backend: str) -> None:
    settings = RegistrySettings(
        backend=Backend("yaml" if backend == "snapshot" else backend), yaml_path="registry.yaml"
    )
    if backend == "yaml":
        (tmp_path / "registry.yaml").write_text(yaml_text(small_registry()), encoding="utf-8")
    if backend == "snapshot":
        taken = TakenSnapshot(small_registry(), datetime(2026, 1, 2, tzinfo=UTC), Source.POSTGRESQL, None)
        (tmp_path / "snapshot.json").write_text(snapshot_text(taken), encoding="utf-8")
        settings = replace(settings, snapshot_path="snapshot.json")
    with Registry(settings, tmp_path) as registry:
        for call in (
            lambda: registry.lease("crm", "customer", 1, 1),
            registry.leases,
            registry.release_leases,
        ):
            refused = refusal(call)
            assert (refused.kind, refused.message) == (RefusalKind.REGISTRY_UNAVAILABLE, "No database is set.")
        assert registry.confirm_leases() == ()
