"""PostgreSQL absent, killed, frozen or mute: the YAML answers in time, and everything comes back by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.editor import Editor
from tests.e2e.failure_support import (
    ALLOCATE,
    INFO,
    MARGIN_SECONDS,
    REGISTRY,
    TICKET,
    TICKET_REQUEST,
    TIMEOUT,
    TYPING,
    WARNING,
    Typist,
    filled_database,
    refusal,
    registry_settings,
    told,
)
from tests.support.ports import silent_server
from tests.support.postgres import PostgresServer


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


async def test_absent_at_the_start_and_there_later(workspace: Path, server: PostgresServer) -> None:
    url = filled_database(server)
    await asyncio.to_thread(server.stop)
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        status = await editor.source("yaml", writable=False, stale=False)
        await editor.until(lambda: "nothing listens" in editor.statuses[-1]["reason"], "the reason")
        assert status["discrepancies"] is None
        assert len(await editor.command("specql.listDomains")) == 4
        assert any(item.label.startswith("01204") for item in await editor.complete(TICKET, TYPING))
        kind, sentence = await refusal(editor, ALLOCATE, TICKET_REQUEST)
        assert (kind, "read-only" in sentence) == ("registry-read-only", True)
        await told(editor, WARNING)
        assert "YAML" in editor.messages[0].message

        await asyncio.to_thread(server.start)
        await editor.source("postgresql", writable=True, reason="", discrepancies=0)
        allocation = await editor.command(ALLOCATE, TICKET_REQUEST)
        assert (allocation["created"], allocation["tableCode"][:5]) == (True, "01204")
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["tableCode"] == allocation["tableCode"]
        await told(editor, WARNING, INFO)


async def test_killed_while_typing(workspace: Path, server: PostgresServer) -> None:
    url = filled_database(server)
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        await editor.source("postgresql", writable=True)
        async with Typist(editor) as typist:
            await asyncio.sleep(0.3)
            await asyncio.to_thread(server.kill)
            killed = time.monotonic()
            await editor.source("yaml", writable=False)
            assert time.monotonic() - killed <= 1.0 + TIMEOUT + MARGIN_SECONDS  # the refresh, then the connect timeout
            await asyncio.sleep(0.5)
            await asyncio.to_thread(server.start)
            await editor.source("postgresql", writable=True)
            await asyncio.sleep(0.2)
        typist.check()
        await told(editor, WARNING, INFO)
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["created"]


async def test_killed_and_asked_to_write_at_once(workspace: Path, server: PostgresServer) -> None:
    url = filled_database(server)
    async with Editor(workspace, settings=registry_settings(url, refreshSeconds=3600)) as editor:
        await editor.source("postgresql", writable=True)
        await asyncio.to_thread(server.kill)
        started = time.monotonic()
        kind, sentence = await refusal(editor, ALLOCATE, TICKET_REQUEST)
        assert time.monotonic() - started <= 2 * TIMEOUT + MARGIN_SECONDS
        assert kind in {"registry-unavailable", "registry-read-only"}  # by whether the loss was known already
        assert sentence
        await editor.source("yaml", writable=False)
        await asyncio.to_thread(server.start)
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["created"]


async def test_frozen_while_typing(workspace: Path, server: PostgresServer) -> None:
    url = filled_database(server)
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        await editor.source("postgresql", writable=True)
        async with Typist(editor) as typist:
            await asyncio.to_thread(server.freeze)
            frozen = time.monotonic()
            status = await editor.source("yaml", writable=False)
            assert time.monotonic() - frozen <= 1.0 + TIMEOUT + MARGIN_SECONDS
            assert "answer" in status["reason"]
            await asyncio.sleep(0.5)
            await asyncio.to_thread(server.thaw)
            await editor.source("postgresql", writable=True)
        typist.check()
        await told(editor, WARNING, INFO)


@pytest.mark.parametrize("timeout", [0.4, 3])
async def test_frozen_at_the_start(workspace: Path, server: PostgresServer, timeout: float) -> None:
    url = filled_database(server)
    await asyncio.to_thread(server.freeze)
    started = time.monotonic()
    async with Editor(workspace, settings=registry_settings(url, connectTimeoutSeconds=timeout)) as editor:
        initialized = time.monotonic()
        assert initialized - started < 3, "initialize waited for the database"
        async with Typist(editor) as typist:
            await editor.source("yaml", writable=False)
            assert time.monotonic() - initialized <= min(timeout, 1.0) + MARGIN_SECONDS
            typist.seconds.clear()
            typist.empty = 0
            await asyncio.sleep(1)
        typist.check()
        await told(editor, WARNING)
        await asyncio.to_thread(server.thaw)
        await editor.source("postgresql", writable=True)


async def test_a_server_that_accepts_and_never_answers(workspace: Path) -> None:
    with silent_server() as port:
        async with Editor(workspace, settings=registry_settings(f"postgresql://u@127.0.0.1:{port}/d")) as editor:
            initialized = time.monotonic()
            status = await editor.source("yaml", writable=False)
            assert time.monotonic() - initialized <= TIMEOUT + MARGIN_SECONDS
            assert "answer" in status["reason"]
            async with Typist(editor) as typist:
                await asyncio.sleep(0.8)
            typist.check()
            kind, _ = await refusal(editor, ALLOCATE, TICKET_REQUEST)
            assert kind == "registry-read-only"
            report = await editor.command("specql.performanceReport")
            assert report["failed"] >= 1
            assert report["fallbacks"]
            await told(editor, WARNING)


async def test_lost_without_a_yaml_the_last_snapshot_answers(workspace: Path, server: PostgresServer) -> None:
    url = filled_database(server)
    (workspace / REGISTRY).unlink()
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        await editor.source("postgresql", writable=True, stale=False)
        await asyncio.to_thread(server.kill)
        status = await editor.source("postgresql", stale=True, writable=False)
        assert status["domains"] == 4
        assert any(item.label.startswith("01204") for item in await editor.complete(TICKET, TYPING))
        kind, _ = await refusal(editor, ALLOCATE, TICKET_REQUEST)
        assert kind in {"registry-read-only", "registry-unavailable"}
        await told(editor, WARNING)
        await asyncio.to_thread(server.start)
        await editor.source("postgresql", stale=False, writable=True)
        await told(editor, WARNING, INFO)


async def test_an_explicit_refresh_does_not_wait_for_the_pause(workspace: Path, server: PostgresServer) -> None:
    url = filled_database(server)
    await asyncio.to_thread(server.stop)
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        await editor.source("yaml")
        for _ in range(3):  # the pause grows
            assert (await editor.command("specql.refreshRegistry"))["source"] == "yaml"
        await asyncio.to_thread(server.start)
        assert (await editor.command("specql.refreshRegistry"))["source"] == "postgresql"
