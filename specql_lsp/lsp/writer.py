"""What messages are written to: the client's stream, one write a message or one for many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


class MessageWriter:
    """Writes messages to a stream, each at once unless they are written ``together``. Used on the event loop.

    Args:
        stream: the stream; a write to it may block until the client has read.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._waiting: list[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Writes a message; not any more once the stream is closed, as by ``exit``.

        Raises:
            BrokenPipeError: the client is gone.
        """
        if self._waiting is not None:
            self._waiting.append(data)
            return
        if not self._stream.closed:
            self._stream.write(data)
            self._stream.flush()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Writes the messages of a block in one piece at its end: each write wakes the client, which takes 0.1 ms.

        Raises:
            BrokenPipeError: the client is gone.
        """
        if self._waiting is not None:
            yield
            return
        self._waiting = []
        try:
            yield
        finally:
            waiting, self._waiting = self._waiting, None
            if waiting:
                self.write(b"".join(waiting))

    def close(self) -> None:
        """Closes the stream."""
        self._stream.close()
