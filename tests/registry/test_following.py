"""A reader that follows the events knows after each reading what one that reads everything knows."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.metrics.statement_timings import StatementTimings
from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import AllocationRequest, CodeRelease, EntityMove, EntityRename
from specql_lsp.registry.sources.postgresql.following import Position, followed
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.rows import Row
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.effort import SEED, times
from tests.support.pgbouncer import PgBouncer
from tests.support.registries import large_registry, small_registry
from tests.support.sources import fill, postgresql_source

HERE = Position("10:20:", 0)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Follower:
    """A reader that is held against one that reads everything, and what it read."""

    def __init__(self, url: str, refresh_seconds: int = 10_000) -> None:
        limits: dict[str, Any] = {
            "connect_timeout_seconds": 60.0,
            "statement_timeout_ms": 60_000,
            "lock_timeout_ms": 60_000,
            "refresh_seconds": refresh_seconds,
        }
        self.timings = StatementTimings()
        self.source = PostgresqlSource(RegistrySettings(database_url=url, **limits), self.timings)
        self.whole = postgresql_source(url)
        self.source.load()

    def reads(self) -> tuple[str, ...]:
        """Looks again, holds what is known then to what there is, and gives what was read for it."""
        before = self._counts()
        known = self.source.load()
        after = self._counts()
        self.whole.forget()
        assert known == self.whole.load()
        return tuple(name for name in ("changes_since", "load") if after[name] > before[name])

    def _counts(self) -> dict[str, int]:
        by_name = self.timings.report()
        return {name: by_name.get(name, {}).get("queries", 0) for name in ("changes_since", "load")}

    def close(self) -> None:
        self.source.close()
        self.whole.close()


FOLLOWED, WHOLE = ("changes_since",), ("load",)
GAP = ("changes_since", "load")


@pytest.fixture
def url(database_url: str) -> str:
    """An installed database that holds the small registry."""
    install(RegistrySettings(database_url=database_url, connect_timeout_seconds=60, statement_timeout_ms=60_000))
    source = postgresql_source(database_url)
    fill(source, small_registry())
    source.close()
    return database_url


@pytest.fixture
def follower(url: str) -> Iterator[Follower]:
    follower = Follower(url)
    yield follower
    follower.close()


@pytest.fixture
def other(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Another program that knows nothing of events."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_only_what_has_changed_is_read(follower: Follower, url: str) -> None:
    writer = postgresql_source(url)
    assert follower.reads() == FOLLOWED
    known = follower.source.load()
    assert follower.source.load() is known, "nothing has changed"
    for write in (
        lambda: writer.allocate(AllocationRequest("Partner", "crm", "customer"), Rules()),
        lambda: writer.rename_entity(EntityRename("crm", "Contact", "Person")),
        lambda: writer.move_entity(EntityMove("crm", "Person", "core"), Rules()),
        lambda: writer.release_code(CodeRelease("crm", "Person")),
        lambda: writer.register_domain("9", "fresh", aliases=("new",)),
        lambda: writer.register_subdomain("fresh", "01", "core", "With an apostrophe's \N{PARTY POPPER}"),
        lambda: writer.register_subdomain("fresh", "02", "more"),
        lambda: writer.allocate_all([AllocationRequest(f"E{n}", "fresh", "more") for n in range(5)], Rules()),
        lambda: fill(writer, small_registry()),
    ):
        write()
        assert follower.reads() == FOLLOWED
    writer.close()
    assert follower.source.load().domain("catalog") is known.domain("catalog"), "what stays is the same object"


STATEMENTS = (
    """
    UPDATE specql_registry.tb_domain SET domain_name = domain_name || 'x' WHERE domain_number = '{domain}'
    """,
    """
    UPDATE specql_registry.tb_domain SET aliases = NULL, description = NULL WHERE domain_number = '{domain}'
    """,
    """
    DELETE FROM specql_registry.tb_domain WHERE domain_number = '{domain}'
    """,
    """
    INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('{domain}', 'made')
    ON CONFLICT DO NOTHING
    """,
    """
    UPDATE specql_registry.tb_subdomain SET next_entity_sequence = next_entity_sequence + 1 WHERE pk_subdomain % 3 = {n}
    """,
    """
    UPDATE specql_registry.tb_subdomain SET fk_domain = (SELECT min(pk_domain) FROM specql_registry.tb_domain)
    WHERE subdomain_number = '0{n}' AND fk_domain = (SELECT max(pk_domain) FROM specql_registry.tb_domain)
    """,
    """
    UPDATE specql_registry.tb_subdomain SET pk_subdomain = pk_subdomain + 1000
    WHERE NOT EXISTS (SELECT FROM specql_registry.tb_entity_registration WHERE fk_subdomain = pk_subdomain)
    """,
    """
    DELETE FROM specql_registry.tb_subdomain WHERE pk_subdomain % 5 = {n}
    """,
    """
    INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name)
    SELECT pk_domain, '5{n}', 'made' FROM specql_registry.tb_domain WHERE domain_number = '{domain}'
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)
    SELECT pk_subdomain, 'New{n}', '{code}' || pk_subdomain % 10, {n} FROM specql_registry.tb_subdomain
    WHERE pk_subdomain % 3 = {n} ORDER BY 1 LIMIT 1 ON CONFLICT DO NOTHING
    """,
    """
    UPDATE specql_registry.tb_entity_registration SET entity_name = entity_name || '{n}' WHERE entity_sequence = {n}
    """,
    """
    UPDATE specql_registry.tb_entity_registration
    SET fk_subdomain = (SELECT min(pk_subdomain) FROM specql_registry.tb_subdomain) WHERE entity_name LIKE 'New{n}%'
    """,
    """
    UPDATE specql_registry.tb_entity_registration SET table_code = table_code
    """,
    """
    DELETE FROM specql_registry.tb_entity_registration WHERE entity_sequence = {n}
    """,
)


def test_whatever_others_write(follower: Follower, url: str) -> None:
    """Statements of two programs in transactions that begin and end in any order; some are rolled back."""
    chance = random.Random(SEED)
    for _ in range(times(40)):
        with psycopg.connect(url) as one, psycopg.connect(url) as another:
            one.execute("SET lock_timeout = '20ms'")
            another.execute("SET lock_timeout = '20ms'")
            one.commit()
            another.commit()
            for _ in range(chance.randrange(1, 7)):
                connection = chance.choice([one, another])
                text = chance.choice(STATEMENTS).format(
                    n=chance.randrange(3),
                    domain=chance.choice("2357"),
                    code=f"{chance.randrange(10_000, 99_999)}",
                )
                try:
                    connection.execute(text.encode())
                except psycopg.Error:  # another one holds a lock, or a key is taken
                    connection.rollback()
                if chance.random() < 0.4:
                    (connection.commit if chance.random() < 0.8 else connection.rollback)()
                    follower.reads()
            ends = [one, another]
            chance.shuffle(ends)
            for connection in ends:
                (connection.commit if chance.random() < 0.8 else connection.rollback)()
                follower.reads()


def test_who_writes_reads_everything_once(follower: Follower, other: psycopg.Connection[Any]) -> None:
    """A write has read what is committed: more than the position says."""
    for number in range(3):
        rename = "UPDATE specql_registry.tb_entity_registration SET entity_name = %s WHERE entity_sequence = 2"
        follower.source.rename_entity(EntityRename("crm", "Contact", "Person"))
        other.execute(rename.encode(), (f"Other{number}",))
        assert follower.reads() == WHOLE
        follower.source.rename_entity(EntityRename("crm", "Person", "Contact"))
        follower.source.allocate(AllocationRequest(f"Fresh{number}", "crm", "customer"), Rules())
        assert follower.reads() == WHOLE
        follower.source.allocate(AllocationRequest(f"More{number}", "crm", "core"), Rules())
        other.execute(rename.encode(), (f"Another{number}",))
        assert follower.reads() == FOLLOWED, "an allocation reads what it needs"


def test_transactions_that_commit_in_another_order(follower: Follower, url: str) -> None:
    rename = b"UPDATE specql_registry.tb_entity_registration SET entity_name = %s WHERE entity_name = %s"
    with psycopg.connect(url) as one, psycopg.connect(url) as another:
        one.execute(rename, ("Person", "Contact"))
        another.execute(rename, ("Firm", "Company"))
        another.commit()
        assert follower.reads() == FOLLOWED
        assert follower.source.load().by_entity("Firm") and not follower.source.load().by_entity("Person")
        one.commit()
    assert follower.reads() == FOLLOWED
    assert follower.source.load().by_entity("Person")


@pytest.mark.parametrize("table", ["tb_domain", "tb_subdomain", "tb_entity_registration"])
def test_a_truncation_has_everything_read(follower: Follower, other: psycopg.Connection[Any], table: str) -> None:
    other.execute(f"TRUNCATE specql_registry.{table} CASCADE".encode())
    assert follower.reads() == GAP
    assert follower.reads() == FOLLOWED


def test_a_change_that_could_not_be_recorded(follower: Follower, other: psycopg.Connection[Any]) -> None:
    other.execute(
        "ALTER TABLE specql_registry_lsp.tb_event ADD CONSTRAINT ck_odd CHECK (entity_name <> 'Unrecorded') NOT VALID"
    )
    rename = b"UPDATE specql_registry.tb_entity_registration SET entity_name = %s WHERE entity_name = %s"
    other.execute(rename, ("Unrecorded", "Contact"))
    assert follower.reads() == GAP
    assert follower.reads() == FOLLOWED
    other.execute(rename, ("Contact", "Unrecorded"))
    assert follower.reads() == FOLLOWED


def test_events_that_were_deleted(follower: Follower, url: str, other: psycopg.Connection[Any]) -> None:
    """Who knows them goes on; who does not reads everything."""
    late = Follower(url)
    rename = b"UPDATE specql_registry.tb_entity_registration SET entity_name = %s WHERE entity_name = %s"
    other.execute(rename, ("Person", "Contact"))
    assert follower.reads() == FOLLOWED
    writer = postgresql_source(url)
    assert writer.prune_history(datetime.now(UTC) + timedelta(days=1)) > 0
    writer.close()
    other.execute(rename, ("Firm", "Company"))
    assert follower.reads() == FOLLOWED
    assert late.reads() == GAP
    assert late.reads() == FOLLOWED
    late.close()


def test_a_schema_that_was_made_again(follower: Follower, url: str, other: psycopg.Connection[Any]) -> None:
    other.execute("DROP SCHEMA specql_registry_lsp CASCADE")
    other.execute("UPDATE specql_registry.tb_entity_registration SET entity_name = 'Odd' WHERE entity_name = 'Contact'")
    install(RegistrySettings(database_url=url, connect_timeout_seconds=60, statement_timeout_ms=60_000))
    assert follower.reads() == GAP
    assert follower.reads() == FOLLOWED


def test_a_server_that_knows_less() -> None:
    """As after a restore: the position is of a time that the database has not come to."""
    assert followed([], {}, HERE, [("15:30:", 0, "5", "5", NOW, None)]) == (Position("15:30:", 0), [], {}, NOW)
    for snapshot, unrecorded, horizon in (("10:19:", 0, "5"), ("10:20:", 1, "5"), ("10:20:", 0, "10"), ("x", 0, "5")):
        assert followed([], {}, HERE, [(snapshot, unrecorded, horizon, horizon, NOW, None)]) is None


def test_triggers_that_are_switched_off(url: str, other: psycopg.Connection[Any]) -> None:
    follower = Follower(url, refresh_seconds=0)  # looks each time at what there is
    other.execute("ALTER TABLE specql_registry.tb_entity_registration DISABLE TRIGGER tr_notify_update")
    other.execute("UPDATE specql_registry.tb_entity_registration SET entity_name = 'Odd' WHERE entity_name = 'Contact'")
    assert follower.reads() == WHOLE
    other.execute("ALTER TABLE specql_registry.tb_entity_registration ENABLE TRIGGER tr_notify_update")
    follower.close()


def test_a_lost_connection_has_everything_read(follower: Follower, other: psycopg.Connection[Any]) -> None:
    other.execute("SELECT pg_terminate_backend(%s, 60000)", (follower.source.backend,))
    other.execute("UPDATE specql_registry.tb_entity_registration SET entity_name = 'Odd' WHERE entity_name = 'Contact'")
    assert follower.reads()[-1] == "load"
    assert follower.reads() == FOLLOWED


def test_who_asks_gets_everything_read(follower: Follower) -> None:
    follower.source.forget()
    assert follower.reads() == WHOLE
    assert follower.reads() == FOLLOWED


DENIALS = (
    "REVOKE ALL ON specql_registry_lsp.tb_event FROM follower",
    "REVOKE ALL ON specql_registry_lsp.sq_unrecorded FROM follower",
    "REVOKE ALL ON SCHEMA specql_registry_lsp FROM follower",
    "DROP TABLE specql_registry_lsp.tb_horizon",
    "DROP SCHEMA specql_registry_lsp CASCADE",
)


@pytest.mark.parametrize("denial", DENIALS)
def test_a_role_that_may_not_read_events_reads_everything(
    url: str, other: psycopg.Connection[Any], denial: str
) -> None:
    """Also one that loses the right while it follows."""
    other.execute(
        "DO $$ BEGIN IF to_regrole('follower') IS NULL THEN CREATE ROLE follower LOGIN; END IF; END $$;"
        " GRANT USAGE ON SCHEMA specql_registry, specql_registry_lsp TO follower;"
        " GRANT SELECT ON ALL TABLES IN SCHEMA specql_registry, specql_registry_lsp TO follower;"
        " GRANT SELECT ON ALL SEQUENCES IN SCHEMA specql_registry_lsp TO follower"
    )
    follower = Follower(url.replace("postgres@", "follower@"))
    assert follower.reads() == FOLLOWED
    other.execute(denial.encode())
    assert follower.reads()[-1] == "load"
    other.execute("UPDATE specql_registry.tb_entity_registration SET entity_name = 'Odd' WHERE entity_name = 'Contact'")
    assert follower.reads() == WHOLE
    follower.close()
    other.execute("DROP OWNED BY follower")


def test_a_subdomain_that_does_not_exist_is_said_as_when_everything_is_read(
    follower: Follower, other: psycopg.Connection[Any]
) -> None:
    other.execute(
        "ALTER TABLE specql_registry.tb_entity_registration DROP CONSTRAINT tb_entity_registration_fk_subdomain_fkey"
    )
    other.execute("UPDATE specql_registry.tb_entity_registration SET fk_subdomain = 4711 WHERE entity_name = 'Contact'")
    with pytest.raises(Exception, match="names no subdomain that exists"):
        follower.source.load()


def test_behind_a_pooler(pooler: PgBouncer, url: str) -> None:
    follower = Follower(pooler.url(url))
    writer = postgresql_source(pooler.url(url))
    for number in range(3):
        writer.allocate(AllocationRequest(f"Partner{number}", "crm", "customer"), Rules())
        assert follower.reads() == FOLLOWED
    writer.close()
    follower.close()


def test_what_stays_is_the_same_object(database_url: str) -> None:
    install(RegistrySettings(database_url=database_url, connect_timeout_seconds=60, statement_timeout_ms=60_000))
    source = postgresql_source(database_url)
    fill(source, large_registry(5, 10, 10))
    follower = Follower(database_url)
    known = follower.source.load()
    source.allocate(AllocationRequest("Partner", "domain_1", "subdomain_1"), Rules())
    assert follower.reads() == FOLLOWED
    now = follower.source.load()
    same = [one is other for one, other in zip(known.domains, now.domains, strict=True)]
    assert same == [False, True, True, True, True]
    first, then = known.domains[0].subdomains, now.domains[0].subdomains
    assert [one is other for one, other in zip(first, then, strict=True)] == [False] + [True] * 9
    source.close()
    follower.close()


ROWS: list[Row] = [(1, "2", "crm", None, False, [], 3, "03", "customer", None, 2, ["Contact"], ["012031"], [1])]
KEYS = ["pk_domain", "pk_subdomain", "fk_domain", "fk_subdomain", "entity_name", "table_code", "entity_sequence"]
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 4) | st.sampled_from(["Contact", "tb_domain", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=8,
)
TABLES = st.sampled_from(["tb_domain", "tb_subdomain", "tb_entity_registration", "tb_event", "tb_lease", "tb_other"])


EVENTS = st.tuples(TABLES, st.just(12) | JSON, st.just(12) | JSON, JSON, JSON)
TEXTS = (
    st.lists(EVENTS, max_size=3).map(json.dumps)
    | st.none()
    | JSON.map(json.dumps)
    | st.sampled_from(["", "{", "1, 2", "[" * 100_000])
)


@given(TEXTS)
def test_whatever_a_database_gives_fits_or_everything_is_read(text: str | None) -> None:
    known = copy.deepcopy(ROWS)
    after = followed(known, {}, HERE, [("15:30:", 0, "5", "5", NOW, text)])
    assert after is None or all(len(row) == 14 for row in after.rows)
    assert known == ROWS, "what is known is not changed"
