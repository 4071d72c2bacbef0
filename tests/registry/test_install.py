"""``registry install``: SpecQL's schema, a notification of every change, the unique index; also where it is in use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.sources.postgresql.install import Installation, create_schema, install, install_script
from specql_lsp.registry.sources.postgresql.listener import CHANNEL
from tests.support.ports import own_port
from tests.support.registries import large_registry, small_registry
from tests.support.sources import postgresql_source

TABLES = ("tb_domain", "tb_subdomain", "tb_entity_registration")
OURS = {
    "function specql_registry.fn_count_unrecorded",
    "function specql_registry.fn_record_domain",
    "function specql_registry.fn_record_entity",
    "function specql_registry.fn_record_subdomain",
    "schema specql_registry_lsp",
    "table specql_registry_lsp.tb_version",
    "table specql_registry_lsp.tb_event",
    "index specql_registry_lsp.idx_event_transaction",
    "index specql_registry_lsp.idx_event_entity",
    "index specql_registry_lsp.idx_event_update",
    "sequence specql_registry_lsp.sq_unrecorded",
    "table specql_registry_lsp.tb_horizon",
    "table specql_registry_lsp.tb_lease",
    "index specql_registry_lsp.tb_lease_pkey",
    "index specql_registry.idx_entity_registration_lower_name",
    "index specql_registry.uq_entity_registration_table_code",
    *(
        f"trigger tr_notify_{event} on specql_registry.{table}"
        for event in ("insert", "update", "delete", "truncate")
        for table in TABLES
    ),
    "function specql_registry_lsp.fn_record_lease",
    *(
        f"trigger tr_notify_{event} on specql_registry_lsp.tb_lease"
        for event in ("insert", "update", "delete", "truncate")
    ),
}
SPECQLS = {"schema specql_registry", *(f"table specql_registry.{table}" for table in TABLES)}


def installed(url: str) -> Installation:
    return install(RegistrySettings(database_url=url))


@pytest.fixture
def filled_url(database_url: str) -> str:
    """A database with SpecQL's own schema and the small registry in it."""
    source = postgresql_source(database_url)
    migrate(small_registry(), source)
    source.close()
    return database_url


@pytest.fixture
def connection(filled_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(filled_url, autocommit=True) as connection:
        yield connection


def content(connection: psycopg.Connection[Any]) -> list[list[tuple[Any, ...]]]:
    return [
        connection.execute(f"SELECT ctid, xmin, * FROM specql_registry.{table} ORDER BY 3".encode()).fetchall()
        for table in TABLES
    ]


def test_into_an_empty_database(empty_database_url: str) -> None:
    done = installed(empty_database_url)
    assert set(done.created) == OURS | SPECQLS
    assert (done.kept, done.obstacles) == ((), ())
    assert done.server and empty_database_url.endswith(done.server.rsplit("/", 1)[1])


def test_again_it_changes_nothing(empty_database_url: str) -> None:
    installed(empty_database_url)
    done = installed(empty_database_url)
    assert (done.created, set(done.kept), done.obstacles) == ((), OURS | SPECQLS, ())


def test_into_a_schema_of_specqls_own_that_is_in_use(filled_url: str, connection: psycopg.Connection[Any]) -> None:
    before = content(connection)
    done = installed(filled_url)
    assert (set(done.created), set(done.kept)) == (OURS, SPECQLS)
    assert content(connection) == before  # not a row was touched: even its place and its transaction are the same


def test_it_adds_no_second_index_where_specql_named_its_own_otherwise(
    filled_url: str, connection: psycopg.Connection[Any]
) -> None:
    connection.execute("ALTER INDEX specql_registry.idx_subdomain_fk_domain RENAME TO ix_of_specqls_own")
    installed(filled_url)
    found = connection.execute(
        "SELECT indexname FROM pg_indexes WHERE tablename = 'tb_subdomain' AND indexdef LIKE '%(fk_domain)'"
    ).fetchall()
    assert found == [("ix_of_specqls_own",)]


def test_codes_registered_twice_are_named_and_the_rest_is_installed(
    filled_url: str, connection: psycopg.Connection[Any]
) -> None:
    connection.execute(
        "UPDATE specql_registry.tb_entity_registration SET table_code = '01203a' WHERE entity_name = 'Contact'"
    )
    connection.execute(
        "UPDATE specql_registry.tb_entity_registration SET table_code = '01203A' WHERE entity_name = 'Manufacturer'"
    )
    before = content(connection)
    done = installed(filled_url)
    assert set(done.created) == OURS - {"index specql_registry.uq_entity_registration_table_code"}
    (obstacle,) = done.obstacles
    assert obstacle == (
        "The table code 01203A is registered more than once: Contact in subdomain 03 (customer) of domain 2 (crm); "
        "Manufacturer in subdomain 02 (manufacturer) of domain 3 (catalog)."
    )
    assert content(connection) == before
    connection.execute(
        "UPDATE specql_registry.tb_entity_registration SET table_code = '013021' WHERE entity_name = 'Manufacturer'"
    )
    done = installed(filled_url)
    assert (done.created, done.obstacles) == (("index specql_registry.uq_entity_registration_table_code",), ())


def test_the_index_keeps_out_a_code_in_other_case(filled_url: str, connection: psycopg.Connection[Any]) -> None:
    installed(filled_url)
    insert = (
        "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)"
        " SELECT pk_subdomain, 'Other', %s, 1 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'customer'"
    )
    connection.execute(
        "UPDATE specql_registry.tb_entity_registration SET table_code = '01203a' WHERE entity_name = 'Contact'"
    )
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(insert, ["01203A"])
    connection.execute(insert, ["01203B"])


def test_the_script_does_the_same(filled_url: str, connection: psycopg.Connection[Any]) -> None:
    connection.execute(install_script().encode())
    connection.execute(install_script().encode())
    assert installed(filled_url).created == ()


def test_a_failure_leaves_nothing(filled_url: str, connection: psycopg.Connection[Any]) -> None:
    with psycopg.connect(filled_url) as other:
        other.execute("LOCK TABLE specql_registry.tb_entity_registration IN ROW EXCLUSIVE MODE")
        with pytest.raises(Refused) as caught:
            install(RegistrySettings(database_url=filled_url, lock_timeout_ms=200))
    assert caught.value.kind is RefusalKind.REGISTRY_UNAVAILABLE
    assert caught.value.message == "Nothing was installed. A lock was held by another longer than 200 ms."
    assert connection.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'tr_notify%'").fetchone() == (0,)
    assert set(installed(filled_url).created) == OURS


def test_without_a_server_it_says_so() -> None:
    with pytest.raises(Refused) as caught:
        installed(f"postgresql://user:hunter2@127.0.0.1:{own_port()}/db")
    assert caught.value.kind is RefusalKind.REGISTRY_UNAVAILABLE
    assert "Nothing was installed. PostgreSQL refused the connection" in caught.value.message


def test_two_at_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(installed, [empty_database_url] * 4))
    assert sorted(len(each.created) for each in done) == [0, 0, 0, len(OURS | SPECQLS)]


def test_every_change_is_notified_with_what_changed(filled_url: str, connection: psycopg.Connection[Any]) -> None:
    installed(filled_url)
    connection.execute(f"LISTEN {CHANNEL}".encode())

    def told(statement: str) -> list[dict[str, Any]]:
        connection.execute(statement.encode())
        payloads = [json.loads(notification.payload) for notification in connection.notifies(timeout=0.05)]
        return [
            {key: value for key, value in payload.items() if key not in ("event", "transaction")}
            for payload in payloads
        ]

    assert told("INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('7', 'x'), ('8', 'y')") == [
        {"table": "tb_domain", "operation": "insert", "rows": 2, "changes": [{"domain": "7"}, {"domain": "8"}]}
    ]
    assert told("UPDATE specql_registry.tb_domain SET description = 'New' WHERE domain_number = '7'") == [
        {"table": "tb_domain", "operation": "update", "rows": 1, "changes": [{"domain": "7"}]}
    ]
    assert told("UPDATE specql_registry.tb_subdomain SET description = '' WHERE subdomain_name = 'customer'") == [
        {"table": "tb_subdomain", "operation": "update", "rows": 1, "changes": [{"domain": "2", "subdomain": "03"}]}
    ]
    assert told("DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Contact'") == [
        {
            "table": "tb_entity_registration",
            "operation": "delete",
            "rows": 1,
            "changes": [{"domain": "2", "subdomain": "03", "entity": "Contact", "tableCode": "012031"}],
        }
    ]
    assert told("DELETE FROM specql_registry.tb_domain WHERE domain_number = '99'") == []
    # What goes with its parent is told, too.
    gone = told("DELETE FROM specql_registry.tb_domain WHERE domain_number = '2'")
    assert [(each["table"], each["rows"]) for each in gone] == [
        ("tb_domain", 1),
        ("tb_subdomain", 2),
        ("tb_entity_registration", 2),
    ]
    assert [each["operation"] for each in told("TRUNCATE specql_registry.tb_entity_registration")] == ["truncate"]


def test_many_changes_are_one_short_notification(database_url: str) -> None:
    installed(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}".encode())
        source = postgresql_source(database_url)
        migrate(large_registry(2, 10, 10), source)
        source.close()
        connection.execute("SELECT 1")  # what was told before it comes with its answer
        payloads = [notification.payload for notification in connection.notifies(timeout=0.05)]
    assert len(payloads) < 10
    assert max(len(payload.encode()) for payload in payloads) < 8000
    assert {json.loads(p)["rows"] for p in payloads if "tb_entity_registration" in p} == {100}


def test_who_may_not_read_the_other_tables_may_write_one(filled_url: str, connection: psycopg.Connection[Any]) -> None:
    """A program of SpecQL's with few rights must not be hindered by the notification."""
    installed(filled_url)
    role = "few_" + filled_url.rsplit("/", 1)[1]
    connection.execute(f"CREATE ROLE {role} LOGIN".encode())
    connection.execute(f"GRANT USAGE ON SCHEMA specql_registry TO {role}".encode())
    connection.execute(f"GRANT SELECT, UPDATE ON specql_registry.tb_subdomain TO {role}".encode())
    with psycopg.connect(filled_url.replace("postgres@", f"{role}@", 1), autocommit=True) as few:
        few.execute("UPDATE specql_registry.tb_subdomain SET description = 'By one with few rights'")


def test_an_allocation_looks_codes_and_names_up_by_index(database_url: str) -> None:
    installed(database_url)
    source = postgresql_source(database_url)
    migrate(large_registry(9, 40, 10), source)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE")
        plan = connection.execute(
            "EXPLAIN SELECT fk_subdomain FROM specql_registry.tb_entity_registration"
            " WHERE upper(table_code) BETWEEN '01203' AND '01203G' OR lower(entity_name COLLATE \"C\") = 'contact'"
        ).fetchall()
    assert "Seq Scan" not in str(plan)
    assert "uq_entity_registration_table_code" in str(plan)
    assert "idx_entity_registration_lower_name" in str(plan)
    assert source.allocate(AllocationRequest("Brand", "domain_2", "03"), Rules()).table_code == "01203B"
    source.close()


def test_the_schema_alone_has_nothing_of_ours(empty_database_url: str) -> None:
    create_schema(empty_database_url)
    assert set(installed(empty_database_url).created) == OURS
