"""What the body of a message is; that the server answers accordingly is shown in ``tests/e2e/test_protocol.py``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specql_lsp.lsp.held_messages import HeldMessages
from specql_lsp.lsp.json_rpc import Call, Refused, Response, read_message

INVALID, NOT_JSON = -32600, -32700


def read(**message: Any) -> Call | Response | Refused:
    return read_message(json.dumps({"jsonrpc": "2.0", **message}).encode())


def test_calls_and_responses() -> None:
    request = read(id=1, method="a/b", params={"x": 1})
    assert isinstance(request, Call)
    assert (request.method, request.identifier, request.data["params"]) == ("a/b", 1, {"x": 1})
    notification = read(method="a/b")
    assert isinstance(notification, Call)
    assert notification.identifier is None
    for outcome in ({"result": None}, {"error": {"code": 1, "message": "x"}}):
        response = read(id="one", **outcome)
        assert isinstance(response, Response)
        assert response.identifier == "one"


@pytest.mark.parametrize(
    ("body", "code", "identifiers"),
    [
        (None, INVALID, (None,)),
        (b"{", NOT_JSON, (None,)),
        (b"\xff", NOT_JSON, (None,)),
        (b"[" * 100_000, NOT_JSON, (None,)),
        (b"1", INVALID, (None,)),
        (b"{}", INVALID, (None,)),
        (b'{"jsonrpc": "1.0", "id": 3, "method": "a"}', INVALID, (3,)),
        (b'{"jsonrpc": "2.0", "id": 3}', INVALID, (3,)),
        (b'{"jsonrpc": "2.0", "id": 3, "method": 4}', INVALID, (3,)),
        (b'{"jsonrpc": "2.0", "id": true, "method": "a"}', INVALID, (None,)),
        (b'{"jsonrpc": "2.0", "id": null, "method": "a"}', INVALID, (None,)),
        (b"[]", INVALID, (None,)),
        (b'[{"id": 1, "method": "a"}, {"method": "b"}, {"id": "c", "method": "c"}]', INVALID, (1, "c")),
    ],
)
def test_what_cannot_be_handled(body: bytes | None, code: int, identifiers: tuple[str | int | None, ...]) -> None:
    """Each request in it is answered with the error."""
    refused = read_message(body)
    assert isinstance(refused, Refused)
    assert (refused.error.code, refused.identifiers) == (code, identifiers)


class Message:
    """A notification, or a request where it has an id."""

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


def test_messages_are_held_in_their_order() -> None:
    handled: list[Any] = []
    held = HeldMessages(handled.append)
    one, two, three = Message(id=1), Message(), Message(id=3)
    assert not held.take(one)
    held.hold()
    held.hold()
    assert [held.take(each) for each in (one, two, three)] == [True, True, True]
    held.release()
    assert handled == []
    assert held.cancel(1)
    assert not held.cancel(1)
    held.release()
    assert handled == [two, three]


def test_what_is_held_is_cancelled_at_the_end() -> None:
    held = HeldMessages(lambda _: None)
    held.hold()
    for each in (Message(id=1), Message(), Message(id="x")):
        held.take(each)
    assert held.cancel_all() == [1, "x"]
    assert not held.cancel("x")


def test_a_message_that_cannot_be_handled_ends_no_other(caplog: pytest.LogCaptureFixture) -> None:
    handled: list[Any] = []

    def handle(message: Any) -> None:
        if hasattr(message, "id"):
            raise ValueError("as a handler may")
        handled.append(message)

    held = HeldMessages(handle)
    held.hold()
    last = Message()
    held.take(Message(id=1))
    held.take(last)
    held.release()
    assert handled == [last]
    assert "could not be handled" in caplog.text


def test_a_session_that_cannot_begin_holds_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The message's own handler then answers with the same failure."""

    def fail() -> None:
        raise ValueError("as a session may")

    held = HeldMessages(lambda _: None)
    held.hold(fail)
    assert not held.take(Message(id=1))
    assert "could not begin" in caplog.text
