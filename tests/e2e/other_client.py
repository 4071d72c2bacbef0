"""A client so light that fifty of them fit into one test: bare JSON over the pipes of a forked server."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from pathlib import Path
from typing import Any, Self

from tests.support.forks import AsyncForked
from tests.support.patience import PATIENCE

PROGRAM = "specql_lsp"


class OtherClient:
    """Somebody's editor: asks, and remembers what the registry's status was last.

    Args:
        folder: the workspace folder.
        url: the database.
        registry: further keys of the settings' ``registry``.
    """

    def __init__(self, folder: Path, url: str, **registry: Any) -> None:
        self._folder = folder
        self._options = {"registry": {"databaseUrl": url, **registry}}
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._versions: dict[str, int] = {}
        self.statuses: list[dict[str, Any]] = []
        self.shown: list[str] = []
        """The messages to the user."""

    async def __aenter__(self) -> Self:
        scrubbed = {k: v for k, v in os.environ.items() if not k.startswith(("SPECQL_", "PG"))}
        self.process = await AsyncForked.start([PROGRAM], self._folder, scrubbed, show_errors=False)
        self._reading = asyncio.create_task(self._read())
        await self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "capabilities": {},
                "rootUri": self._folder.as_uri(),
                "workspaceFolders": [{"uri": self._folder.as_uri(), "name": self._folder.name}],
                "initializationOptions": self._options,
            },
        )
        self.tell("initialized", {})
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.ask("shutdown", None)
        self.tell("exit", None)
        await asyncio.wait_for(self.process.wait(), PATIENCE)
        await self._reading

    def tell(self, method: str, params: Any) -> None:
        """Sends a notification."""
        self._send({"method": method, "params": params})

    async def ask(self, method: str, params: Any) -> Any:
        """Sends a request, and gives its result."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        message = await asyncio.wait_for(answer, PATIENCE)
        assert "error" not in message, message
        return message["result"]

    async def command(self, command: str, argument: dict[str, Any] | None = None) -> Any:
        """Runs a command."""
        return await self.ask("workspace/executeCommand", {"command": command, "arguments": [argument or {}]})

    def open(self, path: str, text: str | None = None) -> None:
        """Opens a file with its text, or another."""
        uri = (self._folder / path).as_uri()
        self._versions[uri] = 1
        text = (self._folder / path).read_text(encoding="utf-8") if text is None else text
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def type(self, path: str, text: str) -> None:
        """Replaces a buffer's text."""
        uri = (self._folder / path).as_uri()
        self._versions[uri] += 1
        document = {"uri": uri, "version": self._versions[uri]}
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def place(self, path: str, line: int, character: int) -> dict[str, Any]:
        """A position in a file, as requests name it."""
        position = {"line": line, "character": character}
        return {"textDocument": {"uri": (self._folder / path).as_uri()}, "position": position}

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        stdout = self.process.stdout
        try:
            while True:
                header = await stdout.readuntil(b"\r\n\r\n")
                length = next(line for line in header.split(b"\r\n") if line.lower().startswith(b"content-length:"))
                self._take(json.loads(await stdout.readexactly(int(length.split(b":")[1]))))
        except asyncio.IncompleteReadError:
            return  # the server has ended

    def _take(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method is None:
            self._waiting.pop(message["id"]).set_result(message)
        elif "id" in message:
            self._send({"id": message["id"], "result": None})
        elif method == "specql/registryStatus":
            self.statuses.append(message["params"])
        elif method == "window/showMessage":
            self.shown.append(message["params"]["message"])
