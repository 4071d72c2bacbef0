"""What goes wrong with a database: a sentence without secrets, in bounded time, and never an empty registry."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql import session as session_module
from specql_lsp.registry.sources.postgresql.install import create_schema, install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.patience import ends, until
from tests.support.ports import own_port, silent_server
from tests.support.postgres import PASSWORD, PASSWORD_USER, PostgresServer
from tests.support.registries import small_registry
from tests.support.sessions import waits_for_a_lock
from tests.support.sources import postgresql_source

PARTNER = AllocationRequest("Partner", "crm", "customer")


@pytest.fixture
def source(database_url: str) -> Iterator[PostgresqlSource]:
    """A source on the small registry that does not wait long for a lock."""
    source = postgresql_source(database_url, lock_timeout_ms=300)
    migrate(small_registry(), source)
    yield source
    source.close()


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A server that may be frozen, killed and restarted."""
    with PostgresServer() as server:
        create_schema(server.url())
        yield server


def reason(call: Callable[[], object]) -> str:
    """The sentence that a call fails with, whatever still keeps it from being answered."""
    with pytest.raises(SourceUnavailableError) as caught:
        ends(call)
    sentence = caught.value.reason
    assert sentence[0].isupper() and sentence.endswith(".") and "\n" not in sentence
    printed = "".join(traceback.format_exception(caught.value))
    shown = [line for line in printed.splitlines() if not line.startswith("    ")]  # without the source lines
    assert not any(secret in line for line in shown for secret in (PASSWORD, "hunter2"))
    return sentence


def load_reason(url: str, **settings: float) -> str:
    source = postgresql_source(url, **settings)
    try:
        found = reason(source.load)
        for secret in (PASSWORD, "hunter2", "postgresql://"):
            assert secret not in (source.location or "")
        return found
    finally:
        source.close()


# No connection


def test_a_refused_connection() -> None:
    url = f"postgresql://user:hunter2@127.0.0.1:{own_port()}/db"
    assert "refused the connection" in load_reason(url)


def test_the_location_names_host_port_and_database_only() -> None:
    port = own_port()
    source = postgresql_source(f"postgresql://user:hunter2@127.0.0.1:{port}/db")
    reason(source.load)
    assert source.location == f"127.0.0.1:{port}/db"


def test_a_server_that_accepts_and_never_answers() -> None:
    with silent_server() as port:
        url = f"postgresql://user:hunter2@127.0.0.1:{port}/db"
        assert "did not answer within 1 s" in load_reason(url, connect_timeout_seconds=1.0)
        # libpq's own floor of two seconds does not hold here.
        assert "did not answer within 0.3 s" in load_reason(url, connect_timeout_seconds=0.3)


def test_an_unknown_host() -> None:
    assert "could not be resolved" in load_reason("postgresql://user:hunter2@nowhere.invalid/db")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:hunter2@host:port/db",
        "postgresql://user:hunter2@[::1/db",
        "postgresql://user:hunter2@host/db?nonsense=hunter2",
        "password=hunter2 nonsense=1",
        "hunter2",
        "postgresql://user:hunter2/x@host/db",
        "postgresql://user:1/hunter2@host/db",
    ],
)
def test_a_url_that_is_none(url: str) -> None:
    assert load_reason(url) == "The database URL is not valid."


def test_no_url() -> None:
    assert load_reason("") == "No database URL is set."


def test_a_wrong_password(postgres_server: PostgresServer) -> None:
    assert "password authentication failed" in load_reason(postgres_server.url("postgres", PASSWORD_USER, "hunter2"))
    assert "asks for a password" in load_reason(postgres_server.url("postgres", PASSWORD_USER))
    right = load_reason(postgres_server.url("postgres", PASSWORD_USER, PASSWORD))
    assert right == "The schema specql_registry does not exist in the database."


def test_an_unknown_role_and_an_unknown_database(postgres_server: PostgresServer) -> None:
    assert "role does not exist" in load_reason(postgres_server.url(user="nobody_here"))
    assert load_reason(postgres_server.url("missing_db")) == 'The database "missing_db" does not exist.'


def test_a_socket_that_does_not_exist(tmp_path: Path) -> None:
    assert "socket does not exist" in load_reason(f"host={tmp_path} dbname=db password=hunter2")


def test_an_unknown_service() -> None:
    assert "service" in load_reason("service=nowhere password=hunter2")


def test_a_service_file_and_a_password_file_work(
    postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, passwords = tmp_path / "services", tmp_path / "pgpass"
    services.write_text(
        f"[registry]\nhost=127.0.0.1\nport={postgres_server.port}\nuser={PASSWORD_USER}\ndbname=postgres\n"
    )
    passwords.write_text(f"127.0.0.1:{postgres_server.port}:*:{PASSWORD_USER}:{PASSWORD}\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    source = postgresql_source("service=registry")
    assert "schema specql_registry does not exist" in reason(source.load)
    assert source.location == f"127.0.0.1:{postgres_server.port}/postgres"
    source.close()


# A connection, and no registry


def test_a_missing_schema_and_a_missing_table(empty_database_url: str) -> None:
    assert load_reason(empty_database_url) == "The schema specql_registry does not exist in the database."
    create_schema(empty_database_url)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("DROP TABLE specql_registry.tb_entity_registration")
    assert load_reason(empty_database_url) == "The table specql_registry.tb_entity_registration is missing."


def test_a_column_that_is_missing(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE specql_registry.tb_domain DROP COLUMN aliases")
    assert (
        load_reason(database_url) == "The table specql_registry.tb_domain has no column aliases, which SpecQL gives it."
    )


def as_role(url: str, *grants: str) -> str:
    """The URL for a new role that has only what ``grants`` say."""
    role = f"role_{urlsplit(url).path.strip('/')}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        for grant in grants:
            connection.execute(f"GRANT {grant} TO {role}".encode())
    return url.replace("postgres@", f"{role}@", 1)


def role_of(url: str) -> str:
    return urlsplit(url).username or ""


ALL = ("USAGE ON SCHEMA specql_registry", "SELECT ON ALL TABLES IN SCHEMA specql_registry")
WRITES = ("INSERT, UPDATE ON ALL TABLES IN SCHEMA specql_registry",)


def test_a_role_without_rights_to_read(database_url: str) -> None:
    url = as_role(database_url)
    assert load_reason(url) == f'The role "{role_of(url)}" lacks the right USAGE on the schema specql_registry.'


def test_a_role_that_may_not_read_one_table(database_url: str) -> None:
    url = as_role(database_url, ALL[0], "SELECT ON specql_registry.tb_domain")
    assert load_reason(url) == (
        f'The role "{role_of(url)}" lacks the right SELECT on specql_registry.tb_subdomain '
        "and SELECT on specql_registry.tb_entity_registration."
    )


def test_a_role_that_may_only_read_knows_it(database_url: str, source: PostgresqlSource) -> None:
    assert source.load() and source.write_obstacle is None
    url = as_role(database_url, *ALL)
    reader = postgresql_source(url)
    assert reader.load().domains == small_registry().domains
    assert reader.write_obstacle == (
        f'The role "{role_of(url)}" lacks the right INSERT on specql_registry.tb_entity_registration, '
        "USAGE on the sequence specql_registry.tb_entity_registration_pk_entity_registration_seq "
        "and UPDATE on specql_registry.tb_subdomain."
    )
    with pytest.raises(Refused) as caught:
        reader.allocate(PARTNER, Rules())
    assert caught.value.kind is RefusalKind.REGISTRY_READ_ONLY
    assert "lacks the right UPDATE on specql_registry.tb_subdomain." in caught.value.message
    with pytest.raises(Refused) as caught:
        reader.register_domain("9", "new")
    assert caught.value.kind is RefusalKind.REGISTRY_READ_ONLY
    assert "lacks the right UPDATE on specql_registry.tb_domain." in caught.value.message
    assert reader.load().domains == small_registry().domains
    reader.close()


def test_a_role_without_the_sequence_knows_it(database_url: str, source: PostgresqlSource) -> None:
    url = as_role(database_url, *ALL, *WRITES)
    writer = postgresql_source(url)
    writer.load()
    lacks = f'The role "{role_of(url)}" lacks the right USAGE on the sequence specql_registry.tb_'
    assert writer.write_obstacle == lacks + "entity_registration_pk_entity_registration_seq."
    with pytest.raises(Refused, match=r"USAGE on the sequence specql_registry.tb_entity_registration_pk"):
        writer.allocate(PARTNER, Rules())
    with pytest.raises(Refused, match=r"USAGE on the sequence specql_registry.tb_domain_pk_domain_seq"):
        writer.register_domain("9", "new")
    writer.close()


def test_a_role_that_may_allocate_and_nothing_else(database_url: str, source: PostgresqlSource) -> None:
    url = as_role(
        database_url,
        *ALL,
        "INSERT ON specql_registry.tb_entity_registration",
        "UPDATE (next_entity_sequence) ON specql_registry.tb_subdomain",
        "USAGE ON SEQUENCE specql_registry.tb_entity_registration_pk_entity_registration_seq",
    )
    writer = postgresql_source(url)
    writer.load()
    assert writer.write_obstacle is None
    assert writer.allocate(PARTNER, Rules()).created
    with pytest.raises(Refused, match=r"lacks the right UPDATE on specql_registry.tb_domain"):
        writer.register_domain("9", "new")
    with pytest.raises(Refused, match="lacks the right CREATE on the database"):
        install(RegistrySettings(database_url=url))
    with psycopg.connect(database_url) as connection:
        database = database_url.rsplit("/", 1)[1]
        connection.execute(f"GRANT CREATE ON DATABASE {database} TO {role_of(url)}".encode())
    with pytest.raises(Refused, match="lacks the right CREATE on the schema specql_registry"):
        install(RegistrySettings(database_url=url))
    with psycopg.connect(database_url) as connection:
        connection.execute(f"GRANT CREATE ON SCHEMA specql_registry TO {role_of(url)}".encode())
    with pytest.raises(Refused, match=r"lacks the right TRIGGER on specql_registry.tb_domain"):
        install(RegistrySettings(database_url=url))
    with psycopg.connect(database_url) as connection:
        connection.execute(f"GRANT TRIGGER ON ALL TABLES IN SCHEMA specql_registry TO {role_of(url)}".encode())
    with pytest.raises(Refused, match=f'The role "{role_of(url)}" must own the (table|relation) specql_registry'):
        install(RegistrySettings(database_url=url))
    writer.close()


def test_a_role_with_what_it_needs_and_no_more_may_write(database_url: str, source: PostgresqlSource) -> None:
    url = as_role(database_url, *ALL, *WRITES, "USAGE ON ALL SEQUENCES IN SCHEMA specql_registry")
    writer = postgresql_source(url)
    writer.load()
    assert writer.write_obstacle is None
    assert writer.allocate(PARTNER, Rules()).created
    assert writer.register_domain("9", "new").number == "9"
    writer.close()


def test_a_read_only_database(database_url: str, source: PostgresqlSource) -> None:
    name = urlsplit(database_url).path.strip("/")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    reader = postgresql_source(database_url)
    assert reader.load().domains == small_registry().domains
    assert reader.write_obstacle is not None and "read-only" in reader.write_obstacle
    with pytest.raises(Refused) as caught:
        reader.allocate(PARTNER, Rules())
    assert caught.value.kind is RefusalKind.REGISTRY_READ_ONLY
    assert "read-only" in caught.value.message
    reader.close()


# A registry, and no answer


@contextlib.contextmanager
def holding(url: str, statement: str) -> Iterator[None]:
    """Another program's open transaction that has run a statement."""
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())
        yield
        connection.rollback()


LOCKED = "SELECT 1 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'customer' FOR UPDATE"
CLOSED = "LOCK TABLE specql_registry.tb_entity_registration"


def test_a_lock_held_by_another(database_url: str, source: PostgresqlSource) -> None:
    with holding(database_url, LOCKED):
        found = reason(lambda: source.allocate(PARTNER, Rules()))
        assert found == "A lock was held by another longer than 300 ms."
        assert source.allocate(AllocationRequest("Other", "crm", "core"), Rules()).created
    assert source.allocate(PARTNER, Rules()).created


def test_a_table_that_nobody_may_read_for_now(database_url: str, source: PostgresqlSource) -> None:
    with holding(database_url, CLOSED):
        assert "held by another longer than 300 ms" in reason(source.load)
    assert source.load().domains == small_registry().domains


def test_a_statement_that_takes_too_long(database_url: str) -> None:
    limits = {"statement_timeout_ms": 200, "lock_timeout_ms": 5000}
    with holding(database_url, CLOSED):
        assert "took longer than 200 ms" in load_reason(database_url, **limits)


def test_an_idle_connection_that_was_ended(database_url: str, source: PostgresqlSource) -> None:
    for work in (source.load, lambda: source.allocate(PARTNER, Rules()), lambda: source.register_domain("9", "new")):
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        work()
    assert source.load().entity_count == small_registry().entity_count + 1


def answered(source: PostgresqlSource) -> Snapshot:
    """What a source loads from a server that goes on, however long it needs for that."""

    def load() -> Snapshot | None:
        with contextlib.suppress(SourceUnavailableError):
            return source.load()
        return None

    loaded = until(load, "an answer")
    assert loaded is not None
    return loaded


def test_a_frozen_server(own_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    source = postgresql_source(own_server.url(), connect_timeout_seconds=1.0, statement_timeout_ms=500)
    answered(source)
    own_server.freeze()
    try:
        assert "did not answer within 1 s" in reason(source.load)  # the kept connection
        assert "did not answer within 1 s" in reason(source.load)  # a new one
    finally:
        own_server.thaw()
    assert answered(source).domains == ()
    monkeypatch.setattr(session_module, "FRESH_SECONDS", 0.0)  # long enough idle to be asked first
    own_server.freeze()
    try:
        assert "did not answer within 1 s" in reason(source.load)
    finally:
        own_server.thaw()
    answered(source)
    own_server.freeze()
    try:
        reason(lambda: source.register_domain("1", "frozen"))
    finally:
        own_server.thaw()
    source.close()


def test_a_restarted_server(own_server: PostgresServer) -> None:
    source = postgresql_source(own_server.url())
    source.load()
    own_server.restart()
    assert source.load() is not None
    own_server.kill()
    assert "refused the connection" in reason(source.load) or "lost" in reason(source.load)
    own_server.start()
    assert source.load() is not None
    source.close()


def test_closing_from_another_thread_ends_what_waits(database_url: str) -> None:
    source = postgresql_source(database_url, statement_timeout_ms=600_000, lock_timeout_ms=600_000)
    with holding(database_url, CLOSED):
        closer = threading.Thread(target=lambda: (until(lambda: waits_for_a_lock(database_url)), source.close()))
        closer.start()
        assert reason(source.load) == "The registry has been closed."
        closer.join()
    assert reason(source.load) == "The registry has been closed."


def test_no_operation_leaves_a_trace_in_the_session(database_url: str, source: PostgresqlSource) -> None:
    """PgBouncer gives the next transaction to somebody else: limits, locks and statements must end with ours."""
    source.load()
    source.allocate(PARTNER, Rules())
    source.register_domain("9", "new")
    with pytest.raises(Refused):
        source.allocate(AllocationRequest("Partner", "nowhere"), Rules())
    connection = source._session._connection
    assert connection is not None
    session = connection.execute(
        "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),"
        " (SELECT count(*) FROM pg_prepared_statements),"
        " (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory')"
    ).fetchone()
    assert session == ("0", "0", 0, 0)


def test_importing_the_source_does_not_import_psycopg() -> None:
    code = (
        "import sys; from specql_lsp.registry.sources.postgresql.source import PostgresqlSource as S;"
        "from specql_lsp.config import RegistrySettings as R; S(R()).location; sys.exit('psycopg' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
