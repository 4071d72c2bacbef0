"""Fifty editors on one PostgreSQL, each a real server process, while one more allocates steadily."""

from __future__ import annotations

import asyncio
import random
import statistics
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

import psutil
import psycopg
import pytest

from tests.e2e.database_failures_support import ROOMY, TASK, TASK_CODE, Allocator, asked, live_database
from tests.e2e.editor import Editor
from tests.e2e.failure_support import PATIENTLY, TICKET, TYPING
from tests.e2e.other_client import OtherClient
from tests.support.effort import times
from tests.support.patience import PATIENCE, until_answered
from tests.support.postgres import PostgresServer
from tests.support.readings import readings

CLIENTS = 50
ROUNDS = times(15)
"""How often everybody types, completes and hovers, about once a second."""
PAUSE = 0.25
"""Between two allocations."""
MOST_CODES = 900
"""There are no more than 960."""
OF_THE_TEAM = "starts_with(application_name, 'team-')"
TYPED = TYPING.replace("$0", "")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server that has room for two connections of everybody, and some more to see that there are none."""
    with PostgresServer({"max_connections": "200"}) as server:
        yield server


def named(url: str, name: str) -> str:
    """The URL under which the database sees whose connection it is."""
    return f"{url}?application_name={name}"


class Watch:
    """Looks at the processes' connections and memory all the time, on a thread of its own."""

    def __init__(self, url: str, pids: list[int]) -> None:
        self._url = url
        self._processes = [psutil.Process(pid) for pid in pids]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.most_of_one = 0
        self.most = 0
        self.memory: list[list[int]] = []
        """The resident bytes of each process, at each look."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        with psycopg.connect(self._url, autocommit=True, application_name="watch") as connection:
            while not self._stopped.wait(0.2):
                counts = [
                    count
                    for (count,) in connection.execute(
                        f"SELECT count(*) FROM pg_stat_activity WHERE {OF_THE_TEAM} GROUP BY application_name".encode()
                    )
                ]
                self.most_of_one = max(self.most_of_one, *counts)
                self.most = max(self.most, sum(counts))
                self.memory.append([process.memory_info().rss for process in self._processes])

    def growth(self) -> list[float]:
        """How many megabytes each process held more in the last third of the time than in the first."""
        third = len(self.memory) // 3
        first, last = (
            [statistics.fmean(column) for column in zip(*part, strict=True)]
            for part in (self.memory[:third], self.memory[-third:])
        )
        return [(after - before) / 1e6 for before, after in zip(first, last, strict=True)]


@asynccontextmanager
async def team(folder: Path, url: str) -> AsyncIterator[list[OtherClient]]:
    """Everybody, started a few at a time, and listening."""
    async with AsyncExitStack() as stack:
        gate = asyncio.Semaphore(4)

        async def join(number: int) -> OtherClient:
            async with gate:
                other = await stack.enter_async_context(OtherClient(folder, named(url, f"team-{number}"), **PATIENTLY))
                other.open(TICKET, TYPED)
                other.open(TASK)

                async def listens() -> bool:
                    return bool(other.statuses) and other.statuses[-1]["listening"]

                await until_answered(listens, f"client {number} listens")
                return other

        yield await asyncio.gather(*(join(number) for number in range(CLIENTS)))


async def work(other: OtherClient) -> None:
    """Types, completes and hovers now and then, as people do."""
    for _ in range(ROUNDS):
        await asyncio.sleep(random.uniform(0.5, 1.5))
        other.type(TICKET, TYPED + "description: " + "x" * random.randrange(20) + "\n")
        completion = await other.ask("textDocument/completion", other.place(TICKET, 3, 14))
        assert completion["items"]
        hover = await other.ask("textDocument/hover", other.place(TASK, 4, 16))
        assert TASK_CODE in hover["contents"]["value"]


@pytest.mark.slow
async def test_fifty_clients_while_one_more_allocates(workspace: Path, server: PostgresServer) -> None:
    url = live_database(server)
    async with (
        team(workspace, url) as others,
        Editor(workspace, settings={"registry": {"databaseUrl": named(url, "team-one-more"), **PATIENTLY}}) as one_more,
    ):
        await one_more.source("postgresql", listening=True)
        # Where fifty start at once, the YAML may have answered first; what counts begins now.
        before = [await report(other) for other in others]
        for other in others:
            other.statuses.clear()
            other.shown.clear()
        pids = [other.process.pid for other in others] + [one_more.process.pid]
        with Watch(url, pids) as watch:
            async with Allocator(one_more, PAUSE, most=MOST_CODES) as allocator:
                await asyncio.gather(*(work(other) for other in others))
        # Nothing is lost, and everybody sees everything.
        await allocator.check(url)
        assert allocator.refusals == []
        codes = set(allocator.acknowledged.values())
        assert len(codes) >= ROUNDS / 2

        async def seen(other: OtherClient) -> bool:
            return await codes_of(other) == codes

        for other in others:
            await until_answered(partial(seen, other), "the last code")
        # Nobody was told of a trouble that there was not.
        for other in others:
            assert {status["source"] for status in other.statuses} == {"postgresql"}
            assert other.shown == []
        assert one_more.messages == []
        # Readings follow changes and nothing else, memory stays flat, and nobody has more than two connections.
        for other, known in zip(others, before, strict=True):
            now = await report(other)
            assert (now.failed, now.fallbacks) == (known.failed, known.fallbacks)
            assert 10 <= now.readings - known.readings <= 1.5 * len(codes) + 20
        assert len(watch.memory) >= 9
        assert max(watch.growth()) <= 3.0
        assert (watch.most_of_one, watch.most) == (2, 2 * len(pids))

    async def none_left() -> bool:
        return await asked(url, f"SELECT 1 FROM pg_stat_activity WHERE {OF_THE_TEAM}") == []

    await until_answered(none_left, "no connection is left")


class Report(NamedTuple):
    """What a client's server says of its work so far."""

    readings: int
    failed: int
    fallbacks: int


async def report(other: OtherClient) -> Report:
    found = await other.command("specql.performanceReport")
    return Report(readings(found), found["failed"], found["fallbacks"])


async def codes_of(other: OtherClient) -> set[str]:
    domain = await other.command("specql.getDomain", {"number": ROOMY})
    return {entity["tableCode"] for subdomain in domain["subdomains"] for entity in subdomain["entities"]}
