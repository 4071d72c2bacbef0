"""Starts the server: ``initialize`` is answered before the protocol is imported.

An editor shows nothing before it has that answer, and importing the protocol is most of a start. The answer follows
from the client's capabilities alone (``specql_lsp.lsp.capabilities``), so the first message is read here; if it is an
``initialize`` as it should be, it is answered at once. Then the protocol is imported and handles that message, too,
without answering it again. Anything else is left to the protocol.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import BinaryIO, NamedTuple

from specql_lsp.lsp.capabilities import initialize_result
from specql_lsp.lsp.client_json import ClientObject
from specql_lsp.lsp.stream import PIECE_BYTES, MessageStream

logger = logging.getLogger(__name__)


class FirstMessage(NamedTuple):
    """The message that a client sent first."""

    body: bytes | None
    """None for one that was too long to be read."""
    is_answered: bool
    stream: MessageStream
    """Has what was read behind the message."""


def serve(*, trusted: bool) -> int:
    """Serves on stdin and stdout until the client leaves.

    Args:
        trusted: whether a workspace's ``specql-lsp.toml`` may name a database to connect to.

    Returns:
        The process's exit status: 0, or 1 where the client left without ``shutdown`` (LSP 3.17, "exit").
    """
    try:
        first = read_first(sys.stdin.buffer, sys.stdout.buffer)
    except (EOFError, KeyboardInterrupt):
        return 1
    except OSError as error:
        logger.error("The client is gone (%s).", error.strerror)
        return 1
    from specql_lsp.lsp.lazy_lsprotocol import import_lsprotocol

    import_lsprotocol()
    from specql_lsp.lsp.server import serve as serve_the_rest

    return serve_the_rest(trusted=trusted, first=first)


def read_first(stdin: BinaryIO, stdout: BinaryIO) -> FirstMessage:
    """Reads the first message, and answers it if that can be done here.

    Raises:
        EOFError: the stream ended before a message did.
        OSError: the client reads no answer.
    """
    stream = MessageStream()
    body = _first_body(stream, stdin.fileno())
    answer = None if body is None else early_answer(body)
    if answer is None:
        return FirstMessage(body, is_answered=False, stream=stream)
    while answer:  # past the buffer of stdout: it would try once more at the end to write what has no reader
        answer = answer[os.write(stdout.fileno(), answer) :]
    return FirstMessage(body, is_answered=True, stream=stream)


def early_answer(body: bytes) -> bytes | None:
    """The answer to a message, with its headers; None for anything but an ``initialize`` that must be accepted."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or message.get("method") != "initialize":
        return None
    identifier, params = message.get("id"), message.get("params")
    if not isinstance(identifier, str | int) or isinstance(identifier, bool) or not isinstance(params, dict):
        return None
    result = initialize_result(ClientObject(params))
    answer = json.dumps({"jsonrpc": "2.0", "id": identifier, "result": result}).encode("ascii")
    # The headers of pygls' answers.
    headers = f"Content-Length: {len(answer)}\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n"
    return headers.encode("ascii") + answer


def _first_body(stream: MessageStream, descriptor: int) -> bytes | None:
    # Past the buffer of stdin, which the event loop does not see.
    while piece := _read(descriptor):
        stream.feed(piece)
        for body in stream.bodies():
            return body
    raise EOFError


def _read(descriptor: int) -> bytes:
    while True:
        try:
            return os.read(descriptor, PIECE_BYTES)
        except BlockingIOError:  # some clients share a stream that does not block
            import select

            select.select([descriptor], [], [])
