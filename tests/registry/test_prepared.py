"""An allocation's statements are prepared where one process of the server answers, and nothing depends on it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Domain, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.prepared import prepared_texts
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import PostgresServer
from tests.support.sessions import NOTHING, traces
from tests.support.sources import postgresql_source

PLANNED = {"begin": 1, "author": 1, "allocate_at_once": 3, "allocate_look": 3, "allocate_write": 3}
STATEMENTS = sum(PLANNED.values())
ENTITIES = "specql_registry.tb_entity_registration"
ROOMY = Snapshot([Domain("A", "crm", subdomains=(Subdomain("1", "customer", None, 1),))])


@pytest.fixture
def source(database_url: str) -> Iterator[PostgresqlSource]:
    """A source whose connection has its statements prepared."""
    source = postgresql_source(database_url)
    migrate(ROOMY, source)
    for number in range(4):
        allocate(source, f"First{number}")
    assert prepared(source) == STATEMENTS
    yield source
    source.close()


@pytest.fixture
def admin(database_url: str, source: PostgresqlSource) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def allocate(source: PostgresqlSource, entity: str) -> str:
    allocation = source.allocate(AllocationRequest(entity, "crm", "customer"), Rules())
    assert allocation.created
    assert [r.entity.name for r in source.load().by_code(allocation.table_code)] == [entity]
    return allocation.table_code


def prepared(source: PostgresqlSource) -> int:
    """How many statements the source's session has prepared."""
    connection = source._session._connection
    assert connection is not None
    row = connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert row is not None
    return int(row[0])


def exchanges(source: PostgresqlSource) -> dict[str, int]:
    return {name: row["queries"] for name, row in source._session._timings.report().items()}


def test_few_allocations_prepare_nothing(database_url: str) -> None:
    source = postgresql_source(database_url)
    migrate(ROOMY, source)
    for number in range(2):
        allocate(source, f"First{number}")
    assert prepared(source) == 0
    assert "prepare" not in exchanges(source)
    source.close()


def test_many_allocations_prepare_once(source: PostgresqlSource) -> None:
    before = exchanges(source)
    given = [allocate(source, f"Next{number}") for number in range(12)]  # PostgreSQL keeps a plan after the fifth use
    assert len(set(given)) == 12
    after = exchanges(source)
    assert after["prepare"] == before["prepare"] == 1
    assert after["allocate_at_once"] - before["allocate_at_once"] == 12
    assert after["allocate_look"] == before["allocate_look"], "one exchange each"


def test_a_new_connection_prepares_again(source: PostgresqlSource, admin: psycopg.Connection) -> None:
    admin.execute("SELECT pg_terminate_backend(%s, 60000)", [source.backend])
    assert allocate(source, "Second")
    assert prepared(source) == 0
    for number in range(3):
        allocate(source, f"Next{number}")
    assert prepared(source) == STATEMENTS


def test_behind_a_pooler_nothing_is_prepared(single: PgBouncer, database_url: str) -> None:
    url = single.url(database_url)
    source = postgresql_source(url)
    migrate(ROOMY, source)
    for number in range(8):
        allocate(source, f"First{number}")
    assert traces(url) == NOTHING
    assert exchanges(source)["prepare"] == 1, "the pooler is looked for once"
    source.close()


def test_statements_that_somebody_deallocates(source: PostgresqlSource) -> None:
    connection = source._session._connection
    assert connection is not None
    connection.execute("DEALLOCATE ALL")
    assert allocate(source, "Second")
    assert allocate(source, "Third")
    assert prepared(source) == 0, "they are not prepared again on this connection"


@pytest.mark.parametrize(
    "ddl",
    [
        "ALTER TABLE {} ALTER table_code TYPE varchar(9)",
        "ALTER TABLE {} ALTER entity_name TYPE text",
        "ALTER TABLE {} ALTER entity_sequence TYPE bigint",
        "ALTER TABLE {} ADD remark text DEFAULT 'none'",
        "ALTER TABLE specql_registry.tb_subdomain ALTER subdomain_name TYPE text",
        "ALTER TABLE specql_registry.tb_subdomain ALTER next_entity_sequence TYPE bigint",
        "DROP INDEX IF EXISTS specql_registry.idx_entity_registration_lower_name",
        "ALTER TABLE {0} RENAME TO tb_old; CREATE TABLE {0} (LIKE specql_registry.tb_old INCLUDING ALL)",
    ],
)
def test_tables_that_change_meanwhile(source: PostgresqlSource, admin: psycopg.Connection, ddl: str) -> None:
    admin.execute(ddl.format(ENTITIES).encode())
    assert allocate(source, "Second")
    assert allocate(source, "Third") != allocate(source, "Fourth")


def test_rows_that_a_policy_comes_to_hide(
    source: PostgresqlSource, admin: psycopg.Connection, postgres_server: PostgresServer, database_url: str
) -> None:
    """The plan that was kept is not used: a hidden code is not a free one."""
    admin.execute("CREATE ROLE prepared_writer LOGIN")
    try:
        admin.execute("GRANT USAGE ON SCHEMA specql_registry TO prepared_writer")
        admin.execute("GRANT ALL ON ALL TABLES IN SCHEMA specql_registry TO prepared_writer")
        admin.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA specql_registry TO prepared_writer")
        writer = postgresql_source(postgres_server.url(database_url.rsplit("/", 1)[1], user="prepared_writer"))
        for number in range(9):
            allocate(writer, f"Writer{number}")
        assert prepared(writer) == STATEMENTS
        admin.execute(f"ALTER TABLE {ENTITIES} ENABLE ROW LEVEL SECURITY".encode())
        with pytest.raises((Refused, SourceUnavailableError), match="Row level security hides rows"):
            writer.allocate(AllocationRequest("Hidden", "crm", "customer"), Rules())
        admin.execute(f"ALTER TABLE {ENTITIES} DISABLE ROW LEVEL SECURITY".encode())
        admin.execute(f"REVOKE INSERT ON {ENTITIES} FROM prepared_writer".encode())
        with pytest.raises((Refused, SourceUnavailableError), match="lacks the right INSERT on specql_registry"):
            writer.allocate(AllocationRequest("Denied", "crm", "customer"), Rules())
        writer.close()
    finally:
        admin.execute("DROP OWNED BY prepared_writer")
        admin.execute("DROP ROLE prepared_writer")


def test_a_trigger_that_comes_to_swallow_registrations(source: PostgresqlSource, admin: psycopg.Connection) -> None:
    admin.execute(
        "CREATE FUNCTION public.fn_swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        f" CREATE TRIGGER swallow BEFORE INSERT ON {ENTITIES}"
        " FOR EACH ROW EXECUTE FUNCTION public.fn_swallow()".encode()
    )
    with pytest.raises(Refused, match="stored no registration") as caught:
        source.allocate(AllocationRequest("Second", "crm", "customer"), Rules())
    assert caught.value.kind is RefusalKind.CONFLICT
    admin.execute(f"DROP TRIGGER swallow ON {ENTITIES}".encode())
    assert allocate(source, "Third")


# The operator fits a column and a value better than PostgreSQL's own, as soon as the schema is searched.
CARELESS = """
    CREATE FUNCTION public.never(varchar, text) RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'never'; END $$;
    CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = text, FUNCTION = public.never);
    CREATE FUNCTION public.careless() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_catalog.set_config('search_path', 'public', false); RETURN NEW; END $$;
    CREATE TRIGGER careless AFTER INSERT ON specql_registry.tb_entity_registration
        FOR EACH ROW EXECUTE FUNCTION public.careless();
"""


def test_a_trigger_that_changes_the_search_path_of_the_session(
    source: PostgresqlSource, admin: psycopg.Connection
) -> None:
    before = exchanges(source)["allocate_at_once"]
    admin.execute(CARELESS.encode())
    given = [allocate(source, f"Next{number}") for number in range(6)]
    assert len(set(given)) == 6
    assert exchanges(source)["allocate_at_once"] == before + 6


def test_the_same_before_anything_is_prepared(database_url: str, admin: psycopg.Connection) -> None:
    admin.execute(CARELESS.encode())
    source = postgresql_source(database_url)
    assert allocate(source, "Next1") != allocate(source, "Next2")
    assert "allocate_at_once" not in exchanges(source)
    source.close()


def test_the_limits_hold_for_what_is_prepared(database_url: str, admin: psycopg.Connection) -> None:
    source = postgresql_source(database_url, lock_timeout_ms=150)
    for number in range(4):
        allocate(source, f"Patient{number}")
    assert prepared(source) == STATEMENTS
    with admin.transaction():
        admin.execute(f"LOCK TABLE {ENTITIES} IN EXCLUSIVE MODE".encode())
        with pytest.raises(SourceUnavailableError, match="lock"):
            allocate(source, "Late")
    connection = source._session._connection
    assert connection is not None
    names = "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "row_security", "DateStyle"
    kept = dict(
        connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", [[*names]]).fetchall()
    )
    assert kept["lock_timeout"] == "150"
    assert kept["statement_timeout"] == str(source._session._settings.statement_timeout_ms)
    assert (kept["idle_in_transaction_session_timeout"], kept["row_security"]) == ("15000", "off")
    assert kept["DateStyle"].startswith("ISO")
    assert allocate(source, "Late")
    source.close()


def test_a_value_that_is_too_long_or_cannot_be_stored(source: PostgresqlSource) -> None:
    for entity in ("X" * 200, "A\0b"):
        with pytest.raises(Refused) as caught:
            source.allocate(AllocationRequest(entity, "crm", "customer"), Rules())
        assert caught.value.kind is RefusalKind.INVALID_ARGUMENT
    assert allocate(source, "Second")


@pytest.mark.parametrize("name", PLANNED)
def test_everything_that_is_planned_is_prepared(name: str) -> None:
    preparing, executing = prepared_texts(name)
    assert preparing.count(b"PREPARE") == executing.count(b"EXECUTE") == PLANNED[name]
    assert b"%" not in preparing
    assert not any(word in executing for word in (b"SELECT", b"INSERT", b"UPDATE"))
    assert executing.endswith(b"COMMIT") is (name in {"allocate_at_once", "allocate_write"})
