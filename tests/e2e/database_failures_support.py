"""What the tests of a team's registry share: others who write it, connections counted, requests and codes watched."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self

import psycopg
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.e2e.editor import Editor
from tests.e2e.failure_support import ALLOCATE, INFO, TICKET, WARNING, Typist, filled_database
from tests.support.patience import PATIENCE, until_answered
from tests.support.postgres import PostgresServer

TASK = "entities/projects/task.yaml"
"""A file with the code 014012, which the registry does not have at first."""
TASK_CODE = "014012"
AT_TASK_CODE = types.Position(4, 16)
LISTENS = "LISTEN specql_registry"

ROOMY = "9"
"""A domain with room for many codes, which only PostgreSQL has: whatever is allocated there is no further drift."""
PLACES = tuple(format(number, "02X") for number in range(1, 65))
"""Its subdomains."""
REQUEST = {"entity": "Wanted", "domain": ROOMY, "subdomain": PLACES[0]}


def live_database(server: PostgresServer) -> str:
    """A new database that tells of its changes, and holds what the fixture's registry YAML holds and a roomy domain."""
    url = filled_database(server)
    install(RegistrySettings(database_url=url))
    rows(
        url,
        "WITH d AS (INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES (%s, 'roomy')"
        " RETURNING pk_domain) INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name)"
        " SELECT d.pk_domain, place, 'place_' || lower(place) FROM d, unnest(%s::text[]) AS place",
        (ROOMY, list(PLACES)),
    )
    return url


# --- what other programs do -------------------------------------------------------------------------------


def rows(url: str, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What another program's statement gives, in a transaction and a connection of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


async def asked(url: str, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The same, off the event loop, so that requests may be timed meanwhile."""
    return await asyncio.to_thread(rows, url, statement, parameters)


async def registered(url: str, entity: str, code: str) -> None:
    """Registers an entity as a program does that knows nothing of us.

    The subdomain is that of the code's digits.
    """
    await asked(
        url,
        "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)"
        " SELECT s.pk_subdomain, %s, %s, %s FROM specql_registry.tb_subdomain s"
        " JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain"
        " WHERE d.domain_number = %s AND s.subdomain_number = %s",
        (entity, code, int(code[5], 16), code[2], code[3:5]),
    )


async def removed(url: str, entity: str) -> None:
    """Takes an entity out of the registry."""
    await asked(url, "DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = %s", (entity,))


@contextmanager
def holding(url: str, statement: str) -> Iterator[None]:
    """Another program's open transaction that has run a statement."""
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())
        yield
        connection.rollback()


# --- connections ------------------------------------------------------------------------------------------

_OURS = "datname = current_database() AND application_name = 'specql-lsp'"


async def connections(url: str) -> int:
    """How many connections the database has to server processes."""
    ((count,),) = await asked(url, f"SELECT count(*) FROM pg_stat_activity WHERE {_OURS}")
    return int(count)


async def listening(url: str) -> list[int]:
    """The backends that listen."""
    return [
        pid for (pid,) in await asked(url, f"SELECT pid FROM pg_stat_activity WHERE {_OURS} AND query = '{LISTENS}'")
    ]


async def end_connections(url: str, condition: str = "true") -> int:
    """Ends connections of server processes from the database's side, and gives how many those were."""
    ended = await asked(url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {_OURS} AND {condition}")
    return len(ended)


async def none_left(url: str) -> None:
    """Waits until no server process is connected any more; the server ends what a client has left within moments."""

    async def gone() -> bool:
        return await connections(url) == 0

    await until_answered(gone, "no connection is left")


class ConnectionCount:
    """Counts the connections of server processes all the time, on a thread and a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.most = 0
        self.samples = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._stopped.wait(0.05):
                row = connection.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {_OURS}").fetchone()
                assert row is not None
                self.most = max(self.most, row[0])
                self.samples += 1


# --- requests ---------------------------------------------------------------------------------------------


class Reader:
    """Types, completes and hovers all the time; nobody of it may wait for the database."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._typist = Typist(editor, TICKET)
        self._hovers = 0
        self._without_text = 0
        self._stopped = False

    async def __aenter__(self) -> Self:
        if self._editor.uri(TASK) not in self._editor.buffers:
            self._editor.open(TASK)
        await self._typist.__aenter__()
        self._task = asyncio.create_task(self._hover())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._stopped = True
        await self._task
        await self._typist.__aexit__(*error)

    async def _hover(self) -> None:
        while not self._stopped:
            text = await self._editor.hover(TASK, AT_TASK_CODE)
            self._hovers += 1
            self._without_text += TASK_CODE not in (text or "")
            await asyncio.sleep(0.03)

    @property
    def count(self) -> int:
        """How many requests have been answered."""
        return self._typist.answers + self._hovers

    async def more(self, count: int = 20) -> None:
        """Waits until so many more requests have been answered."""
        wanted = self.count + count
        await self._editor.until(lambda: self.count >= wanted or self._task.done(), f"{count} more answers")
        if self._task.done():
            self._task.result()

    def check(self) -> None:
        """Every request was answered with something."""
        assert (self._typist.empty, self._without_text) == (0, 0)


@asynccontextmanager
async def reading(editor: Editor) -> AsyncIterator[Reader]:
    """Types, completes and hovers through the body, and checks that every request was answered with something."""
    async with Reader(editor) as reader:
        await reader.more()
        yield reader
        await reader.more()
    reader.check()


# --- allocations ------------------------------------------------------------------------------------------


class Allocator:
    """Allocates one code after another, and asks again for what was refused until it is given out.

    Args:
        editor: whose server is asked.
        pause: the seconds between two requests.
        prefix: how its entities' names begin.
        most: how many it allocates at most.
    """

    def __init__(self, editor: Editor, pause: float = 0.05, prefix: str = "Held", most: int = 15 * len(PLACES)) -> None:
        self._editor = editor
        self._pause = pause
        self._prefix = prefix
        self._most = most
        self._stopped = False
        self.acknowledged: dict[str, str] = {}
        """The codes that were given out, by entity."""
        self.refusals: list[tuple[str, str]] = []
        """Kind and sentence of every refusal."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopped = True
        await self._task

    async def more(self, count: int = 3) -> None:
        """Waits until so many more codes have been given out."""
        wanted = len(self.acknowledged) + count
        await self._editor.until(
            lambda: len(self.acknowledged) >= wanted or self._task.done(), f"{count} more codes; {self.refusals[-1:]}"
        )
        if self._task.done():
            self._task.result()

    async def refused(self) -> None:
        """Waits until one more request has been refused."""
        wanted = len(self.refusals) + 1
        await self._editor.until(lambda: len(self.refusals) >= wanted, "a refusal")

    async def _run(self) -> None:
        number = 0
        while not self._stopped and number < self._most:
            if await self._is_given_out(f"{self._prefix}{number}", PLACES[number % len(PLACES)]):
                number += 1
            await asyncio.sleep(self._pause)

    async def _is_given_out(self, entity: str, subdomain: str) -> bool:
        try:
            answer = await self._editor.command(ALLOCATE, {"entity": entity, "domain": ROOMY, "subdomain": subdomain})
        except JsonRpcException as error:
            self.refusals.append(refusal_of(error))
            return False
        assert entity not in self.acknowledged
        self.acknowledged[entity] = answer["tableCode"]
        return True

    async def check(self, url: str) -> None:
        """What was acknowledged is in the database, exactly once and with that code; no code is there twice."""
        assert self.acknowledged
        found = await asked(url, "SELECT lower(entity_name), table_code FROM specql_registry.tb_entity_registration")
        ours = Counter(row for row in found if row[0].startswith(self._prefix.lower()))
        wanted = {(entity.lower(), code) for entity, code in self.acknowledged.items()}
        assert not wanted - set(ours), "an acknowledged allocation is lost"
        # The last one may have been refused when its answer was lost, and never asked for again.
        assert len(set(ours) - wanted) <= 1, "more was allocated than asked for"
        twice = [code for code, count in Counter(code for _, code in found).items() if count > 1]
        assert twice == []
        assert set(ours.values()) == {1}


def refusal_of(error: JsonRpcException) -> tuple[str, str]:
    """The kind and the sentence of a refused command."""
    data: Any = error.data
    return (data["kind"] if isinstance(data, dict) else data.kind), str(error.message)


# --- what the user is told --------------------------------------------------------------------------------


def told_of_loss(editor: Editor) -> list[types.MessageType]:
    """The kinds of the messages that were shown, those of drift apart: an allocation brings one a second later."""
    return [m.type for m in editor.messages if " the registry YAML differ in " not in m.message]


def told_once(editor: Editor) -> None:
    """The user was told of one loss and one return, or of neither where it was too short to be noticed."""
    assert told_of_loss(editor) in ([], [WARNING, INFO]), editor.messages


def sentences(editor: Editor) -> list[str]:
    """The reasons that the statuses gave so far, each once, in their order."""
    with contextlib.suppress(KeyError):
        return list(dict.fromkeys(status["reason"] for status in editor.statuses if status["reason"]))
    return []


# --- what is seen of it ------------------------------------------------------------------------------------


async def is_live(editor: Editor) -> None:
    await editor.source("postgresql", writable=True, stale=False, reason="", listening=True)


async def others_are_seen(editor: Editor, url: str) -> None:
    """Both ways: what somebody registers, and what somebody takes away."""
    await registered(url, "Milestone", TASK_CODE)
    await editor.codes(TASK, "table-code-taken")
    await removed(url, "Milestone")
    await editor.codes(TASK, "unregistered-table-code")


async def at_most_two_connections(url: str) -> None:
    assert await connections(url) <= 2
