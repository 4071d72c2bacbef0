"""Behind PgBouncer in transaction mode, with few connections for many, everything works and is bounded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest

from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.migration.migrate import Migration, migrate
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.install import create_schema
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.registry.conftest import POOL_SIZE
from tests.registry.test_concurrency import EACH, SUBDOMAINS, WRITERS, crm_with, go, registered, start
from tests.support.patience import ends, until
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import PostgresServer
from tests.support.registries import large_registry, small_registry, without_sequences
from tests.support.sessions import plain
from tests.support.sources import postgresql_source

CLIENTS = 10
PARTNER = AllocationRequest("Partner", "crm", "customer")
CLOSED = "LOCK TABLE specql_registry.tb_entity_registration"


def pool_of(pooler: PgBouncer, url: str) -> dict[str, object]:
    """PgBouncer's own row on the pool of a database."""
    return next(pool for pool in pooler.show("POOLS") if pool["database"] == url.rsplit("/", 1)[1])


def test_the_pooler_pools_transactions(pooler: PgBouncer, pooled_url: str) -> None:
    """The tests of this file would show nothing if it did not."""
    with plain(pooled_url) as one, plain(pooled_url) as other:
        first = [connection.execute("SELECT pg_backend_pid()").fetchone() for connection in (one, other)]
        assert first[0] == first[1], "two clients do not share a connection"
        assert one.info.backend_pid not in {row[0] for row in first if row}
    assert pool_of(pooler, pooled_url)["pool_mode"] == "transaction"


def test_the_registry_is_read_and_written(pooled_url: str) -> None:
    source = postgresql_source(pooled_url)
    assert source.load().domains == ()
    assert source.write_obstacle is None
    assert source.register_domain("2", "crm", "Customers", aliases=("management",)).number == "2"
    assert source.register_subdomain("crm", "03", "customer").number == "03"
    got = source.allocate(PARTNER, Rules())
    assert (got.table_code, got.created) == ("012031", True)
    again = source.allocate(PARTNER, Rules())
    assert (again.table_code, again.created) == ("012031", False)
    with pytest.raises(Refused) as caught:
        source.register_domain("2", "other")
    assert caught.value.kind is RefusalKind.ALREADY_REGISTERED
    assert [domain.name for domain in source.load().domains] == ["crm"]
    source.close()


def test_a_registry_of_1800_entities_migrates(database_url: str, pooled_url: str) -> None:
    yaml = without_sequences(large_registry(9, 20, 10))
    source = postgresql_source(pooled_url)
    assert migrate(yaml, source) == Migration(9, 180, 1800)
    assert migrate(yaml, source) == Migration()
    source.close()
    directly = postgresql_source(database_url)
    assert compare(directly.load(), yaml) == ()
    directly.close()


def test_eight_processes_get_eighty_codes(database_url: str, pooled_url: str) -> None:
    setup = postgresql_source(pooled_url)
    migrate(crm_with(SUBDOMAINS), setup)
    setup.close()
    writers = [start(pooled_url, name, EACH) for name in range(WRITERS)]
    go(writers)
    answered: list[tuple[str, str]] = []
    for writer in writers:
        out, errors = writer.communicate()
        assert (writer.returncode, errors) == (0, "")
        answered.extend((line.split()[0], line.split()[1]) for line in out.splitlines())
    assert len({code for _, code in answered}) == WRITERS * EACH
    assert registered(database_url) == dict(answered)


def test_ten_clients_share_two_connections(pooler: PgBouncer, database_url: str, pooled_url: str) -> None:
    setup = postgresql_source(pooled_url)
    migrate(crm_with(SUBDOMAINS), setup)
    setup.close()
    sources = [postgresql_source(pooled_url) for _ in range(CLIENTS)]

    def work(number: int) -> list[str]:
        source, codes = sources[number], []
        for turn in range(5):
            subdomain = SUBDOMAINS[(number + turn) % len(SUBDOMAINS)]
            codes.append(source.allocate(AllocationRequest(f"E{number}x{turn}", "crm", subdomain), Rules()).table_code)
            source.load()
        return codes

    with ThreadPoolExecutor(CLIENTS) as threads:
        codes = [code for each in threads.map(work, range(CLIENTS)) for code in each]
    assert len(set(codes)) == CLIENTS * 5
    assert set(registered(database_url).values()) == set(codes)
    pool = pool_of(pooler, pooled_url)
    assert pool["cl_active"] == CLIENTS
    servers = [server for server in pooler.show("SERVERS") if server["database"] == database_url.rsplit("/", 1)[1]]
    assert 1 <= len(servers) <= POOL_SIZE
    for source in sources:
        source.close()


def test_the_pooler_restarts(pooler: PgBouncer, pooled_url: str) -> None:
    source = postgresql_source(pooled_url)
    migrate(small_registry(), source)
    for number, work in enumerate((source.load, lambda: source.allocate(PARTNER, Rules()), source.load)):
        if number % 2:
            pooler.kill()
            pooler.start()
        else:
            pooler.restart()
        work()
    assert source.load().entity_count == small_registry().entity_count + 1
    source.close()


def test_the_pooler_is_away_and_comes_back(pooler: PgBouncer, pooled_url: str) -> None:
    source = postgresql_source(pooled_url)
    migrate(small_registry(), source)
    pooler.stop()
    try:
        with pytest.raises(SourceUnavailableError, match="refused the connection"):
            source.load()
    finally:
        pooler.start()
    assert source.load().domains == small_registry().domains
    source.close()


def test_the_server_behind_restarts() -> None:
    with PostgresServer() as server, PgBouncer(server, POOL_SIZE) as pooler:
        create_schema(server.url())
        source = postgresql_source(pooler.url(server.url()), connect_timeout_seconds=3.0, statement_timeout_ms=3000)
        migrate(small_registry(), source)
        server.restart()
        assert source.load().domains == small_registry().domains
        server.restart()
        assert source.allocate(PARTNER, Rules()).created
        server.kill()
        with pytest.raises(SourceUnavailableError):
            ends(source.load)
        server.start()
        snapshot = until(partial(loaded, source), "the server behind the pooler")
        assert snapshot is not None and snapshot.entity_count == small_registry().entity_count + 1
        source.close()


def loaded(source: PostgresqlSource) -> Snapshot | None:
    """What a source loads, None as long as the pooler has not found the server again."""
    try:
        return source.load()
    except SourceUnavailableError:
        return None


def test_a_statement_is_bounded(database_url: str, pooled_url: str) -> None:
    setup = postgresql_source(pooled_url)
    migrate(small_registry(), setup)
    setup.close()
    source = postgresql_source(pooled_url, statement_timeout_ms=1000)
    with psycopg.connect(database_url) as other:
        other.execute(CLOSED.encode())
        with pytest.raises(SourceUnavailableError, match="took longer than 1000 ms"):
            ends(source.load)
    assert source.load().domains == small_registry().domains
    source.close()


def test_waiting_for_the_pool_is_bounded(single: PgBouncer, database_url: str) -> None:
    """The server's limits do not count there: the statement has not reached it."""
    url = single.url(database_url)
    source = postgresql_source(url, connect_timeout_seconds=2.0, statement_timeout_ms=1000)
    source.load()
    with psycopg.connect(url) as holder:
        holder.execute("SELECT 1")  # has the pool's only connection until it commits
        with pytest.raises(SourceUnavailableError, match="did not answer within"):
            ends(source.load)
    assert source.load().domains == ()
    source.close()
