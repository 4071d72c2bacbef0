"""PostgreSQL absent, killed, frozen or mute: the YAML answers in time, and everything comes back by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.e2e.database_failures_support import holding
from tests.e2e.editor import REAL_SERVER, Editor
from tests.e2e.failure_support import (
    ALLOCATE,
    INFO,
    REGISTRY,
    SHORTLY,
    TICKET,
    TICKET_REQUEST,
    TYPING,
    WARNING,
    Typist,
    filled_database,
    messages_shown,
    refusal,
    registry_settings,
)
from tests.support.patience import FOREVER
from tests.support.ports import silent_server
from tests.support.postgres import PostgresServer


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
        await messages_shown(editor, WARNING)
        assert "YAML" in editor.messages[0].message

        await asyncio.to_thread(server.start)
        await editor.source("postgresql", writable=True, reason="", discrepancies=0)
        allocation = await editor.command(ALLOCATE, TICKET_REQUEST)
        assert (allocation["created"], allocation["tableCode"][:5]) == (True, "01204")
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["tableCode"] == allocation["tableCode"]
        await messages_shown(editor, WARNING, INFO)


async def test_killed_while_typing(workspace: Path, server: PostgresServer) -> None:
    url = filled_database(server)
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        await editor.source("postgresql", writable=True)
        async with Typist(editor) as typist:
            await typist.more()
            await asyncio.to_thread(server.kill)
            await editor.source("yaml", writable=False)
            await typist.more()
            await asyncio.to_thread(server.start)
            await editor.source("postgresql", writable=True)
            await typist.more()
        typist.check()
        await messages_shown(editor, WARNING, INFO)
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["created"]


async def test_killed_and_asked_to_write_at_once(workspace: Path, server: PostgresServer) -> None:
    url = filled_database(server)
    async with Editor(workspace, settings=registry_settings(url, refreshSeconds=3600)) as editor:
        await editor.source("postgresql", writable=True)
        await asyncio.to_thread(server.kill)
        kind, sentence = await refusal(editor, ALLOCATE, TICKET_REQUEST)
        assert kind in {"registry-unavailable", "registry-read-only"}  # by whether the loss was known already
        assert sentence
        await editor.source("yaml", writable=False)
        await asyncio.to_thread(server.start)
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["created"]


async def test_frozen_while_typing(workspace: Path, server: PostgresServer) -> None:
    url = filled_database(server)
    async with Editor(workspace, settings=registry_settings(url, **SHORTLY)) as editor:
        await editor.source("postgresql", writable=True)
        async with Typist(editor) as typist:
            await asyncio.to_thread(server.freeze)
            status = await editor.source("yaml", writable=False)
            assert "answer" in status["reason"]
            await typist.more()
            await asyncio.to_thread(server.thaw)
            await editor.source("postgresql", writable=True)
        typist.check()
        await messages_shown(editor, WARNING, INFO)


WAITING = {"connectTimeoutSeconds": FOREVER, "statementTimeoutMs": 3_600_000, "lockTimeoutMs": 3_600_000}
"""Limits under which a request that waited for the database would not be answered while a test waits for it."""


async def test_nothing_waits_for_a_server_that_never_answers(workspace: Path) -> None:
    """The start, the requests and the end, under limits of an hour; the YAML answers while PostgreSQL is waited for."""
    with silent_server() as port:
        settings = registry_settings(f"postgresql://u@127.0.0.1:{port}/d", **WAITING)
        async with Editor(workspace, settings=settings, server=REAL_SERVER) as editor:
            status = await editor.source("yaml", writable=False)
            assert "has not answered for 1.0 s" in status["reason"]
            async with Typist(editor) as typist:
                await typist.more()
            typist.check()
        assert editor.process.returncode == 0


@pytest.mark.parametrize("trouble", ["frozen", "locked"])
async def test_no_request_waits_for_a_database_that_is_asked_in_vain(
    workspace: Path, server: PostgresServer, trouble: str
) -> None:
    """What was known answers, under limits of an hour, before anything is found out."""
    url = filled_database(server)
    async with Editor(workspace, settings=registry_settings(url, **WAITING)) as editor:
        await editor.source("postgresql", writable=True)
        async with Typist(editor) as typist:
            await typist.more()
            if trouble == "frozen":
                await asyncio.to_thread(server.freeze)
                reading = asyncio.create_task(editor.command("specql.refreshRegistry"))
                await typist.more()
                assert not reading.done()
                await asyncio.to_thread(server.thaw)
            else:
                with holding(url, "LOCK TABLE specql_registry.tb_entity_registration IN ACCESS EXCLUSIVE MODE"):
                    reading = asyncio.create_task(editor.command("specql.refreshRegistry"))
                    await typist.more()
                    assert not reading.done()
            assert (await reading)["source"] == "postgresql"
        typist.check()
        assert {status["source"] for status in editor.statuses} == {"postgresql"}
        await messages_shown(editor)


@pytest.mark.parametrize("timeout", [0.4, 3])
async def test_frozen_at_the_start(workspace: Path, server: PostgresServer, timeout: float) -> None:
    url = filled_database(server)
    await asyncio.to_thread(server.freeze)
    settings = registry_settings(url, connectTimeoutSeconds=timeout)
    async with Editor(workspace, settings=settings, server=REAL_SERVER) as editor:
        await editor.source("yaml", writable=False)
        async with Typist(editor) as typist:
            await typist.more()
        typist.check()
        await messages_shown(editor, WARNING)
        await asyncio.to_thread(server.thaw)
        await editor.source("postgresql", writable=True)


async def test_a_server_that_accepts_and_never_answers(workspace: Path) -> None:
    with silent_server() as port:
        settings = registry_settings(f"postgresql://u@127.0.0.1:{port}/d", connectTimeoutSeconds=1)
        async with Editor(workspace, settings=settings) as editor:
            status = await editor.source("yaml", writable=False)
            assert "answer" in status["reason"]
            async with Typist(editor) as typist:
                await typist.more()
            typist.check()
            kind, _ = await refusal(editor, ALLOCATE, TICKET_REQUEST)
            assert kind == "registry-read-only"
            report = await editor.command("specql.performanceReport")
            assert report["failed"] >= 1
            assert report["fallbacks"]
            await messages_shown(editor, WARNING)


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
        await messages_shown(editor, WARNING)
        await asyncio.to_thread(server.start)
        await editor.source("postgresql", stale=False, writable=True)
        await messages_shown(editor, WARNING, INFO)


async def test_an_explicit_refresh_does_not_wait_for_the_pause(workspace: Path, server: PostgresServer) -> None:
    url = filled_database(server)
    await asyncio.to_thread(server.stop)
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        await editor.source("yaml")
        for _ in range(3):  # the pause grows
            assert (await editor.command("specql.refreshRegistry"))["source"] == "yaml"
        await asyncio.to_thread(server.start)
        assert (await editor.command("specql.refreshRegistry"))["source"] == "postgresql"
