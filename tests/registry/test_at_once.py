"""A program that allocates often does it in one exchange, and gets what two exchanges would have given."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Domain, Rules, Subdomain
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.requests import Allocation, AllocationRequest
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.install import create_schema
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.effort import SEED
from tests.support.patience import PATIENCE, until
from tests.support.postgres import PostgresServer
from tests.support.sources import postgresql_source

CONTENT = Snapshot(
    [
        Domain("2", "crm", subdomains=(Subdomain("03", "customer", None, 1), Subdomain("04", "support", None, 1))),
        Domain("A", "wide", subdomains=(Subdomain("1", "roomy", None, 1), Subdomain("2", "full", None, 1))),
        Domain("F", "busy", subdomains=(Subdomain("1", "busy", None, 1),)),
    ]
)
PLACES = [("crm", "customer"), ("2", "04"), ("crm", None), ("wide", "roomy"), ("wide", "1"), ("nowhere", "x")]
RULES = Rules(reserved_codes=frozenset({"012032", "01A103"}), withheld_codes=frozenset({"012041"}))


def busy(url: str) -> PostgresqlSource:
    """A source whose next allocations take one exchange."""
    source = postgresql_source(url)
    for number in range(3):
        source.allocate(AllocationRequest(f"Busy{number}", "busy"), Rules())
    return source


def at_once(source: PostgresqlSource) -> int:
    return int(source._session._timings.report().get("allocate_at_once", {"queries": 0})["queries"])


def answer(source: PostgresqlSource, request: AllocationRequest, rules: Rules) -> Allocation | str:
    try:
        return source.allocate(request, rules)
    except Refused as refused:
        return f"{refused.kind}: {refused.message}"


@pytest.fixture
def url(database_url: str) -> str:
    source = postgresql_source(database_url)
    migrate(CONTENT, source)
    busy(database_url).close()
    source.close()
    return database_url


@pytest.fixture
def source(url: str) -> Iterator[PostgresqlSource]:
    source = busy(url)
    source.allocate(AllocationRequest("Warm", "busy"), Rules())
    assert at_once(source) == 2
    yield source
    source.close()


@pytest.fixture
def admin(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


Change = Callable[[random.Random], str]
INSERT = (
    "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)"
    " SELECT pk_subdomain, '{name}', '{code}', 1 FROM specql_registry.tb_subdomain WHERE subdomain_name = '{place}'"
    " ON CONFLICT DO NOTHING"
)


def _others_code(chance: random.Random) -> str:
    place, digits = chance.choice([("customer", "203"), ("support", "204"), ("roomy", "A1"), ("customer", "204")])
    width = 4 - len(digits)
    code = f"01{digits}{chance.randint(1, 9):0{width}X}"
    code = chance.choice([code, code.lower(), f" {code}"])
    return INSERT.format(name=f"Other{chance.randint(0, 9)}", code=code, place=place)


CHANGES: list[Change] = [
    _others_code,
    _others_code,
    lambda chance: (
        f"DELETE FROM specql_registry.tb_entity_registration WHERE table_code LIKE '%{chance.randint(1, 9)}'"
    ),
    lambda chance: (
        "UPDATE specql_registry.tb_entity_registration SET entity_name = upper(entity_name)"
        f" WHERE table_code LIKE '%{chance.randint(1, 9)}' AND entity_name <> upper(entity_name)"
    ),
    lambda chance: f"UPDATE specql_registry.tb_subdomain SET next_entity_sequence = {chance.randint(1, 20)}",
    lambda chance: (
        f"UPDATE specql_registry.tb_subdomain SET subdomain_number = '0{chance.choice('3578')}'"
        " WHERE subdomain_name = 'customer'"
    ),
    lambda chance: f"UPDATE specql_registry.tb_domain SET description = 'd{chance.randint(0, 9)}'",
    lambda _: "UPDATE specql_registry.tb_subdomain SET subdomain_name = 'renamed' WHERE subdomain_name = 'support'",
]


TABLES = (
    b"SELECT entity_name, table_code, entity_sequence FROM specql_registry.tb_entity_registration ORDER BY 1, 2",
    b"SELECT subdomain_number, subdomain_name, next_entity_sequence FROM specql_registry.tb_subdomain ORDER BY 1, 2",
)


@pytest.mark.parametrize("turn", range(3))
def test_it_gives_what_two_exchanges_give(
    postgres_server: PostgresServer, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others write meanwhile whatever they like; both sources have read the registry at the same moments."""
    chance = random.Random(SEED + turn)
    urls = [postgres_server.create_database() for _ in range(2)]
    for each in urls:
        create_schema(each)
        filled = postgresql_source(each)
        migrate(CONTENT, filled)
        busy(each).close()
        filled.close()
    quick, slow = busy(urls[0]), postgresql_source(urls[1])
    monkeypatch.setattr(slow._session, "prepare", lambda *_: False)
    quick.load()
    slow.load()
    with psycopg.connect(urls[0], autocommit=True) as one, psycopg.connect(urls[1], autocommit=True) as other:
        for step in range(60):
            for _ in range(chance.choice([0, 0, 1, 2])):
                statement = chance.choice(CHANGES)(chance).encode()
                one.execute(statement)
                other.execute(statement)
            domain, subdomain = chance.choice(PLACES)
            used = frozenset(chance.sample(["012031", "012033", "01A101", "01A102"], chance.randint(0, 2)))
            name = chance.choice([f"New{step}", f"Other{chance.randint(0, 9)}", "new1", "Busy1", "not a name"])
            request = AllocationRequest(name, domain, subdomain, used=used)
            assert answer(quick, request, RULES) == answer(slow, request, RULES), (step, request)
            if chance.random() < 0.5:
                quick.load()
                slow.load()
            for table in TABLES:
                assert one.execute(table).fetchall() == other.execute(table).fetchall(), (step, request)
    assert at_once(quick) > 20
    assert at_once(slow) == 0
    quick.close()
    slow.close()
    for each in urls:
        postgres_server.drop_database(each)


def test_a_full_subdomain(source: PostgresqlSource) -> None:
    source.load()
    for number in range(15):
        assert source.allocate(AllocationRequest(f"E{number}", "crm", "support"), Rules()).created
    with pytest.raises(Refused, match="is full: it holds 15 codes"):
        source.allocate(AllocationRequest("One", "crm", "support"), Rules())


def test_a_code_that_others_give_back_is_given_out_first(source: PostgresqlSource, admin: psycopg.Connection) -> None:
    given = [source.allocate(AllocationRequest(f"E{n}", "wide", "roomy"), Rules()).table_code for n in range(6)]
    source.load()
    admin.execute("DELETE FROM specql_registry.tb_entity_registration WHERE table_code = %s", [given[2]])
    assert source.allocate(AllocationRequest("Next", "wide", "roomy"), Rules()).table_code == given[2]


TRIGGERS = {
    "NEW.table_code := '01A1FE'; RETURN NEW;": "stored the code 01A1FE for Partner where 01A101 was written",
    "NEW.entity_sequence := 77; RETURN NEW;": "stored another sequence of Partner",
    "NEW.entity_name := 'Partnership'; RETURN NEW;": "stored no registration of Partner",
    "RETURN NULL;": "stored no registration of Partner",
}


@pytest.mark.parametrize("body", TRIGGERS)
def test_a_trigger_that_stores_something_else(source: PostgresqlSource, admin: psycopg.Connection, body: str) -> None:
    admin.execute(
        "CREATE FUNCTION public.fn_odd() RETURNS trigger LANGUAGE plpgsql AS"
        f" $odd$ BEGIN {body} END $odd$;"
        " CREATE TRIGGER odd BEFORE INSERT ON specql_registry.tb_entity_registration"
        " FOR EACH ROW EXECUTE FUNCTION public.fn_odd()".encode()
    )
    before = admin.execute("SELECT count(*) FROM specql_registry.tb_entity_registration").fetchone()
    with pytest.raises(Refused) as caught:
        source.allocate(AllocationRequest("Partner", "wide", "roomy"), Rules())
    assert TRIGGERS[body] in caught.value.message
    assert admin.execute("SELECT count(*) FROM specql_registry.tb_entity_registration").fetchone() == before


def test_a_counter_that_does_not_move(source: PostgresqlSource, admin: psycopg.Connection) -> None:
    admin.execute("UPDATE specql_registry.tb_subdomain SET next_entity_sequence = 1 WHERE subdomain_name = 'roomy'")
    admin.execute("CREATE RULE still AS ON UPDATE TO specql_registry.tb_subdomain DO INSTEAD NOTHING")
    with pytest.raises(Refused, match="did not move the counter"):
        source.allocate(AllocationRequest("Partner", "wide", "roomy"), Rules())


def test_a_connection_that_ends_while_it_waits(url: str, admin: psycopg.Connection, tmp_path: Any) -> None:
    """It is not known then whether it was done; the service looks, and asks again."""
    service = RegistryService(RegistrySettings(database_url=url, listen=False), tmp_path)
    service.start()
    service.refresh().result(PATIENCE)
    for number in range(4):
        service.allocate(AllocationRequest(f"First{number}", "wide", "roomy")).result(PATIENCE)
    with psycopg.connect(url) as holder, ThreadPoolExecutor() as pool:
        holder.execute("SELECT FROM specql_registry.tb_subdomain FOR UPDATE")
        waiting = pool.submit(lambda: service.allocate(AllocationRequest("Next", "wide", "roomy")).result(PATIENCE))
        held = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%allocate_at_once%'"
        found = until(lambda: admin.execute(held).fetchone())
        admin.execute("SELECT pg_terminate_backend(%s)", found)
        holder.rollback()
        allocation = waiting.result(PATIENCE)
    assert (allocation.table_code, allocation.created) == ("01A105", True)
    stored = admin.execute("SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = 'Next'")
    assert stored.fetchall() == [("01A105",)]
    service.close()


def test_what_is_registered_already_is_found(source: PostgresqlSource) -> None:
    first = source.allocate(AllocationRequest("Partner", "wide", "roomy"), Rules())
    again = source.allocate(AllocationRequest("partner", "wide", "roomy"), Rules())
    assert (first.created, again.created, again.table_code) == (True, False, first.table_code)
