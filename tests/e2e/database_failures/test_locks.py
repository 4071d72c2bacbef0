"""Statements and locks outlast their limits under a working editor."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.database_failures_support import (
    PLACES,
    REQUEST,
    ROOMY,
    TASK,
    TASK_CODE,
    Allocator,
    asked,
    holding,
    is_live,
    others_are_seen,
    reading,
    registered,
    sentences,
)
from tests.e2e.editor import Editor
from tests.e2e.failure_support import (
    ALLOCATE,
    FIXTURE,
    INFO,
    WARNING,
    messages_shown,
    refusal,
    registry_settings,
)

pytestmark = pytest.mark.slow

LOCK_MS = 400
ELSEWHERE = {"entity": "Elsewhere", "domain": ROOMY, "subdomain": PLACES[1]}

PLACE_LOCKED = "SELECT 1 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'place_01' FOR UPDATE"
CLOSED_TO_ALL = "LOCK TABLE specql_registry.tb_entity_registration IN ACCESS EXCLUSIVE MODE"


async def test_a_statement_past_its_timeout(workspace: Path, url: str) -> None:
    async with Editor(workspace, settings=registry_settings(url, statementTimeoutMs=2000)) as editor:
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
    async with Editor(workspace, settings=registry_settings(url, statementTimeoutMs=2000)) as editor:
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
    async with Editor(workspace, settings=registry_settings(url, lockTimeoutMs=LOCK_MS)) as editor:
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
    async with Editor(one, two, settings=registry_settings(url, connectTimeoutSeconds=3, lockTimeoutMs=6000)) as editor:
        await editor.until(
            lambda: {s["folder"] for s in editor.statuses if s["listening"]} == {one.as_uri(), two.as_uri()}, "both"
        )
        with holding(url, PLACE_LOCKED):
            kind, sentence = await refusal(editor, ALLOCATE, {**REQUEST, "uri": (one / TASK).as_uri()})
        assert (kind, "longer than 6000 ms" in sentence) == ("registry-unavailable", True)
        assert {status["source"] for status in editor.statuses} == {"postgresql"}, sentences(editor)
        await messages_shown(editor)
