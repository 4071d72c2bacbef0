"""The client's messages, read on the event loop: from a pipe, and from what the loop cannot wait for."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from specql_lsp.lsp.message_input import receive_messages
from specql_lsp.lsp.stream import MessageStream
from tests.support.patience import PATIENCE

SAYS_THAT_IT_BEGINS = """
import sys
from specql_lsp.cli import serve
print("begins", file=sys.stderr, flush=True)
sys.exit(serve.run_server())
"""


def frame(*bodies: bytes) -> bytes:
    return b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies)


def received_of_pipe(write: Callable[[int], Awaitable[None]], stream: MessageStream | None = None) -> list[object]:
    """What is received of a pipe, and ``"turn"`` for what the loop did between two messages."""
    found: list[object] = []

    def receive(body: bytes | None) -> None:
        found.append(body)
        asyncio.get_running_loop().call_soon(found.append, "turn")

    async def run() -> None:
        reading, writing = os.pipe()
        try:
            task = asyncio.ensure_future(receive_messages(reading, stream or MessageStream(), receive))
            await write(writing)
            os.close(writing)
            await task
            await asyncio.sleep(0)
        finally:
            os.close(reading)

    asyncio.run(run())
    return found


def test_each_message_of_one_write_has_a_turn() -> None:
    async def write(pipe: int) -> None:
        os.write(pipe, frame(b"1", b"2", b"3"))

    assert received_of_pipe(write) == [b"1", "turn", b"2", "turn", b"3", "turn"]


def test_no_thread_reads_a_pipe() -> None:
    """Each change of threads would make a request wait for whoever runs Python."""
    threads: set[str] = set()

    async def write(pipe: int) -> None:
        for number in range(3):
            os.write(pipe, frame(b"%d" % number))
            await asyncio.sleep(0.01)
            threads.update(thread.name for thread in threading.enumerate())

    before = {thread.name for thread in threading.enumerate()}
    assert [each for each in received_of_pipe(write) if each != "turn"] == [b"0", b"1", b"2"]
    assert threads <= before


def test_what_was_read_before_comes_first() -> None:
    stream = MessageStream()
    stream.feed(frame(b"1", b"2") + b"Content-")

    async def write(pipe: int) -> None:
        os.write(pipe, b"Length: 1\r\n\r\n3")

    assert [each for each in received_of_pipe(write, stream) if each != "turn"] == [b"1", b"2", b"3"]


def test_a_message_longer_than_a_pipe() -> None:
    long = b"x" * 1_000_000

    async def write(pipe: int) -> None:
        left = memoryview(frame(long, b"end"))
        os.set_blocking(pipe, False)
        while left:
            try:
                left = left[os.write(pipe, left) :]
            except BlockingIOError:
                await asyncio.sleep(0)

    assert [each for each in received_of_pipe(write) if each != "turn"] == [long, b"end"]


def test_what_is_cut_off_is_no_message() -> None:
    async def write(pipe: int) -> None:
        os.write(pipe, frame(b"1") + b"Content-Length: 10\r\n\r\n{")

    assert received_of_pipe(write) == [b"1", "turn"]


def test_a_failure_is_the_caller_s_and_the_next_message_is_received() -> None:
    """The server's own function catches what it can; what it cannot must not end the reading."""
    found: list[object] = []

    def receive(body: bytes | None) -> None:
        found.append(body)
        if body == b"1":
            raise RuntimeError("of a test")

    async def run(path: int) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: found.append(context["exception"]))
        await receive_messages(path, MessageStream(), receive)

    reading, writing = os.pipe()
    os.write(writing, frame(b"1", b"2"))
    os.close(writing)
    asyncio.run(run(reading))
    os.close(reading)
    assert [str(each) for each in found] == ["b'1'", "of a test", "b'2'"]


def test_a_file(tmp_path: Path) -> None:
    """The loop cannot wait for it; a thread reads it."""
    found: list[bytes | None] = []
    path = tmp_path / "messages"
    path.write_bytes(frame(b"1", b"x" * 1_000_000, b"3"))
    with path.open("rb") as file:
        asyncio.run(receive_messages(file.fileno(), MessageStream(), found.append))
    assert found == [b"1", b"x" * 1_000_000, b"3"]


def life(tmp_path: Path) -> bytes:
    """The messages of a client that comes and goes."""
    parameters = {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {}}
    messages = [
        {"id": 1, "method": "initialize", "params": parameters},
        {"method": "initialized", "params": {}},
        {"id": 2, "method": "shutdown"},
        {"method": "exit"},
    ]
    return frame(*(json.dumps({"jsonrpc": "2.0", **each}).encode() for each in messages))


def answered(written: bytes) -> list[object]:
    """The ids of the requests that were answered."""
    stream = MessageStream()
    stream.feed(written)
    answers = [json.loads(body or b"") for body in stream.bodies()]
    return [each["id"] for each in answers if "id" in each and "method" not in each]


def test_a_server_that_reads_a_file(tmp_path: Path) -> None:
    path = tmp_path / "messages"
    path.write_bytes(life(tmp_path))
    with path.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "specql_lsp"], stdin=file, capture_output=True, timeout=PATIENCE, check=False
        )
    assert answered(done.stdout) == [1, 2]
    assert done.returncode == 0, done.stderr


def test_a_server_that_reads_a_stream_that_does_not_block(tmp_path: Path) -> None:
    """The client writes nothing before the server has begun to read."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        with subprocess.Popen(
            [sys.executable, "-c", SAYS_THAT_IT_BEGINS],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stderr is not None
            assert process.stderr.readline() == b"begins\n"
            ours.sendall(life(tmp_path))
            output, errors = process.communicate(timeout=PATIENCE)
    assert answered(output) == [1, 2]
    assert process.returncode == 0, errors
