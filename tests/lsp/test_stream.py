"""The stream of messages, in every form in which clients write it."""

from __future__ import annotations

import pytest

from specql_lsp.lsp import stream
from specql_lsp.lsp.stream import MessageStream


def read(data: bytes) -> list[bytes | None]:
    """The bodies in a stream's bytes, which are the same however the bytes come."""
    whole, *in_pieces = (bodies(data, length) for length in (len(data) or 1, 1, 7))
    assert in_pieces == [whole, whole]
    return whole


def bodies(data: bytes, piece: int) -> list[bytes | None]:
    messages = MessageStream()
    found: list[bytes | None] = []
    for start in range(0, len(data), piece):
        messages.feed(data[start : start + piece])
        found.extend(messages.bodies())
    return found


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 2\r\n\r\n",
        b"content-length: 2\r\n\r\n",
        b"CONTENT-LENGTH:2\r\n\r\n",
        b"Content-Length :  2 \r\n\r\n",
        b"Content-Length: 2\n\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\r\nX-Other\r\n\r\n",
        b"\r\n\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: two\r\n\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: -2\r\n\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_headers(header: bytes) -> None:
    assert read(header + b"{}" + header + b"[]") == [b"{}", b"[]"]


def test_an_empty_body_is_a_body() -> None:
    assert read(b"Content-Length: 0\r\n\r\nContent-Length: 2\r\n\r\n{}") == [b"", b"{}"]


def test_a_stream_that_ends_within_a_message() -> None:
    for data in (
        b"",
        b"Content-Le",
        b"Content-Length: 9\r\n",
        b"Content-Length: 9\r\n\r\n",
        b"Content-Length: 9\r\n\r\n{}",
    ):
        assert read(data) == []


def test_a_body_that_is_too_long_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MAX_BODY_BYTES", 100)
    message = b"Content-Length: 2\r\n\r\n{}"
    assert read(message + b"Content-Length: 101\r\n\r\n" + b"x" * 101 + message) == [b"{}", None, b"{}"]
    assert read(b"Content-Length: 101\r\n\r\n" + b"x" * 99) == [None]


def test_one_body_at_a_time() -> None:
    """What is not taken now is there later."""
    messages = MessageStream()
    messages.feed(b"Content-Length: 2\r\n\r\n{}Content-Length: 2\r\n\r\n[]Content-Le")
    assert next(messages.bodies()) == b"{}"
    assert next(messages.bodies()) == b"[]"
    messages.feed(b"ngth: 1\r\n\r\n")
    assert list(messages.bodies()) == []
    messages.feed(b"1")
    assert list(messages.bodies()) == [b"1"]
