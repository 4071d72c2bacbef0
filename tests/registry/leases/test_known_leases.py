"""A reader of the registry knows which codes are leased, as the server's clock has it, and what changes of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.leases.known import change, leases_of, live, seconds_left
from specql_lsp.registry.metrics.statement_timings import StatementTimings
from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.registry.leases.support import execute, expire, keeper, lease, refusal, request

NOW = datetime(2026, 1, 2, tzinfo=UTC)
UNCONSTRAINED = {"connect_timeout_seconds": 60.0, "statement_timeout_ms": 60_000, "lock_timeout_ms": 60_000}


class Reader:
    """A source that only reads, and the statements that a reading took."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.timings = StatementTimings()
        limits: dict[str, Any] = {"refresh_seconds": 10_000, **UNCONSTRAINED, **settings}
        self.source = PostgresqlSource(RegistrySettings(database_url=url, **limits), self.timings)

    def reads(self) -> tuple[str, Snapshot]:
        before = self._counts()
        snapshot = self.source.load()
        after = self._counts()
        made = [name for name in after for _ in range(after[name] - before.get(name, 0))]
        return " ".join(sorted(set(made) - {"connect", "ping", "prepare"})), snapshot

    def _counts(self) -> dict[str, int]:
        return {name: each["queries"] for name, each in self.timings.report().items()}


WHOLE = "commit leased_codes load position probe"


@pytest.fixture
def reader(leasing_url: str) -> Iterator[Reader]:
    reader = Reader(leasing_url)
    yield reader
    reader.source.close()


def first_free(snapshot: Snapshot, count: int = 1) -> list[int]:
    crm = snapshot.domain_named("crm")
    assert crm is not None
    customer = crm.subdomain("customer")
    assert customer is not None
    return snapshot.free_sequences(crm, customer)[:count]


def test_what_happens_to_leases_is_followed(
    source: PostgresqlSource, reader: Reader, leasing_url: str, tmp_path: Path
) -> None:
    read, snapshot = reader.reads()
    assert (read, snapshot.leased) == (WHOLE, {})
    free = first_free(snapshot, 20)
    anna = keeper(tmp_path)
    codes = lease(anna, source)
    read, snapshot = reader.reads()
    assert read == "changes_since"
    assert list(snapshot.leased) == codes == ["012033", "012035", "012036"]
    assert snapshot.leased["012033"].holder == "anna@laptop"
    assert snapshot.leased["012033"].token == anna.token
    assert first_free(snapshot, 20) == [each for each in free if each not in (3, 5, 6)]
    lease(anna, source, days=30)
    read, extended = reader.reads()
    assert read == "changes_since"
    assert extended.leased["012033"].expires_at > snapshot.leased["012033"].expires_at
    anna.take(extended, request("Partner"))
    anna.confirm(source, Rules())
    anna.release(source, ["012035"])
    read, snapshot = reader.reads()
    assert (read, list(snapshot.leased)) == ("changes_since", ["012036"])
    assert snapshot.by_code("012033")[0].entity.name == "Partner"
    assert first_free(snapshot) == [5]
    assert reader.reads() == ("changes_since", snapshot)
    with closing(Reader(leasing_url).source) as another:
        assert another.load() == snapshot


def test_a_lease_ends_by_the_servers_clock_without_any_event(
    source: PostgresqlSource, reader: Reader, leasing_url: str, tmp_path: Path
) -> None:
    reader.source.load()
    lease(keeper(tmp_path, state="boris"), source, 1)
    anna = keeper(tmp_path)
    anna.lease(source, Rules(), "crm", "customer", 1, 0.5)
    reader.source.load()
    assert reader.source.lease_ends_in < 7 * 86_400
    execute(leasing_url, "SELECT pg_sleep(0.6)")
    read, snapshot = reader.reads()
    assert (read, list(snapshot.leased)) == ("changes_since", ["012033"])
    assert first_free(snapshot) == [5]
    assert reader.source.lease_ends_in > 86_400


def test_the_clock_of_this_machine_does_not_matter() -> None:
    rows = [
        {"table_code": code, "holder": "anna", "token": "t", "expires_at": until}
        for code, until in (("01203a", "2026-01-02T02:00:01+02:00"), ("012034", "infinity"), ("012035", "2026-01-02"))
    ]
    leases = leases_of(rows)
    assert list(leases) == ["01203A", "012034", "012035"]
    assert list(live(leases, NOW)) == ["01203A", "012034"]
    assert live(leases, NOW - timedelta(days=1)) is leases
    assert seconds_left(live(leases, NOW), NOW) == 1.0
    assert seconds_left({}, NOW) == float("inf")


def test_what_cannot_be_understood_is_left_out() -> None:
    good = {"table_code": "012034", "holder": "anna", "token": "t", "expires_at": "2026-01-02T00:00:00+00:00"}
    odd: list[Any] = [
        {},
        [],
        "x",
        {**good, "table_code": None},
        {**good, "expires_at": "soon"},
        {**good, "expires_at": 7},
    ]
    leases = leases_of([*odd, good])
    assert list(leases) == ["012034"]
    for row in odd:
        change(leases, row, None)
    assert list(leases) == ["012034"]
    change(leases, good, None)
    change(leases, good, None)
    assert leases == {}


def test_a_holders_name_is_one_line_whoever_wrote_it() -> None:
    row = {"table_code": "012034", "token": "t", "expires_at": "2026-01-02T00:00:00+00:00"}
    (lease,) = leases_of([{**row, "holder": "anna\n::error::x\x1b[31m" + "x" * 999}]).values()
    assert "\n" not in lease.holder and "\x1b" not in lease.holder
    assert len(lease.holder) == 200
    assert leases_of([{**row, "holder": None}])["012034"].holder == "None"


def test_a_truncated_table_has_everything_read(
    source: PostgresqlSource, reader: Reader, leasing_url: str, tmp_path: Path
) -> None:
    lease(keeper(tmp_path), source)
    assert list(reader.source.load().leased)
    execute(leasing_url, "TRUNCATE specql_registry_lsp.tb_lease")
    read, snapshot = reader.reads()
    assert read == f"changes_since {WHOLE}"
    assert snapshot.leased == {}


def test_where_events_say_nothing_of_leases_they_are_read_each_time(
    source: PostgresqlSource, leasing_url: str, tmp_path: Path
) -> None:
    execute(leasing_url, "DROP FUNCTION specql_registry_lsp.fn_record_lease CASCADE")
    reader = Reader(leasing_url)
    assert reader.reads()[0] == WHOLE
    codes = lease(keeper(tmp_path), source)
    read, snapshot = reader.reads()
    assert (read, list(snapshot.leased)) == ("changes_since leased_codes", codes)
    expire(leasing_url)
    assert reader.reads()[1].leased == {}
    reader.source.close()


@pytest.mark.parametrize(
    "obstacle",
    [
        "DROP TABLE specql_registry_lsp.tb_lease",
        "DROP SCHEMA specql_registry_lsp CASCADE",
        "REVOKE SELECT ON specql_registry_lsp.tb_lease FROM {role}",
        "REVOKE USAGE ON SCHEMA specql_registry_lsp FROM {role}",
        "ALTER TABLE specql_registry_lsp.tb_lease ENABLE ROW LEVEL SECURITY",
        "DROP TABLE specql_registry_lsp.tb_lease; CREATE TABLE specql_registry_lsp.tb_lease (x integer)",
        "DROP TABLE specql_registry_lsp.tb_lease; CREATE VIEW specql_registry_lsp.tb_lease AS SELECT 1 / 0 AS x",
    ],
)
def test_without_them_the_registry_is_read_all_the_same(
    source: PostgresqlSource, leasing_url: str, tmp_path: Path, obstacle: str
) -> None:
    role = "reader_" + leasing_url.rsplit("/", 1)[1]
    execute(leasing_url, f"CREATE ROLE {role} LOGIN")
    for schema in ("specql_registry", "specql_registry_lsp"):
        execute(leasing_url, f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        execute(leasing_url, f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}")
        execute(leasing_url, f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}")
    codes = lease(keeper(tmp_path), source)
    reader = Reader(leasing_url.replace("postgres@", f"{role}@", 1), refresh_seconds=0)
    assert list(reader.source.load().leased) == codes
    execute(leasing_url, obstacle.format(role=role))
    snapshot = reader.source.load()
    assert snapshot.leased == {}
    assert snapshot.entity_count > 0
    reader.source.forget()
    assert reader.source.load() == snapshot
    reader.source.close()


def test_what_is_written_does_not_go_by_what_was_read(
    source: PostgresqlSource, reader: Reader, leasing_url: str, tmp_path: Path
) -> None:
    """The database decides under the lock: a lease that has ended since the last reading keeps no code back."""
    lease(keeper(tmp_path), source)
    assert len(reader.source.load().leased) == 3
    expire(leasing_url)
    assert len(reader.source.known.leased if reader.source.known else ()) == 3
    first, second = reader.source.allocate_all([request("A"), request("B", table_code="012036")], Rules())
    assert [getattr(each, "table_code", each) for each in (first, second)] == ["012033", "012036"]
    assert reader.source.allocate(request("C"), Rules()).table_code == "012035"


def test_many_allocations_in_one_exchange_leave_leased_codes_out(
    source: PostgresqlSource, reader: Reader, leasing_url: str, tmp_path: Path
) -> None:
    reader.source.load()
    for number in range(8):  # so many that the statements are prepared
        reader.source.allocate(AllocationRequest(f"Often{number}", "crm", "core"), Rules())
    lease(keeper(tmp_path), source)
    assert reader.source.allocate(request("Unread"), Rules()).table_code == "012037", "it was refused and asked again"
    reader.source.load()
    before = reader.timings.report()
    assert reader.source.allocate(request("Read"), Rules()).table_code == "012038"
    made = {name: each["queries"] - before[name]["queries"] for name, each in reader.timings.report().items()}
    assert made["allocate_at_once"] == 1 and not made.get("allocate_look")
    expire(leasing_url)
    reader.source.load()
    assert reader.source.allocate(request("Returned"), Rules()).table_code == "012033"


def test_a_decision_from_what_is_known_refuses_a_leased_code_in_the_words_of_the_database(
    source: PostgresqlSource, reader: Reader, tmp_path: Path
) -> None:
    from specql_lsp.registry.allocation import decide

    lease(keeper(tmp_path), source)
    known = refusal(lambda: decide(reader.source.load(), request("Partner", table_code="012035")))
    told = refusal(lambda: source.allocate(request("Partner", table_code="012035"), Rules()))
    assert (known.kind, known.message) == (told.kind, told.message)
