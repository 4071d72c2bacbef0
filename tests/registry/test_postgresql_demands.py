"""Demands of the URL that a server does not meet have a sentence each, and a read-only database can be read."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.errors import connection_reason
from specql_lsp.registry.sources.postgresql.install import create_schema
from tests.support.postgres import PASSWORD, PASSWORD_USER, PostgresServer
from tests.support.registries import small_registry
from tests.support.sources import postgresql_source

PARTNER = AllocationRequest("Partner", "crm", "customer")
TIMEOUT = 20.0


def reason(url: str, **settings: float) -> str:
    source = postgresql_source(url, **{"connect_timeout_seconds": TIMEOUT, **settings})
    try:
        with pytest.raises(SourceUnavailableError) as caught:
            source.load()
        return caught.value.reason
    finally:
        source.close()


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ("target_session_attrs=standby", "No server is a standby, as target_session_attrs demands."),
        ("target_session_attrs=read-only", "No database is read-only, as target_session_attrs demands."),
        (
            "channel_binding=require&sslmode=disable",
            "PostgreSQL does not offer the channel binding that channel_binding demands.",
        ),
        ("require_auth=md5", "PostgreSQL does not ask for the login in a way that require_auth allows."),
        ("require_auth=!scram-sha-256", "PostgreSQL does not ask for the login in a way that require_auth allows."),
        ("gssencmode=require", "The connection to PostgreSQL cannot be encrypted by GSSAPI, as gssencmode demands."),
    ],
)
def test_each_demand(postgres_server: PostgresServer, parameters: str, sentence: str) -> None:
    url = postgres_server.url("postgres", PASSWORD_USER, PASSWORD)
    assert reason(f"{url}?{parameters}") == sentence


def test_a_role_at_its_connection_limit(postgres_server: PostgresServer) -> None:
    postgres_server.execute(sql.SQL("DROP ROLE IF EXISTS limited"))
    postgres_server.execute(sql.SQL("CREATE ROLE limited LOGIN CONNECTION LIMIT 1"))
    with psycopg.connect(postgres_server.url(user="limited")):
        assert reason(postgres_server.url(user="limited")) == (
            "PostgreSQL refused the login: the role has reached its connection limit."
        )


def test_a_database_at_its_connection_limit(postgres_server: PostgresServer, database_url: str) -> None:
    name = database_url.rsplit("/", 1)[1]
    postgres_server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(f"r_{name}")))
    postgres_server.execute(sql.SQL("ALTER DATABASE {} CONNECTION LIMIT 1").format(sql.Identifier(name)))
    url = postgres_server.url(name, user=f"r_{name}")
    with psycopg.connect(url):
        assert reason(url) == "PostgreSQL refused the login: the database has reached its connection limit."


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("session is read-only", "No database takes changes"),
        ("server is in hot standby mode", "it is a standby"),
        ("channel binding is required, but server did not offer an authentication method", "channel binding"),
        ("channel binding required, but SSL not in use", "channel binding"),
        ('authentication method requirement "md5" failed: server requested SCRAM-SHA-256', "require_auth"),
        ("GSSAPI encryption required but was impossible (possibly no credential cache)", "gssencmode"),
        ("server doesn't support GSSAPI encryption, but it was required", "gssencmode"),
    ],
)
def test_texts_of_libpq(text: str, part: str) -> None:
    assert part in connection_reason(psycopg.OperationalError(f"connection failed: {text}"), None).sentence


# A database that takes no changes, behind target_session_attrs=read-write


@pytest.fixture
def filled_url(database_url: str) -> Iterator[str]:
    source = postgresql_source(database_url)
    migrate(small_registry(), source)
    source.close()
    yield database_url


def take_changes(server: PostgresServer, url: str, *, yes: bool) -> None:
    name = sql.Identifier(url.rsplit("/", 1)[1])
    setting = sql.SQL("off" if yes else "on")
    server.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}").format(name, setting))


@pytest.mark.parametrize("where", ["the URL", "the environment"])
def test_it_is_read_and_written_again_when_it_takes_changes(
    where: str, filled_url: str, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_changes(postgres_server, filled_url, yes=False)
    if where == "the environment":
        monkeypatch.setenv("PGTARGETSESSIONATTRS", "read-write")
        url = filled_url
    else:
        url = f"{filled_url}?target_session_attrs=read-write"
    source = postgresql_source(url, connect_timeout_seconds=TIMEOUT)
    try:
        assert source.load().entity_count == small_registry().entity_count
        assert source.write_obstacle == "The database takes no changes: its transactions are read-only."
        with pytest.raises(Refused) as caught:
            source.allocate(PARTNER, Rules())
        assert caught.value.kind is RefusalKind.REGISTRY_READ_ONLY
        assert source.load().entity_count == small_registry().entity_count
        take_changes(postgres_server, filled_url, yes=True)
        assert source.allocate(PARTNER, Rules()).created
        source.load()
        assert source.write_obstacle is None
    finally:
        source.close()


def test_one_that_takes_changes_goes_first(filled_url: str, postgres_server: PostgresServer) -> None:
    """The first host takes no changes, the second one does."""
    with PostgresServer() as other:
        url = f"127.0.0.1:{other.port},127.0.0.1:{postgres_server.port}/{filled_url.rsplit('/', 1)[1]}"
        other.create_database(name=filled_url.rsplit("/", 1)[1])
        take_changes(other, filled_url, yes=False)
        source = postgresql_source(
            f"postgresql://postgres@{url}?target_session_attrs=read-write", connect_timeout_seconds=TIMEOUT
        )
        try:
            assert source.load().entity_count == small_registry().entity_count
            assert source.write_obstacle is None
            assert source.location is not None
            assert f":{postgres_server.port}/" in source.location
        finally:
            source.close()


@pytest.mark.parametrize("demand", ["read-write", "primary"])
def test_a_standby_is_read_until_it_is_promoted(demand: str) -> None:
    with PostgresServer() as server:
        create_schema(server.url())
        filling = postgresql_source(server.url())
        migrate(small_registry(), filling)
        filling.close()
        server.restart_as_standby()
        source = postgresql_source(f"{server.url()}?target_session_attrs={demand}", connect_timeout_seconds=TIMEOUT)
        try:
            assert source.load().entity_count == small_registry().entity_count
            assert source.write_obstacle == "The database is a standby: it takes no changes."
            with pytest.raises(Refused) as caught:
                source.allocate(PARTNER, Rules())
            assert caught.value.kind is RefusalKind.REGISTRY_READ_ONLY
            server.execute(sql.SQL("SELECT pg_promote()"))
            assert source.allocate(PARTNER, Rules()).created
            source.load()
            assert source.write_obstacle is None
        finally:
            source.close()
