"""Many writers at once, some of them killed: no code twice, none lost that was answered."""

from __future__ import annotations

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Domain, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from tests.support.effort import SEED
from tests.support.forks import PipedFork, start_script
from tests.support.patience import PATIENCE, until
from tests.support.sessions import waits_for_a_lock
from tests.support.sources import postgresql_source

WRITERS = 8
EACH = 10
SUBDOMAINS = tuple(f"{number:02X}" for number in range(1, 9))

WRITER = """
import sys
from specql_lsp.config import RegistrySettings
from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

url, writer, count, subdomains = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].split(",")
source = PostgresqlSource(RegistrySettings(database_url=url, lock_timeout_ms=90000, statement_timeout_ms=90000))
source.load()
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    request = AllocationRequest(f"Entity{writer}x{number}", "crm", subdomains[(number + int(writer)) % len(subdomains)])
    got = source.allocate(request, Rules())
    print(got.entity, got.table_code, flush=True)
"""


def crm_with(subdomains: tuple[str, ...]) -> Snapshot:
    return Snapshot(
        (Domain("2", "crm", subdomains=tuple(Subdomain(n, f"sub_{n.lower()}", None, 1) for n in subdomains)),)
    )


@pytest.fixture
def url(database_url: str) -> str:
    source = postgresql_source(database_url)
    migrate(crm_with(SUBDOMAINS), source)
    source.close()
    return database_url


def start(url: str, name: object, count: int) -> PipedFork:
    return start_script(WRITER, url, name, count, ",".join(SUBDOMAINS))


def go(writers: list[PipedFork]) -> None:
    """Lets all begin at once."""
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()


def registered(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT entity_name, table_code FROM specql_registry.tb_entity_registration")
        pairs = rows.fetchall()
    assert len(pairs) == len({name for name, _ in pairs}), "an entity is registered twice"
    assert not [code for code, times in Counter(code for _, code in pairs).items() if times > 1], "a code twice"
    return dict(pairs)


def test_eight_processes_get_eighty_codes(url: str) -> None:
    writers = [start(url, name, EACH) for name in range(WRITERS)]
    go(writers)
    answered: list[tuple[str, str]] = []
    for writer in writers:
        out, errors = writer.communicate()
        assert (writer.returncode, errors) == (0, "")
        answered.extend((line.split()[0], line.split()[1]) for line in out.splitlines())
    assert len({code for _, code in answered}) == WRITERS * EACH
    assert registered(url) == dict(answered)


def test_processes_killed_at_random_lose_nothing_that_was_answered(url: str) -> None:
    chance = random.Random(SEED)
    answered: list[tuple[str, str]] = []
    writers = [start(url, name, 14) for name in range(WRITERS)]
    go(writers)
    survivors = set(chance.sample(range(WRITERS), 2))
    timers = [
        threading.Timer(chance.uniform(0.001, 0.06), writer.kill)
        for number, writer in enumerate(writers)
        if number not in survivors
    ]
    for timer in timers:
        timer.start()
    for number, writer in enumerate(writers):
        out, errors = writer.communicate()
        if number in survivors:
            assert (writer.returncode, errors) == (0, "")
        complete = [line for line in out.split("\n")[:-1] if len(line.split()) == 2]
        answered.extend((line.split()[0], line.split()[1]) for line in complete)
    # A killed writer's last transaction ends when the server notices; it must not leave a lock behind.
    source = postgresql_source(url, lock_timeout_ms=60_000, statement_timeout_ms=120_000)
    source.allocate(AllocationRequest("After", "crm", SUBDOMAINS[0]), Rules())
    source.close()
    stored = registered(url)
    assert dict(answered).items() <= stored.items()
    # Who was killed before the answer asks again and gets the same.
    again = postgresql_source(url)
    for name, code in stored.items():
        got = again.allocate(AllocationRequest(name, "crm"), Rules())
        assert (got.table_code, got.created) == (code, False)
    again.close()


def test_the_same_entity_asked_into_two_subdomains_at_once_gets_one_code(url: str) -> None:
    def ask(number: int) -> str | RefusalKind:
        source = postgresql_source(url)
        try:
            return source.allocate(AllocationRequest("Same", "crm", SUBDOMAINS[number % 2]), Rules()).table_code
        except Refused as refused:
            return refused.kind
        finally:
            source.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        answers = set(pool.map(ask, range(WRITERS)))
    assert len(registered(url)) == 1
    assert answers == {registered(url)["Same"], RefusalKind.ALREADY_REGISTERED}


def test_a_subdomain_is_filled_to_the_last_code_and_no_further(url: str) -> None:
    def ask(number: int) -> str:
        source = postgresql_source(url)
        try:
            return source.allocate(AllocationRequest(f"Entity{number}", "crm", "01"), Rules()).table_code
        except Refused as refused:
            assert refused.kind is RefusalKind.SUBDOMAIN_FULL
            return ""
        finally:
            source.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        answers = Counter(pool.map(ask, range(20)))
    assert answers.pop("") == 5
    assert set(answers) == {f"01201{sequence:X}" for sequence in range(1, 16)}
    assert set(registered(url).values()) == set(answers)


def test_subdomains_whose_codes_overlap_wait_for_each_other(database_url: str) -> None:
    """``0`` with two digits of sequence and ``01`` with one share the codes 012011 to 01201F."""
    setup = postgresql_source(database_url)
    migrate(crm_with(("0", "01")), setup)

    def ask(number: int) -> str:
        source = postgresql_source(database_url)
        used = frozenset(f"0120{n:02X}" for n in range(16))
        try:
            request = AllocationRequest(f"Entity{number}", "crm", ("0", "01")[number % 2], used=used)
            return source.allocate(request, Rules()).table_code
        finally:
            source.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        answers = list(pool.map(ask, range(12)))
    assert len(set(answers)) == 12
    assert set(registered(database_url).values()) == set(answers)
    setup.close()


def test_a_place_that_moved_since_the_last_load_is_found(url: str) -> None:
    source = postgresql_source(url)
    source.load()
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE specql_registry.tb_domain SET domain_number = '4' WHERE domain_name = 'crm'")
    assert source.allocate(AllocationRequest("First", "crm", "sub_02"), Rules()).table_code == "014021"
    other = postgresql_source(url)
    other.register_subdomain("crm", "0A", "fresh")
    assert source.allocate(AllocationRequest("Second", "crm", "fresh"), Rules()).table_code == "0140A1"
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM specql_registry.tb_subdomain WHERE subdomain_name = 'fresh'")
    with pytest.raises(Refused) as caught:
        source.allocate(AllocationRequest("Third", "crm", "fresh"), Rules())
    assert caught.value.kind is RefusalKind.UNKNOWN_SUBDOMAIN
    for each in (source, other):
        each.close()


def test_another_program_that_inserts_meanwhile_is_waited_for(url: str) -> None:
    source = postgresql_source(url)
    source.load()
    with psycopg.connect(url) as other:
        other.execute(
            "INSERT INTO specql_registry.tb_entity_registration"
            " (fk_subdomain, entity_name, table_code, entity_sequence)"
            " SELECT pk_subdomain, 'Contact', '012011', 1"
            " FROM specql_registry.tb_subdomain WHERE subdomain_number = '01'"
        )
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(source.allocate, AllocationRequest("contact", "crm", "01"), Rules())
            until(lambda: waits_for_a_lock(url), "the wait for the other program")
            assert not waiting.done()
            other.commit()
            got = waiting.result(PATIENCE)
    assert (got.table_code, got.created) == ("012011", False)
    assert len(registered(url)) == 1
    source.close()


def test_a_unique_index_on_the_code_is_no_error(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE UNIQUE INDEX ON specql_registry.tb_entity_registration (upper(table_code))")
    with ThreadPoolExecutor(WRITERS) as pool:
        sources = [postgresql_source(url) for _ in range(WRITERS)]
        requests = [AllocationRequest(f"Entity{n}", "crm", "03") for n in range(WRITERS)]
        got = list(pool.map(lambda pair: pair[0].allocate(pair[1], Rules()), zip(sources, requests, strict=True)))
    assert len({each.table_code for each in got}) == WRITERS
    for source in sources:
        source.close()
