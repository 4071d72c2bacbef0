"""What the client answers to our requests, also where it is not what the protocol says: nobody waits for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.editor import SERVER
from tests.e2e.failure_support import ALLOCATE, TICKET, RawClient
from tests.support.patience import FOREVER
from tests.support.patient import SETTINGS_VARIABLE

PATIENT = {"server": SERVER, "environment": {SETTINGS_VARIABLE: str(FOREVER)}}
"""A server that waits for the client's settings however slow the client is."""
WRONG: list[dict[str, Any]] = [
    {"result": None},
    {"result": 5},
    {"result": {"applied": "perhaps"}},
    {"result": [[]]},
    {"error": None},
    {"error": "no"},
    {"error": {"code": "x", "message": 5}},
    {"error": {"code": -32601, "message": "no"}, "result": None},
]


@pytest.mark.parametrize("answer", WRONG[1:6:4])
def test_settings_that_cannot_be_read_are_not_waited_for(workspace: Path, answer: dict[str, Any]) -> None:
    with RawClient(**PATIENT) as client:
        client.initialize(workspace, capabilities={"workspace": {"configuration": True}})
        question = client.until(lambda m: m.get("method") == "workspace/configuration")["id"]
        for number in ("never asked", question, question):
            client.send({"id": number, **answer})
        status = client.answer("workspace/executeCommand", {"command": "specql.refreshRegistry"})
        assert status["result"]["source"] == "yaml"
        assert client.leave() == 0


def test_an_edit_whose_answer_cannot_be_read_ends_its_command(workspace: Path) -> None:
    argument = {"uri": (workspace / TICKET).as_uri(), "domain": "crm", "subdomain": "support"}
    with RawClient() as client:
        able = {"workspace": {"applyEdit": True}}
        client.initialize(workspace, capabilities=able, initializationOptions={"registry": {"backend": "in_memory"}})
        for command, place in [
            ("specql.registerDomain", {"number": "2", "name": "crm"}),
            ("specql.registerSubdomain", {"domain": "crm", "number": "04", "name": "support"}),
        ]:
            assert "result" in client.answer("workspace/executeCommand", {"command": command, "arguments": [place]})
        for wrong in WRONG:
            number = client.ask("workspace/executeCommand", {"command": ALLOCATE, "arguments": [argument]})
            client.send({"id": number, "result": 1})  # an answer to the client's own request
            question = client.until(lambda m: m.get("method") == "workspace/applyEdit")["id"]
            client.notify("$/cancelRequest", {"id": question})  # it is not the client's to cancel
            client.send({"id": question, **wrong})
            ended = client.until(lambda m, n=number: m.get("id") == n and "method" not in m)
            assert ended["result"]["tableCode"] == "012042", wrong
        assert client.leave() == 0


def test_a_file_is_not_edited_while_the_client_has_not_answered_to_an_edit_of_it(workspace: Path) -> None:
    """Of a file that is not open a client cannot know which text an edit is of: two of one text would damage it."""
    file = workspace / TICKET
    argument = {"uri": file.as_uri(), "domain": "crm", "subdomain": "support"}
    with RawClient() as client:
        able = {"workspace": {"applyEdit": True}}
        client.initialize(workspace, capabilities=able, initializationOptions={"registry": {"backend": "in_memory"}})
        for command, place in [
            ("specql.registerDomain", {"number": "2", "name": "crm"}),
            ("specql.registerSubdomain", {"domain": "crm", "number": "04", "name": "support"}),
        ]:
            assert "result" in client.answer("workspace/executeCommand", {"command": command, "arguments": [place]})
        one, two = (
            client.ask("workspace/executeCommand", {"command": ALLOCATE, "arguments": [argument]}) for _ in range(2)
        )
        client.until(lambda m: m.get("method") == "workspace/applyEdit")  # when every file has been read
        for _ in range(2):  # once more than the worker needs to come behind both
            client.answer("workspace/executeCommand", {"command": "specql.refreshRegistry"})
        edits = [message for message in client.messages if message.get("method") == "workspace/applyEdit"]
        assert len(edits) == 1
        file.write_text("entity: Ticket\nschema: crm\norganization:\n  table_code: '012042'\n", encoding="utf-8")
        client.send({"id": edits[0]["id"], "result": {"applied": True}})
        for number in (one, two):
            answers = [m for m in client.messages if m.get("id") == number and "method" not in m]
            answer = answers[0] if answers else client.until(lambda m, n=number: m.get("id") == n and "method" not in m)
            assert answer["result"]["tableCode"] == "012042"
        assert sum(message.get("method") == "workspace/applyEdit" for message in client.messages) == 1
        assert client.leave() == 0
