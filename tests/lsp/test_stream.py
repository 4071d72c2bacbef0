"""The stream of messages, in every form in which clients write it."""

from __future__ import annotations

import asyncio
import io

import pytest

from specql_lsp.lsp import stream
from specql_lsp.lsp.stream import bodies


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    async def readline(self) -> bytes:
        return self._data.readline()

    async def readexactly(self, n: int, /) -> bytes:
        return self._data.read(n)


def read(data: bytes) -> list[bytes | None]:
    async def run() -> list[bytes | None]:
        return [body async for body in bodies(_Bytes(data))]

    return asyncio.run(run())


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
