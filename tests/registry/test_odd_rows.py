"""A row that cannot be understood makes PostgreSQL unavailable, by name; the YAML answers, and no worker freezes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Domain, Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.state import RegistryState, Source
from tests.support.patience import PATIENCE
from tests.support.postgres import PostgresServer
from tests.support.registries import small_registry, yaml_text
from tests.support.sources import postgresql_source

PARTNER = AllocationRequest("Partner", "crm", "customer")
LOOSE = """
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT conrelid::regclass AS place, conname FROM pg_constraint
        WHERE connamespace = 'specql_registry'::regnamespace AND contype IN ('f', 'p', 'u') ORDER BY contype <> 'f'
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', each.place, each.conname);
    END LOOP;
    FOR each IN
        SELECT attrelid::regclass AS place, attname FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
        WHERE relnamespace = 'specql_registry'::regnamespace AND relkind = 'r' AND attnum > 0 AND attnotnull
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I DROP NOT NULL', each.place, each.attname);
    END LOOP;
END
$$
"""
DOMAINS, SUBDOMAINS, ENTITIES = (
    "UPDATE specql_registry.tb_domain SET {} WHERE domain_number = '2'",
    "UPDATE specql_registry.tb_subdomain SET {} WHERE subdomain_name = 'customer'",
    "UPDATE specql_registry.tb_entity_registration SET {} WHERE entity_name = 'Contact'",
)
CODES = "ALTER TABLE specql_registry.{} ALTER {} TYPE {} USING {}"
ODD = [
    (DOMAINS.format("aliases = '{{a,b}}'"), "tb_domain the row with pk_domain = ", "holds a list of texts in aliases"),
    (DOMAINS.format("domain_name = NULL"), "tb_domain the row with pk_domain = ", "has null as domain_name"),
    (DOMAINS.format("domain_name = ''"), "tb_domain the row with pk_domain = ", "has an empty domain_name"),
    (DOMAINS.format("domain_number = NULL"), "tb_domain the row with pk_domain = ", "has null as domain_number"),
    (DOMAINS.format("domain_number = ''"), "tb_domain the row with pk_domain = ", "has an empty domain_number"),
    (DOMAINS.format("pk_domain = NULL"), "", "no domain that exists as fk_domain"),
    (
        "INSERT INTO specql_registry.tb_domain SELECT * FROM specql_registry.tb_domain",
        "tb_",
        "is there more than once",
    ),
    (
        "INSERT INTO specql_registry.tb_domain SELECT * FROM specql_registry.tb_domain WHERE domain_number = '5'",
        "tb_domain the row with pk_domain = ",
        "is there more than once",
    ),
    (
        "INSERT INTO specql_registry.tb_domain SELECT pk_domain, '7' FROM specql_registry.tb_domain",
        "tb_domain the row with pk_domain = ",
        "is there more than once",
    ),
    (CODES.format("tb_domain", "aliases", "text", "'a,b'"), "tb_domain", "has text as aliases"),
    (
        "ALTER TABLE specql_registry.tb_domain ALTER multi_tenant DROP DEFAULT; "
        + CODES.format("tb_domain", "multi_tenant", "text", "'no'"),
        "tb_domain",
        "has text as multi_tenant",
    ),
    (CODES.format("tb_domain", "domain_number", "integer", "domain_number::integer"), "tb_domain", "an integer as"),
    (SUBDOMAINS.format("subdomain_number = NULL"), "tb_subdomain the row with pk_subdomain = ", "null as subdomain_n"),
    (SUBDOMAINS.format("subdomain_name = NULL"), "tb_subdomain the row with pk_subdomain = ", "null as subdomain_name"),
    (SUBDOMAINS.format("subdomain_number = ''"), "tb_subdomain the row with pk_subdomain = ", "an empty subdomain_num"),
    (SUBDOMAINS.format("fk_domain = NULL"), "tb_subdomain the row with pk_subdomain = ", "no domain that exists"),
    (SUBDOMAINS.format("fk_domain = 4711"), "tb_subdomain the row with pk_subdomain = ", "no domain that exists"),
    (
        SUBDOMAINS.format("pk_subdomain = NULL"),
        "tb_subdomain the row with subdomain_name 'customer'",
        "has null as pk_",
    ),
    (
        "INSERT INTO specql_registry.tb_subdomain SELECT * FROM specql_registry.tb_subdomain",
        "tb_subdomain the row with pk_subdomain = ",
        "is there more than once",
    ),
    (
        "ALTER TABLE specql_registry.tb_subdomain ALTER next_entity_sequence DROP DEFAULT; "
        + CODES.format("tb_subdomain", "next_entity_sequence", "numeric", "1.5"),
        "tb_subdomain",
        "a value of type Decimal as next_entity_sequence",
    ),
    (
        ENTITIES.format("entity_name = NULL"),
        "tb_entity_registration the row with entity_name None and table_code '012031'",
        "has null as entity_name",
    ),
    (ENTITIES.format("entity_name = ''"), "tb_entity_registration the row with", "has an empty entity_name"),
    (
        ENTITIES.format("table_code = NULL"),
        "tb_entity_registration the row with entity_name 'Contact' and table_code None",
        "has null as table_code",
    ),
    (ENTITIES.format("fk_subdomain = NULL"), "entity_name 'Contact' and table_code '012031'", "no subdomain that"),
    (ENTITIES.format("fk_subdomain = 4711"), "entity_name 'Contact' and table_code '012031'", "no subdomain that"),
    (
        CODES.format("tb_entity_registration", "entity_sequence", "text", "'one'"),
        "tb_entity_registration the row with",
        "has text as entity_sequence",
    ),
]
TOLERATED = [
    DOMAINS.format("aliases = NULL"),
    DOMAINS.format("aliases = '{a,NULL}'"),
    DOMAINS.format("aliases = '[0:1]={a,b}'"),
    DOMAINS.format("multi_tenant = NULL"),
    SUBDOMAINS.format("next_entity_sequence = NULL"),
    ENTITIES.format("entity_sequence = NULL"),
    ENTITIES.format("table_code = ''"),
    ENTITIES.format("table_code = E' 0120\\n31 '"),
    ENTITIES.format("entity_name = E'\\u001b[31m'"),
    "INSERT INTO specql_registry.tb_domain VALUES (77, '2', 'crm')",
    "INSERT INTO specql_registry.tb_entity_registration SELECT * FROM specql_registry.tb_entity_registration",
]


@pytest.fixture
def loose(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """The small registry in tables without any constraint, as an old program may have made them."""
    source = postgresql_source(database_url)
    migrate(small_registry(), source)
    source.close()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(LOOSE)
        yield connection


@pytest.mark.parametrize(("statement", "row", "fault"), ODD, ids=range(len(ODD)))
def test_an_odd_row_is_named(
    database_url: str, loose: psycopg.Connection[Any], statement: str, row: str, fault: str
) -> None:
    source = postgresql_source(database_url)
    assert source.load().domains == small_registry().domains
    loose.execute(statement.encode())
    for call in (source.load, lambda: source.register_domain("9", "fresh")):
        with pytest.raises(SourceUnavailableError) as caught:
            call()
        sentence = caught.value.reason
        assert row in sentence and fault in sentence, sentence
        assert sentence.startswith("The registry in PostgreSQL cannot be understood: in specql_registry.tb_")
        assert (caught.value.lost, caught.value.lasting) == (False, True)
    source.close()


@pytest.mark.parametrize("statement", TOLERATED, ids=range(len(TOLERATED)))
def test_what_can_be_understood_is_read_and_compared(
    database_url: str, loose: psycopg.Connection[Any], tmp_path: Path, statement: str
) -> None:
    loose.execute(statement.encode())
    state = state_of(database_url, tmp_path)
    assert state.provenance.source is Source.POSTGRESQL, state.provenance.reason
    assert state.discrepancies is not None


def service_of(url: str, folder: Path) -> RegistryService:
    (folder / "registry.yaml").write_text(yaml_text(small_registry()))
    return RegistryService(RegistrySettings(database_url=url, yaml_path="registry.yaml", refresh_seconds=600), folder)


def state_of(url: str, folder: Path) -> RegistryState:
    service = service_of(url, folder)
    first = service.refresh()
    service.start()
    try:
        return first.result(PATIENCE)
    finally:
        service.close()


@pytest.mark.parametrize("is_installed", [False, True])
@pytest.mark.parametrize("statement", [ODD[0][0], ODD[1][0], ENTITIES.format("fk_subdomain = NULL")])
def test_the_yaml_answers_until_the_row_is_corrected(
    database_url: str, loose: psycopg.Connection[Any], tmp_path: Path, statement: str, *, is_installed: bool
) -> None:
    if is_installed:
        install(RegistrySettings(database_url=database_url))
    service = service_of(database_url, tmp_path)
    first = service.refresh()
    service.start()
    try:
        assert first.result(PATIENCE).provenance.source is Source.POSTGRESQL
        before = [
            loose.execute(f"SELECT ctid, * FROM specql_registry.{name}".encode()).fetchall()
            for name in ("tb_domain", "tb_entity_registration")
        ]
        loose.execute(statement.encode())
        state = service.refresh().result(PATIENCE)
        assert (state.provenance.source, state.provenance.writable) == (Source.YAML, False)
        assert "cannot be understood: in specql_registry.tb_" in state.provenance.reason
        assert state.snapshot is not None and state.snapshot.by_entity("Contact")
        with pytest.raises(Refused) as caught:
            service.allocate(PARTNER).result(PATIENCE)
        assert "sk again" not in caught.value.message
        loose.execute("DELETE FROM specql_registry.tb_domain WHERE domain_number = '2'")
        loose.execute("DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Contact'")
        for row in before[0]:
            if row[2] == "2":
                loose.execute("INSERT INTO specql_registry.tb_domain VALUES (%s, %s, %s, %s, %s, %s)", row[1:])
        for row in before[1]:
            if row[3] == "Contact":
                loose.execute("INSERT INTO specql_registry.tb_entity_registration VALUES (%s, %s, %s, %s, %s)", row[1:])
        state = service.refresh().result(PATIENCE)
        assert state.provenance.source is Source.POSTGRESQL, state.provenance.reason
        assert service.allocate(PARTNER).result(PATIENCE).table_code == "012033"
    finally:
        service.close()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO specql_registry.tb_entity_registration VALUES (900, NULL, 'Odd', '012033', 3)",
        "INSERT INTO specql_registry.tb_entity_registration VALUES (900, 4711, 'Odd', '012033', 3)",
        "INSERT INTO specql_registry.tb_entity_registration VALUES (900, NULL, 'Partner', NULL, 3)",
        DOMAINS.format("aliases = '{{a,b}}'"),
        SUBDOMAINS.format("subdomain_name = NULL"),
    ],
)
def test_an_odd_row_that_came_since_the_last_look_gives_no_code_twice(
    database_url: str, loose: psycopg.Connection[Any], statement: str
) -> None:
    source = postgresql_source(database_url)
    source.load()
    loose.execute(statement.encode())
    try:
        assert source.allocate(PARTNER, Rules()).table_code not in {"012031", "012032", "012033", "012034"}
    except SourceUnavailableError as error:
        assert error.lasting
    source.close()


def test_a_write_that_an_odd_row_stops_does_not_say_ask_again(
    database_url: str, loose: psycopg.Connection[Any], tmp_path: Path
) -> None:
    service = service_of(database_url, tmp_path)
    first = service.refresh()
    service.start()
    try:
        first.result(PATIENCE)
        loose.execute(DOMAINS.format("domain_name = NULL").encode())
        with pytest.raises(Refused) as caught:
            service.register_domain("9", "fresh").result(PATIENCE)
        assert caught.value.kind is RefusalKind.REGISTRY_UNAVAILABLE
        assert "has null as domain_name. Correct or delete that row." in caught.value.message
        assert "sk again" not in caught.value.message
    finally:
        service.close()


def test_text_that_is_not_utf8_is_shown(postgres_server: PostgresServer) -> None:
    """A database without an encoding takes any bytes."""
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE ascii_registry TEMPLATE template0 ENCODING 'SQL_ASCII'")
    url = postgres_server.url("ascii_registry")
    install(RegistrySettings(database_url=url))
    source = postgresql_source(url)
    try:
        source.register_domain("2", "crm", "Caf")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("UPDATE specql_registry.tb_domain SET description = E'Caf\\351'")
        with pytest.raises(SourceUnavailableError) as caught:
            source.load()
        assert caught.value.reason == (
            "The registry in PostgreSQL holds text that is not UTF-8 (the bytes 0xe9): correct it there."
        )
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("UPDATE specql_registry.tb_domain SET description = 'Caf'")
        assert source.load().domain("2") is not None
    finally:
        source.close()
        postgres_server.drop_database(url)


def test_content_of_which_no_state_can_be_made_leaves_the_answer_to_the_yaml(
    database_url: str, loose: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is overlooked here must not end the worker's states."""
    unhashable = Snapshot((Domain("2", "crm", aliases=(["a"],)),))  # type: ignore[arg-type]
    monkeypatch.setattr(PostgresqlSource, "load", lambda _self: unhashable)
    state = state_of(database_url, tmp_path)
    assert state.provenance.source is Source.YAML
    assert state.provenance.reason == "What PostgreSQL holds could not be understood (TypeError); the log says more."
