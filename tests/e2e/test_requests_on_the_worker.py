"""Requests on the requests' thread: they block no other, end when they are not wanted, and leave nothing behind."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.failure_support import RawClient
from tests.support.effort import SEED
from tests.support.patience import PATIENCE, until

SERVER = [sys.executable, "-m", "tests.support.waiting_server"]
WAIT, LOOK = "textDocument/foldingRange", "textDocument/selectionRange"
CANCELLED, MODIFIED = -32800, -32801
TICKET, CONTACT = "entities/crm/ticket.yaml", "entities/crm/contact.yaml"
TEXT = "entity: Ticket\nschema: crm\n"


class Document:
    """An open document of a client."""

    def __init__(self, client: RawClient, path: Path) -> None:
        self.client = client
        self.path = path
        self.uri = path.as_uri()
        self.version = 1
        item = {"uri": self.uri, "languageId": "yaml", "version": 1, "text": TEXT}
        client.notify("textDocument/didOpen", {"textDocument": item})

    @property
    def log(self) -> list[str]:
        """What happened to the requests that wait."""
        log = self.path.with_suffix(".log")
        return log.read_text().split() if log.exists() else []

    def ask(self, method: str = WAIT) -> int:
        return self.client.ask(method, {"textDocument": {"uri": self.uri}, "positions": []})

    def started(self, count: int = 1) -> None:
        until(lambda: self.log.count("started") == count, "the start")

    def change(self) -> None:
        self.version += 1
        identifier = {"uri": self.uri, "version": self.version}
        changes = [{"text": f"{TEXT}# {self.version}\n"}]
        self.client.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})

    def open_gate(self) -> None:
        self.path.with_suffix(".gate").touch()

    def hover(self) -> Any:
        """What the loop answers meanwhile."""
        place = {"textDocument": {"uri": self.uri}, "position": {"line": 1, "character": 9}}
        return self.client.answer("textDocument/hover", place)["result"]


@pytest.fixture
def client(workspace: Path) -> Iterator[RawClient]:
    with RawClient(server="tests.support.waiting_server") as client:
        client.initialize(workspace)
        client.source("yaml")
        yield client


@pytest.fixture
def ticket(client: RawClient, workspace: Path) -> Document:
    return Document(client, workspace / TICKET)


def end_of(client: RawClient, number: int) -> dict[str, Any]:
    return client.until(lambda m: m.get("id") == number and "method" not in m)


def error_of(client: RawClient, number: int) -> int:
    return int(end_of(client, number)["error"]["code"])


def test_the_loop_answers_while_the_worker_works(client: RawClient, ticket: Document) -> None:
    number = ticket.ask()
    ticket.started()
    for _ in range(20):
        assert ticket.hover() is not None
    assert ticket.log == ["started"]
    ticket.open_gate()
    assert end_of(client, number)["result"] == {"version": 1}
    assert client.leave() == 0


def test_what_answers_is_imported_before_it_is_asked_for(workspace: Path) -> None:
    with RawClient(server=SERVER) as client:  # a fork has imported everything
        client.initialize(workspace)
        client.source("yaml")
        until(lambda: client.answer("test/inspect")["result"]["completes"], "the import of the handlers")
        assert client.leave() == 0


def test_a_cancelled_request_ends(client: RawClient, ticket: Document) -> None:
    running, queued = ticket.ask(), ticket.ask()
    ticket.started()
    client.notify("$/cancelRequest", {"id": queued})
    assert error_of(client, queued) == CANCELLED
    client.notify("$/cancelRequest", {"id": running})
    assert error_of(client, running) == CANCELLED
    until(lambda: ticket.log == ["started", "cancelled"], "the end of the handler")
    client.notify("$/cancelRequest", {"id": running})  # once more is no harm
    ticket.open_gate()
    assert end_of(client, ticket.ask())["result"] == {"version": 1}
    assert ticket.log.count("started") == 2  # the one that was cancelled while it was queued never started
    assert client.leave() == 0


def test_a_newer_version_ends_the_requests_of_it(client: RawClient, workspace: Path, ticket: Document) -> None:
    contact = Document(client, workspace / CONTACT)
    running, queued, other = ticket.ask(), ticket.ask(), contact.ask()
    ticket.started()
    ticket.change()
    assert [error_of(client, number) for number in (running, queued)] == [MODIFIED, MODIFIED]
    contact.started()
    ticket.open_gate()
    later = ticket.ask()
    contact.open_gate()
    assert end_of(client, other)["result"] == {"version": 1}
    assert end_of(client, later)["result"] == {"version": 2}
    assert client.leave() == 0


def test_a_closed_document_ends_its_requests(client: RawClient, ticket: Document) -> None:
    number = ticket.ask()
    ticket.started()
    client.notify("textDocument/didClose", {"textDocument": {"uri": ticket.uri}})
    assert error_of(client, number) == MODIFIED
    assert end_of(client, ticket.ask())["result"] is None  # no text of it is known
    assert client.leave() == 0


def test_shutdown_answers_everything_before_itself(client: RawClient, ticket: Document) -> None:
    numbers = [ticket.ask() for _ in range(5)]
    ticket.started()
    shutdown = client.ask("shutdown")
    assert client.until(lambda m: m.get("id") == shutdown)["result"] is None
    codes = {m["id"]: m["error"]["code"] for m in client.messages if "error" in m}
    assert codes == dict.fromkeys(numbers, CANCELLED)
    until(lambda: ticket.log == ["started", "cancelled"], "the end of the handler")
    client.notify("exit")
    assert client.process.wait(PATIENCE) == 0
    assert b"Traceback" not in client.stderr


def test_a_failure_is_a_sentence_and_the_next_request_is_answered(client: RawClient, ticket: Document) -> None:
    error = end_of(client, ticket.ask("textDocument/documentColor"))["error"]
    sentence = "specql-lsp could not answer textDocument/documentColor: an error of its own, written to its log."
    assert error == {"code": -32803, "message": sentence}
    assert end_of(client, ticket.ask(LOOK))["result"]["version"] == 1
    assert client.leave() == 0


def test_a_request_that_is_held_is_about_the_text_at_its_arrival(workspace: Path) -> None:
    """While folders are opened messages are held; afterwards they are handled in one go."""
    with RawClient(server=SERVER) as client:
        client.initialize(workspace)
        ticket = Document(client, workspace / TICKET)
        first = ticket.ask()
        ticket.change()
        second = ticket.ask(LOOK)
        assert error_of(client, first) == MODIFIED
        assert end_of(client, second)["result"]["version"] == 2
        assert client.leave() == 0


@pytest.mark.parametrize("how", ["exit", "exit and the end of the stream", "the end of the stream"])
def test_a_client_that_does_not_wait_gets_every_answer(client: RawClient, ticket: Document, how: str) -> None:
    running = ticket.ask()
    ticket.started()
    shutdown = client.ask("shutdown")
    if "exit" in how:
        client.notify("exit")
    if "stream" in how:
        assert client.process.stdin is not None
        client.process.stdin.close()
    assert error_of(client, running) == CANCELLED
    assert end_of(client, shutdown)["result"] is None
    assert client.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("how", ["exit", "the end of the stream"])
def test_a_request_that_runs_keeps_no_process_alive(client: RawClient, ticket: Document, how: str) -> None:
    ticket.ask()
    ticket.started()
    if how == "exit":
        client.notify("exit")
    else:
        assert client.process.stdin is not None
        client.process.stdin.close()
    assert client.process.wait(PATIENCE) == 1


def test_a_thousand_requests_leave_nothing(client: RawClient, workspace: Path) -> None:
    """Answered, cancelled before or while they run, or overtaken by a newer version; each is answered once."""
    dice = random.Random(SEED)
    documents = [Document(client, workspace / path) for path in (TICKET, CONTACT)]
    numbers: list[int] = []
    for _ in range(1_000):
        client.notify("$/setTrace", {"value": "off"})
        document = dice.choice(documents)
        numbers.append(document.ask(LOOK))
        match dice.randrange(4):
            case 0:
                client.notify("$/cancelRequest", {"id": numbers[-1]})
            case 1:
                document.change()
            case 2:
                client.notify("$/cancelRequest", {"id": dice.choice(numbers)})
    client.answer("test/inspect")  # the loop's, so it may come before the last answers
    left = set(numbers) - {m["id"] for m in client.messages if "id" in m}
    while left:
        left.discard(client.until(lambda m: m.get("id") in left)["id"])
    held = client.answer("test/inspect")["result"]
    assert (held["futures"], held["resultTypes"], held["threads"]) == (0, 0, ["specql-requests_0"])
    answers = [m for m in client.messages if m.get("id") in set(numbers)]
    assert len(answers) == len(numbers)
    outcomes = Counter(m["error"]["code"] if "error" in m else "result" for m in answers)
    assert set(outcomes) <= {"result", CANCELLED, MODIFIED}
    assert outcomes["result"] > 0
    assert client.leave() == 0
    assert b"Traceback" not in client.stderr
