"""What a trigger or a rule in the database swallows or changes is never answered as done, and nothing is half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry import open_registry
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from tests.support.registries import small_registry
from tests.support.sources import keep_yaml, postgresql_source

PARTNER = AllocationRequest("Partner", "crm", "customer")
TABLES = ("tb_domain", "tb_subdomain", "tb_entity_registration")


@pytest.fixture
def source(database_url: str) -> Iterator[PostgresqlSource]:
    source = postgresql_source(database_url)
    migrate(small_registry(), source)
    yield source
    source.close()


@pytest.fixture
def admin(database_url: str, source: PostgresqlSource) -> Iterator[psycopg.Connection[Any]]:
    """Another program's connection to the filled registry."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def trigger(admin: psycopg.Connection[Any], moment: str, table: str, body: str, constraint: str = "") -> None:
    """Makes a row trigger; ``moment`` is like BEFORE INSERT."""
    admin.execute(
        f"CREATE FUNCTION specql_registry.fn_odd() RETURNS trigger LANGUAGE plpgsql"
        f" AS $body$ BEGIN {body} END $body$;"
        f" CREATE {'CONSTRAINT' if constraint else ''} TRIGGER tr_odd {moment} ON specql_registry.{table} {constraint}"
        f" FOR EACH ROW EXECUTE FUNCTION specql_registry.fn_odd()".encode()
    )


def rows(admin: psycopg.Connection[Any]) -> list[list[tuple[Any, ...]]]:
    return [
        admin.execute(f"SELECT ctid, xmin, * FROM specql_registry.{table} ORDER BY 3".encode()).fetchall()
        for table in TABLES
    ]


def refused(call: Callable[[], object], admin: psycopg.Connection[Any]) -> str:
    """The sentence of a refusal of kind ``conflict`` that left every row alone."""
    before = rows(admin)
    with pytest.raises(Refused) as caught:
        call()
    assert caught.value.kind is RefusalKind.CONFLICT, caught.value.message
    assert "sk again" not in caught.value.message
    assert "Nothing was changed" in caught.value.message or "nothing was changed" in caught.value.message
    assert rows(admin) == before
    return caught.value.message


REGISTRATIONS = "tb_entity_registration"
UPDATE_CODE = "UPDATE specql_registry.tb_entity_registration SET table_code = '01203F' WHERE entity_name = 'Partner';"
DELETE_ROW = "DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = NEW.entity_name;"


@pytest.mark.parametrize(
    ("moment", "table", "body", "constraint", "sentence"),
    [
        ("BEFORE INSERT", REGISTRATIONS, "RETURN NULL;", "", "stored no registration of Partner"),
        (
            "BEFORE INSERT",
            REGISTRATIONS,
            "NEW.table_code := '01203F'; RETURN NEW;",
            "",
            "stored the code 01203F for Partner where 012033 was written",
        ),
        ("AFTER INSERT", REGISTRATIONS, UPDATE_CODE + "RETURN NULL;", "", "stored the code 01203F for Partner"),
        ("AFTER INSERT", REGISTRATIONS, DELETE_ROW + "RETURN NULL;", "", "stored no registration of Partner"),
        (
            "AFTER INSERT",
            REGISTRATIONS,
            UPDATE_CODE + "RETURN NULL;",
            "DEFERRABLE INITIALLY DEFERRED",
            "stored the code 01203F for Partner",
        ),
        (
            "BEFORE INSERT",
            REGISTRATIONS,
            "NEW.entity_sequence := 77; RETURN NEW;",
            "",
            "stored another sequence of Partner",
        ),
        (
            "BEFORE INSERT",
            REGISTRATIONS,
            "NEW.entity_name := 'Partnership'; RETURN NEW;",
            "",
            "stored no registration of Partner",
        ),
        (
            "BEFORE INSERT",
            REGISTRATIONS,
            "NEW.fk_subdomain := 1; RETURN NEW;",
            "",
            "stored no registration of Partner",
        ),
        (
            "BEFORE INSERT",
            REGISTRATIONS,
            "NEW.table_code := E'\\u001b[31m\\n::error::x'; RETURN NEW;",
            "",
            "stored the code \\x1b[31m ::error::x for Partner",
        ),
        (
            "BEFORE UPDATE",
            "tb_subdomain",
            "NEW.next_entity_sequence := 1; RETURN NEW;",
            "",
            "did not move the counter of the subdomain: a trigger or a rule on specql_registry.tb_subdomain",
        ),
    ],
)
def test_an_allocation_that_a_trigger_swallows_or_changes(
    source: PostgresqlSource,
    admin: psycopg.Connection[Any],
    moment: str,
    table: str,
    body: str,
    constraint: str,
    sentence: str,
) -> None:
    admin.execute("UPDATE specql_registry.tb_subdomain SET next_entity_sequence = 1")
    trigger(admin, moment, table, body, constraint)
    assert sentence in refused(lambda: source.allocate(PARTNER, Rules()), admin)
    admin.execute("DROP FUNCTION specql_registry.fn_odd CASCADE")
    assert source.allocate(PARTNER, Rules()).table_code == "012033"


def test_a_code_in_another_case_is_the_same_code(source: PostgresqlSource, admin: psycopg.Connection[Any]) -> None:
    trigger(admin, "BEFORE INSERT", REGISTRATIONS, "NEW.table_code := lower(NEW.table_code); RETURN NEW;")
    wanted = AllocationRequest("Partner", "crm", "customer", table_code="01203A")
    assert source.allocate(wanted, Rules()).table_code == "01203A"
    assert source.allocate(wanted, Rules()).created is False


@pytest.mark.parametrize("instead", ["NOTHING", "UPDATE specql_registry.tb_domain SET description = 'x'"])
def test_an_allocation_that_a_rule_replaces(
    source: PostgresqlSource, admin: psycopg.Connection[Any], instead: str
) -> None:
    admin.execute(
        f"CREATE RULE odd AS ON INSERT TO specql_registry.tb_entity_registration DO INSTEAD {instead}".encode()
    )
    assert "stored no registration of Partner" in refused(lambda: source.allocate(PARTNER, Rules()), admin)


def test_a_trigger_that_only_adds_is_let_be(source: PostgresqlSource, admin: psycopg.Connection[Any]) -> None:
    admin.execute("CREATE TABLE public.log (name text)")
    trigger(admin, "AFTER INSERT", REGISTRATIONS, "INSERT INTO public.log VALUES (NEW.entity_name); RETURN NULL;")
    assert source.allocate(PARTNER, Rules()).created
    assert admin.execute("SELECT * FROM public.log").fetchall() == [("Partner",)]


def test_a_trigger_that_adds_a_subdomain_to_a_new_domain_is_let_be(
    source: PostgresqlSource, admin: psycopg.Connection[Any]
) -> None:
    trigger(
        admin,
        "AFTER INSERT",
        "tb_domain",
        "INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name)"
        " VALUES (NEW.pk_domain, '01', 'core'); RETURN NULL;",
    )
    source.register_domain("9", "fresh")
    found = source.load().domain("9")
    assert found is not None and [s.name for s in found.subdomains] == ["core"]


@pytest.mark.parametrize(
    ("moment", "body"),
    [
        ("BEFORE INSERT", "RETURN NULL;"),
        ("BEFORE INSERT", "NEW.description := 'odd'; RETURN NEW;"),
    ],
)
def test_a_domain_and_a_subdomain_that_a_trigger_swallows_or_changes(
    source: PostgresqlSource, admin: psycopg.Connection[Any], moment: str, body: str
) -> None:
    trigger(admin, moment, "tb_domain", body)
    message = refused(lambda: source.register_domain("9", "fresh", "Fresh"), admin)
    assert "domain 9" in message and "a trigger or a rule" in message
    admin.execute("DROP FUNCTION specql_registry.fn_odd CASCADE")
    trigger(admin, moment, "tb_subdomain", body)
    message = refused(lambda: source.register_subdomain("crm", "05", "fresh", "Fresh"), admin)
    assert "subdomain 05 in domain 2" in message


def yaml_with(domains: tuple[Domain, ...]) -> Snapshot:
    return Snapshot(domains)


CRM, CATALOG, BILLING = small_registry().domains
CHANGED = (
    CRM._replace(
        description="Other",
        subdomains=(
            CRM.subdomains[0]._replace(name="kernel"),
            CRM.subdomains[1]._replace(entities=(Entity("Contact", "01203A", 10), *CRM.subdomains[1].entities[2:])),
            Subdomain("07", "added", None, 1),
        ),
    ),
    CATALOG,
    Domain("8", "added"),
)
KINDS = DiscrepancyType


@pytest.mark.parametrize(
    ("discrepancy", "event", "table"),
    [
        (Discrepancy(KINDS.MISSING_IN_POSTGRESQL, "8"), "INSERT", "tb_domain"),
        (Discrepancy(KINDS.MISSING_IN_YAML, "5"), "DELETE", "tb_domain"),
        (
            Discrepancy(
                KINDS.DOMAIN_ATTRIBUTE_MISMATCH,
                "2",
                attribute="description",
                postgresql_value="Customer relations",
                yaml_value="Other",
            ),
            "UPDATE",
            "tb_domain",
        ),
        (Discrepancy(KINDS.MISSING_SUBDOMAIN_IN_POSTGRESQL, "2", "07"), "INSERT", "tb_subdomain"),
        (
            Discrepancy(
                KINDS.SUBDOMAIN_ATTRIBUTE_MISMATCH,
                "2",
                "01",
                attribute="name",
                postgresql_value="core",
                yaml_value="kernel",
            ),
            "UPDATE",
            "tb_subdomain",
        ),
        (Discrepancy(KINDS.MISSING_ENTITY_IN_YAML, "2", "03", "Company"), "DELETE", REGISTRATIONS),
        (
            Discrepancy(
                KINDS.ENTITY_ATTRIBUTE_MISMATCH,
                "2",
                "03",
                "Contact",
                attribute="table_code",
                postgresql_value="012031",
                yaml_value="01203A",
            ),
            "UPDATE",
            REGISTRATIONS,
        ),
    ],
    ids=lambda value: value.type.value if isinstance(value, Discrepancy) else "",
)
def test_a_discrepancy_whose_resolution_a_trigger_swallows(
    source: PostgresqlSource, admin: psycopg.Connection[Any], discrepancy: Discrepancy, event: str, table: str
) -> None:
    yaml = yaml_with(CHANGED)
    trigger(admin, f"BEFORE {event}", table, "RETURN NULL;")
    message = refused(lambda: keep_yaml(source, discrepancy, yaml), admin)
    assert f"domain {discrepancy.domain}" in message
    admin.execute("DROP FUNCTION specql_registry.fn_odd CASCADE")
    keep_yaml(source, discrepancy, yaml)


def test_a_missing_entity_whose_registration_a_rule_swallows(
    source: PostgresqlSource, admin: psycopg.Connection[Any]
) -> None:
    admin.execute("DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Contact'")
    admin.execute("CREATE RULE odd AS ON INSERT TO specql_registry.tb_entity_registration DO INSTEAD NOTHING")
    missing = Discrepancy(KINDS.MISSING_ENTITY_IN_POSTGRESQL, "2", "03", "Contact")
    assert "entity Contact" in refused(lambda: keep_yaml(source, missing, small_registry()), admin)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("body", ["RETURN NULL;", "NEW.{} := 'odd'; RETURN NEW;"])
def test_a_migration_that_a_trigger_swallows_or_changes(
    source: PostgresqlSource, admin: psycopg.Connection[Any], table: str, body: str
) -> None:
    admin.execute("DELETE FROM specql_registry.tb_domain WHERE domain_number IN ('2', '5')")
    column = {"tb_domain": "domain_name", "tb_subdomain": "description"}.get(table, "table_code")
    trigger(admin, "BEFORE INSERT", table, body.format(column))
    assert refused(lambda: migrate(small_registry(), source), admin)


def test_a_migration_whose_aliases_a_deferred_trigger_changes(
    source: PostgresqlSource, admin: psycopg.Connection[Any]
) -> None:
    admin.execute("DELETE FROM specql_registry.tb_domain WHERE domain_number = '2'")
    trigger(
        admin,
        "AFTER INSERT",
        "tb_domain",
        "UPDATE specql_registry.tb_domain SET aliases = '{odd}' WHERE pk_domain = NEW.pk_domain; RETURN NULL;",
        "DEFERRABLE INITIALLY DEFERRED",
    )
    assert refused(lambda: migrate(small_registry(), source), admin)


def test_an_installation_of_which_something_is_missing(
    database_url: str, source: PostgresqlSource, admin: psycopg.Connection[Any]
) -> None:
    admin.execute(
        "CREATE FUNCTION public.fn_other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
        " CREATE TRIGGER tr_notify_insert AFTER INSERT ON specql_registry.tb_domain"
        " FOR EACH STATEMENT EXECUTE FUNCTION public.fn_other()"
    )
    with pytest.raises(Refused) as caught:
        install(RegistrySettings(database_url=database_url))
    assert caught.value.kind is RefusalKind.CONFLICT
    assert "Nothing was installed." in caught.value.message
    assert "trigger tr_notify_insert on specql_registry.tb_domain" in caught.value.message
    assert admin.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'tr_notify%'").fetchone() == (1,)
    admin.execute("DROP TRIGGER tr_notify_insert ON specql_registry.tb_domain")
    assert install(RegistrySettings(database_url=database_url)).created


def test_an_installation_of_which_an_event_trigger_removes_something(
    database_url: str, source: PostgresqlSource, admin: psycopg.Connection[Any]
) -> None:
    admin.execute(
        "CREATE FUNCTION public.fn_drop() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
        " DROP INDEX IF EXISTS specql_registry.uq_entity_registration_table_code; END $$;"
        " CREATE EVENT TRIGGER odd ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION public.fn_drop()"
    )
    with pytest.raises(Refused, match=r"did not make: index specql_registry\.uq_entity_registration_table_code"):
        install(RegistrySettings(database_url=database_url))
    assert admin.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'tr_notify%'").fetchone() == (0,)


def test_the_answer_of_a_registry_that_is_open(
    database_url: str, admin: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a user sees: a refusal, and a registry that goes on answering without the entity."""
    monkeypatch.chdir(tmp_path)
    trigger(admin, "BEFORE INSERT", REGISTRATIONS, "RETURN NULL;")
    with open_registry(database_url) as registry:
        assert "stored no registration" in refused(lambda: registry.allocate("crm", "customer", "Partner"), admin)
        assert registry.snapshot.by_entity("Partner") == ()
        assert registry.status["writable"] is True


def test_reading_back_costs_an_allocation_no_exchange(source: PostgresqlSource) -> None:
    timings = source._session._timings
    source.load()
    before = {name: row["queries"] for name, row in timings.report().items()}
    assert source.allocate(PARTNER, Rules()).created
    after = {name: row["queries"] for name, row in timings.report().items()}
    grown = {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
    assert grown == {"allocate_look": 1, "allocate_write": 1}
