"""The process's life: exit statuses, clients that vanish, connections that are given back, cancelled requests."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.e2e.editor import Editor
from tests.e2e.failure_support import (
    ALLOCATE,
    REGISTRY,
    TICKET_REQUEST,
    RawClient,
    registry_settings,
)
from tests.support.patience import FOREVER, PATIENCE, until
from tests.support.ports import silent_server


@pytest.fixture
def client(workspace: Path) -> Iterator[RawClient]:
    """A client whose server has read the YAML."""
    with RawClient() as client:
        client.initialize(workspace)
        client.source("yaml")
        yield client


def connections(url: str) -> int:
    """How many connections of ours the database has."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'specql-lsp' AND datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_exit_after_shutdown(client: RawClient) -> None:
    assert client.leave() == 0


def test_exit_without_shutdown(client: RawClient) -> None:
    client.notify("exit")
    assert client.process.wait(PATIENCE) == 1


def test_the_stream_ends_without_shutdown(client: RawClient) -> None:
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(PATIENCE) == 1


def test_the_stream_ends_after_shutdown(client: RawClient) -> None:
    assert "result" in client.answer("shutdown")
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(PATIENCE) == 0


def test_the_stream_ends_in_the_middle_of_a_message(client: RawClient) -> None:
    assert client.process.stdin is not None
    client.process.stdin.write(b'Content-Length: 1000\r\n\r\n{"jsonrpc"')
    client.process.stdin.close()
    assert client.process.wait(PATIENCE) == 1


def test_exit_before_initialize() -> None:
    with RawClient() as client:
        client.notify("exit")
        assert client.process.wait(PATIENCE) == 1


def test_before_initialize_requests_are_refused(workspace: Path) -> None:
    with RawClient() as client:
        answer = client.answer("specql/none")
        assert "error" in answer
        params = {"textDocument": {"uri": "file:///a.yaml"}, "position": {"line": 0, "character": 0}}
        assert client.answer("textDocument/hover", params)["error"]["code"] == -32002
        client.initialize(workspace)
        client.source("yaml")
        assert client.leave() == 0


@pytest.mark.parametrize("hangs", [False, True])
def test_a_client_that_is_killed_leaves_no_server(workspace: Path, hangs: bool) -> None:
    """The server's stdin ends with its client, also while PostgreSQL hangs."""
    with silent_server() if hangs else contextlib.nullcontext() as port:
        url = f"postgresql://u@127.0.0.1:{port}/d" if hangs else ""
        parent = subprocess.Popen(
            [sys.executable, "-c", _PARENT, str(workspace)],
            stdout=subprocess.PIPE,
            env={**os.environ, "SPECQL_DB_URL": url},
        )
        try:
            assert parent.stdout is not None
            server = psutil.Process(int(parent.stdout.readline()))
            assert server.is_running()
            parent.kill()
            parent.wait()
            until(lambda: not _runs(server), "the end of the server")
        finally:
            parent.kill()
            parent.wait()
            assert parent.stdout is not None
            parent.stdout.close()


def test_the_clients_process_is_watched(workspace: Path) -> None:
    """Another process can hold our stdin open when the client is gone."""
    editor = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        with RawClient() as client:
            client.initialize(workspace, process_id=editor.pid)
            client.source("yaml")
            assert client.process.poll() is None
            editor.kill()  # and not waited for: a process that ended is not one that runs
            assert client.process.wait(PATIENCE) == 1
    finally:
        editor.kill()
        editor.wait()


def test_a_process_id_that_means_nothing_here(workspace: Path) -> None:
    """In a container the client's number may be nobody's."""
    with RawClient() as client:
        client.initialize(workspace, process_id=2**22 - 7)
        client.source("yaml")
        assert client.leave() == 0


@pytest.mark.parametrize("way", ["shutdown", "stream", "kill"])
def test_no_connection_is_left(workspace: Path, workspace_url: str, way: str) -> None:
    with RawClient(environment={"SPECQL_DB_URL": workspace_url}) as client:
        client.initialize(workspace)
        client.source("postgresql")
        assert connections(workspace_url) >= 1
        match way:
            case "shutdown":
                client.leave()
            case "stream":
                assert client.process.stdin is not None
                client.process.stdin.close()
                client.process.wait(PATIENCE)
            case "kill":
                client.process.kill()
                client.process.wait()
    until(lambda: connections(workspace_url) == 0, "the end of its connections")


def test_leaving_does_not_wait_for_a_hung_server(workspace: Path) -> None:
    """It would wait for an hour."""
    with silent_server() as port:
        waiting = {"registry": {"databaseUrl": f"postgresql://u@127.0.0.1:{port}/d", "connectTimeoutSeconds": FOREVER}}
        with RawClient() as client:
            client.initialize(workspace, initializationOptions=waiting)
            client.source("yaml")
            assert client.leave() == 0


async def test_cancelling_an_allocation_is_harmless(workspace: Path, workspace_url: str) -> None:
    """Whether it was done or not, asking again gives the one code; nothing is registered twice."""
    async with Editor(workspace, settings=registry_settings(workspace_url)) as editor:
        await editor.source("postgresql", writable=True)
        with psycopg.connect(workspace_url) as other:
            other.execute("SELECT * FROM specql_registry.tb_subdomain FOR UPDATE")  # holds it back
            request = asyncio.ensure_future(editor.command(ALLOCATE, TICKET_REQUEST))
            await editor.until(lambda: editor.client.protocol._request_futures, "the request")
            number = next(iter(editor.client.protocol._request_futures))
            editor.client.cancel_request(types.CancelParams(number))
            with pytest.raises((JsonRpcException, asyncio.CancelledError)):
                await request
            other.rollback()
        again: dict[str, Any] = await editor.command(ALLOCATE, TICKET_REQUEST)
        third = await editor.command(ALLOCATE, TICKET_REQUEST)
        assert (third["tableCode"], third["created"]) == (again["tableCode"], False)
        assert editor.messages == []
    with psycopg.connect(workspace_url) as connection:
        rows = connection.execute(
            "SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = 'Ticket'"
        ).fetchall()
    assert rows == [(again["tableCode"],)]


def test_an_unwritable_log_file(workspace: Path, tmp_path: Path) -> None:
    with RawClient(arguments=["serve", "--log-file", str(tmp_path / "no" / "log")]) as client:
        assert client.process.wait(PATIENCE) == 2
    assert b"cannot be written" in client.stderr
    assert (workspace / REGISTRY).exists()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


_PARENT = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from tests.e2e.failure_support import RawClient
    with RawClient(environment={"SPECQL_DB_URL": __import__("os").environ["SPECQL_DB_URL"]}) as client:
        client.initialize(Path(sys.argv[1]))
        client.until(lambda m: m.get("method") == "specql/registryStatus")
        print(client.process.pid, flush=True)
        time.sleep(600)
    """
)
