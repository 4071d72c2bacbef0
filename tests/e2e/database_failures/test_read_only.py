"""A database takes no changes under a working editor: it is read-only, or its disk is full."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.e2e.database_failures_support import (
    REQUEST,
    TASK,
    Allocator,
    asked,
    at_most_two_connections,
    end_connections,
    is_live,
    live_database,
    none_left,
    reading,
    rows,
)
from tests.e2e.editor import Editor
from tests.e2e.failure_support import (
    ALLOCATE,
    INFO,
    WARNING,
    messages_shown,
    refusal,
    registry_settings,
)
from tests.support.postgres import PostgresServer, unprivileged_user
from tests.support.small_disk import CannotMountError, SmallDisk, small_disk

pytestmark = pytest.mark.slow


def read_only(server: PostgresServer, url: str, value: str) -> None:
    name = sql.Identifier(urlsplit(url).path.lstrip("/"))
    server.execute(sql.SQL("ALTER DATABASE {} " + value).format(name))


async def test_a_database_becomes_read_only_and_writable_again(
    workspace: Path, server: PostgresServer, url: str
) -> None:
    sentence = "The database takes no changes: its transactions are read-only."
    async with Editor(workspace, settings=registry_settings(url)) as editor:
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
            known = editor.statuses[-1]["discrepancies"]
            await asked(
                url,
                "BEGIN READ WRITE; UPDATE specql_registry.tb_domain SET description = 'Now' WHERE domain_number = '2';"
                " COMMIT",
            )
            await editor.source("postgresql", discrepancies=known + 1)
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
    async with Editor(workspace, settings=registry_settings(url)) as editor:
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
    async with Editor(workspace, settings=registry_settings(url)) as editor:
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
