"""What the tests of failures, settings, protocol and life share: databases, silent servers, a client of bare JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.sources.postgresql.install import create_schema
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.sources.yaml.source import YamlSource
from tests.e2e.editor import REAL_SERVER, Editor
from tests.support.forks import PipedFork
from tests.support.patience import PATIENCE, countdown
from tests.support.postgres import PostgresServer

FIXTURE = Path(__file__).parents[2] / "fixtures" / "workspace"
REGISTRY = "registry/domain_registry.yaml"
TICKET = "entities/crm/ticket.yaml"
CAMPAIGN = "entities/crm/campaign.yaml"
CONTACT = "entities/crm/contact.yaml"
TYPING = "entity: Ticket\nschema: crm\norganization:\n  table_code: $0\n"
ALLOCATE = "specql.allocateEntityCode"
WARNING = types.MessageType.Warning
INFO = types.MessageType.Info
TICKET_REQUEST = {"entity": "Ticket", "domain": "crm", "subdomain": "support"}
PATIENTLY = {"connectTimeoutSeconds": PATIENCE, "statementTimeoutMs": 120_000, "lockTimeoutMs": 120_000}
"""Limits that no server reaches that is there, however busy the machine is."""
SHORTLY = {"connectTimeoutSeconds": 3, "statementTimeoutMs": 3000}
"""Limits under which a server that never answers is given up: a busy one must be able to answer within them."""


def registry_settings(url: str, **more: Any) -> dict[str, Any]:
    """Client settings for a registry that is read every second; ``more`` are keys of ``registry``."""
    return {"registry": {"databaseUrl": url, **PATIENTLY, "refreshSeconds": 1, **more}}


def filled_database(server: PostgresServer) -> str:
    """A new database that holds what the fixture's registry YAML holds."""
    url = server.create_database()
    create_schema(url)
    source = PostgresqlSource(RegistrySettings(database_url=url))
    try:
        migrate(YamlSource(FIXTURE / REGISTRY).load(), source)
    finally:
        source.close()
    return url


async def messages_shown(editor: Editor, *kinds: types.MessageType) -> None:
    """Waits until as many messages were shown, and checks that they are these and no others.

    Those of drift do not count: an allocation brings one a second later, however quick a test is.
    """

    def shown() -> list[types.MessageType]:
        return [m.type for m in editor.messages if " the registry YAML differ in " not in m.message]

    await editor.until(lambda: len(shown()) >= len(kinds), f"{len(kinds)} messages")
    assert shown() == list(kinds), editor.messages


async def refusal(editor: Editor, command: str, argument: dict[str, Any]) -> tuple[str, str]:
    """The kind and the sentence with which a command is refused."""
    with pytest.raises(JsonRpcException) as caught:
        await editor.command(command, argument)
    data: Any = caught.value.data
    kind = data["kind"] if isinstance(data, dict) else data.kind
    return kind, caught.value.message


class Typist:
    """Types and completes in the background, one request after the other, and counts the answers."""

    def __init__(self, editor: Editor, path: str = TICKET) -> None:
        self._editor = editor
        self._path = path
        self.answers = 0
        self.empty = 0
        self._stopped = False

    async def __aenter__(self) -> Self:
        position = self._editor.open(self._path, TYPING)
        assert position is not None
        self._task = asyncio.create_task(self._run(position))
        return self

    async def more(self, count: int = 20) -> None:
        """Waits until so many more requests have been answered."""
        wanted = self.answers + count
        await self._editor.until(lambda: self.answers >= wanted or self._task.done(), f"{count} more answers")
        if self._task.done():
            self._task.result()

    async def __aexit__(self, *_: object) -> None:
        self._stopped = True  # not cancelled: pygls' client breaks when an answer comes after that (issue 621)
        await self._task

    async def _run(self, position: types.Position) -> None:
        while not self._stopped:
            self._editor.edit(self._path, (0, 13), (0, 13), "s" if self.answers % 2 == 0 else "")
            answer = await self._editor.complete_at(self._path, position)
            self.answers += 1
            self.empty += not answer.items
            await asyncio.sleep(0.02)

    def check(self) -> None:
        """Every request was answered with something."""
        assert self.answers
        assert self.empty == 0


class RawClient:
    """Speaks bare JSON with a server process, for what a well-behaved client cannot send.

    Args:
        arguments: command-line arguments of the server.
        environment: what is added to its environment.
        cwd: its current folder.
        stdin: as for ``subprocess.Popen``; only for a program.
        server: the command that starts a program, or the module of ours that a fork runs (``tests/support/forks.py``).
    """

    def __init__(
        self,
        *,
        arguments: Sequence[str] = (),
        environment: dict[str, str] | None = None,
        cwd: Path | None = None,
        stdin: int = subprocess.PIPE,
        server: Sequence[str] | str = REAL_SERVER,
    ) -> None:
        scrubbed = {k: v for k, v in os.environ.items() if not k.startswith(("SPECQL_", "PG"))}
        variables = {**scrubbed, **(environment or {})}
        self.process: subprocess.Popen[bytes] | PipedFork
        if isinstance(server, str):
            self.process = PipedFork([server, *arguments], cwd or Path.cwd(), variables)
        else:
            self.process = subprocess.Popen(
                [*server, *arguments],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                env=variables,
            )
        self.messages: list[dict[str, Any]] = []
        self._incoming: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._next_id = 0
        self.stderr = b""
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        while True:
            length = 0
            while (line := stdout.readline()) not in {b"\r\n", b""}:
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                break
            self._incoming.put(json.loads(stdout.read(length)))
        self._incoming.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.stderr = self.process.stderr.read()

    def send_bytes(self, body: bytes) -> None:
        """Sends a body as it is, under a header."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def send(self, message: dict[str, Any]) -> None:
        """Sends a message."""
        self.send_bytes(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: Any = None) -> None:
        """Sends a notification."""
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any = None) -> int:
        """Sends a request, and gives its number."""
        self._next_id += 1
        self.send({"id": self._next_id, "method": method, "params": params})
        return self._next_id

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message that is wanted."""
        left = countdown()
        while True:
            message = self._incoming.get(timeout=left())
            assert message is not None, f"the server ended: {self.process.poll()} {self.stderr.decode()}"
            self.messages.append(message)
            if wanted(message):
                return message

    def answer(self, method: str, params: Any = None) -> dict[str, Any]:
        """The answer (result or error) to a request."""
        number = self.ask(method, params)
        return self.until(lambda m: m.get("id") == number and "method" not in m)

    def initialize(self, *folders: Path, process_id: int | None = None, **params: Any) -> dict[str, Any]:
        """Initializes with folders; ``params`` replaces parameters."""
        answer = self.answer(
            "initialize",
            {
                "processId": process_id,
                "capabilities": {},
                "rootUri": None,
                "workspaceFolders": [{"uri": f.as_uri(), "name": f.name} for f in folders] or None,
                **params,
            },
        )
        self.notify("initialized", {})
        return answer

    def source(self, source: str) -> dict[str, Any]:
        """Waits for the registry's status with that source."""
        status: dict[str, Any] = self.until(
            lambda m: m.get("method") == "specql/registryStatus" and m["params"]["source"] == source
        )["params"]
        return status

    def leave(self) -> int:
        """Leaves as a client should, and gives the exit status."""
        assert "result" in self.answer("shutdown")
        self.notify("exit")
        return self.process.wait(PATIENCE)
