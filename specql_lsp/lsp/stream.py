"""Messages on a stream: headers, then a body (LSP 3.17, "Base Protocol").

Tolerant of clients: header names in any case, lines that end with LF alone, unknown headers.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 * 1024 * 1024
"""A longer body is passed over: no client has so much to say, and reading it would take the machine's memory."""
_PIECE_BYTES = 1024 * 1024
_MOST_DIGITS = 18


class Reader(Protocol):
    """What a stream is read through; the end gives less than was asked for, or nothing."""

    def readline(self) -> Awaitable[bytes]:
        """The next line with its end."""

    def readexactly(self, n: int, /) -> Awaitable[bytes]:
        """The next ``n`` bytes."""


async def bodies(reader: Reader) -> AsyncIterator[bytes | None]:
    """The bodies of a stream's messages until it ends; None for one that is longer than ``MAX_BODY_BYTES``."""
    while True:
        try:
            body = await next_body(reader)
        except EOFError:
            return
        yield body


async def next_body(reader: Reader) -> bytes | None:
    """The body of a stream's next message; None for one that is longer than ``MAX_BODY_BYTES``.

    Raises:
        EOFError: the stream has ended, perhaps in the middle of a message.
    """
    length = await _content_length(reader)
    if length is None:
        raise EOFError
    if length > MAX_BODY_BYTES:
        logger.error("A message of %d bytes is passed over; at most %d are read.", length, MAX_BODY_BYTES)
        await _pass_over(reader, length)
        return None
    body = await reader.readexactly(length)
    if len(body) < length:
        raise EOFError
    return body


async def _content_length(reader: Reader) -> int | None:
    """Reads headers up to the empty line behind them; the length that they give, None at the end of the stream."""
    length: int | None = None
    while line := await reader.readline():
        if not line.strip():
            if length is not None:
                return length
            continue
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            digits = value.strip()
            length = int(digits) if digits.isdigit() and len(digits) <= _MOST_DIGITS else None
            if length is None:
                logger.error("A message has no readable Content-Length: %r", value[:40])
    return None


async def _pass_over(reader: Reader, length: int) -> None:
    while length > 0:
        piece = await reader.readexactly(min(length, _PIECE_BYTES))
        if not piece:
            return
        length -= len(piece)
