"""A change that cannot be applied: the server says so once, and answers nothing from a text that is not the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lsprotocol import types

from tests.e2e.failure_support import ALLOCATE, REGISTRY, TICKET, RawClient

TEXT = "entity: Ticket\nschema: crn\n\n"
LOOK = "a change that cannot be applied"


def opened(uri: str, text: str, version: int = 1) -> dict[str, Any]:
    return {"textDocument": {"uri": uri, "languageId": "yaml", "version": version, "text": text}}


def changed(uri: str, version: Any, *changes: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)}


def at(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    places = [{"line": line, "character": character} for line, character in (start, end)]
    return {"range": {"start": places[0], "end": places[1]}, "text": text}


SNIPPET = types.CompletionItemKind.Snippet.value


def labels(client: RawClient, uri: str) -> list[str] | None:
    params = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 0}}
    result = client.answer("textDocument/completion", params)["result"]
    return None if result is None else [item["label"] for item in result["items"] if item["kind"] != SNIPPET]


def diagnostics(client: RawClient, uri: str, *codes: str) -> None:
    def is_wanted(message: dict[str, Any]) -> bool:
        params = message.get("params") or {}
        return (
            message.get("method") == "textDocument/publishDiagnostics"
            and params["uri"] == uri
            and {d["code"] for d in params["diagnostics"]} == set(codes)
        )

    client.until(is_wanted)


def shown(client: RawClient) -> list[str]:
    return [m["params"]["message"] for m in client.messages if m.get("method") == "window/showMessage"]


def test_a_document_out_of_step_is_answered_with_nothing_until_its_text_comes(workspace: Path) -> None:
    uri = (workspace / TICKET).as_uri()
    with RawClient(server="specql_lsp") as client:
        client.initialize(workspace)
        client.source("yaml")
        client.notify("textDocument/didOpen", opened(uri, TEXT))
        diagnostics(client, uri, "unknown-domain")
        client.notify("textDocument/didChange", changed(uri, 2, at((1, 5), (0, 0), "x")))
        diagnostics(client, uri)
        assert labels(client, uri) is None
        place = {"line": 0, "character": 9}
        here = {"textDocument": {"uri": uri}, "position": place}
        assert client.answer("textDocument/hover", here)["result"] is None
        asked = {**here, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
        assert client.answer("textDocument/codeAction", asked)["result"] is None
        run = {"command": ALLOCATE, "arguments": [{"uri": uri}]}
        refused = client.answer("workspace/executeCommand", run)["error"]
        assert refused["data"]["kind"] == "conflict" and TICKET.rpartition("/")[2] in refused["message"]
        client.notify("textDocument/didChange", changed(uri, 3, at((0, 0), (0, 0), "# more\n")))
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]})
        assert labels(client, uri) is None
        assert [LOOK in message for message in shown(client)] == [True], "once"

        client.notify("textDocument/didChange", changed(uri, 4, {"range": None, "text": TEXT.replace("crn", "crm")}))
        diagnostics(client, uri, "missing-table-code")
        assert "description" in (labels(client, uri) or ())

        client.notify("textDocument/didChange", changed(uri, 2, at((0, 0), (0, 0), "# late\n")))
        diagnostics(client, uri)
        assert labels(client, uri) is None
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        diagnostics(client, uri, "missing-table-code")  # the disk's
        client.notify("textDocument/didOpen", opened(uri, TEXT))
        diagnostics(client, uri, "unknown-domain")
        client.notify("textDocument/didChange", changed(uri, 2, at((1, 8), (1, 11), "crm")))
        diagnostics(client, uri, "missing-table-code")
        assert len(shown(client)) == 2
        assert client.leave() == 0


def test_a_change_of_a_document_that_is_not_open(workspace: Path) -> None:
    uri = (workspace / TICKET).as_uri()
    with RawClient(server="specql_lsp") as client:
        client.initialize(workspace)
        client.source("yaml")
        for version in (2, 3):
            client.notify("textDocument/didChange", changed(uri, version, {"text": TEXT}))
            client.notify("textDocument/didChange", changed(uri, version, at((0, 0), (0, 0), "x")))
        assert labels(client, uri) is None
        assert ["without having opened it" in message for message in shown(client)] == [True]
        client.notify("textDocument/didOpen", opened(uri, TEXT))
        assert "description" in (labels(client, uri) or ())
        assert client.leave() == 0


def test_a_registry_out_of_step_is_read_from_the_disk_and_never_edited(workspace: Path) -> None:
    uri = (workspace / REGISTRY).as_uri()
    text = (workspace / REGISTRY).read_text()
    with RawClient(server="specql_lsp") as client:
        client.initialize(workspace)
        client.source("yaml")
        client.notify("textDocument/didOpen", opened(uri, text))
        diagnostics(client, uri, "subdomain-mismatch")
        client.notify("textDocument/didChange", changed(uri, 2, at((0, 0), (0, 0), "domains: nonsense\n"), {"text": 5}))
        diagnostics(client, uri)
        status = client.answer("workspace/executeCommand", {"command": "specql.refreshRegistry"})["result"]
        assert (status["source"], status["domains"]) == ("yaml", 4)
        here = {"start": {"line": 0, "character": 0}, "end": {"line": 200, "character": 0}}
        asked = {"textDocument": {"uri": uri}, "range": here, "context": {"diagnostics": []}}
        assert client.answer("textDocument/codeAction", asked)["result"] is None
        client.notify("textDocument/didChange", changed(uri, 3, {"text": text}))
        diagnostics(client, uri, "subdomain-mismatch")
        assert client.leave() == 0
