"""The events: what each change of SpecQL's tables leaves in it, and what is done if it cannot be written."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import AllocationRequest, EntityRename
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.listener import CHANNEL
from tests.support.registries import large_registry, small_registry
from tests.support.sources import fill, postgresql_source

Connection = psycopg.Connection[Any]
ENTITY = "specql_registry.tb_entity_registration"


@pytest.fixture
def url(database_url: str) -> str:
    """A database with the installed schema and the small registry, which is not in the history."""
    source = postgresql_source(database_url)
    fill(source, small_registry())
    source.close()
    install(RegistrySettings(database_url=database_url))
    return database_url


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def events(connection: Connection, after: int = 0) -> list[dict[str, Any]]:
    """The events with higher ids than ``after``, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT * FROM specql_registry_lsp.tb_event WHERE id > %s ORDER BY id", [after]
        ).fetchall()


def made(connection: Connection, statement: str) -> list[dict[str, Any]]:
    """The events that a statement leaves."""
    last = connection.execute("SELECT COALESCE(max(id), 0) FROM specql_registry_lsp.tb_event").fetchone()
    connection.execute(statement.encode())
    return events(connection, last[0] if last else 0)


def actions(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = ("action", "domain_number", "subdomain_number", "entity_name", "table_code")
    return [tuple(event[name] for name in names) for event in found]


def role_of(url: str, *grants: str) -> str:
    """A new role with some rights; its URL."""
    role = "few_" + url.rsplit("/", 1)[1]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        for grant in ("USAGE ON SCHEMA specql_registry", *grants):
            connection.execute(f"GRANT {grant} TO {role}".encode())
    return url.replace("postgres@", f"{role}@", 1)


# What is recorded.


def test_installing_records_nothing(connection: Connection) -> None:
    assert events(connection) == []


def test_a_row_that_comes_changes_and_goes(connection: Connection) -> None:
    (registered,) = made(
        connection,
        f"INSERT INTO {ENTITY} (fk_subdomain, entity_name, table_code, entity_sequence)"
        " SELECT pk_subdomain, 'Partner', '012035', 5 FROM specql_registry.tb_subdomain"
        " WHERE subdomain_name = 'customer'",
    )
    assert actions([registered]) == [("entity-registered", "2", "03", "Partner", "012035")]
    assert registered["before"] is None
    row = registered["after"]
    assert row == {
        "pk_entity_registration": registered["pk"],
        "fk_subdomain": row["fk_subdomain"],
        "entity_name": "Partner",
        "table_code": "012035",
        "entity_sequence": 5,
        "domain_number": "2",
        "subdomain_number": "03",
    }
    (renamed,) = made(connection, f"UPDATE {ENTITY} SET entity_name = 'Ally' WHERE entity_name = 'Partner'")
    assert actions([renamed]) == [("entity-renamed", "2", "03", "Ally", "012035")]
    assert (renamed["before"], renamed["after"]) == (row, row | {"entity_name": "Ally"})
    (changed,) = made(connection, f"UPDATE {ENTITY} SET table_code = '012036' WHERE entity_name = 'Ally'")
    assert actions([changed]) == [("entity-changed", "2", "03", "Ally", "012036")]
    (moved,) = made(
        connection,
        f"UPDATE {ENTITY} SET table_code = '013026', fk_subdomain ="
        " (SELECT pk_subdomain FROM specql_registry.tb_subdomain WHERE subdomain_name = 'manufacturer')"
        " WHERE entity_name = 'Ally'",
    )
    assert actions([moved]) == [("entity-moved", "3", "02", "Ally", "013026")]
    assert (moved["before"]["domain_number"], moved["before"]["subdomain_number"]) == ("2", "03")
    (removed,) = made(connection, f"DELETE FROM {ENTITY} WHERE entity_name = 'Ally'")
    assert actions([removed]) == [("entity-removed", "3", "02", "Ally", "013026")]
    assert (removed["before"], removed["after"]) == (moved["after"], None)
    assert {event["table_name"] for event in (registered, renamed, moved, removed)} == {"tb_entity_registration"}


def test_domains_and_subdomains(connection: Connection) -> None:
    subdomain, domain = "specql_registry.tb_subdomain", "specql_registry.tb_domain"
    statements = {
        f"INSERT INTO {domain} (domain_number, domain_name) VALUES ('7', 'x')": ("domain-registered", "7", None),
        f"UPDATE {domain} SET domain_name = 'y' WHERE domain_number = '7'": ("domain-renamed", "7", None),
        f"UPDATE {domain} SET aliases = '{{z}}' WHERE domain_number = '7'": ("domain-changed", "7", None),
        f"INSERT INTO {subdomain} (fk_domain, subdomain_number, subdomain_name)"
        f" SELECT pk_domain, '01', 'a' FROM {domain} WHERE domain_number = '7'": ("subdomain-registered", "7", "01"),
        f"UPDATE {subdomain} SET next_entity_sequence = 7 WHERE subdomain_name = 'a'": (
            "subdomain-counter-changed",
            "7",
            "01",
        ),
        f"UPDATE {subdomain} SET next_entity_sequence = 8, description = 'd' WHERE subdomain_name = 'a'": (
            "subdomain-changed",
            "7",
            "01",
        ),
        f"UPDATE {subdomain} SET fk_domain = (SELECT pk_domain FROM {domain} WHERE domain_number = '5')"
        " WHERE subdomain_name = 'a'": ("subdomain-moved", "5", "01"),
        f"UPDATE {subdomain} SET subdomain_name = 'b' WHERE subdomain_name = 'a'": ("subdomain-renamed", "5", "01"),
        f"DELETE FROM {subdomain} WHERE subdomain_name = 'b'": ("subdomain-removed", "5", "01"),
        f"DELETE FROM {domain} WHERE domain_number = '7'": ("domain-removed", "7", None),
    }
    for statement, wanted in statements.items():
        assert actions(made(connection, statement)) == [(*wanted, None, None)], statement


def test_what_goes_with_its_parent_is_recorded_where_it_was(connection: Connection) -> None:
    found = made(connection, "DELETE FROM specql_registry.tb_domain WHERE domain_number = '2'")
    assert actions(found) == [
        ("domain-removed", "2", None, None, None),
        ("subdomain-removed", "2", "01", None, None),
        ("subdomain-removed", "2", "03", None, None),
        ("entity-removed", "2", "03", "Contact", "012031"),
        ("entity-removed", "2", "03", "Company", "012032"),
        ("entity-removed", "2", "03", "Account", "012034"),
    ]
    assert len({event["transaction"] for event in found}) == 1
    assert all(event["before"]["domain_number"] == "2" for event in found)


def test_a_primary_key_that_changes_is_a_removal_and_a_registration(connection: Connection) -> None:
    found = made(connection, f"UPDATE {ENTITY} SET pk_entity_registration = 999 WHERE entity_name = 'Contact'")
    assert {(event["action"], event["pk"] == 999) for event in found} == {
        ("entity-removed", False),
        ("entity-registered", True),
    }


def test_a_row_without_a_parent_is_recorded(connection: Connection) -> None:
    """A registry without foreign keys can hold one."""
    connection.execute(f"ALTER TABLE {ENTITY} DROP CONSTRAINT tb_entity_registration_fk_subdomain_fkey".encode())
    insert = f"INSERT INTO {ENTITY} (fk_subdomain, entity_name, table_code, entity_sequence) VALUES (999, 'X', '0', 1)"
    assert actions(made(connection, insert)) == [("entity-registered", None, None, "X", "0")]
    update = f"UPDATE {ENTITY} SET entity_sequence = 2 WHERE entity_name = 'X'"
    assert actions(made(connection, update)) == [("entity-changed", None, None, "X", "0")]
    assert actions(made(connection, f"DELETE FROM {ENTITY} WHERE entity_name = 'X'")) == [
        ("entity-removed", None, None, "X", "0")
    ]


def test_truncation_is_recorded_for_each_table(connection: Connection) -> None:
    found = made(connection, "TRUNCATE specql_registry.tb_domain CASCADE")
    assert [event["action"] for event in found] == ["domains-truncated", "subdomains-truncated", "entities-truncated"]


def test_an_update_that_changes_nothing_is_no_event_and_no_notification(connection: Connection) -> None:
    connection.execute(f"LISTEN {CHANNEL}".encode())
    assert made(connection, f"UPDATE {ENTITY} SET entity_name = entity_name") == []
    assert made(connection, f"DELETE FROM {ENTITY} WHERE entity_name = 'nothing'") == []
    connection.execute(f"UPDATE {ENTITY} SET entity_sequence = 9 WHERE entity_name = 'Contact'".encode())
    (notification,) = connection.notifies(timeout=10, stop_after=1)
    assert json.loads(notification.payload)["changes"][0]["entity"] == "Contact"


def test_what_is_rolled_back_is_not_recorded(url: str, connection: Connection) -> None:
    with psycopg.connect(url) as other:
        other.execute(f"DELETE FROM {ENTITY}".encode())
        other.rollback()
        other.execute("SAVEPOINT kept")
        other.execute(f"UPDATE {ENTITY} SET entity_sequence = 8".encode())
        other.execute("ROLLBACK TO kept")
        other.execute(f"UPDATE {ENTITY} SET entity_sequence = 9 WHERE entity_name = 'Contact'".encode())
    assert actions(events(connection)) == [("entity-changed", "2", "03", "Contact", "012031")]


def test_columns_that_others_added_are_recorded(connection: Connection) -> None:
    """A column of a type without equality does not hinder either."""
    connection.execute(f"ALTER TABLE {ENTITY} ADD COLUMN note json".encode())
    (changed,) = made(connection, f"UPDATE {ENTITY} SET note = '[1]' WHERE entity_name = 'Contact'")
    assert (changed["action"], changed["before"]["note"], changed["after"]["note"]) == ("entity-changed", None, [1])


# Who.


def test_who_is_recorded(url: str, connection: Connection) -> None:
    login = role_of(url, f"SELECT, UPDATE ON {ENTITY}")
    role = login.rsplit("@", 1)[0].rsplit("/", 1)[1]
    connection.execute(f"CREATE ROLE {role}_group".encode())
    connection.execute(f"GRANT {role}_group TO {role}".encode())
    connection.execute(f"GRANT USAGE ON SCHEMA specql_registry TO {role}_group".encode())
    connection.execute(f"GRANT SELECT, UPDATE ON {ENTITY} TO {role}_group".encode())
    change = f"UPDATE {ENTITY} SET entity_sequence = entity_sequence + 1 WHERE entity_name = 'Contact'".encode()
    with psycopg.connect(login, autocommit=True, application_name="psql") as few:
        few.execute(change)
        few.execute(f"SET ROLE {role}_group".encode())
        few.execute("SET application_name = ''")
        few.execute("SET specql_lsp.author = 'Anna <anna@example.org>'")
        few.execute("SET specql_lsp.workspace = 'git@example.org:team/models.git'")
        few.execute(change)
    names = ("session_role", "current_role_name", "application", "author", "workspace")
    assert [tuple(event[name] for name in names) for event in events(connection)] == [
        (role, role, "psql", None, None),
        (role, f"{role}_group", None, "Anna <anna@example.org>", "git@example.org:team/models.git"),
    ]
    (seconds,) = connection.execute(
        "SELECT extract(epoch FROM clock_timestamp() - min(at)) FROM specql_registry_lsp.tb_event"
    ).fetchone() or (None,)
    assert seconds is not None and seconds >= 0


def test_our_own_writes_are_recorded(url: str, connection: Connection) -> None:
    source = postgresql_source(url)
    source.allocate(AllocationRequest("Partner", "crm", "customer"), Rules())
    source.rename_entity(EntityRename("crm", "Contact", "Person"))
    source.register_domain("9", "fresh")
    source.close()
    found = events(connection)
    assert [event["action"] for event in found] == [
        "entity-registered",
        "entity-renamed",
        "domain-registered",
    ]  # the counter was beyond the new code already
    assert {event["application"] for event in found} == {"specql-lsp"}


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
