"""PostgreSQL ends, hangs and comes back under a working editor."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.e2e.database_failures_support import (
    TASK,
    TASK_CODE,
    Allocator,
    at_most_two_connections,
    connections,
    end_connections,
    is_live,
    listening,
    none_left,
    others_are_seen,
    reading,
    registered,
    removed,
    told_once,
)
from tests.e2e.editor import Editor
from tests.e2e.failure_support import (
    INFO,
    SHORTLY,
    WARNING,
    messages_shown,
    registry_settings,
)
from tests.support.patience import until_answered
from tests.support.patient import PROBE_VARIABLE
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.slow


async def test_a_restart(workspace: Path, server: PostgresServer, url: str) -> None:
    async with Editor(workspace, settings=registry_settings(url)) as editor:
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
    async with Editor(workspace, settings=registry_settings(url)) as editor:
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
    async with Editor(workspace, settings=registry_settings(url)) as editor:
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
    async with Editor(workspace, settings=registry_settings(url, **SHORTLY)) as editor:
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
    rarely = registry_settings(url, refreshSeconds=3600, **SHORTLY)
    async with Editor(workspace, settings=rarely, environment={PROBE_VARIABLE: "1"}) as editor:
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
    async with Editor(workspace, settings=registry_settings(url)) as editor:
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


async def test_the_listening_connection_alone_is_dropped(workspace: Path, url: str) -> None:
    async with Editor(workspace, settings=registry_settings(url, refreshSeconds=3600)) as editor:
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
    async with Editor(workspace, settings=registry_settings(url, refreshSeconds=3600)) as editor:
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
