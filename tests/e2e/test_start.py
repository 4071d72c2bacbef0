"""The first message: answered before the protocol is imported where that is possible, and then as ever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.failure_support import FIXTURE, RawClient
from tests.support.patience import PATIENCE

EARLY = """
import io, json, sys
from specql_lsp.cli import serve
from specql_lsp.lsp import start

def first(stdin, stdout):
    message = read(stdin, stdout)
    heavy = ("lsprotocol", "pygls", "attr", "cattrs", "asyncio", "dataclasses", "inspect", "specql_lsp.config", "click")
    print(json.dumps([message.is_answered, sorted(name for name in heavy if name in sys.modules)]), file=sys.stderr)
    return message

read, start.read_first = start.read_first, first
sys.exit(serve.run_server())
"""
"""The server, saying on stderr whether it answered the first message, and what was imported then."""


def initialize(**params: Any) -> dict[str, Any]:
    return {"id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}, **params}}


def said(client: RawClient) -> Any:
    """What the server said of its first message; the client has left."""
    client._threads[1].join(PATIENCE)
    return json.loads(client.stderr.splitlines()[0])


def test_initialize_is_answered_before_anything_is_imported(workspace: Path) -> None:
    with RawClient(server=[sys.executable, "-c", EARLY]) as client:
        client.initialize(workspace)
        client.source("yaml")
        assert client.leave() == 0
        assert said(client) == [True, []]


def test_the_answer_comes_once(workspace: Path) -> None:
    with RawClient() as client:
        client.send({**initialize(workspaceFolders=[{"uri": workspace.as_uri(), "name": "w"}]), "id": "first"})
        client.notify("initialized", {})
        client.source("yaml")
        assert client.leave() == 0
        answers = [message for message in client.messages if message.get("id") == "first"]
    assert len(answers) == 1 and answers[0]["result"]["serverInfo"]["name"] == "specql-lsp"


@pytest.mark.parametrize("identifier", ["", "one", 0, -7, 2**70])
def test_the_answer_has_the_id_of_the_request(identifier: Any) -> None:
    with RawClient() as client:
        client.send({**initialize(), "id": identifier})
        answer = client.until(lambda message: "method" not in message)
        assert answer["id"] == identifier and "result" in answer
        client.send({**initialize(), "id": identifier})
        again = client.until(lambda message: "method" not in message)
        assert again["id"] == identifier and again["error"]["code"] == -32600, "the second one is refused"
        client.notify("exit")
        assert client.process.wait(PATIENCE) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (json.dumps([{"jsonrpc": "2.0", **initialize()}]).encode(), -32600),
        (json.dumps({"jsonrpc": "1.0", **initialize()}).encode(), -32600),
        (json.dumps({"jsonrpc": "2.0", **initialize(), "id": 1.5}).encode(), -32600),
        (json.dumps({"jsonrpc": "2.0", **initialize(), "params": [{}]}).encode(), -32602),
        (json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize"}).encode(), -32602),
        (json.dumps({"jsonrpc": "2.0", "id": 1, "method": "shutdown"}).encode(), -32002),
    ],
)
def test_an_odd_first_message_is_refused_and_the_next_one_answered(body: bytes, code: int) -> None:
    with RawClient(server=[sys.executable, "-c", EARLY]) as client:
        client.send_bytes(body)
        assert client.until(lambda message: "method" not in message)["error"]["code"] == code
        client.send({**initialize(), "id": 2})
        assert "result" in client.until(lambda message: message.get("id") == 2)
        client.notify("exit")
        assert client.process.wait(PATIENCE) == 1
        assert said(client)[0] is False


def test_a_message_that_comes_in_pieces_is_answered_when_it_is_whole(workspace: Path) -> None:
    body = json.dumps({"jsonrpc": "2.0", **initialize(rootUri=workspace.as_uri())}).encode()
    frame = b"content-type: utf-8\r\nCONTENT-LENGTH: %d\n\r\n%b" % (len(body), body)
    with RawClient() as client:
        stdin = client.process.stdin
        assert stdin is not None
        for byte in frame:
            stdin.write(bytes([byte]))
            stdin.flush()
        client.until(lambda message: message.get("id") == 1 and "result" in message)
        client.notify("initialized", {})
        client.source("yaml")
        assert client.leave() == 0


def test_what_is_sent_before_the_answer_is_read_is_handled_in_its_order(workspace: Path) -> None:
    """Everything in one write: nothing of it is lost between the two that read."""
    uri = (workspace / "entities/crm/contact.yaml").as_uri()
    opened = {"uri": uri, "languageId": "yaml", "version": 1, "text": "entity: Contact\n\n"}
    messages: list[dict[str, Any]] = [
        initialize(workspaceFolders=[{"uri": workspace.as_uri(), "name": "w"}]),
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": opened}},
        {
            "id": 2,
            "method": "textDocument/completion",
            "params": {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 0}},
        },
        {"id": 3, "method": "shutdown"},
        {"method": "exit"},
    ]
    bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
    with RawClient() as client:
        assert client.process.stdin is not None
        client.process.stdin.write(b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies))
        client.process.stdin.flush()
        client.until(lambda message: message.get("id") == 3)
        assert client.process.wait(PATIENCE) == 0
        numbers = [message["id"] for message in client.messages if "id" in message and "method" not in message]
    assert numbers == [1, 2, 3]


@pytest.mark.parametrize(
    "written",
    [b"", b"Content-Length: 10\r\n\r\n{", b"Content-Length: x\r\n\r\n", b"garbage\n\n\n", b"\x00" * 5_000],
)
def test_a_stream_that_ends_before_a_message_does(written: bytes) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "specql_lsp"], input=written, capture_output=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"Traceback" not in done.stderr


def test_a_client_that_does_not_read_the_answer() -> None:
    """It closed its end at once: the server ends, and says so in one line."""
    body = json.dumps({"jsonrpc": "2.0", **initialize()}).encode()
    process = subprocess.Popen(
        [sys.executable, "-m", "specql_lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdout.close()
    process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    process.stdin.close()
    assert process.stderr is not None
    (line,) = process.stderr.read().splitlines()
    assert line.endswith(b"The client is gone (Broken pipe).")
    process.stderr.close()
    assert process.wait(PATIENCE) == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["serve"], ["--stdio"], ["serve", "--stdio"], ["serve", "--log-level", "error", "--log-file", "{log}"]],
)
def test_every_way_to_start_it_answers(arguments: list[str], tmp_path: Path) -> None:
    arguments = [argument.format(log=tmp_path / "log") for argument in arguments]
    with RawClient(arguments=arguments) as client:
        client.send(initialize())
        assert "result" in client.until(lambda message: message.get("id") == 1)
        assert client.leave() == 0


def test_a_log_file_that_cannot_be_written_is_said_before_anything_is_read() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "specql_lsp", "serve", "--log-file", str(FIXTURE / "missing" / "log")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"cannot be written" in done.stderr


def test_an_unexpected_lsprotocol_is_served_with_all_the_same(workspace: Path) -> None:
    script = """
import sys
from specql_lsp.lsp import lazy_lsprotocol
lazy_lsprotocol.RELEASE = "1999.0.0"
from specql_lsp.cli.serve import run_server
sys.exit(run_server())
"""
    with RawClient(server=[sys.executable, "-c", script]) as client:
        client.initialize(workspace)
        client.source("yaml")
        assert client.leave() == 0


def test_the_end_looks_through_nothing(workspace: Path) -> None:
    """The interpreter's end collects garbage: with thousands of files an editor would wait seconds for it."""
    script = """
import gc, json, sys
from specql_lsp.cli.serve import run_server
status = run_server()
print(json.dumps([len(gc.get_objects()), gc.get_freeze_count()]), file=sys.stderr)
sys.exit(status)
"""
    with RawClient(server=[sys.executable, "-c", script]) as client:
        client.initialize(workspace)
        client.source("yaml")
        assert client.leave() == 0
        walked, frozen = said(client)
    assert walked < 1_000 < frozen


DIAGNOSING = """
import json, sys
from specql_lsp.cli import serve
from specql_lsp.lsp.lazy_lsprotocol import import_lsprotocol

import_lsprotocol()
from specql_lsp.lsp.protocol import SpecqlProtocol

def notify(protocol, method, params):
    send(protocol, method, params)
    if json.loads(params).get("diagnostics"):
        SpecqlProtocol.notify_text = send
        print(json.dumps(sorted(sys.modules)), file=sys.stderr)

send, SpecqlProtocol.notify_text = SpecqlProtocol.notify_text, notify
sys.exit(serve.run_server())
"""
"""The server, saying on stderr what was imported when it published the first findings."""

NOT_NEEDED = (
    *(
        "click",
        "psycopg",
        "ruamel",
        "specql_lsp.cli.main",
        "specql_lsp.features.completion",
        "specql_lsp.features.hover",
    ),
    *("specql_lsp.features.code_actions", "specql_lsp.registry.yaml_edits", "specql_lsp.syntax.editing.values"),
    *("specql_lsp.features.diagnostics.registry_file", "specql_lsp.registry.allocation", "specql_lsp.syntax.cursor"),
    *("specql_lsp.registry.consistency.changes", "specql_lsp.registry.consistency.comparison"),
    *("specql_lsp.registry.sources.memory", "specql_lsp.registry.sources.postgresql"),
    *("specql_lsp.registry.sources.yaml.shape", "specql_lsp.registry.sources.yaml.specql_needs"),
    *("specql_lsp.registry.sources.yaml.validation", "specql_lsp.syntax.pyyaml.construction"),
    *(
        "specql_lsp.syntax.pyyaml.messages",
        "specql_lsp.syntax.pyyaml.scanner",
        "specql_lsp.syntax.pyyaml.section_review",
    ),
    *("specql_lsp.syntax.pyyaml.validator", "specql_lsp.lsp.handlers.completion", "specql_lsp.lsp.handlers.hover"),
)
"""What the first diagnostics of a usual file must not import: each of them delays them."""


def test_the_first_diagnostics_import_only_what_they_need(workspace: Path) -> None:
    path = workspace / "entities" / "first.yaml"
    text = "entity: First\nschema: crm\norganization:\n  table_code: '012FF1'\nfields:\n  name: text\n"
    document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
    with RawClient(server=[sys.executable, "-c", DIAGNOSING]) as client:
        client.initialize(workspace)
        client.notify("textDocument/didOpen", {"textDocument": document})
        client.source("yaml")
        assert client.leave() == 0
        modules: list[str] = said(client)
    assert "specql_lsp.features.diagnostics" in modules
    assert [name for name in modules if name.startswith(NOT_NEEDED)] == []
