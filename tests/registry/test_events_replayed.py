"""Events played back give the tables as they are, after random changes by several writers, some of them killed."""

from __future__ import annotations

import contextlib
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.support.effort import SEED, times

WRITERS = 4
TABLES = {
    "tb_domain": "pk_domain",
    "tb_subdomain": "pk_subdomain",
    "tb_entity_registration": "pk_entity_registration",
}
DOMAIN, SUBDOMAIN, ENTITY = (f"specql_registry.{table}" for table in TABLES)
OPERATIONS = (
    f"INSERT INTO {DOMAIN} (domain_number, domain_name) VALUES ('%(hex)s', 'd%(n)s') ON CONFLICT DO NOTHING",
    (
        f"INSERT INTO {DOMAIN} (domain_number, domain_name) VALUES ('%(hex)s', 'u%(n)s')"
        " ON CONFLICT (domain_number) DO UPDATE SET domain_name = EXCLUDED.domain_name"
    ),
    (
        f"INSERT INTO {SUBDOMAIN} (fk_domain, subdomain_number, subdomain_name)"
        f" SELECT pk_domain, '%(n)s', 's%(n)s' FROM {DOMAIN} ON CONFLICT DO NOTHING"
    ),
    (
        f"INSERT INTO {ENTITY} (fk_subdomain, entity_name, table_code, entity_sequence)"
        f" SELECT pk_subdomain, 'E%(n)s', pk_subdomain || '-%(n)s', 1 FROM {SUBDOMAIN} ON CONFLICT DO NOTHING"
    ),
    f"UPDATE {SUBDOMAIN} SET next_entity_sequence = next_entity_sequence + 1 WHERE subdomain_number = '%(n)s'",
    f"UPDATE {ENTITY} SET entity_name = entity_name || 'x' WHERE entity_name = 'E%(n)s'",
    (
        f"UPDATE {ENTITY} e SET fk_subdomain = s.pk_subdomain, entity_name = 'M' || e.pk_entity_registration"
        f" FROM (SELECT pk_subdomain FROM {SUBDOMAIN} ORDER BY random() LIMIT 1) s WHERE e.entity_name = 'E%(n)s'"
    ),
    (
        f"UPDATE {ENTITY} SET pk_entity_registration = pk_entity_registration + 1000000 WHERE entity_name = 'E%(n)s'"
        " AND pk_entity_registration < 1000000"
    ),
    f"UPDATE {DOMAIN} SET aliases = array_append(aliases, '%(n)s') WHERE domain_number = '%(hex)s'",
    f"DELETE FROM {ENTITY} WHERE entity_name LIKE 'E%(n)s%%'",
    f"DELETE FROM {SUBDOMAIN} WHERE subdomain_number = '%(n)s'",
    f"DELETE FROM {DOMAIN} WHERE domain_number = '%(hex)s'",
    f"TRUNCATE {ENTITY}",
)
WEIGHTS = (6, 3, 6, 8, 6, 4, 3, 2, 3, 3, 2, 1, 0.5)


def write(url: str, chance: random.Random, backends: set[int], count: int) -> None:
    """Transactions of some operations each, a part of them rolled back; goes on with another connection when killed."""
    while count > 0:
        with contextlib.suppress(psycopg.Error), psycopg.connect(url) as connection:
            backends.add(connection.info.backend_pid)
            connection.execute("SET lock_timeout = '5s'")
            connection.commit()
            while count > 0:
                count -= 1
                try:
                    for _ in range(chance.randrange(1, 4)):
                        values = {"n": chance.randrange(6), "hex": format(chance.randrange(5), "X")}
                        (operation,) = chance.choices(OPERATIONS, WEIGHTS)
                        connection.execute((operation % values).encode())
                    (connection.rollback if chance.random() < 0.2 else connection.commit)()
                except psycopg.Error:  # a deadlock, a unique key, or killed
                    connection.rollback()


def rows(connection: psycopg.Connection[Any], table: str) -> dict[int, dict[str, Any]]:
    """The rows by their keys."""
    found = connection.execute(f"SELECT {TABLES[table]}, to_jsonb(t) FROM specql_registry.{table} t".encode())
    return dict(found.fetchall())


def played(connection: psycopg.Connection[Any], table: str) -> dict[int, dict[str, Any]]:
    """The rows that the events leave, each ``before`` held to what the events before it left."""
    state: dict[int, dict[str, Any]] = {}
    events = connection.execute(
        "SELECT pk, before, after FROM specql_registry_lsp.tb_event WHERE table_name = %s ORDER BY id", [table]
    )
    columns = {
        name
        for (name,) in connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
            [f"specql_registry.{table}"],
        )
    }
    for pk, before, after in events.fetchall():
        if pk is None:
            state.clear()
            continue
        was, now = (None if row is None else {k: v for k, v in row.items() if k in columns} for row in (before, after))
        assert state.get(pk) == was
        if now is None:
            del state[pk]
        else:
            state[pk] = now
    return state


@pytest.mark.parametrize("run", range(times(2)))
def test_events_played_back_give_the_tables(database_url: str, run: int) -> None:
    install(RegistrySettings(database_url=database_url))
    chance = random.Random(f"{SEED}-{run}")
    backends: set[int] = set()
    done = threading.Event()

    def kill() -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            while not done.wait(0.05):
                if backends:
                    connection.execute("SELECT pg_terminate_backend(%s)", [chance.choice(sorted(backends))])

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            writers = [
                pool.submit(write, database_url, random.Random(f"{SEED}-{run}-{number}"), backends, 60)
                for number in range(WRITERS)
            ]
            for writer in writers:
                writer.result()
    finally:
        done.set()
        killer.join()
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM specql_registry_lsp.tb_event").fetchone() != (0,)
        for table in TABLES:
            assert played(connection, table) == rows(connection, table), table
        unrecorded = connection.execute("SELECT is_called FROM specql_registry_lsp.sq_unrecorded").fetchone()
        assert unrecorded == (False,)
