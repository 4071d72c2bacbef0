"""Writes of a script are done on its own thread while the worker has nothing to do, and in the worker's turn."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest

from specql_lsp.registry import open_registry
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.service.work_queue import Refresh, RefreshPrimary, WorkQueue, Write
from specql_lsp.registry.service.writing import Writing
from specql_lsp.registry.state import RegistryState
from tests.registry.service.support import FILL
from tests.support.patience import PATIENCE, until

LOCK = "LOCK TABLE specql_registry.tb_subdomain IN EXCLUSIVE MODE"
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


@pytest.fixture
def filled(database_url: str) -> str:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(FILL)
    return database_url


@contextmanager
def locked(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Keeps every allocation waiting; the registry can be read."""
    with psycopg.connect(url) as connection:
        connection.execute(LOCK)
        yield connection


def wait_until_it_waits(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as looking:

        def waits() -> bool:
            row = looking.execute(WAITING).fetchone()
            return row is not None and row[0] >= 1

        until(waits, lambda: "an allocation that waits")


def codes_of(url: str) -> list[str]:
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute("SELECT table_code FROM specql_registry.tb_entity_registration ORDER BY table_code")
        return [code for (code,) in rows.fetchall()]


class TestQueue:
    def write(self) -> Write:
        return Write(lambda: None, lambda: None)

    def test_nothing_is_lent_while_something_waits(self) -> None:
        queue = WorkQueue(lambda: 10.0)
        queue.refresh_in(5)
        assert queue.borrow_turn()
        assert not queue.borrow_turn()
        queue.return_turn()
        queue.add_write(self.write())
        assert not queue.borrow_turn()
        assert isinstance(queue.next(), Write)
        assert not queue.borrow_turn()  # the worker is at it
        queue.refresh_in(0)
        assert isinstance(queue.next(), Refresh)
        queue.add_refresh(Future[RegistryState]())
        assert not queue.borrow_turn()
        assert isinstance(queue.next(), Refresh)
        queue.close()
        assert queue.next() is None
        assert not queue.borrow_turn()

    @pytest.mark.parametrize("seconds", [0.0, 0.05])
    def test_what_comes_meanwhile_is_taken_once_the_turn_is_back(self, seconds: float) -> None:
        queue, taken = WorkQueue(), list[object]()
        assert queue.borrow_turn()
        worker = threading.Thread(target=lambda: taken.append(queue.next()))
        worker.start()
        queue.refresh_primary_in(seconds)
        time.sleep(0.1)
        assert taken == []
        queue.return_turn()
        worker.join(PATIENCE)
        assert [type(work) for work in taken] == [RefreshPrimary]

    def test_an_end_does_not_wait_for_the_thread_that_has_the_turn_itself(self) -> None:
        queue = WorkQueue()
        assert queue.borrow_turn()
        queue.wait_for_turn(PATIENCE)
        other = threading.Thread(target=lambda: queue.wait_for_turn(PATIENCE))
        other.start()
        queue.return_turn()
        other.join(PATIENCE)
        assert not other.is_alive()


def test_a_write_is_done_on_the_thread_that_asks_for_it(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    threads, begin = list[int](), Writing.acting

    def acting(writing: Writing) -> AbstractContextManager[object]:
        threads.append(threading.get_ident())
        return begin(writing)

    monkeypatch.setattr(Writing, "acting", acting)
    with open_registry(filled) as registry:
        codes = list[str]()

        def is_done_here() -> bool:  # the worker may have something to do just then
            codes.append(registry.allocate("crm", "customer", f"Thing{len(codes) % 10}").table_code)
            return threads[-1] == threading.get_ident()

        until(is_done_here, lambda: "a write on this thread")
        assert {e.table_code for e in registry.domain("crm").subdomains[0].entities} == {"012031", *codes}


def test_many_threads_of_one_script(filled: str) -> None:
    with open_registry(filled) as registry:
        found = list[str]()

        def allocate(number: int) -> None:
            for turn in range(3):
                found.append(registry.allocate("crm", "customer", f"Thing{number}x{turn}").table_code)
                if turn == 1:
                    registry.refresh()

        threads = [threading.Thread(target=allocate, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert len(found) == len(set(found)) == 12
        assert set(found) | {"012031"} == set(codes_of(filled))
        assert {e.table_code for e in registry.domain("crm").subdomains[0].entities} == {"012031", *found}


def test_to_close_ends_a_write_of_another_thread(filled: str) -> None:
    registry, ended = open_registry(filled), list[BaseException]()

    def allocate() -> None:
        try:
            registry.allocate("crm", "customer", "Company")
        except Refused as error:
            ended.append(error)

    with locked(filled):
        thread = threading.Thread(target=allocate)
        thread.start()
        wait_until_it_waits(filled)
        registry.close()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert len(ended) == 1


SCRIPT = """
import signal, sys
from specql_lsp.registry import open_registry
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
with open_registry(sys.argv[1]) as registry:
    try:
        registry.allocate("crm", "customer", "Company")
    except BaseException as error:
        print(type(error).__name__, flush=True)
    sys.stdin.readline()
    print(registry.allocate("crm", "customer", "Company").table_code)
    print(registry.status["source"])
"""


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, "KeyboardInterrupt"), (signal.SIGTERM, "SystemExit")])
def test_a_script_that_is_interrupted_stops_at_once_and_may_go_on(
    filled: str, number: signal.Signals, error: str
) -> None:
    with (
        locked(filled) as locking,
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, filled],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        ) as process,
    ):
        wait_until_it_waits(filled)
        process.send_signal(number)
        assert process.stdout is not None
        assert process.stdout.readline() == f"{error}\n"
        locking.rollback()
        output, errors = process.communicate("\n", PATIENCE)
        assert (output, errors) == ("012032\npostgresql\n", "")
