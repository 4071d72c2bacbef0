"""A large file is parsed off the event loop where an edit concerns all of it; requests do not wait for that."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specql_lsp.workspace.documents import LARGE_LINES
from tests.e2e.failure_support import RawClient
from tests.support.patience import until

SERVER = [sys.executable, "-m", "tests.support.parsing_server"]
TICKET = "entities/crm/ticket.yaml"
FIELDS = "".join(f"  field_{number}: text\n" for number in range(LARGE_LINES))
TEXT = f"entity: Ticket\nschema: crm\nfields:\n{FIELDS}organization:\n  table_code: '012031'\n"
SCHEMA = {"line": 1, "character": 9}


class LargeFile:
    """A large file that is open, and the gate of its parses."""

    def __init__(self, client: RawClient, path: Path, gate: Path) -> None:
        self.client = client
        self.uri = path.as_uri()
        self.gate = gate
        self.version = 1
        item = {"uri": self.uri, "languageId": "yaml", "version": 1, "text": TEXT}
        client.notify("textDocument/didOpen", {"textDocument": item})

    def edit(self, line: int, start: int, end: int, text: str) -> None:
        """Replaces a part of a line."""
        self.version += 1
        places = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        params = {"textDocument": {"uri": self.uri, "version": self.version}}
        self.client.notify("textDocument/didChange", {**params, "contentChanges": [{"range": places, "text": text}]})

    def checked(self, code: str = "") -> list[str]:
        """The codes of what is found in this version of it.

        Args:
            code: one that has to be among them: what is found at the word that is being typed comes after a while.
        """

        def is_wanted(message: dict[str, Any]) -> bool:
            params = message.get("params") or {}
            is_published = message.get("method") == "textDocument/publishDiagnostics"
            if not is_published or params["uri"] != self.uri or params.get("version") != self.version:
                return False
            return not code or code in [found["code"] for found in params["diagnostics"]]

        read = next((message for message in self.client.messages if is_wanted(message)), None)
        published = read or self.client.until(is_wanted)
        return [found["code"] for found in published["params"]["diagnostics"]]

    def hover(self) -> Any:
        """What is shown at the schema."""
        place = {"textDocument": {"uri": self.uri}, "position": SCHEMA}
        return self.client.answer("textDocument/hover", place)["result"]

    def parses(self) -> dict[str, Any]:
        """Where its parses began, and how many have ended."""
        found: dict[str, Any] = self.client.answer("test/parses", {})["result"]
        return found


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    path = tmp_path / "gate"
    path.touch()
    return path


@pytest.fixture
def client(workspace: Path, gate: Path) -> Iterator[RawClient]:
    with RawClient(server=SERVER, environment={"SPECQL_TEST_GATE": str(gate)}) as client:
        client.initialize(workspace, capabilities={"textDocument": {"publishDiagnostics": {"versionSupport": True}}})
        client.source("yaml")
        yield client


def test_a_large_file_is_parsed_off_the_loop_and_requests_are_answered_from_its_last_tree(
    client: RawClient, workspace: Path, gate: Path
) -> None:
    file = LargeFile(client, workspace / TICKET, gate)
    assert "yaml-syntax" not in file.checked()
    assert file.hover() is not None
    assert file.parses() == {"began": ["worker"], "ended": 1}

    # A small change is parsed by itself.
    file.edit(7, 0, 0, "  another: text\n")
    assert "yaml-syntax" not in file.checked()
    assert file.parses() == {"began": ["worker"], "ended": 1}

    # What breaks the text makes it parsed as a whole, and requests do not wait.
    gate.unlink()
    file.edit(7, 0, 15, "  another text")
    until(lambda: len(file.parses()["began"]) == 2, "the second parse")
    for _ in range(10):
        assert file.hover() is not None
    assert file.parses() == {"began": ["worker", "worker"], "ended": 1}
    gate.touch()
    assert "yaml-syntax" in file.checked("yaml-syntax")

    # What puts it right again is a small change to the text before.
    file.edit(7, 0, 14, "  another: text")
    assert "yaml-syntax" not in file.checked()
    assert file.parses() == {"began": ["worker", "worker"], "ended": 2}
    assert client.leave() == 0


def test_a_large_file_that_is_not_parsed_yet_is_answered_with_nothing(
    client: RawClient, workspace: Path, gate: Path
) -> None:
    gate.unlink()
    file = LargeFile(client, workspace / TICKET, gate)
    until(lambda: file.parses()["began"] == ["worker"], "the parse")
    assert file.hover() is None
    gate.touch()
    file.checked()
    assert file.hover() is not None
    assert client.leave() == 0
