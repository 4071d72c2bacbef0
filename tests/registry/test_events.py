"""The events: what each change of SpecQL's tables leaves, and whose it was."""

from __future__ import annotations

import json

import psycopg

from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import AllocationRequest, EntityRename
from specql_lsp.registry.sources.postgresql.listener import CHANNEL
from tests.registry.events_support import ENTITY, Connection, actions, events, made, role_of
from tests.registry.events_support import connection as connection
from tests.registry.events_support import url as url
from tests.support.sources import postgresql_source

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
