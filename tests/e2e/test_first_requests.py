"""What a client asks while its folders are being opened: it is answered with them, in the order in which it asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.editor import SERVER
from tests.e2e.failure_support import ALLOCATE, CONTACT, TICKET, TICKET_REQUEST, RawClient
from tests.support.patience import FOREVER, PATIENCE
from tests.support.patient import SETTINGS_VARIABLE
from tests.support.ports import silent_server

PATIENT = {"server": SERVER, "environment": {SETTINGS_VARIABLE: str(FOREVER)}}
"""A server that waits for the client's settings however slow the client is."""
PULLS = {"workspace": {"configuration": True}}
NEW = "entity: Ticket\nschema: crm\norganization:\n  table_code: \n"
PLACE = {"line": 3, "character": 14}


def opened(uri: str, text: str) -> dict[str, Any]:
    return {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}}


def replaced(uri: str, version: int, line: int, text: str) -> dict[str, Any]:
    span = {"start": {"line": line, "character": 0}, "end": {"line": line + 1, "character": 0}}
    return {
        "textDocument": {"uri": uri, "version": version},
        "contentChanges": [{"range": span, "text": text}],
    }


def begin(client: RawClient, *folders: Path) -> int:
    """Initializes with a client that is asked for its settings; the number of that question, not yet answered."""
    client.initialize(*folders, capabilities=PULLS)
    return settings_question(client)


def settings_question(client: RawClient) -> Any:
    return client.until(lambda m: m.get("method") == "workspace/configuration")["id"]


def answer_to(client: RawClient, number: int) -> dict[str, Any]:
    for message in client.messages:
        if message.get("id") == number and "method" not in message:
            return message
    return client.until(lambda m: m.get("id") == number and "method" not in m)


def labels(answer: dict[str, Any]) -> set[str]:
    snippet = types.CompletionItemKind.Snippet.value
    return {item["label"] for item in answer["result"]["items"] if item["kind"] != snippet}


def test_what_is_asked_before_the_settings_came_waits_for_the_folders(workspace: Path) -> None:
    uri = (workspace / TICKET).as_uri()
    keys = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 0}}
    with RawClient(**PATIENT) as client:
        question = begin(client, workspace)
        command = client.ask("workspace/executeCommand", {"command": "specql.refreshRegistry"})
        client.notify("textDocument/didOpen", opened(uri, "entity: Ticket\nschema: crm\n\n"))
        first = client.ask("textDocument/completion", keys)
        client.notify("textDocument/didChange", replaced(uri, 2, 1, "description: a\n"))
        second = client.ask("textDocument/completion", keys)
        client.send({"id": question, "result": [{"registry": {"backend": "in_memory"}}]})

        status = answer_to(client, command)
        assert status["result"]["source"] == "in_memory", "the folder has the settings that came"
        before, after = labels(answer_to(client, first)), labels(answer_to(client, second))
        assert before - after == {"description"}, "the text is that at the time of the request"
        assert after - before == {"schema"}
        assert client.leave() == 0


def test_a_client_that_never_gives_its_settings_is_answered(workspace: Path) -> None:
    with RawClient() as client:
        begin(client, workspace)
        command = client.ask("workspace/executeCommand", {"command": "specql.refreshRegistry"})
        assert answer_to(client, command)["result"]["source"] == "yaml"
        assert client.leave() == 0


def test_a_client_that_refuses_to_give_its_settings_is_answered(workspace: Path) -> None:
    with RawClient(**PATIENT) as client:
        question = begin(client, workspace)
        command = client.ask("workspace/executeCommand", {"command": "specql.refreshRegistry"})
        client.send({"id": question, "error": {"code": -32601, "message": "no"}})
        assert answer_to(client, command)["result"]["source"] == "yaml"
        assert client.leave() == 0


def test_a_request_that_comes_before_initialized(workspace: Path) -> None:
    """Not allowed by the protocol, but easily waited for."""
    with RawClient() as client:
        client.answer(
            "initialize",
            {
                "processId": None,
                "capabilities": {},
                "rootUri": None,
                "workspaceFolders": [{"uri": workspace.as_uri(), "name": "w"}],
            },
        )
        answer = client.answer("workspace/executeCommand", {"command": "specql.refreshRegistry"})
        assert answer["result"]["source"] == "yaml"
        client.notify("initialized", {})
        assert client.leave() == 0


def test_requests_that_wait_can_be_cancelled(workspace: Path) -> None:
    uri = (workspace / CONTACT).as_uri()
    with RawClient(**PATIENT) as client:
        question = begin(client, workspace)
        first = client.ask("workspace/executeCommand", {"command": "specql.refreshRegistry"})
        second = client.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": PLACE})
        third = client.ask("workspace/executeCommand", {"command": "specql.refreshRegistry"})
        client.notify("$/cancelRequest", {"id": second})
        client.notify("$/cancelRequest", {"id": first})
        client.notify("$/cancelRequest", {"id": 4711})
        assert answer_to(client, first)["error"]["code"] == -32800
        assert answer_to(client, second)["error"]["code"] == -32800
        client.send({"id": question, "result": [{}]})
        assert answer_to(client, third)["result"]["source"] == "yaml"
        answers = [m["id"] for m in client.messages if m.get("id") in {first, second, third} and "method" not in m]
        assert sorted(answers) == [first, second, third], "each is answered once"
        assert client.leave() == 0


@pytest.mark.parametrize("by", ["shutdown", "exit"])
def test_leaving_does_not_wait_for_the_folders(workspace: Path, by: str) -> None:
    with RawClient(**PATIENT) as client:
        begin(client, workspace)
        command = client.ask("workspace/executeCommand", {"command": "specql.refreshRegistry"})
        if by == "exit":
            client.notify("exit")
            assert client.process.wait(PATIENCE) == 1
            return
        number = client.ask("shutdown")
        assert answer_to(client, command)["error"]["code"] == -32800
        assert "result" in answer_to(client, number)
        client.notify("exit")
        assert client.process.wait(PATIENCE) == 0


def test_what_is_asked_after_a_folder_was_added_waits_for_it(workspace: Path) -> None:
    """Without a folder the registry is another one, or none."""
    uri = (workspace / CONTACT).as_uri()
    with RawClient(cwd=workspace.parent, **PATIENT) as client:
        question = begin(client)
        client.send({"id": question, "result": [{}]})
        client.source("none")
        client.notify(
            "workspace/didChangeWorkspaceFolders",
            {"event": {"added": [{"uri": workspace.as_uri(), "name": "w"}], "removed": []}},
        )
        command = client.ask("workspace/executeCommand", {"command": "specql.refreshRegistry"})
        client.notify("textDocument/didOpen", opened(uri, NEW))
        question = settings_question(client)
        client.send({"id": question, "result": [{"registry": {"backend": "in_memory"}}]})
        assert answer_to(client, command)["result"]["source"] == "in_memory"
        client.notify(
            "workspace/didChangeWorkspaceFolders",
            {"event": {"added": [], "removed": [{"uri": workspace.as_uri(), "name": "w"}]}},
        )
        answer = client.answer("workspace/executeCommand", {"command": "specql.refreshRegistry"})
        assert answer["error"]["data"]["kind"] == "registry-unavailable"
        assert client.leave() == 0


@pytest.mark.parametrize("command", ["specql.listDomains", "specql.registryStatus", "specql.registryAsYaml"])
def test_the_first_command_waits_until_the_registry_has_answered(workspace: Path, command: str) -> None:
    """The YAML answers only when PostgreSQL has been silent for a while."""
    with silent_server() as port, RawClient(environment={"SPECQL_DB_URL": f"postgresql://u@127.0.0.1:{port}/d"}) as c:
        c.initialize(workspace)
        answer = c.answer("workspace/executeCommand", {"command": command})
        assert "has not been read yet" not in str(answer)
        if command == "specql.registryStatus":
            assert answer["result"]["source"] == "yaml"
        elif command == "specql.listDomains":
            assert len(answer["result"]) == 4
        assert c.leave() == 0


def test_the_first_allocation_knows_the_codes_of_every_file(workspace: Path, workspace_url: str) -> None:
    """A code that only a file has is never given out, however early an allocation is asked for."""
    folder = workspace / "entities" / "many"
    folder.mkdir()
    for number in range(1_500):
        (folder / f"thing_{number}.yaml").write_text(f"entity: Thing{number}\nschema: crm\n")
    (folder / "zz_last.yaml").write_text("entity: Last\nschema: crm\norganization:\n  table_code: '012042'\n")
    with RawClient(environment={"SPECQL_DB_URL": workspace_url}) as client:
        client.initialize(workspace)
        wanted = {"command": ALLOCATE, "arguments": [TICKET_REQUEST]}
        assert client.answer("workspace/executeCommand", wanted)["result"]["tableCode"] == "012043"
        assert client.leave() == 0


def test_an_allocation_knows_the_codes_that_were_just_typed(workspace: Path) -> None:
    uri = (workspace / TICKET).as_uri()
    settings = {"registry": {"backend": "in_memory"}, "diagnostics": {"debounceMs": 3_600_000}}
    with RawClient() as client:
        client.initialize(workspace, initializationOptions=settings)
        run = {"number": "2", "name": "crm"}
        client.answer("workspace/executeCommand", {"command": "specql.registerDomain", "arguments": [run]})
        place = {"domain": "crm", "number": "04", "name": "support"}
        client.answer("workspace/executeCommand", {"command": "specql.registerSubdomain", "arguments": [place]})
        wanted = {"entity": "Early", "domain": "crm", "subdomain": "support"}
        client.notify("textDocument/didOpen", opened(uri, NEW))
        typed = NEW.replace("table_code: ", "table_code: '012042'").splitlines(keepends=True)[3]
        client.notify("textDocument/didChange", replaced(uri, 2, 3, typed))
        answer = client.answer(
            "workspace/executeCommand", {"command": "specql.allocateEntityCode", "arguments": [wanted]}
        )
        assert answer["result"]["tableCode"] == "012043"
        assert client.leave() == 0
