"""The performance report and the log of a real server: what was slow, what failed, what fell back, and why."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.e2e.conftest import QUIET
from tests.e2e.database_failures_support import asked
from tests.e2e.editor import Editor
from tests.e2e.failure_support import (
    ALLOCATE,
    TICKET,
    TICKET_REQUEST,
    TYPING,
    filled_database,
    refusal,
    registry_settings,
)
from tests.support.patience import until_answered
from tests.support.postgres import PASSWORD, PASSWORD_USER, PostgresServer

SUPPORT = (
    "SELECT FROM specql_registry.tb_subdomain JOIN specql_registry.tb_domain ON pk_domain = fk_domain"
    " WHERE domain_name = 'crm' AND subdomain_name = 'support' FOR UPDATE OF tb_subdomain"
)
"""Locks the row that an allocation of a Ticket needs."""


def settings(**registry: Any) -> dict[str, Any]:
    """The registry is read when it is asked for; ``registry`` are more of its keys."""
    return {"registry": {**QUIET["registry"], **registry}}


async def report_of(editor: Editor) -> dict[str, Any]:
    report: dict[str, Any] = await editor.command("specql.performanceReport")
    return report


async def has_waited(url: str, interval: str) -> bool:
    """Whether a session of the database has waited so long for another's lock, by PostgreSQL's clock."""
    statement = (
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        " AND clock_timestamp() - query_start > %s::interval"
    )
    return bool(await asked(url, statement, (interval,)))


def json_log(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_a_statement_that_waits_for_a_lock_is_slow(workspace: Path, workspace_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    arguments = ["serve", "--log-file", str(log), "--log-format", "json"]
    environment = {"SPECQL_DB_URL": workspace_url}
    limit = settings(slowQueryMs=2000)
    async with Editor(workspace, environment=environment, settings=limit, arguments=arguments) as editor:
        await editor.source("postgresql")
        before = await report_of(editor)
        assert before["byStatement"]["connect"]["queries"] == 1
        with psycopg.connect(workspace_url) as other:
            other.execute(SUPPORT)
            allocating = asyncio.create_task(editor.command(ALLOCATE, TICKET_REQUEST))
            await until_answered(lambda: has_waited(workspace_url, "2 s"), "two seconds of waiting for the lock")
            assert not allocating.done()
        assert (await allocating)["created"]
        report = await report_of(editor)
    look = report["byStatement"]["allocate_look"]
    assert (look["queries"], look["failed"], look["successRate"], look["slow"]) == (1, 0, 1.0, 1)
    assert 2000 <= look["maxMs"] == look["p50Ms"] == look["p95Ms"] == look["averageMs"]
    assert report["byStatement"]["allocate_write"]["queries"] == 1
    slow = report["slowQueries"][-1]
    assert (slow["operation"], slow["statement"]) == ("registry.allocate", "allocate_look")
    assert look["maxMs"] <= slow["ms"] == report["maxMs"]
    assert report["slow"] == before["slow"] + 1
    assert report["byOperation"]["registry.allocate"]["slow"] == 1
    logged = [entry for entry in json_log(log) if entry.get("operation") == "registry.allocate"]
    assert [(e["level"], e["event"], e["statement"], e["ms"]) for e in logged] == [
        ("warning", "slow_query", "allocate_look", slow["ms"])
    ]


async def test_everything_slower_than_the_limit_is_slow(workspace: Path, workspace_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    editor = Editor(
        workspace,
        environment={"SPECQL_DB_URL": workspace_url},
        settings=settings(slowQueryMs=1),
        arguments=["serve", "--log-file", str(log)],
    )
    async with editor:
        await editor.source("postgresql")
        for _ in range(3):
            await editor.command("specql.refreshRegistry")
        report = await report_of(editor)
    loads = report["byOperation"]["registry.load"]
    assert loads["slow"] >= 1
    assert {s["statement"] for s in report["slowQueries"] if s["operation"] == "registry.load"} <= set(
        report["byStatement"]
    )
    lines = [line for line in log.read_text().splitlines() if "event=slow_query operation=registry.load " in line]
    assert len(lines) == loads["slow"]
    fields = dict(token.split("=", 1) for token in shlex.split(lines[-1]) if "=" in token)
    assert set(fields) == {"event", "operation", "statement", "ms"}
    assert float(fields["ms"]) > 1


async def test_statements_that_fail_are_counted_by_name(workspace: Path, workspace_url: str) -> None:
    limits = settings(statementTimeoutMs=2000, lockTimeoutMs=5000)
    async with Editor(workspace, environment={"SPECQL_DB_URL": workspace_url}, settings=limits) as editor:
        await editor.source("postgresql")
        with psycopg.connect(workspace_url) as other:
            other.execute("LOCK TABLE specql_registry.tb_entity_registration")
            status = await editor.command("specql.refreshRegistry")
        assert status["source"] == "yaml"
        report = await report_of(editor)
        load = report["byStatement"]["load"]
        assert (load["queries"], load["failed"], load["successRate"]) == (2, 1, 0.5)
        assert load["maxMs"] >= 2000
        assert report["byStatement"]["probe"]["failed"] == 0, "only what was cancelled"
        assert (report["failed"], report["byOperation"]["registry.load"]["failed"]) == (1, 1)
        assert report["successRate"] < 1
        assert report["slowQueries"][-1]["statement"] == "load"
        assert report["fallbacks"] == 1
        assert "2000 ms" in report["fallbackReasons"][0]["reason"]
        assert (await editor.command("specql.refreshRegistry"))["source"] == "postgresql"


async def test_a_lock_past_its_timeout_is_a_failure(workspace: Path, workspace_url: str) -> None:
    limits = settings(lockTimeoutMs=200)
    async with Editor(workspace, environment={"SPECQL_DB_URL": workspace_url}, settings=limits) as editor:
        await editor.source("postgresql")
        with psycopg.connect(workspace_url) as other:
            other.execute(SUPPORT)
            kind, _ = await refusal(editor, ALLOCATE, TICKET_REQUEST)
        assert kind == "registry-unavailable"
        report = await report_of(editor)
        look = report["byStatement"]["allocate_look"]
        assert look["failed"] == look["queries"] >= 1
        assert report["byOperation"]["registry.allocate"]["failed"] == 1
        assert "allocate_write" not in report["byStatement"]


async def test_fallbacks_are_counted_and_logged_with_their_reasons(workspace: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with PostgresServer() as server:
        url = filled_database(server)
        editor = Editor(
            workspace,
            settings=registry_settings(url),
            arguments=["serve", "--log-file", str(log), "--log-format", "json"],
        )
        async with editor:
            await editor.source("postgresql", writable=True)
            await editor.complete(TICKET, TYPING)
            await asyncio.to_thread(server.stop)
            await editor.source("yaml")
            report = await report_of(editor)
            assert report["fallbacks"] == 1
            (fallback,) = report["fallbackReasons"]
            assert fallback["reason"].startswith("PostgreSQL ")
            assert report["failed"] >= 1
            await editor.until(
                lambda: any(e.get("operation") is None and e.get("event") == "fallback" for e in json_log(log)),
                "the log",
            )
            await asyncio.to_thread(server.start)
            await editor.source("postgresql", writable=True)
            report = await report_of(editor)
            assert report["fallbacks"] == 1
            assert report["byStatement"]["connect"]["failed"] >= 1
            assert report["byStatement"]["connect"]["queries"] > report["byStatement"]["connect"]["failed"]
            assert (report["cache"]["hits"], report["cache"]["misses"]) == (1, 0)
    events = [entry for entry in json_log(log) if entry.get("event") in {"fallback", "recovered"}]
    assert [(e["level"], e["event"], e["source"]) for e in events] == [
        ("warning", "fallback", "yaml"),
        ("warning", "recovered", "postgresql"),
    ]
    assert events[0]["reason"] == fallback["reason"]


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_the_log_has_no_password(
    log_format: str, workspace: Path, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    editor = Editor(
        workspace,
        settings=registry_settings(postgres_server.url("missing", user=PASSWORD_USER, password=PASSWORD)),
        arguments=["serve", "--log-file", str(log), "--log-format", log_format, "--log-level", "debug"],
    )
    async with editor:
        await editor.source("yaml")
        await editor.command("specql.performanceReport")
    text = log.read_text()
    assert "fallback" in text
    assert PASSWORD not in text
    if log_format == "json":
        assert all(entry["time"] and entry["level"] for entry in json_log(log))


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="only Linux has a device that is always full")
async def test_a_full_disk_under_the_log_ends_nothing(
    workspace: Path, workspace_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    editor = Editor(
        workspace,
        environment={"SPECQL_DB_URL": workspace_url},
        settings=settings(slowQueryMs=1),
        arguments=["serve", "--log-file", "/dev/full", "--log-level", "debug"],
    )
    async with editor:
        await editor.source("postgresql")
        for _ in range(3):
            await editor.command("specql.refreshRegistry")
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["created"]
    assert editor.process.returncode == 0
    said = capfd.readouterr().err
    assert said.count("the log file /dev/full cannot be written now: No space left on device.") == 1
    assert "Logging error" not in said
