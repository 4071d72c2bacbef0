"""A client that pulls diagnostics, as bare JSON: it keeps what each file shows, by the way it got it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.e2e.clients import declared_by
from tests.e2e.failure_support import RawClient

Message = dict[str, Any]
SERVER_CANCELLED, CANCELLED = -32802, -32800
VSCODE = "Visual Studio Code"


def pulling(**document: Any) -> Message:
    """The capabilities of a client that pulls documents, such as Neovim 0.12."""
    return {
        "textDocument": {"diagnostic": document, "publishDiagnostics": {"versionSupport": True}},
        "workspace": {"diagnostics": {"refreshSupport": True}, "workspaceFolders": True},
    }


class PullClient(RawClient):
    """Answers refreshes, and follows what is published, pulled and reported.

    Args:
        folders: the workspace folders.
        capabilities: what it declares.
        name: what it calls itself.
        settings: ``initializationOptions``.
        environment: what is added to the server's.
    """

    def __init__(
        self,
        *folders: Path,
        capabilities: Message | None = None,
        name: str = "Neovim",
        settings: Message | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        super().__init__(server="tests.support.patient", environment=environment)
        self.folder = folders[0]
        self.published: dict[str, list[Message]] = {}
        self.pulled: dict[str, list[Message]] = {}
        self.reported: dict[str, list[Message]] = {}
        self.ids: dict[str, str] = {}
        """The result ids of what was reported of all files."""
        self.versions: dict[str, int] = {}
        self.refreshes = 0
        declared = pulling() if capabilities is None else capabilities
        self.initialized = self.initialize(
            *folders,
            capabilities=declared,
            clientInfo={"name": name},
            initializationOptions={"registry": {"refreshSeconds": 3600}, **(settings or {})},
        )["result"]["capabilities"]

    def until(self, wanted: Callable[[Message], bool]) -> Message:
        """The next message that is wanted; all before it are followed, too."""

        def follow(message: Message) -> bool:
            self._follow(message)
            return wanted(message)

        return super().until(follow)

    def _follow(self, message: Message) -> None:
        match message.get("method"):
            case "textDocument/publishDiagnostics":
                self.published[message["params"]["uri"]] = message["params"]["diagnostics"]
            case "workspace/diagnostic/refresh":
                self.refreshes += 1
                self.send({"id": message["id"], "result": None})
            case "$/progress":
                self.take_report(message["params"]["value"])

    def take_report(self, report: Message) -> None:
        """Takes a result, or a part of one, of ``workspace/diagnostic``."""
        for item in report["items"]:
            self.reported[item["uri"]] = item["items"]
            self.ids.pop(item["uri"], None)
            if "resultId" in item:
                self.ids[item["uri"]] = item["resultId"]

    def uri(self, path: str) -> str:
        return (self.folder / path).as_uri()

    def open(self, path: str, text: str | None = None) -> None:
        text = (self.folder / path).read_text(encoding="utf-8") if text is None else text
        item = {"uri": self.uri(path), "languageId": "yaml", "version": 1, "text": text}
        self.versions[path] = 1
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, path: str, text: str) -> None:
        """Replaces the text of a document."""
        self._change(path, {"text": text})

    def edit(self, path: str, line: int, start: int, end: int, text: str) -> None:
        """Changes a part of a line."""
        places = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        self._change(path, {"range": places, "text": text})

    def _change(self, path: str, change: Message) -> None:
        self.versions[path] += 1
        identifier = {"uri": self.uri(path), "version": self.versions[path]}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})

    def close(self, path: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})

    def write(self, path: str, text: str) -> None:
        """Writes a file, and says so."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        self.touch(path)

    def touch(self, path: str) -> None:
        """Says that a file was made, changed or removed."""
        changes = [{"uri": self.uri(path), "type": 2 if (self.folder / path).exists() else 3}]
        self.notify("workspace/didChangeWatchedFiles", {"changes": changes})

    def ask_document(self, path: str, previous: str | None = None) -> int:
        """Asks for the diagnostics of a document."""
        params: Message = {"textDocument": {"uri": self.uri(path)}}
        return self.ask("textDocument/diagnostic", params | ({"previousResultId": previous} if previous else {}))

    def end_of(self, number: int) -> Message:
        """The answer to a request."""
        known = [m for m in self.messages if m.get("id") == number and "method" not in m]
        return known[0] if known else self.until(lambda m: m.get("id") == number and "method" not in m)

    def pull(self, path: str, previous: str | None = None) -> Message:
        """The report of a document."""
        report: Message = self.end_of(self.ask_document(path, previous))["result"]
        if report["kind"] == "full":
            self.pulled[self.uri(path)] = report["items"]
        return report

    def ask_workspace(self, previous: dict[str, str] | None = None, token: str | int | None = None) -> int:
        """Asks for the diagnostics of all files."""
        ids = [{"uri": uri, "value": value} for uri, value in (previous or {}).items()]
        params: Message = {"previousResultIds": ids}
        return self.ask("workspace/diagnostic", params | ({} if token is None else {"partialResultToken": token}))

    def codes_reported(self, path: str, *expected: str) -> None:
        """Waits until exactly these codes are reported of a file."""
        uri = self.uri(path)
        while codes(self.reported.get(uri, [])) != sorted(expected):
            self.until(lambda m: m.get("method") == "$/progress")

    def codes_published(self, path: str, *expected: str) -> None:
        """Waits until exactly these codes are published for a file."""
        uri = self.uri(path)
        while codes(self.published.get(uri, [])) != sorted(expected):
            self.until(lambda m: m.get("method") == "textDocument/publishDiagnostics")

    def refreshed(self, count: int = 1) -> None:
        """Waits for the next refreshes."""
        wanted = self.refreshes + count
        while self.refreshes < wanted:
            self.until(lambda m: m.get("method") == "workspace/diagnostic/refresh")


def codes(diagnostics: Sequence[Message]) -> list[str]:
    return sorted(each["code"] for each in diagnostics)


def vscode(*folders: Path, **options: Any) -> PullClient:
    """A client that declares what VS Code does."""
    return PullClient(*folders, capabilities=declared_by("vscode"), name=VSCODE, **options)
