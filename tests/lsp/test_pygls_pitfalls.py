"""Each override of pygls and lsprotocol has its bug shown here, in plain pygls: when one is mended, its test fails.

The message of the failure says what of ours can be removed then. ``test_every_override_has_its_bug`` holds the list.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cattrs.errors import BaseValidationError
from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcException
from pygls.io_ import run_async
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.workspace import TextDocument

from specql_lsp.lsp.protocol import SpecqlProtocol
from specql_lsp.lsp.stdio_server import SpecqlServer

INITIALIZE = {"id": 0, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}
URI = "file:///a.yaml"


@contextmanager
def bug(*overrides: str) -> Iterator[None]:
    """What is in it holds as long as pygls or lsprotocol has the bug.

    Args:
        overrides: what of ours is there for the bug, as names in ``specql_lsp.lsp``.
    """
    try:
        yield
    except AssertionError as error:
        pytest.fail(f"Mended upstream: remove this test and what is for it in {', '.join(overrides)}. ({error})")


class Output:
    """What a server writes."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        """Nothing to do."""

    @property
    def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        left = self.data
        while left:
            head, _, left = left.partition(b"\r\n\r\n")
            length = int(head.split(b"\r\n")[0].split(b":")[1])
            found.append(json.loads(left[:length]))
            left = left[length:]
        return found


def frame(body: bytes, header: bytes = b"Content-Length") -> bytes:
    return b"%b: %d\r\n\r\n%b" % (header, len(body), body)


def plain() -> tuple[LanguageServer, Output]:
    """pygls' own server, and what it writes."""
    server, output = LanguageServer("plain", "1"), Output()
    server.protocol.set_writer(output)
    return server, output


def exchange(server: LanguageServer, output: Output, *messages: dict[str, Any] | bytes) -> list[dict[str, Any]]:
    """What a server writes when it has read some messages, or bytes."""

    async def run() -> None:
        reader = asyncio.StreamReader()
        for message in messages:
            body = message if isinstance(message, bytes) else frame(json.dumps({"jsonrpc": "2.0", **message}).encode())
            reader.feed_data(body)
        reader.feed_eof()
        await run_async(threading.Event(), reader, server.protocol, error_handler=server.report_server_error)
        for _ in range(10):  # what was spawned goes on
            await asyncio.sleep(0)

    asyncio.run(run())
    return output.messages


def answers(messages: list[dict[str, Any]], number: Any) -> list[dict[str, Any]]:
    return [m for m in messages if m.get("id") == number and "method" not in m]


# What a client sends.


def test_a_request_with_malformed_parameters_is_not_answered() -> None:
    server, output = plain()
    server.feature("textDocument/hover")(lambda _params: None)
    request = {"id": 1, "method": "textDocument/hover", "params": {"textDocument": 1}}
    with bug("SpecqlProtocol.receive", "SpecqlProtocol._receive_call", "SpecqlServer._serve"):
        assert answers(exchange(server, output, INITIALIZE, request), 1) == []


def test_what_is_no_json_is_not_answered() -> None:
    server, output = plain()
    with bug("SpecqlProtocol.receive"):
        assert not [m for m in exchange(server, output, frame(b"{")) if "error" in m]


def test_a_batch_is_not_answered() -> None:
    server, output = plain()
    batch = [{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}]
    with bug("SpecqlProtocol.receive"):
        assert answers(exchange(server, output, INITIALIZE, frame(json.dumps(batch).encode())), 1) == []


def test_an_object_with_a_key_jsonrpc_is_taken_for_a_message() -> None:
    server, output = plain()
    inner = {"jsonrpc": "2.0", "id": 1, "method": "x"}
    with bug("SpecqlServer.start_io"):
        found = exchange(
            server, output, {**INITIALIZE, "params": {**INITIALIZE["params"], "initializationOptions": inner}}
        )
        assert answers(found, 0) == [] or "error" in answers(found, 0)[0]


def test_a_header_in_another_spelling_is_not_read() -> None:
    server, output = plain()
    body = json.dumps({"jsonrpc": "2.0", **INITIALIZE}).encode()
    with bug("SpecqlServer.start_io"):
        assert exchange(server, output, frame(body, b"content-length")) == []


def test_a_request_before_initialize_reaches_its_handler() -> None:
    server, output = plain()
    server.feature("textDocument/hover")(lambda _params: None)
    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}
    with bug("SpecqlProtocol._check_life_cycle"):
        (answer,) = answers(exchange(server, output, {"id": 1, "method": "textDocument/hover", "params": place}), 1)
        assert "result" in answer


def test_a_request_after_shutdown_is_not_answered() -> None:
    server, output = plain()
    messages = exchange(server, output, INITIALIZE, {"id": 1, "method": "shutdown"}, {"id": 2, "method": "shutdown"})
    with bug("SpecqlProtocol._check_life_cycle"):
        assert answers(messages, 2) == []


def test_initialize_fails_for_a_root_that_is_no_uri() -> None:
    server, output = plain()
    request = {**INITIALIZE, "params": {**INITIALIZE["params"], "rootUri": "file://[x"}}
    with bug("SpecqlProtocol.lsp_initialize"):
        (answer,) = answers(exchange(server, output, request), 0)
        assert "error" in answer


# Documents.


def test_lines_are_split_where_lsp_does_not() -> None:
    with bug("SpecqlProtocol.lsp_text_document__did_open", "syntax.text.LineIndex"):
        assert len(TextDocument(URI, "a\u2028b\x0cc\x85d").lines) > 1


# What stays behind.


def futures_after(*messages: dict[str, Any]) -> int:
    server, output = plain()
    exchange(server, output, INITIALIZE, *messages)
    return len(server.protocol._request_futures)


@pytest.mark.parametrize(
    ("override", "method", "params"),
    [
        ("lsp_initialized", "initialized", {}),
        ("lsp_set_trace", "$/setTrace", {"value": "off"}),
        ("lsp_work_done_progress_cancel", "window/workDoneProgress/cancel", {"token": 1}),
        ("lsp_text_document__did_close", "textDocument/didClose", {"textDocument": {"uri": URI}}),
        (
            "lsp_text_document__did_open",
            "textDocument/didOpen",
            {"textDocument": {"uri": URI, "languageId": "yaml", "version": 1, "text": ""}},
        ),
        (
            "lsp_text_document__did_change",
            "textDocument/didChange",
            {"textDocument": {"uri": URI, "version": 2}, "contentChanges": []},
        ),
        (
            "lsp_workspace__did_change_workspace_folders",
            "workspace/didChangeWorkspaceFolders",
            {"event": {"added": [], "removed": []}},
        ),
    ],
)
def test_a_notification_leaves_a_future(override: str, method: str, params: dict[str, Any]) -> None:
    """pygls issues 607 and 608."""
    with bug(f"SpecqlProtocol.{override}"):
        assert futures_after(*[{"method": method, "params": params}] * 3) >= 3


def test_a_command_leaves_a_future() -> None:
    server, output = plain()

    @server.command("test")
    async def run(*_arguments: Any) -> None:
        await asyncio.sleep(0)

    request = {"method": "workspace/executeCommand", "params": {"command": "test"}}
    exchange(server, output, INITIALIZE, *({"id": n, **request} for n in (1, 2, 3)))
    with bug("SpecqlProtocol.lsp_workspace__execute_command"):
        assert len(server.protocol._request_futures) >= 3


# Cancelling and answers.


def test_a_client_can_cancel_a_request_of_ours() -> None:
    server, _ = plain()
    mine: Future[Any] = Future()
    server.protocol._request_futures["ours"] = mine
    server.protocol._handle_cancel_notification("ours")
    with bug("SpecqlProtocol._handle_cancel_notification"):
        assert mine.cancelled()


def test_an_answer_to_a_request_that_was_cancelled_is_an_error() -> None:
    """pygls issue 621: the message that follows in the same read is lost."""
    server, _ = plain()
    mine: Future[Any] = Future()
    mine.cancel()
    server.protocol._request_futures["ours"] = mine
    with bug("SpecqlProtocol._receive_response", "client._answered"), pytest.raises(Exception, match="CANCELLED"):
        server.protocol._handle_response("ours", 1)


def test_an_answer_that_cannot_be_read_leaves_its_request_waiting() -> None:
    server, output = plain()
    mine: Future[Any] = Future()
    server.protocol._request_futures["ours"] = mine
    server.protocol._result_types["ours"] = types.ApplyWorkspaceEditResponse
    exchange(server, output, {"id": "ours", "result": {"applied": {}, "failedChange": "x"}})
    with bug("SpecqlProtocol._receive_response"):
        assert not mine.done()


def test_shutdown_is_answered_before_the_requests_that_it_cancels() -> None:
    server, output = plain()

    @server.feature("textDocument/hover")
    async def hover(_params: Any) -> None:
        await asyncio.Event().wait()

    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}
    request = {"id": 1, "method": "textDocument/hover", "params": place}
    found = exchange(server, output, INITIALIZE, request, {"id": 2, "method": "shutdown"})
    with bug("SpecqlProtocol.lsp_shutdown"):
        assert [m["id"] for m in found if m.get("id") in {1, 2}] == [2, 1]


# What is shown and logged.


def test_an_exception_is_answered_with_its_text_and_traceback() -> None:
    server, output = plain()

    @server.feature("textDocument/hover")
    def hover(_params: Any) -> None:
        raise RuntimeError("postgresql://me:secret@host/db")

    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}
    request = {"id": 1, "method": "textDocument/hover", "params": place}
    with bug("answers.guard_sync", "answers.guard_async"):
        assert "secret" in json.dumps(answers(exchange(server, output, INITIALIZE, request), 1))


def test_an_exception_s_text_is_shown_to_the_user() -> None:
    server, output = plain()

    @server.feature("textDocument/didSave")
    def did_save(_params: Any) -> None:
        raise RuntimeError("postgresql://me:secret@host/db")

    saved = {"method": "textDocument/didSave", "params": {"textDocument": {"uri": URI}}}
    with bug("SpecqlServer.report_server_error", "answers.guard_notification"):
        shown = [m for m in exchange(server, output, INITIALIZE, saved) if m.get("method") == "window/showMessage"]
        assert "secret" in json.dumps(shown)


def test_an_error_that_a_handler_answers_with_is_logged_with_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    server, output = plain()

    @server.feature("textDocument/hover")
    def hover(_params: Any) -> None:
        raise JsonRpcException("Refused.")

    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}
    with caplog.at_level(logging.ERROR):
        exchange(server, output, INITIALIZE, {"id": 1, "method": "textDocument/hover", "params": place})
    with bug("SpecqlProtocol._send_handler_result"):
        assert any(record.exc_info for record in caplog.records)


# Structuring.


def refuses(data: Any, kind: type[Any]) -> bool:
    try:
        get_converter().structure(data, kind)
    except (BaseValidationError, ValueError, TypeError):
        return True
    return False


def test_an_unknown_value_of_an_enumeration_refuses_a_message() -> None:
    with bug("structuring._member"):
        assert refuses(
            {"jsonrpc": "2.0", "method": "$/setTrace", "params": {"value": "compact"}}, types.SetTraceNotification
        )


def test_a_position_past_the_largest_number_is_refused() -> None:
    with bug("structuring.read_position"):
        assert refuses({"line": 2**40, "character": 0}, types.Position)


def test_a_folder_without_a_name_is_refused() -> None:
    with bug("structuring._folder"):
        assert refuses({"uri": URI}, types.WorkspaceFolder)


def test_null_becomes_a_text() -> None:
    item = {"uri": URI, "languageId": "yaml", "version": 1, "text": None}
    with bug("structuring._text"):
        assert get_converter().structure(item, types.TextDocumentItem).text == "None"


def test_one_wrong_value_refuses_initialize() -> None:
    request = {"jsonrpc": "2.0", **INITIALIZE, "params": {**INITIALIZE["params"], "clientInfo": "vi"}}
    with bug("client_json.ClientObject"):
        assert refuses(request, types.InitializeRequest)


def test_a_code_action_with_a_command_is_read_as_a_command() -> None:
    action = {"title": "Do", "kind": "quickfix", "command": {"title": "Do", "command": "do"}}
    response = {"jsonrpc": "2.0", "id": 1, "result": [action]}
    with bug("routes.Route.raw of codeAction/resolve"):
        (read,) = get_converter().structure(response, types.CodeActionResponse).result or ()
        assert isinstance(read, types.Command)


def test_every_override_has_its_bug() -> None:
    """An override without a test above would stay for ever."""
    text = Path(__file__).read_text(encoding="utf-8")
    ours = [kind for each in (SpecqlProtocol, SpecqlServer) for kind in each.__mro__ if _is_ours(kind)]
    own = {name for kind in ours for name in vars(kind)}
    theirs = {name for kind in (LanguageServerProtocol, LanguageServer) for each in kind.__mro__ for name in vars(each)}
    # A narrower type; messages that wait; JSON as it is; JSON that is text already.
    wanted = {"protocol", "handle_message", "_send_response", "_send_data"}
    overrides = {name for name in own & theirs if not name.startswith("__")} - wanted
    assert [name for name in sorted(overrides) if not re.search(rf'[."]{name}"', text)] == []


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith("specql_lsp.")
