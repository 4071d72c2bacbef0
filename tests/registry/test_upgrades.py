"""The installed schema: from each version that a release has installed to this one, nothing lost; what is missing."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry import queries
from specql_lsp.registry.history import HistoryRequest
from specql_lsp.registry.model import Rules
from specql_lsp.registry.queries import script
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest, EntityRename
from specql_lsp.registry.sources.postgresql.install import (
    Installation,
    InstallationCheck,
    check_installation,
    create_schema,
    install,
    install_script,
)
from specql_lsp.registry.sources.postgresql.upgrades import LATEST, STEPS
from tests.support.postgres import PostgresServer, programs
from tests.support.registries import small_registry
from tests.support.sources import fill, postgresql_source

EARLIER = sorted((Path(__file__).parent / "installed").glob("version_*.sql"))
"""What each release installed whose schema differs from the one before it, as its ``registry install --print`` said."""
TABLES = ("tb_domain", "tb_subdomain", "tb_entity_registration")


def installed(url: str) -> Installation:
    return install(RegistrySettings(database_url=url, lock_timeout_ms=90_000, statement_timeout_ms=90_000))


def checked(url: str) -> InstallationCheck:
    return check_installation(RegistrySettings(database_url=url))


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def content(url: str) -> list[list[tuple[Any, ...]]]:
    """Every row of SpecQL's tables, with its place and its transaction."""
    return [rows(url, f"SELECT ctid, xmin, * FROM specql_registry.{table} ORDER BY 3") for table in TABLES]


def recorded(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of our own tables but the versions, with its place and its transaction; empty without such tables."""
    tables = rows(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'specql_registry_lsp' ORDER BY 1")
    return {
        table: rows(url, f"SELECT ctid, xmin, e.*::text FROM specql_registry_lsp.{table} e ORDER BY 3")
        for (table,) in tables
        if table != "tb_version"
    }


def structure(url: str) -> list[tuple[Any, ...]]:
    """What the catalogue says of both schemas, without what an installation does not decide.

    A function of version 1 stays: a trigger that runs during the upgrade may call it.
    """
    return rows(
        url,
        """
        SELECT 'column', c.table_schema || '.' || c.table_name, c.column_name, c.data_type, c.column_default
        FROM information_schema.columns c WHERE c.table_schema LIKE 'specql_registry%'
        UNION ALL
        SELECT 'index', schemaname, indexname, indexdef, NULL FROM pg_indexes WHERE schemaname LIKE 'specql_registry%'
        UNION ALL
        SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), NULL
        FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT 'function', pronamespace::regnamespace::text, proname, pg_get_functiondef(oid), proacl::text
        FROM pg_proc
        WHERE pronamespace::regnamespace::text LIKE 'specql_registry%' AND proname <> 'fn_notify_recorded'
        ORDER BY 1, 2, 3
        """,
    )


@pytest.fixture(params=EARLIER, ids=lambda path: path.stem)
def earlier_url(request: pytest.FixtureRequest, empty_database_url: str) -> str:
    """A database with the schema of an earlier release, and the small registry in it."""
    execute(empty_database_url, request.param.read_text(encoding="utf-8"))
    source = postgresql_source(empty_database_url)
    fill(source, small_registry())
    source.close()
    return empty_database_url


def test_an_earlier_installation_is_not_current(earlier_url: str) -> None:
    check = checked(earlier_url)
    assert not check.is_current
    assert check.missing
    assert (check.version or 0) < LATEST


def test_an_upgrade_keeps_every_row_and_ends_where_an_installation_does(earlier_url: str, database_url: str) -> None:
    before = content(earlier_url)
    installed(earlier_url)
    assert content(earlier_url) == before
    installed(database_url)
    assert structure(earlier_url) == structure(database_url)
    assert checked(earlier_url).is_current


def test_an_upgrade_keeps_events_and_leases_and_goes_on_with_them(earlier_url: str) -> None:
    had_events = bool(recorded(earlier_url))
    if "tb_lease" in recorded(earlier_url):
        execute(
            earlier_url,
            "INSERT INTO specql_registry_lsp.tb_lease (table_code, token, holder, domain_number, subdomain_number,"
            " expires_at) VALUES ('012039', 'a folder', 'anna@laptop', '2', '03', now() + interval '1 day')",
        )
    before = recorded(earlier_url)
    installed(earlier_url)
    after = recorded(earlier_url)
    assert {table: after[table] for table in before} == before
    source = postgresql_source(earlier_url)
    source.rename_entity(EntityRename("crm", "Contact", "Person"))
    actions = [event.action for event in source.history(HistoryRequest(entity="Person")).events]
    source.close()
    assert actions == ["entity-renamed", "entity-registered"] if had_events else actions == ["entity-renamed"]


def test_every_version_has_what_its_release_installed() -> None:
    assert [path.stem for path in EARLIER] == [f"version_{number}" for number in range(LATEST)]


def test_the_script_upgrades_as_well(earlier_url: str, database_url: str) -> None:
    execute(earlier_url, install_script())
    assert checked(earlier_url).is_current
    assert installed(earlier_url).created == ()
    installed(database_url)
    assert structure(earlier_url) == structure(database_url)


def test_an_upgrade_under_writers_loses_no_allocation(earlier_url: str) -> None:
    sources = [postgresql_source(earlier_url) for _ in range(3)]

    def allocate(number: int) -> list[str]:
        requests = [AllocationRequest(f"New{number}{letter}", "crm", "customer") for letter in "abc"]
        return [sources[number].allocate(request, Rules()).table_code for request in requests]

    with ThreadPoolExecutor(5) as pool:
        codes = [pool.submit(allocate, number) for number in range(3)]
        done = [pool.submit(installed, earlier_url) for _ in range(2)]
        given = [code for future in codes for code in future.result()]
        assert sorted(len(future.result().created) > 0 for future in done) == [False, True]
    for source in sources:
        source.close()
    assert len(set(given)) == 9
    stored = {code for (code,) in rows(earlier_url, "SELECT table_code FROM specql_registry.tb_entity_registration")}
    assert set(given) <= stored


def test_a_failed_upgrade_leaves_the_earlier_installation(earlier_url: str) -> None:
    before = structure(earlier_url)
    tables = rows(earlier_url, "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname ~ '^specql'")
    with psycopg.connect(earlier_url) as other:
        other.execute(f"LOCK TABLE {', '.join(name for (name,) in tables)} IN ROW EXCLUSIVE MODE".encode())
        with pytest.raises(Refused):
            install(RegistrySettings(database_url=earlier_url, lock_timeout_ms=200))
    assert structure(earlier_url) == before


def test_a_release_before_the_history_does_not_install_over_it(earlier_url: str) -> None:
    """It would find triggers by its names that call functions that it does not know."""
    installed(earlier_url)
    before = structure(earlier_url)
    script_of_version_0 = EARLIER[0].read_text(encoding="utf-8")
    assert "fn_notify_change" in script_of_version_0
    execute(earlier_url, script_of_version_0)  # run by hand, it adds a function that nothing calls
    check = checked(earlier_url)
    assert check.is_current
    installed(earlier_url)
    assert structure(earlier_url) == before


def test_what_a_later_release_installed_is_left_alone(database_url: str) -> None:
    installed(database_url)
    execute(database_url, f"INSERT INTO specql_registry_lsp.tb_version VALUES ({LATEST + 1}, 'of-the-future')")
    with pytest.raises(Refused) as caught:
        installed(database_url)
    sentence = (
        f"The schema specql_registry_lsp has version {LATEST + 1}, which a later release of specql-lsp made; "
        f"this release knows version {LATEST}: update specql-lsp."
    )
    assert (caught.value.kind, caught.value.message) == (RefusalKind.CONFLICT, f"Nothing was installed. {sentence}")
    check = checked(database_url)
    assert (check.is_newer, check.is_current, check.missing) == (True, False, ())
    with pytest.raises(psycopg.errors.RaiseException, match=f"has version {LATEST + 1}"):
        execute(database_url, install_script())


# What the check says.


def test_the_check_of_nothing_of_specqls_schema_and_of_all(empty_database_url: str) -> None:
    nothing = checked(empty_database_url)
    assert (nothing.version, nothing.is_current) == (None, False)
    assert "schema specql_registry" in nothing.missing
    create_schema(empty_database_url)
    specqls = checked(empty_database_url)
    assert set(nothing.missing) > set(specqls.missing)
    assert set(specqls.missing) == set(installed(empty_database_url).created)
    check = checked(empty_database_url)
    assert (check.version, check.missing, check.disabled, check.is_current) == (LATEST, (), (), True)


INSERT_TRIGGER = "tr_notify_insert on specql_registry.tb_domain"
BREAKS = {
    f"DROP TRIGGER {INSERT_TRIGGER}": f"trigger {INSERT_TRIGGER}",
    "DROP TABLE specql_registry_lsp.tb_event": "table specql_registry_lsp.tb_event",
    "DROP SEQUENCE specql_registry_lsp.sq_unrecorded": "sequence specql_registry_lsp.sq_unrecorded",
    "DROP INDEX specql_registry_lsp.idx_event_entity": "index specql_registry_lsp.idx_event_entity",
    "DROP SCHEMA specql_registry_lsp CASCADE": "schema specql_registry_lsp",
    "CREATE OR REPLACE FUNCTION specql_registry.fn_record_domain() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NULL; END'": "function specql_registry.fn_record_domain",
}


@pytest.mark.parametrize("statement", BREAKS)
def test_what_is_missing_is_named_and_made_again(database_url: str, statement: str) -> None:
    installed(database_url)
    execute(database_url, statement)
    check = checked(database_url)
    assert not check.is_current
    assert BREAKS[statement] in check.missing
    assert installed(database_url).created == check.missing
    assert checked(database_url).is_current


def test_a_trigger_that_is_switched_off_is_named_and_stays_so(database_url: str) -> None:
    installed(database_url)
    execute(database_url, "ALTER TABLE specql_registry.tb_domain DISABLE TRIGGER tr_notify_update")
    for _ in range(2):
        check = checked(database_url)
        assert (check.missing, check.disabled) == ((), ("trigger tr_notify_update on specql_registry.tb_domain",))
        assert not check.is_current
        assert installed(database_url).created == ()


def test_a_role_without_rights_on_the_version_may_check(database_url: str) -> None:
    installed(database_url)
    role = "checker_" + database_url.rsplit("/", 1)[1]
    execute(database_url, f"CREATE ROLE {role} LOGIN")
    check = checked(database_url.replace("postgres@", f"{role}@", 1))
    assert (check.version, check.is_current) == (None, True)


# The steps.


def test_each_step_has_a_file_and_records_its_number() -> None:
    folder = Path(queries.__file__).parent / "upgrades"
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))
    assert sorted(path.stem for path in folder.glob("*.sql")) == [step.query.rpartition("/")[2] for step in STEPS]
    for step in STEPS:
        text = script(step.query)
        found = re.findall(
            r"INSERT INTO specql_registry_lsp\.tb_version \(version, step\) VALUES \((\d+), '(\w+)'\)", text
        )
        assert found == [(str(step.number), step.name)]


def test_the_steps_that_were_applied_are_recorded_once(database_url: str) -> None:
    wanted = [(step.number, step.name, "postgres") for step in STEPS]
    for _ in range(2):
        installed(database_url)
        assert (
            rows(database_url, "SELECT version, step, applied_by FROM specql_registry_lsp.tb_version ORDER BY 1")
            == wanted
        )


def test_all_of_ours_has_one_owner_whoever_installs_again(database_url: str) -> None:
    """A later step that a superuser runs must not make a table that the functions may not write."""
    owner = "owner_" + database_url.rsplit("/", 1)[1]
    execute(database_url, f"CREATE ROLE {owner} LOGIN")
    execute(database_url, f"ALTER DATABASE {database_url.rsplit('/', 1)[1]} OWNER TO {owner}")
    execute(database_url, f"ALTER SCHEMA specql_registry OWNER TO {owner}")
    for table in TABLES:
        execute(database_url, f"ALTER TABLE specql_registry.{table} OWNER TO {owner}")
    installed(database_url.replace("postgres@", f"{owner}@", 1))
    execute(database_url, "DROP TABLE specql_registry_lsp.tb_event")
    execute(database_url, "DROP SEQUENCE specql_registry_lsp.sq_unrecorded")
    execute(database_url, "DROP FUNCTION specql_registry.fn_record_entity CASCADE")
    installed(database_url)
    owners = rows(
        database_url,
        "SELECT relowner::regrole::text FROM pg_class WHERE relnamespace = 'specql_registry_lsp'::regnamespace"
        " UNION SELECT proowner::regrole::text FROM pg_proc WHERE pronamespace = 'specql_registry'::regnamespace",
    )
    assert owners == [(owner,)]
    assert installed(database_url.replace("postgres@", f"{owner}@", 1)).created == ()


def test_who_does_not_own_the_schema_is_refused_with_the_name_of_what_to_own(database_url: str) -> None:
    installed(database_url)
    role = "other_" + database_url.rsplit("/", 1)[1]
    execute(database_url, f"CREATE ROLE {role} LOGIN")
    for schema in ("specql_registry", "specql_registry_lsp"):
        execute(database_url, f"GRANT ALL ON SCHEMA {schema} TO {role}")
        execute(database_url, f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role}")
    with pytest.raises(Refused) as caught:
        installed(database_url.replace("postgres@", f"{role}@", 1))
    assert caught.value.kind is RefusalKind.REGISTRY_READ_ONLY
    assert f'The role "{role}" must own the table specql_registry_lsp.tb_event to do that.' in caught.value.message


def test_a_dump_of_specqls_schema_alone_can_be_restored_and_written(
    postgres_server: PostgresServer, database_url: str
) -> None:
    """That is what backups have been until now."""
    source = postgresql_source(database_url)
    fill(source, small_registry())
    source.close()
    installed(database_url)
    other = postgres_server.create_database()
    try:
        dump = subprocess.run(
            [programs() / "pg_dump", "--schema=specql_registry", database_url], capture_output=True, check=True
        )
        subprocess.run(
            [programs() / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", other],
            input=dump.stdout,
            capture_output=True,
            check=True,
        )
        source = postgresql_source(other)
        assert source.load().domains == small_registry().domains
        assert source.allocate(AllocationRequest("Partner", "crm", "customer"), Rules()).created
        assert source.notifies
        assert "table specql_registry_lsp.tb_event" in checked(other).missing
        installed(other)
        assert source.allocate(AllocationRequest("Ally", "crm", "customer"), Rules()).created
        assert rows(other, "SELECT entity_name FROM specql_registry_lsp.tb_event WHERE entity_name IS NOT NULL") == [
            ("Ally",)
        ]
        source.close()
    finally:
        postgres_server.drop_database(other)
