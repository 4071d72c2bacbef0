"""What messages are written to."""

from __future__ import annotations

import io

from specql_lsp.lsp.writer import MessageWriter


class Stream(io.BytesIO):
    """A stream that keeps each piece that is written."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.pieces.append(data)
        return super().write(data)


def test_each_message_is_written_at_once() -> None:
    stream = Stream()
    writer = MessageWriter(stream)
    writer.write(b"1")
    writer.write(b"2")
    assert stream.pieces == [b"1", b"2"]


def test_messages_that_are_written_together() -> None:
    stream = Stream()
    writer = MessageWriter(stream)
    with writer.together():
        writer.write(b"1")
        with writer.together():
            writer.write(b"2")
        assert stream.pieces == []
    with writer.together():
        pass
    assert stream.pieces == [b"12"]


def test_nothing_is_written_when_the_client_has_left() -> None:
    """``exit`` closes the stream; what is still on its way then has no reader."""
    stream = Stream()
    writer = MessageWriter(stream)
    with writer.together():
        writer.write(b"1")
        writer.close()
    writer.write(b"2")
    assert stream.pieces == []
