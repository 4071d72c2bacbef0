"""Reads the client's messages on the event loop.

Where the loop can wait for the stream, as it can for a pipe, it reads it itself. A thread that reads would cost each
message changes of threads, and each of these waits until the other threads let go of the interpreter.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable

from specql_lsp.lsp.stream import PIECE_BYTES, MessageStream

Receive = Callable[[bytes | None], object]


async def receive_messages(descriptor: int, stream: MessageStream, receive: Receive) -> None:
    """Receives the messages of a stream until it ends.

    Args:
        descriptor: what is read.
        stream: has what was read of it already.
        receive: called with the body of each message, in a turn of the event loop of its own; with None for a message
            that is too long.
    """
    loop = asyncio.get_running_loop()
    messages = _Messages(stream, receive, loop)
    messages.take(b"")
    ended = loop.create_future()

    def read() -> None:
        if messages.are_waiting or ended.done():
            return  # what comes meanwhile is kept by the pipe
        piece = _read(descriptor)
        if piece:
            messages.take(piece)
        elif piece is not None:
            ended.set_result(None)

    try:
        loop.add_reader(descriptor, read)
    except (NotImplementedError, OSError):  # on Windows; for a file
        while piece := await loop.run_in_executor(None, _read, descriptor):
            messages.take(piece)
            while messages.are_waiting:
                await asyncio.sleep(0)
        return
    try:
        await ended
    finally:
        loop.remove_reader(descriptor)


class _Messages:
    """The messages that were read, those that wait for their turn included."""

    def __init__(self, stream: MessageStream, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self._stream = stream
        self._receive = receive
        self._loop = loop
        self._waiting: deque[bytes | None] = deque()

    @property
    def are_waiting(self) -> bool:
        """Whether a message that was read is to be received in the next turn."""
        return bool(self._waiting)

    def take(self, piece: bytes) -> None:
        """Receives the first message that is whole with this piece now, and the next ones in the next turns."""
        self._stream.feed(piece)
        self._waiting.extend(self._stream.bodies())
        if self._waiting:
            self._receive_next()

    def _receive_next(self) -> None:
        try:
            self._receive(self._waiting.popleft())
        finally:
            if self._waiting:
                self._loop.call_soon(self._receive_next)


def _read(descriptor: int) -> bytes | None:
    """The next bytes; empty at the end; None where there are none yet after all."""
    try:
        return os.read(descriptor, PIECE_BYTES)
    except BlockingIOError:
        return None
    except OSError:  # the stream is closed
        return b""
