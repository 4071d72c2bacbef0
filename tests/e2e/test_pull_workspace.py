"""``workspace/diagnostic``: what is found in all files, streamed or by a request that stays open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.diagnostics_support import TASK, TICKET, execute, voucher
from tests.e2e.pull_support import CANCELLED, PullClient, codes, vscode

PATH = "entities/crm/voucher.yaml"
COMPANY, CONTACT, REGISTRY = "entities/crm/company.yaml", "entities/crm/contact.yaml", "registry/domain_registry.yaml"


@pytest.fixture
def client(workspace: Path) -> Iterator[PullClient]:
    with vscode(workspace) as client:
        assert client.initialized["diagnosticProvider"]["workspaceDiagnostics"] is True
        client.source("yaml")
        yield client
        assert client.leave() == 0
        assert b"Traceback" not in client.stderr
        assert client.published == {}


def everything(client: PullClient) -> int:
    """Asks for everything once more until nothing is left; the request that is open then."""
    while True:
        number = client.ask_workspace(client.ids)
        fence = client.ask_document("entities/there/is_none.yaml")
        client.end_of(fence)
        if not any(m.get("id") == number and "method" not in m for m in client.messages):
            return number
        client.take_report(client.end_of(number)["result"])


def test_a_stream_of_what_is_found_in_files_that_are_not_open(client: PullClient) -> None:
    number = client.ask_workspace(token="t")
    client.codes_reported(TICKET, "missing-table-code")
    client.codes_reported(COMPANY, "unquoted-table-code")
    client.codes_reported(REGISTRY, "subdomain-mismatch")
    client.codes_reported(CONTACT, "table-code-taken")
    client.write(TICKET, "entity: Ticket\nschema: crn\n")
    client.codes_reported(TICKET, "unknown-domain")
    client.write(TICKET, voucher("'014011'", schema="projects", name="Project"))
    client.codes_reported(TICKET)
    assert client.uri(TICKET) not in client.ids
    parts = [m["params"] for m in client.messages if m.get("method") == "$/progress"]
    assert {part["token"] for part in parts} == {"t"}
    assert {item["version"] for part in parts for item in part["value"]["items"]} == {None}
    assert not [m for m in client.messages if m.get("id") == number and "method" not in m]
    client.notify("$/cancelRequest", {"id": number})
    assert client.end_of(number)["error"]["code"] == CANCELLED


def test_what_the_client_has_is_not_sent_again(client: PullClient) -> None:
    first = client.ask_workspace(token=1)
    client.codes_reported(TICKET, "missing-table-code")
    client.codes_reported(REGISTRY, "subdomain-mismatch")
    client.codes_reported(CONTACT, "table-code-taken")
    client.notify("$/cancelRequest", {"id": first})
    client.end_of(first)
    before = len(client.messages)
    client.write(TICKET, "entity: Ticket\nschema: crn\n")
    gone = client.folder / "there_was_one.yaml"
    client.ask_workspace({**client.ids, gone.as_uri(): "7"}, token=2)
    client.codes_reported(TICKET, "unknown-domain")
    sent = [
        item["uri"]
        for m in client.messages[before:]
        if m.get("method") == "$/progress"
        for item in m["params"]["value"]["items"]
    ]
    assert sorted(sent) == sorted([gone.as_uri(), client.uri(TICKET)])
    assert client.reported[gone.as_uri()] == []


def test_without_partial_results_the_answer_waits_until_something_changes(client: PullClient) -> None:
    expected = {TICKET: ["missing-table-code"], REGISTRY: ["subdomain-mismatch"], CONTACT: ["table-code-taken"]}
    while any(codes(client.reported.get(client.uri(path), [])) != found for path, found in expected.items()):
        client.take_report(client.end_of(client.ask_workspace(client.ids))["result"])
    waiting = everything(client)
    client.write(TICKET, "entity: Ticket\nschema: crn\n")
    items = client.end_of(waiting)["result"]["items"]
    assert [(item["uri"], item["version"], codes(item["items"])) for item in items] == [
        (client.uri(TICKET), None, ["unknown-domain"])
    ]
    client.take_report({"items": items})
    again = everything(client)
    (client.folder / TICKET).unlink()
    client.touch(TICKET)
    items = client.end_of(again)["result"]["items"]
    assert [item for item in items if item["uri"] == client.uri(TICKET)] == [
        {"kind": "full", "uri": client.uri(TICKET), "version": None, "items": []}
    ]


def test_a_request_that_waits_ends_with_the_server(workspace: Path) -> None:
    with vscode(workspace) as client:
        client.source("yaml")
        streaming, waiting = client.ask_workspace(token="t"), everything(client)
        assert client.leave() == 0
        assert client.end_of(streaming)["result"] == {"items": []}
        assert client.end_of(waiting)["result"] == {"items": []}


def test_open_documents_have_their_version_and_closed_ones_are_said_again(client: PullClient) -> None:
    client.ask_workspace(token="t")
    client.codes_reported(TICKET, "missing-table-code")
    client.open(TICKET, "entity: Ticket\nschema: crn\n")
    client.codes_reported(TICKET, "unknown-domain")
    last = [m for m in client.messages if m.get("method") == "$/progress"][-1]["params"]["value"]["items"]
    assert [item["version"] for item in last if item["uri"] == client.uri(TICKET)] == [1]
    assert codes(client.pull(TICKET)["items"]) == ["unknown-domain"]
    client.change(TICKET, voucher("'014011'", schema="projects", name="Project"))
    assert client.pull(TICKET)["items"] == []
    client.close(TICKET)
    client.pull(TICKET)  # as VS Code does
    client.codes_reported(TICKET, "missing-table-code")
    client.write(TICKET, "entity: Ticket\nschema: crn\n")
    client.codes_reported(TICKET, "unknown-domain")
    assert client.refreshes == 0  # it is not open
    # Of a file without findings VS Code may still show those of the document that it pulled.
    right = "entities/projects/project.yaml"
    client.write(right, voucher("'014011'", schema="projects", name="Project"))
    client.open(right)
    assert client.pull(right)["items"] == []
    client.change(right, "entity: Project\nschema: nowhere\n")
    client.reported.pop(client.uri(right), None)
    client.close(right)
    while client.reported.get(client.uri(right)) != []:
        client.until(lambda m: m.get("method") == "$/progress")


def test_several_folders(workspace: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "entities").mkdir(parents=True)
    (other / "entities" / "one.yaml").write_text("entity: One\nschema: crm\nfields:\n  a: txet\n", encoding="utf-8")
    uri = (other / "entities" / "one.yaml").as_uri()
    with vscode(workspace, other) as client:
        client.ask_workspace(token="t")
        client.codes_reported(TICKET, "missing-table-code")
        while codes(client.reported.get(uri, [])) != ["unknown-type"]:
            client.until(lambda m: m.get("method") == "$/progress")
        event = {"added": [], "removed": [{"uri": other.as_uri(), "name": "other"}]}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        while client.reported[uri]:
            client.until(lambda m: m.get("method") == "$/progress")
        assert client.leave() == 0


def test_drift_is_reported(workspace: Path, workspace_url: str) -> None:
    execute(workspace_url, "DELETE FROM specql_registry.tb_domain WHERE domain_number = '4'")
    with vscode(workspace, environment={"SPECQL_DB_URL": workspace_url}) as client:
        client.ask_workspace(token="t")
        client.source("postgresql")
        while "missing-in-postgresql" not in codes(client.reported.get(client.uri(REGISTRY), [])):
            client.until(lambda m: m.get("method") == "$/progress")
        assert client.leave() == 0


def test_a_client_that_asks_unexpectedly_is_published_nothing_more(workspace: Path) -> None:
    with PullClient(workspace) as client:
        assert client.initialized["diagnosticProvider"]["workspaceDiagnostics"] is False
        client.codes_published(TICKET, "missing-table-code")
        client.ask_workspace(token="t")
        client.codes_reported(TICKET, "missing-table-code")
        client.codes_published(TICKET)
        client.write(TASK, "entity: Task\nschema: crn\n")
        client.codes_reported(TASK, "unknown-domain")
        assert not any(client.published.values())
        assert client.leave() == 0
