"""A client for random sessions: it sends when it is told to, and shows what an editor of its kind would show."""

from __future__ import annotations

import json
import queue
from enum import Enum
from pathlib import Path
from typing import Any

from specql_lsp.lsp.routes import COMMANDS
from tests.e2e.failure_support import RawClient
from tests.support.patience import countdown
from tests.support.settling_server import SETTLE

Message = dict[str, Any]
SERVER = "tests.support.settling_server"
SERVER_CANCELLED = -32802
EXPECTED_ERRORS = {-32800, -32801, SERVER_CANCELLED}
"""RequestCancelled, ContentModified, ServerCancelled."""
REFUSED = -32803
COMMANDS_OF_OURS = {route.method for route in COMMANDS}


class Kind(Enum):
    """How a client gets diagnostics."""

    PUSH = "push"
    PULLS_DOCUMENTS = "pulls documents"
    PULLS_ALL = "pulls all"


def capabilities(kind: Kind) -> Message:
    """What a client of a kind declares, with what makes answers long."""
    declared: Message = {
        "general": {"positionEncodings": ["utf-16"]},
        "workspace": {
            "workspaceFolders": True,
            "applyEdit": True,
            "didChangeWatchedFiles": {"dynamicRegistration": True},
            "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename", "delete"]},
        },
        "textDocument": {
            "publishDiagnostics": {"relatedInformation": True, "tagSupport": {"valueSet": [1, 2]}},
            "codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}, "disabledSupport": True},
            "rename": {"prepareSupport": True},
        },
    }
    if kind is not Kind.PUSH:
        declared["textDocument"]["diagnostic"] = {"relatedDocumentSupport": kind is Kind.PULLS_DOCUMENTS}
        declared["workspace"]["diagnostics"] = {"refreshSupport": True}
    return declared


class FuzzClient(RawClient):
    """A client whose messages wait in ``outbox`` until ``deliver``.

    Args:
        kind: how it gets diagnostics.
        folders: its workspace folders.
        errors: the file into which the server writes its internal errors.
        environment: what is added to the server's.
    """

    def __init__(self, kind: Kind, folders: list[Path], errors: Path, environment: dict[str, str]) -> None:
        super().__init__(server=SERVER, environment={**environment, "TESTS_INTERNAL_ERRORS": str(errors)})
        self.kind = kind
        self.errors = errors
        self.refresh = bool(environment)
        """Whether the registry is read before the session is at rest: it may be in a database."""
        self.outbox: list[Message] = []
        self.delayed: list[Message] = []
        """Answers to requests of the server."""
        self.asked: dict[int, str] = {}
        """The methods of all requests by their number."""
        self.params: dict[int, Any] = {}
        self.answers: dict[int, list[Message]] = {}
        self.published: dict[str, list[Message]] = {}
        self.pulled: dict[str, list[Message]] = {}
        self.reported: dict[str, list[Message]] = {}
        self.result_ids: dict[str, str] = {}
        self.open: set[str] = set()
        self.texts: dict[str, str | None] = {}
        self._asked_about: dict[int, str | None] = {}
        """The texts that requests for diagnostics are about."""
        self._number = 10_000
        self.stream: int | None = None
        name = "Visual Studio Code" if kind is Kind.PULLS_ALL else "Neovim"
        self.initialize(
            *folders,
            capabilities=capabilities(kind),
            clientInfo={"name": name},
            initializationOptions={"registry": {"refreshSeconds": 3600, "listen": bool(environment)}},
        )
        if kind is Kind.PULLS_ALL:
            params = {"previousResultIds": [], "partialResultToken": "stream"}
            self.stream = self.request("workspace/diagnostic", params)

    # Sending.

    def later(self, method: str, params: Any) -> None:
        """Puts a notification into the outbox."""
        self.outbox.append({"method": method, "params": params})

    def request(self, method: str, params: Any) -> int:
        """Puts a request into the outbox; its number."""
        self._number += 1
        self.asked[self._number] = method
        self.params[self._number] = params
        self.outbox.append({"id": self._number, "method": method, "params": params})
        return self._number

    def deliver(self, count: int) -> None:
        """Sends the first messages of the outbox in one piece."""
        sent, self.outbox = self.outbox[:count], self.outbox[count:]
        bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in sent]
        assert self.process.stdin is not None
        self.process.stdin.write(b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies))
        self.process.stdin.flush()

    def deliver_all(self) -> None:
        """Sends everything, also what was delayed."""
        while self.outbox or self.delayed:
            self.outbox += self.delayed
            self.delayed = []
            self.deliver(len(self.outbox))

    def pull(self, uri: str) -> None:
        """Asks for the diagnostics of a document."""
        params: Message = {"textDocument": {"uri": uri}}
        if uri in self.result_ids:
            params["previousResultId"] = self.result_ids[uri]
        self._asked_about[self.request("textDocument/diagnostic", params)] = self.texts[uri]

    # Following.

    def follow_all(self) -> None:
        """Follows what has come so far."""
        while True:
            try:
                message = self._incoming.get_nowait()
            except queue.Empty:
                return
            self._take(message)

    def _take(self, message: Message | None) -> None:
        assert message is not None, f"the server ended: {self.process.poll()} {self.stderr.decode()}"
        self.messages.append(message)
        if "method" not in message:
            if message["id"] in self.asked:
                self.answers.setdefault(message["id"], []).append(message)
                self._follow_answer(message)
            return
        method, params = message["method"], message.get("params")
        if method == "textDocument/publishDiagnostics":
            self.published[params["uri"]] = params["diagnostics"]
        elif method == "$/progress":
            for item in params["value"]["items"]:
                self.reported[item["uri"]] = item["items"]
        elif method == "workspace/diagnostic/refresh":
            self.delayed.append({"id": message["id"], "result": None})
            for uri in sorted(self.open):
                self.pull(uri)
        elif method == "workspace/applyEdit":
            self.delayed.append({"id": message["id"], "result": {"applied": False}})
        elif "id" in message:
            self.delayed.append({"id": message["id"], "result": None})

    def _follow_answer(self, message: Message) -> None:
        method = self.asked[message["id"]]
        if "error" in message:
            self._check_error(method, message["error"])
        if method != "textDocument/diagnostic":
            return
        uri = self.params[message["id"]]["textDocument"]["uri"]
        if "error" not in message:
            self._check_places(message["result"], self._asked_about[message["id"]])
        if uri not in self.open:
            return
        if "error" not in message:
            self._show(uri, message["result"])
            for other, report in message["result"].get("relatedDocuments", {}).items():
                if other in self.open:
                    self._show(other, report)
        elif message["error"]["code"] == SERVER_CANCELLED and message["error"]["data"]["retriggerRequest"]:
            self.pull(uri)

    def _show(self, uri: str, report: Message) -> None:
        if report["kind"] == "full":
            self.pulled[uri] = report["items"]
            self.result_ids[uri] = report["resultId"]
        else:  # nothing is shown anew, so it must be what is shown, whatever was answered since it was asked
            assert self.result_ids[uri] == report["resultId"], uri

    @staticmethod
    def _check_places(report: Message, text: str | None) -> None:
        """What is found in a document is about the text that it had when it was asked for."""
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text is not None else []
        for each in report.get("items", ()):
            for place in each["range"].values():
                assert place["line"] < len(lines), (each, text)
                assert place["character"] <= len(lines[place["line"]].encode("utf-16-le")) // 2, (each, text)

    def _check_error(self, method: str, error: Message) -> None:
        """Errors are those of LSP for what is not wanted any more, and refusals."""
        if error["code"] == REFUSED:
            written = self.errors.read_text(encoding="utf-8") if self.errors.exists() else ""
            assert "an error of its own" not in error["message"], f"{method}: {error}\n{written}"
            return
        assert error["code"] in EXPECTED_ERRORS, (method, error)

    def opened(self, uri: str, text: str) -> None:
        """A document is opened."""
        self.open.add(uri)
        self.changed(uri, text)

    def changed(self, uri: str, text: str | None) -> None:
        """A document has another text; None if the server does not know it."""
        self.texts[uri] = text
        if self.kind is not Kind.PUSH:
            self.pull(uri)

    def closed(self, uri: str) -> None:
        """A document is closed."""
        self.open.discard(uri)
        self.result_ids.pop(uri, None)
        pulled = self.pulled.pop(uri, None)
        if self.kind is Kind.PULLS_ALL and pulled is not None:
            self.reported[uri] = pulled  # VS Code shows it until the next report of all files

    # The end.

    def settle(self) -> None:
        """Delivers everything, and waits until neither side has anything to do."""
        while True:
            self.deliver_all()
            before = len(self.asked)
            number = self.request(
                "workspace/executeCommand", {"command": SETTLE, "arguments": [{"refresh": self.refresh}]}
            )
            self.deliver_all()
            waiting = {each for each in self.asked if each not in self.answers and each != self.stream}
            self._until_answered({number})
            if len(self.asked) > before + 1 or self.outbox or self.delayed:
                continue
            waiting &= {each for each in self.asked if each not in self.answers}
            self._until_answered(waiting)
            if not self.outbox and not self.delayed:
                return

    def _until_answered(self, numbers: set[int]) -> None:
        left = countdown()
        while any(number not in self.answers for number in numbers):
            try:
                message = self._incoming.get(timeout=left())
            except queue.Empty:
                missing = {n: (self.asked[n], self.params[n]) for n in numbers if n not in self.answers}
                raise AssertionError(f"never answered: {missing}") from None
            self._take(message)
            self.deliver_all()

    def shown(self) -> dict[str, list[str]]:
        """What the user sees of each file that has diagnostics."""
        for uri, diagnostics in self.published.items():
            other = self.pulled.get(uri) or self.reported.get(uri)
            assert not (diagnostics and other), f"published and pulled: {uri}"
        seen: dict[str, list[str]] = {}
        for uri in {*self.published, *self.pulled, *self.reported}:
            own = self.pulled[uri] if uri in self.pulled else self.reported.get(uri)
            diagnostics = own or self.published.get(uri)
            if diagnostics:
                seen[uri] = sorted(json.dumps(each, sort_keys=True) for each in diagnostics)
        return seen

    def end(self) -> None:
        """Ends the session, and checks that every request was answered once and that the server ended well."""
        if self.stream is not None:
            self.later("$/cancelRequest", {"id": self.stream})
            self.deliver_all()
            self._until_answered({self.stream})
        report = self.request("workspace/executeCommand", {"command": "specql.performanceReport"})
        self.deliver_all()
        self._until_answered({report})
        errors = self.answers[report][0]["result"]["internalErrors"]
        assert errors["count"] == 0, errors
        assert {number: len(answers) for number, answers in self.answers.items()} == dict.fromkeys(self.asked, 1)
        assert self.leave() == 0
        assert not self.stderr or b"Traceback" not in self.stderr
