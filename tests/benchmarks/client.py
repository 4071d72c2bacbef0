"""A small synchronous LSP client on pipes: as little as can be between the server's answer and the clock."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

ROOT = Path(__file__).resolve().parents[2]
PYTHON = (sys.executable, "-m")
OURS = ("specql_lsp",)
EMPTY = ("tests.benchmarks.empty_server",)
INSPECTED = ("tests.benchmarks.inspected_server",)

TIMEOUT = 60.0
CAPABILITIES: dict[str, dict[str, Any]] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "synchronization": {"didSave": True},
        "completion": {
            "completionItem": {
                "documentationFormat": ["markdown", "plaintext"],
                "labelDetailsSupport": True,
                "preselectSupport": True,
            },
            # As VS Code and Neovim declare it.
            "completionList": {"itemDefaults": ["commitCharacters", "editRange", "insertTextFormat", "data"]},
        },
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
    },
}

Message = dict[str, Any]


def environment(database_url: str | None = None) -> dict[str, str]:
    """This process's environment without what would choose another registry, or leave out the bytecode.

    An installed package has its bytecode. Without it a start would mostly compile the checkout's modules.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPECQL_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | ({"SPECQL_DB_URL": database_url} if database_url else {})


class Client:
    """A server process and the line to it; ``with`` ends the process whatever happens.

    Args:
        module: the server's module and its arguments.
        folder: the workspace.
        database_url: for ours, the registry in PostgreSQL.
        root: the checkout whose modules are run.
        program: what runs the module.
        capabilities: what the client can do beside ``CAPABILITIES``, by the same names.
        name: the client's own name, by which servers know what it does.
        settings: what a server gets that asks for its configuration, by section.
    """

    def __init__(
        self,
        module: Sequence[str],
        folder: Path,
        database_url: str | None = None,
        *,
        root: Path = ROOT,
        program: Sequence[str] = PYTHON,
        capabilities: Mapping[str, Mapping[str, Any]] | None = None,
        name: str = "bench",
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        self.published: Counter[str] = Counter()
        """How often the diagnostics of each document have come, by URI."""
        self.diagnostics: dict[str, list[Message]] = {}
        """Those that came last."""
        self._offered = {
            part: {**CAPABILITIES.get(part, {}), **(capabilities or {}).get(part, {})}
            for part in {**CAPABILITIES, **(capabilities or {})}
        }
        self._name = name
        self._settings = settings or {}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._buffer = bytearray()
        self._next_id = 0
        self.spawned_at = time.perf_counter()
        self.process = subprocess.Popen(
            [*program, *module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=root,
            env=environment(database_url),
            bufsize=0,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._in = self.process.stdin.fileno()
        self._out = self.process.stdout.fileno()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(politely=kind is None)

    def initialize(self) -> float:
        """Asks for ``initialize``; the seconds from the process's start to the answer."""
        answer = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": self.folder.as_uri(),
                "workspaceFolders": [{"uri": self.folder.as_uri(), "name": self.folder.name}],
                "clientInfo": {"name": self._name},
                "capabilities": self._offered,
            },
        )
        self.capabilities: dict[str, Any] = answer["capabilities"]
        return self.answered_at - self.spawned_at

    def initialized(self) -> float:
        """Says ``initialized``; the moment it was said."""
        self.notify("initialized", {})
        return self.sent_at

    def open(self, name: str, text: str) -> str:
        """Opens a document of the workspace that is not on the disk; returns its URI."""
        uri = (self.folder / name).as_uri()
        self.notify(
            "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}}
        )
        return uri

    def insert(self, uri: str, version: int, line: int, character: int, text: str) -> None:
        """Types a text."""
        place = {"line": line, "character": character}
        change = {"range": {"start": place, "end": place}, "text": text}
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]},
        )

    def ask_at(self, method: str, uri: str, line: int, character: int) -> tuple[Any, float, int]:
        """A request at a position: its result, the seconds it took, and the answer's size in bytes."""
        params = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        result = self.request(method, params)
        return result, self.answered_at - self.sent_at, self.answer_size

    def request(self, method: str, params: Any, timeout: float = TIMEOUT) -> Any:
        """Sends a request and waits for its result."""
        self._next_id += 1
        number = self._next_id
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        answer = self.wait_for(lambda m: m.get("id") == number and "method" not in m, timeout)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def notify(self, method: str, params: Any) -> None:
        """Sends a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def wait_for(self, wanted: Callable[[Message], bool], timeout: float = TIMEOUT) -> Message:
        """Reads until a message is the wanted one. ``answered_at`` is when its last byte came."""
        deadline = time.monotonic() + timeout
        while True:
            body = self._read(deadline)
            self.answered_at = time.perf_counter()
            self.answer_size = len(body)
            message: Message = json.loads(body)
            if message.get("method") == "textDocument/publishDiagnostics":
                self.published[message["params"]["uri"]] += 1
                self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
            if "method" in message and "id" in message:
                self._write({"jsonrpc": "2.0", "id": message["id"], "result": self._answer(message)})
            if wanted(message):
                return message

    def _answer(self, request: Message) -> Any:
        if request["method"] == "workspace/configuration":
            return [self._settings.get(item.get("section")) for item in request["params"]["items"]]
        return {"applied": True} if request["method"] == "workspace/applyEdit" else None

    def diagnostics_of(self, uri: str, version: int) -> Message:
        """Waits for the diagnostics of one version of a document."""

        def is_it(message: Message) -> bool:
            if message.get("method") != "textDocument/publishDiagnostics":
                return False
            params = message["params"]
            return bool(params["uri"] == uri and params.get("version") == version)

        return self.wait_for(is_it)

    def wait_for_published(self, uri: str, count: int) -> None:
        """Waits until the diagnostics of a document have come that many times."""
        if self.published[uri] < count:
            self.wait_for(lambda _: self.published[uri] >= count)

    def wait_for_registry(self, entities: int, source: str = "yaml") -> None:
        """Waits until the registry answers, and the work that follows is done."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            status = self.request("workspace/executeCommand", {"command": "specql.registryStatus", "arguments": [{}]})
            if status["source"] == source and status["entities"] == entities:
                break
            if time.monotonic() > deadline:
                raise TimeoutError(f"the registry did not come: {status}")
            time.sleep(0.05)
        self.wait_idle()

    def wait_idle(self, quiet: float = 0.4) -> None:
        """Waits until the server has used no processor time for a while."""
        deadline = time.monotonic() + TIMEOUT
        used, since = -1.0, time.monotonic()
        while time.monotonic() - since < quiet:
            now = self.cpu()
            if now - used > 0.011:  # one tick is the clock's own
                used, since = now, time.monotonic()
            if time.monotonic() > deadline:
                raise TimeoutError("the server does not come to rest")
            self._drain()
            time.sleep(0.05)

    def read_until_quiet(self, quiet: float = 1.0) -> None:
        """Reads, and answers what the server asks, until nothing has come for so many seconds."""
        try:
            while True:
                self.wait_for(lambda _: True, quiet)
        except TimeoutError:
            return

    def cpu(self) -> float:
        """The seconds of processor time that the process has used: what noise on the machine changes least."""
        used = psutil.Process(self.process.pid).cpu_times()
        return float(used.user + used.system)

    def memory(self, what: str = "VmHWM") -> float:
        """The process's memory in MB: its peak (``VmHWM``), or ``VmRSS`` for now."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"/proc does not tell {what}")

    def close(self, *, politely: bool = True) -> None:
        """Ends the server; it is killed where it does not go by itself."""
        try:
            if politely and self.process.poll() is None:
                self.request("shutdown", None, timeout=10)
                self.notify("exit", None)
                self.process.wait(10)
        except (OSError, TimeoutError, RuntimeError, subprocess.TimeoutExpired) as error:
            print(f"(a server did not end in order: {error})", file=sys.stderr)
        finally:
            if self.process.poll() is None:
                self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout, self._errors):
                if pipe is not None:
                    pipe.close()

    def _send(self, message: Message) -> None:
        """Sends a request or notification; ``sent_at`` is when. Answers to the server do not count."""
        self.sent_at = self._write(message)

    def _write(self, message: Message) -> float:
        body = json.dumps(message, separators=(",", ":")).encode()
        data = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        begin = time.perf_counter()
        while data:
            data = data[os.write(self._in, data) :]
        return begin

    def _read(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._fill(deadline)
        headers = bytes(self._buffer[:end]).lower()
        length = int(headers.split(b"content-length:")[1].split(b"\r\n")[0])
        start = end + 4
        while len(self._buffer) < start + length:
            self._fill(deadline)
        body = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        return body

    def _fill(self, deadline: float) -> None:
        if not select.select([self._out], [], [], max(deadline - time.monotonic(), 0))[0]:
            raise TimeoutError("the server did not answer in time")
        chunk = os.read(self._out, 1 << 20)
        if not chunk:
            self._errors.seek(0)
            raise RuntimeError("the server ended: " + self._errors.read().decode(errors="replace")[-2000:])
        self._buffer += chunk

    def _drain(self) -> None:
        while select.select([self._out], [], [], 0)[0]:
            self._fill(time.monotonic() + 1)
