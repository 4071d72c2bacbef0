"""A host that is silent does not hide the next one, wherever the list of hosts comes from."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.addresses import hosts_of, resolved
from specql_lsp.registry.sources.postgresql.connection import connection_parameters
from tests.support.ports import own_port, silent_address
from tests.support.postgres import PostgresServer
from tests.support.registries import small_registry
from tests.support.sources import postgresql_source

SILENT = "127.0.0.2"
PATIENT = 20.0
"""Seconds for all addresses: a share of it is enough for a busy machine."""


@contextlib.contextmanager
def silent(port: int) -> Iterator[None]:
    """The address ``SILENT`` accepts every connection at that port and never answers."""
    with silent_address(SILENT, port) as listener:
        yield
    assert listener.accepted, "the silent address was tried first"


def two_addresses(monkeypatch: pytest.MonkeyPatch, name: str, *addresses: str) -> None:
    """The resolver gives these addresses for a name, as a name server would."""
    real = socket.getaddrinfo

    def resolver(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host != name:
            return real(host, port, *more, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (each, int(port))) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)


@pytest.mark.parametrize("way", ["url", "hostaddr", "environment", "environment's hostaddr", "service", "name"])
def test_the_second_address_answers(
    way: str, database_url: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:  # whose variables are gone before the database is dropped
        the_second_address_answers(way, database_url, postgres_server.port, tmp_path, monkeypatch)


def the_second_address_answers(
    way: str, database_url: str, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, both = database_url.rsplit("/", 1)[1], f"{SILENT},127.0.0.1"
    rest = f"port={port} dbname={database} user=postgres"
    match way:
        case "url":
            url = f"postgresql://postgres@{SILENT}:{port},127.0.0.1:{port}/{database}"
        case "hostaddr":
            url = f"hostaddr={both} {rest}"
        case "environment":
            monkeypatch.setenv("PGHOST", both)
            url = rest
        case "environment's hostaddr":
            monkeypatch.setenv("PGHOSTADDR", both)
            url = rest
        case "service":
            service = tmp_path / "services"
            service.write_text(f"[registry]\nhost={both}\nport={port}\ndbname={database}\nuser=postgres\n")
            monkeypatch.setenv("PGSERVICEFILE", str(service))
            url = "service=registry"
        case _:
            two_addresses(monkeypatch, "db.example.org", SILENT, "127.0.0.1")
            url = f"postgresql://postgres@db.example.org:{port}/{database}"
    source = postgresql_source(url, connect_timeout_seconds=PATIENT / 4)
    try:
        with silent(port):
            migrate(small_registry(), source)
            assert source.load().entity_count == small_registry().entity_count
        assert source.location is not None
        assert f":{port}/{database}" in source.location
    finally:
        source.close()


def test_a_silent_host_before_one_that_takes_no_changes(database_url: str, postgres_server: PostgresServer) -> None:
    port, database = postgres_server.port, database_url.rsplit("/", 1)[1]
    read_only = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(sql.Identifier(database))
    postgres_server.execute(read_only)
    url = f"postgresql://postgres@{SILENT}:{port},127.0.0.1:{port}/{database}?target_session_attrs=read-write"
    source = postgresql_source(url, connect_timeout_seconds=PATIENT / 2)
    with silent(port):
        assert source.load().entity_count == 0
    assert source.write_obstacle == "The database takes no changes: its transactions are read-only."
    source.close()


def test_all_of_them_silent_are_said_so(postgres_server: PostgresServer) -> None:
    port = postgres_server.port
    source = postgresql_source(f"postgresql://u@{SILENT}:{port},{SILENT}:{port}/d", connect_timeout_seconds=0.4)
    with silent(port), pytest.raises(SourceUnavailableError, match=r"did not answer within 0\.4 s"):
        source.load()
    source.close()


def test_one_refuses_and_one_is_silent(postgres_server: PostgresServer) -> None:
    port = postgres_server.port
    url = f"postgresql://u@{SILENT}:{port},127.0.0.1:{own_port()}/d"
    source = postgresql_source(url, connect_timeout_seconds=0.4)
    with silent(port), pytest.raises(SourceUnavailableError, match="nothing listens at that address"):
        source.load()
    source.close()


def test_an_unknown_name_before_a_known_address(database_url: str, postgres_server: PostgresServer) -> None:
    port, database = postgres_server.port, database_url.rsplit("/", 1)[1]
    source = postgresql_source(
        f"postgresql://postgres@nowhere.invalid:{port},127.0.0.1:{port}/{database}", connect_timeout_seconds=PATIENT
    )
    assert source.load().entity_count == 0
    source.close()


def listed(url: str) -> list[tuple[Any, Any, Any, Any]]:
    return [
        tuple(attempt.get(key) for key in ("host", "hostaddr", "port", "target_session_attrs"))  # type: ignore[misc]
        for host in hosts_of(connection_parameters(url, 3))
        for attempt in resolved(host)
    ]


def test_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE"):
        monkeypatch.delenv(variable, raising=False)
    assert listed("postgresql://127.0.0.1:1,127.0.0.2:2/d") == [
        ("127.0.0.1", "127.0.0.1", "1", None),
        ("127.0.0.2", "127.0.0.2", "2", None),
    ]
    assert listed("host=a,b hostaddr=127.0.0.1,::1 port=7") == [("a", "127.0.0.1", "7", None), ("b", "::1", "7", None)]
    assert listed("host=/srv,127.0.0.1") == [("/srv", None, "5432", None), ("127.0.0.1", "127.0.0.1", "5432", None)]
    assert listed("dbname=d") == [(None, None, "5432", None)]
    assert [each[1:] for each in listed("hostaddr=127.0.0.1,::1 target_session_attrs=prefer-standby")] == [
        ("127.0.0.1", "5432", "standby"),
        ("::1", "5432", "standby"),
        ("127.0.0.1", "5432", "any"),
        ("::1", "5432", "any"),
    ]
    # What libpq refuses is left for it to refuse.
    assert listed("host=a,b,c hostaddr=127.0.0.1,::1") == [("a,b,c", "127.0.0.1,::1", None, None)]
    monkeypatch.setenv("PGPORT", "9")
    monkeypatch.setenv("PGHOST", "127.0.0.3")
    assert listed("dbname=d") == [("127.0.0.3", "127.0.0.3", "9", None)]
    two_addresses(monkeypatch, "db.example.org", "127.0.0.1", "127.0.0.2", "127.0.0.1")
    assert [each[:2] for each in listed("host=db.example.org")] == [
        ("db.example.org", "127.0.0.1"),
        ("db.example.org", "127.0.0.2"),
    ]


def test_a_wrong_list_is_a_wrong_url() -> None:
    source = postgresql_source("host=a,b,c hostaddr=127.0.0.1,::1 dbname=d", connect_timeout_seconds=PATIENT)
    with pytest.raises(SourceUnavailableError, match="The database URL is not valid"):
        source.load()
    source.close()
