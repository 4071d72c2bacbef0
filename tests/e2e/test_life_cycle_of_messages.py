"""Messages that may not be sent now, that are no messages, or that are malformed: each is answered as LSP says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.failure_support import CONTACT, TICKET, RawClient
from tests.support.patience import PATIENCE

NOT_INITIALIZED, INVALID, UNKNOWN, MALFORMED, NO_JSON = -32002, -32600, -32601, -32602, -32700

FOREIGN_DATA: list[Any] = [
    *(None, 5, "x", {}, [], [0], [0, "code"], [0, "code", "x"], [0, "code", ["code"]], [0, "x", ["a", "b"]]),
    *([0, "code", ["code", 5]], [0, "code", ["code", "\ud800"]], [0, "subdomain", ["domain", "zz"]]),
    *([0, "layer", ["layer", ""]], [99, "code", ["code", "012011"]], [[], "code", ["code", "012011"]], [{}, {}, {}]),
    {"uri": "file:///a.yaml", "version": 1, "range": [2**31, 0, 2**31, 0], "title": "x", "kind": "odd.kind"},
]


def error_without_id(client: RawClient) -> dict[str, Any]:
    error: dict[str, Any] = client.until(lambda m: "error" in m and m.get("id") is None)["error"]
    return error


def begin(workspace: Path) -> dict[str, Any]:
    folder = {"uri": workspace.as_uri(), "name": "w"}
    return {"processId": None, "rootUri": None, "capabilities": {}, "workspaceFolders": [folder]}


def status(client: RawClient) -> str:
    answer = client.answer("workspace/executeCommand", {"command": "specql.refreshRegistry"})
    source: str = answer["result"]["source"]
    return source


def test_the_life_of_a_server(workspace: Path) -> None:
    with RawClient(server="specql_lsp") as client:
        for method in ("specql/none", "textDocument/hover", "shutdown", "workspace/executeCommand", "$/none"):
            assert client.answer(method, {})["error"]["code"] == NOT_INITIALIZED, method
        client.notify("initialized", {})
        client.notify("textDocument/didOpen", {"textDocument": 1})
        assert client.answer("initialize", None)["error"]["code"] == MALFORMED
        assert "result" in client.answer("initialize", begin(workspace))
        assert client.answer("initialize", begin(workspace))["error"]["code"] == INVALID
        client.notify("initialized", {})
        client.notify("initialized", {})
        assert client.answer("initialize", begin(workspace))["error"]["code"] == INVALID
        assert status(client) == "yaml"
        assert client.answer("specql/none", {})["error"]["code"] == UNKNOWN
        assert "result" in client.answer("shutdown")
        for method in ("shutdown", "initialize", "textDocument/hover", "specql/none", "workspace/executeCommand"):
            assert client.answer(method, {})["error"]["code"] == INVALID, method
        client.notify("textDocument/didChange", {})
        client.notify("exit")
        assert client.process.wait(PATIENCE) == 0


def test_leaving_before_anything_began() -> None:
    with RawClient(server="specql_lsp") as client:
        assert client.answer("shutdown")["error"]["code"] == NOT_INITIALIZED
        client.notify("exit")
        assert client.process.wait(PATIENCE) == 1


def test_what_is_no_message_is_answered_and_does_not_end_it(workspace: Path) -> None:
    with RawClient(server="specql_lsp") as client:
        for body, code in [
            (b"{", NO_JSON),
            (b"", NO_JSON),
            (b"\xff\xfe\xfa", NO_JSON),
            (b"[" * 100_000, NO_JSON),
            (b'{"jsonrpc": "2.0", "id": 1' + b"9" * 5_000 + b', "method": "x"}', NO_JSON),
            (b"null", INVALID),
            (b'"x"', INVALID),
            (b"{}", INVALID),
            (b"[]", INVALID),
            (b"[1, null]", INVALID),
            (b'{"jsonrpc": "2.0"}', INVALID),
            (b'{"jsonrpc": "2.0", "method": 5}', INVALID),
            (b'{"jsonrpc": "2.0", "id": null, "method": "textDocument/hover"}', INVALID),
            (b'{"jsonrpc": "2.0", "id": {}, "method": "textDocument/hover"}', INVALID),
            (b'{"jsonrpc": "2.0", "id": true, "method": "textDocument/hover"}', INVALID),
        ]:
            client.send_bytes(body)
            assert error_without_id(client)["code"] == code, body[:60]
        client.initialize(workspace)
        assert status(client) == "yaml"
        for wanted in (2**63, -1, "a name", "9" * 10_000):
            client.send({"id": wanted, "method": "specql/none", "params": None})
            assert client.until(lambda m, i=wanted: m.get("id") == i)["error"]["code"] == UNKNOWN
        old = {"jsonrpc": "1.0", "id": 77, "method": "specql/none"}
        client.send_bytes(json.dumps(old).encode())
        assert client.until(lambda m: m.get("id") == 77)["error"]["code"] == INVALID
        batch = [{"jsonrpc": "2.0", "id": i, "method": "shutdown"} for i in ("a", "b")]
        client.send_bytes(json.dumps([*batch, {"jsonrpc": "2.0", "method": "exit"}]).encode())
        for wanted in ("a", "b"):
            assert client.until(lambda m, i=wanted: m.get("id") == i)["error"]["code"] == INVALID
        assert client.leave() == 0


def test_headers_as_clients_write_them(workspace: Path) -> None:
    with RawClient(server="specql_lsp") as client:
        assert client.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", "id": "x", "method": "initialize", "params": begin(workspace)}).encode()
        header = b"content-type: application/vscode-jsonrpc; charset=utf8\r\ncontent-length: %d\r\n\r\n" % len(body)
        client.process.stdin.write(header + body)
        client.process.stdin.flush()
        assert "result" in client.until(lambda m: m.get("id") == "x")
        client.notify("initialized", {})
        assert client.leave() == 0


def test_an_object_with_a_key_jsonrpc_inside_the_parameters(workspace: Path) -> None:
    """It is the client's own, not another message."""
    with RawClient(server="specql_lsp") as client:
        options = {"registry": {"backend": "in_memory"}, "trace": {"jsonrpc": "2.0", "id": 1, "method": "exit"}}
        client.initialize(workspace, initializationOptions=options)
        assert status(client) == "in_memory"
        assert client.leave() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"trace": "compact", "capabilities": {"textDocument": {"documentSymbol": {"symbolKind": {"valueSet": [27]}}}}},
        {"rootUri": "file://[x", "rootPath": 5, "clientInfo": "vi", "processId": -5},
        {"capabilities": {"general": {"positionEncodings": [{}]}, "workspace": 5}},
    ],
)
def test_initialize_is_not_refused_for_a_value(workspace: Path, wrong: dict[str, Any]) -> None:
    with RawClient(server="specql_lsp") as client:
        assert "result" in client.initialize(workspace, **wrong)
        assert status(client) == "yaml"
        assert client.leave() == 0


def test_unknown_values_in_other_messages(workspace: Path) -> None:
    uri = (workspace / TICKET).as_uri()
    with RawClient(server="specql_lsp") as client:
        client.initialize(workspace)
        assert status(client) == "yaml"
        text = "entity: Ticket\nschema: crm\n\n"
        item = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": item})
        client.notify("$/setTrace", {"value": "compact"})
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 9}]})
        place = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 0}}
        answer = client.answer("textDocument/completion", {**place, "context": {"triggerKind": 8}})
        assert answer["result"]["items"]
        here = {"start": place["position"], "end": place["position"]}
        diagnostic = {"range": here, "message": "x", "severity": 17, "tags": [9], "source": "other", "code": 5}
        context = {"diagnostics": [diagnostic], "only": ["quickfix", "specql.odd"], "triggerKind": 7}
        asked = {"textDocument": {"uri": uri}, "range": here, "context": context}
        assert "result" in client.answer("textDocument/codeAction", asked)
        assert client.leave() == 0


def test_what_is_resolved_is_given_back(workspace: Path) -> None:
    with RawClient(server="specql_lsp") as client:
        client.initialize(workspace)
        assert status(client) == "yaml"
        uri = (workspace / TICKET).as_uri()
        opened = {"uri": uri, "languageId": "yaml", "version": 1, "text": "entity: Ticket\nschema: crm\n"}
        client.notify("textDocument/didOpen", {"textDocument": opened})
        client.answer(
            "textDocument/completion", {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 0}}
        )
        own = ["code", ["code", "012011"]]
        for data in FOREIGN_DATA:
            item = {"label": "x", "kind": 99, "data": data, "other": {"of": ["another", "server"]}, "insertText": None}
            assert client.answer("completionItem/resolve", item)["result"] == item, data
            action = {"title": "x", "kind": "odd.kind", "data": data, "command": {"title": "y", "command": "z"}}
            assert client.answer("codeAction/resolve", action)["result"] == action, data
        found = client.answer("completionItem/resolve", {"label": "x", "data": [0, *own], "other": 1})["result"]
        assert found["documentation"]["value"] and found["other"] == 1
        for odd in (None, 5, [], "x"):
            assert client.answer("completionItem/resolve", odd)["result"] == odd
        assert client.leave() == 0


def test_malformed_parameters_are_answered(workspace: Path) -> None:
    uri = (workspace / CONTACT).as_uri()
    place = {"line": 0, "character": 9}
    with RawClient(server="specql_lsp") as client:
        client.initialize(workspace)
        assert status(client) == "yaml"
        for method in ("textDocument/completion", "textDocument/hover", "textDocument/codeAction"):
            for params in (
                None,
                [],
                5,
                {},
                {"textDocument": None, "position": place},
                {"textDocument": {"uri": None}, "position": place},
                {"textDocument": {"uri": uri}, "position": None, "range": None},
                {"textDocument": {"uri": uri}, "position": {"line": -1, "character": 0}, "range": {"start": place}},
                {"textDocument": {"uri": uri}, "position": {"line": "x"}, "range": [], "context": {}},
            ):
                assert client.answer(method, params)["error"]["code"] == MALFORMED, (method, params)
        far = {"line": 2**40, "character": 2**40}
        for position in (far, {"line": 0, "character": 2**31 - 1}):
            document = {"textDocument": {"uri": uri}, "position": position}
            assert "result" in client.answer("textDocument/hover", document)
            assert "result" in client.answer("textDocument/completion", document)
            asked = {**document, "range": {"start": far, "end": place}, "context": {"diagnostics": []}}
            assert "result" in client.answer("textDocument/codeAction", asked)
        for params in (
            None,
            [],
            {},
            {"command": None},
            {"command": 5},
            {"command": "specql.getDomain", "arguments": 5},
        ):
            assert client.answer("workspace/executeCommand", params)["error"]["code"] == MALFORMED, params
        for method in ("didOpen", "didChange", "didClose"):
            for params in (None, [], 5, {}, {"textDocument": None}, {"textDocument": {"uri": 5}}):
                client.notify(f"textDocument/{method}", params)
        for method in ("didChangeWatchedFiles", "didChangeConfiguration", "didChangeWorkspaceFolders"):
            for params in (None, [], 5, {}, {"changes": None}, {"changes": [None]}, {"event": {}}, {"event": None}):
                client.notify(f"workspace/{method}", params)
        for params in (None, {}, {"id": None}, {"id": {}}, {"id": []}, {"id": 1}, {"id": "never"}):
            client.notify("$/cancelRequest", params)
        assert status(client) == "yaml"
        assert client.leave() == 0
