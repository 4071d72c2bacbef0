"""The events: which rights they need, what is done if one cannot be written, and how they are followed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.listener import CHANNEL
from tests.registry.events_support import ENTITY, Connection, actions, events, made, role_of
from tests.registry.events_support import connection as connection
from tests.registry.events_support import url as url
from tests.support.registries import large_registry
from tests.support.sources import postgresql_source

# Rights, and what is done where an event cannot be written.


def test_who_may_write_one_table_needs_no_other_right(url: str, connection: Connection) -> None:
    few_url = role_of(url, "SELECT, UPDATE ON specql_registry.tb_subdomain")
    with psycopg.connect(few_url, autocommit=True) as few:
        few.execute("UPDATE specql_registry.tb_subdomain SET description = 'By one with few rights'")
        for statement in (
            "SELECT FROM specql_registry_lsp.tb_event",
            "DELETE FROM specql_registry_lsp.tb_event",
            "SELECT nextval('specql_registry_lsp.sq_unrecorded')",
            "SELECT specql_registry.fn_count_unrecorded('tb_domain', 'INSERT', '')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                few.execute(statement.encode())
    assert [event["domain_number"] for event in events(connection)] == ["2", "2", "3", "3"]


def test_a_reader_needs_two_grants_and_may_change_nothing(url: str, connection: Connection) -> None:
    reader_url = role_of(
        url, "USAGE ON SCHEMA specql_registry_lsp", "SELECT ON ALL TABLES IN SCHEMA specql_registry_lsp"
    )
    connection.execute(f"UPDATE {ENTITY} SET entity_sequence = 9".encode())
    with psycopg.connect(reader_url, autocommit=True) as reader:
        assert len(events(reader)) == 4
        for statement in ("DELETE FROM", "UPDATE", "TRUNCATE", "INSERT INTO"):
            rest = {"UPDATE": " SET author = 'x'", "INSERT INTO": " (table_name, action) VALUES ('x', 'x')"}
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(f"{statement} specql_registry_lsp.tb_event{rest.get(statement, '')}".encode())


FAILURES = {
    "the schema is gone": "DROP SCHEMA specql_registry_lsp CASCADE",
    "the table is gone": "DROP TABLE specql_registry_lsp.tb_event",
    "a constraint refuses": "ALTER TABLE specql_registry_lsp.tb_event ADD CHECK (action = 'nothing')",
    "a trigger refuses": (
        "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';"
        " CREATE TRIGGER refuse BEFORE INSERT ON specql_registry_lsp.tb_event"
        " FOR EACH ROW EXECUTE FUNCTION public.refuse()"
    ),
}
WRITES = {
    "INSERT": f"INSERT INTO {ENTITY} (fk_subdomain, entity_name, table_code, entity_sequence)"
    " SELECT pk_subdomain, 'Partner', '012035', 5 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'customer'",
    "UPDATE": "UPDATE specql_registry.tb_subdomain SET next_entity_sequence = 77",
    "DELETE": "DELETE FROM specql_registry.tb_domain WHERE domain_number = '5'",
    "TRUNCATE": f"TRUNCATE {ENTITY}",
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_change_that_cannot_be_recorded_is_made_counted_and_notified_without_an_event(
    url: str, connection: Connection, failure: str
) -> None:
    connection.execute(FAILURES[failure].encode())
    connection.execute(f"LISTEN {CHANNEL}".encode())
    for count, (operation, statement) in enumerate(WRITES.items(), start=1):
        notices: list[str] = []
        handler: Callable[[Any], None] = lambda diagnostic: notices.append(diagnostic.message_primary)  # noqa: B023, E731
        connection.add_notice_handler(handler)
        connection.execute(statement.encode())
        connection.remove_notice_handler(handler)
        assert len(notices) == 1 and notices[0].startswith(f"specql-lsp could not record the {operation} of tb_")
        (notification,) = connection.notifies(timeout=10, stop_after=1)
        payload = json.loads(notification.payload)
        assert payload["operation"] == operation.lower()
        assert payload.keys() == {"table", "operation", "rows"}
        if failure != "the schema is gone":
            counted = connection.execute("SELECT last_value, is_called FROM specql_registry_lsp.sq_unrecorded")
            assert counted.fetchone() == (count - 1, True)
    install(RegistrySettings(database_url=url))
    if failure.endswith("gone"):
        connection.execute("UPDATE specql_registry.tb_domain SET description = 'Recorded again'")
        assert {event["action"] for event in events(connection)} == {"domain-changed"}


def test_a_cancelled_statement_is_cancelled(url: str, connection: Connection) -> None:
    """What waits for the events' table is not taken for an event that cannot be written."""
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as writer:
        holder.execute("LOCK TABLE specql_registry_lsp.tb_event IN ACCESS EXCLUSIVE MODE")
        writer.execute("SET statement_timeout = 100")
        with pytest.raises(psycopg.errors.QueryCanceled):
            writer.execute(WRITES["UPDATE"].encode())
    assert events(connection) == []


def test_row_security_on_specqls_tables_hides_nothing_from_the_history(url: str, connection: Connection) -> None:
    few_url = role_of(url, f"SELECT, UPDATE ON {ENTITY}", "SELECT ON specql_registry.tb_subdomain")
    for table in ("tb_subdomain", "tb_domain"):
        connection.execute(f"ALTER TABLE specql_registry.{table} ENABLE ROW LEVEL SECURITY".encode())
        connection.execute(f"CREATE POLICY hiding ON specql_registry.{table} USING (false)".encode())
    with psycopg.connect(few_url, autocommit=True) as few:
        few.execute(f"UPDATE {ENTITY} SET entity_sequence = 7 WHERE entity_name = 'Contact'".encode())
    assert actions(events(connection)) == [("entity-changed", "2", "03", "Contact", "012031")]


def test_an_odd_search_path_does_not_matter(url: str, connection: Connection) -> None:
    """Neither functions of the writer's nor tables that have the names of transition tables are taken."""
    few_url = role_of(url, f"SELECT, UPDATE ON {ENTITY}")
    role = few_url.rsplit("@", 1)[0].rsplit("/", 1)[1]
    connection.execute(f"GRANT CREATE ON SCHEMA public TO {role}".encode())
    with psycopg.connect(few_url, autocommit=True) as few:
        for function in (
            "to_jsonb(anyelement) RETURNS jsonb",
            "lower(text) RETURNS text",
            "count(name) RETURNS bigint",
        ):
            few.execute(f"CREATE FUNCTION public.{function} LANGUAGE plpgsql AS 'BEGIN RAISE ''called''; END'".encode())
        few.execute("CREATE TEMPORARY TABLE touched (pk_entity_registration integer)")
        few.execute("CREATE TEMPORARY TABLE tb_event (id integer)")
        few.execute("SET search_path = pg_temp, public, pg_catalog")
        few.execute(f"UPDATE {ENTITY} SET entity_sequence = 7 WHERE entity_name = 'Contact'".encode())
    assert actions(events(connection)) == [("entity-changed", "2", "03", "Contact", "012031")]


# Following.


def test_no_event_is_missed_that_commits_out_of_order(url: str, connection: Connection) -> None:
    """A reader asks for what is not visible in the snapshot of its last look, and not for higher ids."""

    def look(snapshot: str) -> tuple[str, list[str]]:
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            (now,) = connection.execute("SELECT pg_current_snapshot()::text").fetchone() or ("",)
            found = connection.execute(
                "SELECT after->>'entity_name' FROM specql_registry_lsp.tb_event"
                " WHERE transaction >= pg_snapshot_xmin(%(last)s) AND NOT pg_visible_in_snapshot(transaction, %(last)s)"
                " ORDER BY id",
                {"last": snapshot},
            ).fetchall()
        return now, [name for (name,) in found]

    (snapshot,) = connection.execute("SELECT pg_current_snapshot()::text").fetchone() or ("",)
    change = f"UPDATE {ENTITY} SET entity_sequence = entity_sequence + 1 WHERE entity_name = %s".encode()
    with psycopg.connect(url) as early, psycopg.connect(url) as late:
        early.execute(change, ["Contact"])
        late.execute(change, ["Company"])
        late.commit()
        snapshot, found = look(snapshot)
        assert found == ["Company"]
        early.execute(change, ["Account"])
        early.commit()
        snapshot, found = look(snapshot)
        assert found == ["Contact", "Account"]
        assert look(snapshot)[1] == []


def test_the_notification_says_the_last_event_of_the_statement(connection: Connection) -> None:
    connection.execute(f"LISTEN {CHANNEL}".encode())
    found = made(connection, f"UPDATE {ENTITY} SET entity_sequence = entity_sequence + 1")
    (notification,) = connection.notifies(timeout=10, stop_after=1)
    payload = json.loads(notification.payload)
    assert (payload["event"], payload["rows"], len(payload["changes"])) == (found[-1]["id"], 4, 4)
    assert [int(payload["transaction"])] == list({int(event["transaction"]) for event in found})


def test_many_rows_are_as_many_events(connection: Connection, url: str) -> None:
    source = postgresql_source(url)
    migrate(large_registry(9, 20, 10).with_domains(large_registry(9, 20, 10).domains[5:]), source)
    source.close()
    found = events(connection)
    counted = {action: sum(event["action"] == action for event in found) for action in {e["action"] for e in found}}
    assert counted == {"domain-registered": 4, "subdomain-registered": 80, "entity-registered": 800}
    removed = made(connection, "DELETE FROM specql_registry.tb_domain WHERE domain_number = '9'")
    assert len(removed) == 1 + 20 + 200
    assert all(event["domain_number"] == "9" for event in removed)


def test_a_writer_that_is_killed_leaves_both_or_nothing(url: str, connection: Connection) -> None:
    for number in range(6):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url) as doomed:
            doomed.execute(
                f"INSERT INTO {ENTITY} (fk_subdomain, entity_name, table_code, entity_sequence) SELECT pk_subdomain,"
                " %s, %s, 9 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'customer'".encode(),
                [f"Doomed{number}", f"01FF{number}0"],
            )
            if number % 2:
                doomed.commit()
            connection.execute("SELECT pg_terminate_backend(%s, 60000)", [doomed.info.backend_pid])
            doomed.commit()
    stored = connection.execute(f"SELECT entity_name FROM {ENTITY} WHERE entity_name LIKE 'Doomed%'".encode())
    assert {name for (name,) in stored} == {event["entity_name"] for event in events(connection)}
    assert {event["entity_name"] for event in events(connection)} == {"Doomed1", "Doomed3", "Doomed5"}
