"""Every trouble that PostgreSQL can get into under a working editor.

In each, requests are answered at once from what is known, every allocation that was acknowledged is in the database
exactly once, what others changed meanwhile is seen afterwards, and the user is told once.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.e2e.database_failures_support import (
    PLACES,
    ROOMY,
    TASK,
    TASK_CODE,
    Allocator,
    asked,
    connections,
    end_connections,
    holding,
    listening,
    live_database,
    none_left,
    reading,
    registered,
    removed,
    rows,
    sentences,
    told_once,
)
from tests.e2e.editor import Editor
from tests.e2e.failure_support import ALLOCATE, FIXTURE, INFO, PATIENTLY, SHORTLY, WARNING, messages_shown, refusal
from tests.support.patience import until_answered
from tests.support.postgres import PostgresServer, programs, unprivileged_user
from tests.support.small_disk import CannotMountError, SmallDisk, small_disk

pytestmark = pytest.mark.slow

LOCK_MS = 400
REQUEST = {"entity": "Wanted", "domain": ROOMY, "subdomain": PLACES[0]}
ELSEWHERE = {"entity": "Elsewhere", "domain": ROOMY, "subdomain": PLACES[1]}
PLACE_LOCKED = "SELECT 1 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'place_01' FOR UPDATE"
CLOSED_TO_ALL = "LOCK TABLE specql_registry.tb_entity_registration IN ACCESS EXCLUSIVE MODE"


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture
def server(own_server: PostgresServer) -> Iterator[PostgresServer]:
    """A running server that may be killed, frozen and restarted."""
    yield own_server
    own_server.thaw()
    own_server.restart()


@pytest.fixture
def url(server: PostgresServer) -> str:
    return live_database(server)


def settings(url: str, **more: Any) -> dict[str, Any]:
    """Client settings for a registry that is read every second; ``more`` are keys of ``registry``."""
    return {"registry": {"databaseUrl": url, **PATIENTLY, "refreshSeconds": 1, **more}}


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


# --- the server goes and comes ----------------------------------------------------------------------------


async def test_a_restart(workspace: Path, server: PostgresServer, url: str) -> None:
    async with Editor(workspace, settings=settings(url)) as editor:
        await is_live(editor)
        async with reading(editor), Allocator(editor) as allocator:
            await editor.codes(TASK, "unregistered-table-code")
            await allocator.more()
            await asyncio.to_thread(server.restart)
            await registered(url, "Milestone", TASK_CODE)  # nobody may have been there to be told
            await editor.codes(TASK, "table-code-taken")
            await is_live(editor)
            await allocator.more()
        await allocator.check(url)
        await removed(url, "Milestone")
        await others_are_seen(editor, url)
        await at_most_two_connections(url)
        told_once(editor)
    await none_left(url)


async def test_a_kill(workspace: Path, server: PostgresServer, url: str) -> None:
    async with Editor(workspace, settings=settings(url)) as editor:
        await is_live(editor)
        async with reading(editor), Allocator(editor) as allocator:
            await editor.codes(TASK, "unregistered-table-code")
            await allocator.more()
            await asyncio.to_thread(server.kill)
            await editor.source("yaml", writable=False, listening=False)
            await allocator.refused()
            await asyncio.to_thread(server.start)
            await registered(url, "Milestone", TASK_CODE)
            await editor.codes(TASK, "table-code-taken")
            await is_live(editor)
            await allocator.more()
        await allocator.check(url)
        assert {kind for kind, _ in allocator.refusals} <= {"registry-read-only", "registry-unavailable"}
        await removed(url, "Milestone")
        await others_are_seen(editor, url)
        await at_most_two_connections(url)
        await messages_shown(editor, WARNING, INFO)
    await none_left(url)


async def test_killed_again_and_again(workspace: Path, server: PostgresServer, url: str) -> None:
    async with Editor(workspace, settings=settings(url)) as editor:
        await is_live(editor)
        async with reading(editor), Allocator(editor, pause=0.01) as allocator:
            for number in range(2):
                await allocator.more(5)
                await asyncio.to_thread(server.kill)
                if number:
                    await allocator.refused()
                await asyncio.to_thread(server.start)
            await allocator.more(5)
        await allocator.check(url)
        await is_live(editor)
        await at_most_two_connections(url)
        losses, returns = (sum(m.type == kind for m in editor.messages) for kind in (WARNING, INFO))
        assert losses == returns <= 2


async def test_frozen(workspace: Path, server: PostgresServer, url: str) -> None:
    async with Editor(workspace, settings=settings(url, **SHORTLY)) as editor:
        await is_live(editor)
        async with reading(editor) as reader, Allocator(editor) as allocator:
            await editor.codes(TASK, "unregistered-table-code")
            await allocator.more()
            await asyncio.to_thread(server.freeze)
            await editor.source("yaml", writable=False, listening=False)
            await allocator.refused()
            await reader.more()
            await asyncio.to_thread(server.thaw)
            await registered(url, "Milestone", TASK_CODE)
            await editor.codes(TASK, "table-code-taken")
            await is_live(editor)
            await allocator.more()
        await allocator.check(url)
        await removed(url, "Milestone")
        await others_are_seen(editor, url)
        await messages_shown(editor, WARNING, INFO)

        async def two() -> bool:  # the server finds out by and by whom it was talking to
            return await connections(url) == 2

        await until_answered(two, "two connections are left")
    await none_left(url)


async def test_frozen_while_nobody_asks_is_found_out_by_the_listening_connection(
    workspace: Path, server: PostgresServer, url: str
) -> None:
    """Nothing is read for an hour here, and a frozen server ends no connection: only asking finds out."""
    async with Editor(workspace, settings=settings(url, refreshSeconds=3600, **SHORTLY)) as editor:
        await is_live(editor)
        async with reading(editor):
            await editor.codes(TASK, "unregistered-table-code")
            await asyncio.to_thread(server.freeze)
            await editor.until(lambda: editor.statuses[-1]["source"] == "yaml", "the fallback")
            await asyncio.to_thread(server.thaw)
            await registered(url, "Milestone", TASK_CODE)
            await editor.codes(TASK, "table-code-taken")
            await is_live(editor)
        await removed(url, "Milestone")
        await others_are_seen(editor, url)
        await messages_shown(editor, WARNING, INFO)


async def test_a_short_freeze_is_nobodys_business(workspace: Path, server: PostgresServer, url: str) -> None:
    async with Editor(workspace, settings=settings(url)) as editor:
        await is_live(editor)
        async with reading(editor) as reader, Allocator(editor) as allocator:
            await allocator.more()
            await asyncio.to_thread(server.freeze)
            await reader.more()
            await asyncio.to_thread(server.thaw)
            await allocator.more()
        await allocator.check(url)
        assert allocator.refusals == []
        assert {status["source"] for status in editor.statuses} == {"postgresql"}
        assert editor.messages == []


# --- connections end --------------------------------------------------------------------------------------


async def test_the_listening_connection_alone_is_dropped(workspace: Path, url: str) -> None:
    async with Editor(workspace, settings=settings(url, refreshSeconds=3600)) as editor:
        await is_live(editor)
        async with reading(editor), Allocator(editor) as allocator:
            await editor.codes(TASK, "unregistered-table-code")
            for number in range(2):
                (before,) = await listening(url)
                told_before = len(editor.statuses)
                assert await end_connections(url, "query = 'LISTEN specql_registry'") == 1
                # Whether it is told of the change, or finds it when it listens again: it is not lost.
                await registered(url, f"Milestone{number}", TASK_CODE)
                await editor.codes(TASK, "table-code-taken")

                async def another(before: int = before) -> bool:
                    now = await listening(url)
                    return len(now) == 1 and now != [before]

                await until_answered(another, "it listens again")
                await is_live(editor)
                assert {s["listening"] for s in editor.statuses[told_before:]} == {False, True}
                await removed(url, f"Milestone{number}")
                await editor.codes(TASK, "unregistered-table-code")
            await allocator.more()
        await allocator.check(url)
        assert allocator.refusals == []
        assert {status["source"] for status in editor.statuses} == {"postgresql"}
        await at_most_two_connections(url)
        await messages_shown(editor)


async def test_every_connection_is_ended_again_and_again(workspace: Path, url: str) -> None:
    async with Editor(workspace, settings=settings(url, refreshSeconds=3600)) as editor:
        await is_live(editor)
        async with reading(editor), Allocator(editor, pause=0.01) as allocator:
            await editor.codes(TASK, "unregistered-table-code")
            for _ in range(5):
                await allocator.more(4)
                assert await end_connections(url) >= 1
            await allocator.more(4)
            await registered(url, "Milestone", TASK_CODE)
            await editor.codes(TASK, "table-code-taken")
        await allocator.check(url)
        await is_live(editor)
        await at_most_two_connections(url)
        assert {kind for kind, _ in allocator.refusals} <= {"registry-unavailable"}
        told_once(editor)


# --- rights, and the schema -------------------------------------------------------------------------------


@pytest.fixture
def role(url: str) -> str:
    """The name of a role that may read and allocate, and nothing else."""
    name = "allocator_" + urlsplit(url).path.lstrip("/")
    for statement in (
        f"CREATE ROLE {name} LOGIN",
        f"GRANT USAGE ON SCHEMA specql_registry TO {name}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA specql_registry TO {name}",
        f"GRANT INSERT ON specql_registry.tb_entity_registration TO {name}",
        f"GRANT UPDATE ON specql_registry.tb_subdomain TO {name}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA specql_registry TO {name}",
    ):
        rows(url, statement)
    return name


RIGHTS = {
    "INSERT on specql_registry.tb_entity_registration": "INSERT ON specql_registry.tb_entity_registration",
    "UPDATE on specql_registry.tb_subdomain": "UPDATE ON specql_registry.tb_subdomain",
    "USAGE on the sequence specql_registry.tb_entity_registration_pk_entity_registration_seq": (
        "USAGE ON SEQUENCE specql_registry.tb_entity_registration_pk_entity_registration_seq"
    ),
}


async def test_rights_to_write_are_revoked_and_granted(workspace: Path, url: str, role: str) -> None:
    own = url.replace("postgres@", f"{role}@", 1)
    async with Editor(workspace, settings=settings(own, refreshSeconds=1)) as editor:
        await is_live(editor)
        async with reading(editor), Allocator(editor) as allocator:
            for lacking, right in RIGHTS.items():
                sentence = f'The role "{role}" lacks the right {lacking}.'
                await allocator.more(1)
                await asked(url, f"REVOKE {right} FROM {role}")
                await editor.source("postgresql", writable=False, stale=False, reason=sentence)
                kind, refused = await refusal(editor, ALLOCATE, REQUEST)
                assert kind == "registry-read-only"
                assert sentence in refused
                await asked(url, f"GRANT {right} TO {role}")
                await is_live(editor)
                await allocator.more(1)
        await allocator.check(url)
        assert {kind for kind, _ in allocator.refusals} <= {"registry-read-only"}
        assert editor.messages == []


async def test_a_right_that_is_missed_first_by_an_allocation(workspace: Path, url: str, role: str) -> None:
    """Nothing is read for an hour here: the refusal itself is the news."""
    own = url.replace("postgres@", f"{role}@", 1)
    async with Editor(workspace, settings=settings(own, refreshSeconds=3600)) as editor:
        await is_live(editor)
        for lacking, right in RIGHTS.items():
            await asked(url, f"REVOKE {right} FROM {role}")
            kind, refused = await refusal(editor, ALLOCATE, REQUEST)
            assert (kind, f"lacks the right {lacking}." in refused) == ("registry-read-only", True)
            await editor.source("postgresql", writable=False, reason=f'The role "{role}" lacks the right {lacking}.')
            await asked(url, f"GRANT {right} TO {role}")
            # Whoever asks is not refused for what was so once.
            assert (await editor.command(ALLOCATE, {**REQUEST, "entity": f"W{len(lacking)}"}))["created"]
            await is_live(editor)
        assert editor.messages == []


async def test_the_right_to_read_is_revoked_and_granted(workspace: Path, url: str, role: str) -> None:
    own = url.replace("postgres@", f"{role}@", 1)
    async with Editor(workspace, settings=settings(own)) as editor:
        await is_live(editor)
        async with reading(editor), Allocator(editor) as allocator:
            await editor.codes(TASK, "unregistered-table-code")
            await allocator.more()
            await asked(url, f"REVOKE SELECT ON specql_registry.tb_domain FROM {role}")
            status = await editor.source("yaml", writable=False)
            sentence = f'The role "{role}" lacks the right SELECT on specql_registry.tb_domain.'
            assert status["reason"] == sentence
            kind, refused = await refusal(editor, ALLOCATE, REQUEST)
            assert (kind, sentence in refused) == ("registry-read-only", True)
            await asked(url, f"GRANT SELECT ON specql_registry.tb_domain TO {role}")
            await is_live(editor)
            await allocator.more()
        await allocator.check(url)
        await others_are_seen(editor, url)
        await messages_shown(editor, WARNING, INFO)


def backup(server: PostgresServer, url: str) -> str:
    """The registry's schema with all that it holds, as a DBA saves it."""
    return subprocess.run(
        [programs() / "pg_dump", "--schema=specql_registry", url], capture_output=True, text=True, check=True
    ).stdout


def restore(url: str, dump: str) -> None:
    subprocess.run(
        [programs() / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname", url],
        input=dump,
        capture_output=True,
        text=True,
        check=True,
    )


async def test_the_schema_is_dropped_and_restored(workspace: Path, server: PostgresServer, url: str) -> None:
    async with Editor(workspace, settings=settings(url)) as editor:
        await is_live(editor)
        async with reading(editor):
            async with Allocator(editor) as allocator:
                await allocator.more()
            dump = await asyncio.to_thread(backup, server, url)
            await asked(url, "DROP SCHEMA specql_registry CASCADE")
            status = await editor.source("yaml", writable=False, listening=False, discrepancies=None)
            assert status["reason"] == "The schema specql_registry does not exist in the database."
            kind, refused = await refusal(editor, ALLOCATE, REQUEST)
            assert (kind, status["reason"] in refused) == ("registry-read-only", True)
            for _ in range(2):  # it is looked for again, and the user is told nothing more
                assert (await editor.command("specql.refreshRegistry"))["source"] == "yaml"
            await messages_shown(editor, WARNING)
            await asyncio.to_thread(restore, url, dump)
            await is_live(editor)
            await others_are_seen(editor, url)
        await allocator.check(url)
        assert (await editor.command(ALLOCATE, REQUEST))["created"]
        await at_most_two_connections(url)
        await messages_shown(editor, WARNING, INFO)


async def test_the_schema_comes_back_without_its_triggers(workspace: Path, server: PostgresServer, url: str) -> None:
    """As SpecQL makes it: age does it until somebody installs, and then it listens again."""
    async with Editor(workspace, settings=settings(url)) as editor:
        await is_live(editor)
        dump = await asyncio.to_thread(backup, server, url)
        plain = "\n".join(line for line in dump.splitlines() if not line.startswith("CREATE TRIGGER"))
        await asked(url, "DROP SCHEMA specql_registry CASCADE")
        await editor.source("yaml")
        await asyncio.to_thread(restore, url, plain)
        await editor.source("postgresql", writable=True, listening=False)
        editor.open(TASK)
        await others_are_seen(editor, url)

        async def only_one() -> bool:
            return await connections(url) == 1

        await until_answered(only_one, "nothing is listened to")
        await asyncio.to_thread(install, RegistrySettings(database_url=url))
        await is_live(editor)
        assert len(await listening(url)) == 1
        await others_are_seen(editor, url)
        await messages_shown(editor, WARNING, INFO)


# --- statements and locks ---------------------------------------------------------------------------------


async def test_a_statement_past_its_timeout(workspace: Path, url: str) -> None:
    async with Editor(workspace, settings=settings(url, statementTimeoutMs=2000)) as editor:
        await is_live(editor)
        async with reading(editor) as reader, Allocator(editor) as allocator:
            await editor.codes(TASK, "unregistered-table-code")
            await allocator.more()
            with holding(url, CLOSED_TO_ALL):
                await editor.source("yaml", writable=False)
                reason = "took longer than 2000 ms"
                await editor.until(lambda: any(reason in s for s in sentences(editor)), "the reason")
                await allocator.refused()
                await reader.more()
            await is_live(editor)
            await allocator.more()
        await allocator.check(url)
        await others_are_seen(editor, url)
        await messages_shown(editor, WARNING, INFO)


async def test_a_statement_past_its_timeout_without_a_yaml(workspace: Path, url: str) -> None:
    """What PostgreSQL said last answers, and says that it is stale."""
    (workspace / "registry/domain_registry.yaml").unlink()
    async with Editor(workspace, settings=settings(url, statementTimeoutMs=2000)) as editor:
        await is_live(editor)
        entities = editor.statuses[-1]["entities"]
        async with reading(editor) as reader:
            with holding(url, CLOSED_TO_ALL):
                status = await editor.source("postgresql", stale=True, writable=False)
                assert status["entities"] == entities
                await reader.more()
            await is_live(editor)
        await messages_shown(editor, WARNING, INFO)


async def test_a_lock_past_its_timeout(workspace: Path, url: str) -> None:
    async with Editor(workspace, settings=settings(url, lockTimeoutMs=LOCK_MS)) as editor:
        await is_live(editor)
        async with reading(editor):
            with holding(url, PLACE_LOCKED):
                kind, sentence = await refusal(editor, ALLOCATE, REQUEST)
                assert kind == "registry-unavailable"
                assert sentence == (
                    f"A lock was held by another longer than {LOCK_MS} ms. Ask again; nothing is allocated twice."
                )
                # Only that place is locked, and all is read.
                assert (await editor.command(ALLOCATE, ELSEWHERE))["created"]
                await registered(url, "Milestone", TASK_CODE)
                await editor.codes(TASK, "table-code-taken")
                assert (await refusal(editor, ALLOCATE, REQUEST))[0] == "registry-unavailable"
            first = await editor.command(ALLOCATE, REQUEST)
            again = await editor.command(ALLOCATE, REQUEST)
            assert (first["created"], again["created"]) == (True, False)
            assert first["tableCode"] == again["tableCode"]
        found = await asked(
            url, "SELECT table_code FROM specql_registry.tb_entity_registration WHERE lower(entity_name) = 'wanted'"
        )
        assert found == [(first["tableCode"],)]
        assert {status["source"] for status in editor.statuses} == {"postgresql"}
        await messages_shown(editor)


async def test_a_lock_that_one_folder_waits_for_is_no_trouble_of_another(tmp_path: Path, url: str) -> None:
    """The folders share a connection, and the lock is waited for longer than a server may take to answer."""
    one, two = (Path(shutil.copytree(FIXTURE, tmp_path / name)) for name in ("one", "two"))
    async with Editor(one, two, settings=settings(url, connectTimeoutSeconds=3, lockTimeoutMs=6000)) as editor:
        await editor.until(
            lambda: {s["folder"] for s in editor.statuses if s["listening"]} == {one.as_uri(), two.as_uri()}, "both"
        )
        with holding(url, PLACE_LOCKED):
            kind, sentence = await refusal(editor, ALLOCATE, {**REQUEST, "uri": (one / TASK).as_uri()})
        assert (kind, "longer than 6000 ms" in sentence) == ("registry-unavailable", True)
        assert {status["source"] for status in editor.statuses} == {"postgresql"}, sentences(editor)
        await messages_shown(editor)


# --- a database that takes no changes ---------------------------------------------------------------------


def read_only(server: PostgresServer, url: str, value: str) -> None:
    name = sql.Identifier(urlsplit(url).path.lstrip("/"))
    server.execute(sql.SQL("ALTER DATABASE {} " + value).format(name))


async def test_a_database_becomes_read_only_and_writable_again(
    workspace: Path, server: PostgresServer, url: str
) -> None:
    sentence = "The database takes no changes: its transactions are read-only."
    async with Editor(workspace, settings=settings(url)) as editor:
        await is_live(editor)
        async with reading(editor):
            async with Allocator(editor) as allocator:
                await allocator.more()
            # It holds for sessions that begin from now on, so the DBA ends those that there are.
            await asyncio.to_thread(read_only, server, url, "SET default_transaction_read_only = on")
            await end_connections(url)
            await editor.source("postgresql", writable=False, stale=False, reason=sentence, listening=True)
            kind, refused = await refusal(editor, ALLOCATE, REQUEST)
            assert (kind, sentence in refused) == ("registry-read-only", True)
            # Reading goes on, and others (who know how) may change it.
            await asked(
                url,
                "BEGIN READ WRITE; UPDATE specql_registry.tb_domain SET description = 'Now' WHERE domain_number = '2';"
                " COMMIT",
            )
            await editor.source("postgresql", discrepancies=editor.statuses[-1]["discrepancies"] + 1)
            # The end of it is noticed without anybody ending a session.
            await asyncio.to_thread(read_only, server, url, "RESET default_transaction_read_only")
            await is_live(editor)
            assert (await editor.command(ALLOCATE, REQUEST))["created"]
        await allocator.check(url)
        await at_most_two_connections(url)
        assert {status["source"] for status in editor.statuses} == {"postgresql"}
        await messages_shown(editor)


@pytest.fixture
def disk(server: PostgresServer) -> Iterator[SmallDisk]:
    """A disk of four megabytes that the server may write."""
    try:
        with small_disk(server.directory / "small", 4, unprivileged_user()) as disk:
            yield disk
            server.kill()  # it holds files there
            server.start()
    except CannotMountError as error:
        pytest.skip(f"a full disk needs a small one, which cannot be mounted here: {error}")


TABLE = "specql_registry.tb_entity_registration"


def move(url: str, tablespace: str) -> None:
    """Moves the table of the entities and its indexes."""
    rows(url, f"ALTER TABLE {TABLE} SET TABLESPACE {tablespace}")
    for (index,) in rows(url, f"SELECT indexrelid::regclass FROM pg_index WHERE indrelid = '{TABLE}'::regclass"):
        rows(url, f"ALTER INDEX {index} SET TABLESPACE {tablespace}")


def fill(url: str, disk: SmallDisk) -> None:
    """Fills the disk, and then what room there is in the table's own pages."""
    disk.fill()
    with psycopg.connect(url, autocommit=True) as connection, pytest.raises(psycopg.errors.DiskFull):
        for number in itertools.count():
            connection.execute(
                f"INSERT INTO {TABLE} (fk_subdomain, entity_name, table_code, entity_sequence)"
                " SELECT pk_subdomain, %s, %s, 99 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'place_40'",
                (f"Filler{number}".ljust(99, "x"), f"F{number:05}"),
            )


async def test_a_full_disk(workspace: Path, url: str, disk: SmallDisk) -> None:
    """That of the registry's tables; the server itself goes on."""
    rows(url, f"CREATE TABLESPACE small LOCATION '{disk.path}'")
    move(url, "small")
    async with Editor(workspace, settings=settings(url)) as editor:
        await is_live(editor)
        async with reading(editor), Allocator(editor) as allocator:
            await editor.codes(TASK, "unregistered-table-code")
            await allocator.more()
            await asyncio.to_thread(fill, url, disk)
            await allocator.refused()
            kind, sentence = allocator.refusals[-1]
            assert kind == "registry-unavailable"
            assert sentence.startswith("The disk of the PostgreSQL server is full.")
            await allocator.refused()
            # Reading goes on, and what takes no room, too.
            await asked(url, "UPDATE specql_registry.tb_domain SET description = 'Full' WHERE domain_number = '2'")
            await editor.until(
                lambda: "domain-attribute-mismatch" in str(editor._shown()["domain_registry.yaml"]), "the change"
            )
            await asyncio.to_thread(disk.clear)
            await allocator.more()
        await allocator.check(url)
        assert {status["source"] for status in editor.statuses} == {"postgresql"}
        assert editor.statuses[-1]["writable"]
        await messages_shown(editor)
    await none_left(url)
    move(url, "pg_default")
    rows(url, "DROP TABLESPACE small")


@pytest.fixture
def ahead() -> Iterator[tuple[PostgresServer, SmallDisk]]:
    """A server whose write-ahead log is on a small disk."""
    server = PostgresServer()
    try:
        with small_disk(server.directory / "ahead", 64, unprivileged_user()) as disk:
            server.write_ahead_to(disk.path)
            server.start()
            yield server, disk
            server.kill()  # it holds files there
    except CannotMountError as error:
        pytest.skip(f"a full disk needs a small one, which cannot be mounted here: {error}")
    finally:
        server.close()


async def test_a_full_disk_under_the_write_ahead_log(workspace: Path, ahead: tuple[PostgresServer, SmallDisk]) -> None:
    """PostgreSQL itself gives up when it cannot write ahead; what was acknowledged before is not lost with it."""
    server, disk = ahead
    url = await asyncio.to_thread(live_database, server)
    async with Editor(workspace, settings=settings(url)) as editor:
        await is_live(editor)
        async with reading(editor), Allocator(editor, pause=0.01) as allocator:
            await allocator.more(10)
            await asyncio.to_thread(disk.fill)
            await asyncio.to_thread(write_until_it_ends, url)
            await editor.source("yaml", writable=False)
            await allocator.refused()
            await asyncio.to_thread(server.kill)  # it may try to recover all the time
            await asyncio.to_thread(disk.clear)
            await asyncio.to_thread(server.start)
            await is_live(editor)
            await allocator.more(10)
        await allocator.check(url)
        await messages_shown(editor, WARNING, INFO)


def write_until_it_ends(url: str) -> None:
    """Writes, on another connection, until the server has no room to write ahead and goes down."""
    with psycopg.connect(url, autocommit=True) as connection, pytest.raises(psycopg.OperationalError):
        while True:
            connection.execute("SELECT pg_switch_wal(), pg_logical_emit_message(true, 'filler', repeat('x', 1000000))")
