"""Messages in a stream of bytes: headers, then a body (LSP 3.17, "Base Protocol").

Tolerant of clients: header names in any case, lines that end with LF alone, unknown headers. Nothing here waits: the
bytes are fed to it in pieces of any length.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 * 1024 * 1024
"""A longer body is passed over: no client has so much to say, and reading it would take the machine's memory."""
PIECE_BYTES = 256 * 1024
"""How much is read at once; a pipe holds less."""
_MOST_DIGITS = 18


class MessageStream:
    """Cuts the bytes of a stream into the bodies of its messages."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._searched = 0
        """So many of the bytes hold no line break: the header line that they begin is not whole yet."""
        self._announced: int | None = None
        """The length of the last Content-Length."""
        self._body: int | None = None
        """The length of the body that follows; None among headers."""
        self._passed_over = 0
        """So many of the bytes to come belong to a body that is too long."""

    def feed(self, piece: bytes) -> None:
        """Takes the next bytes of the stream."""
        if self._passed_over:
            passed = min(self._passed_over, len(piece))
            self._passed_over -= passed
            piece = piece[passed:]
        self._data += piece

    def bodies(self) -> Iterator[bytes | None]:
        """The bodies of the messages that are whole by now, each once; None for one longer than ``MAX_BODY_BYTES``."""
        while self._has_length():
            length = self._body or 0
            if length > MAX_BODY_BYTES:
                logger.error("A message of %d bytes is passed over; at most %d are read.", length, MAX_BODY_BYTES)
                rest, self._data, self._body = bytes(self._data), bytearray(), None
                self._passed_over = length
                self.feed(rest)
                yield None
                continue
            if len(self._data) < length:
                return
            body = bytes(self._data[:length])
            del self._data[:length]
            self._body = None
            yield body

    def _has_length(self) -> bool:
        """Reads headers up to the empty line behind them; whether the length that they give is known."""
        while self._body is None:
            end = self._data.find(b"\n", self._searched)
            if end < 0:
                self._searched = len(self._data)
                return False
            line = bytes(self._data[:end])
            del self._data[: end + 1]
            self._searched = 0
            if not line.strip():
                self._body, self._announced = self._announced, None
                continue
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                self._announced = _length(value.strip())
        return True


def _length(digits: bytes) -> int | None:
    if digits.isdigit() and len(digits) <= _MOST_DIGITS:
        return int(digits)
    logger.error("A message has no readable Content-Length: %r", digits[:40])
    return None
