"""Starts programs of ours as forks of a process that has imported them: processes like any other, without the start.

Most of what a short command costs is an interpreter that starts and imports. Here that is done once for each process
that runs tests (``tests/support/fork_server.py``). Tests that are about the start, or about what the interpreter does
with its environment, start a program of their own.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from tests.support.patience import PATIENCE

ROOT = Path(__file__).parents[2]
_READ_AT_THE_START = ("PYTHON", "LC_", "LANG", "TZ", "LD_")
"""How environment variables begin that an interpreter reads when it starts."""


def can_be_forked(variables: Mapping[str, str | None]) -> bool:
    """Whether a process with these variables beside the usual ones is the same when it is forked."""
    return hasattr(os, "fork") and not any(name.startswith(_READ_AT_THE_START) for name in variables)


class Forked:
    """A process that runs a module of ours; the shape is that of ``subprocess.Popen``.

    Args:
        command: the module and its arguments.
        folder: its current folder.
        environment: all of its environment.
        streams: its stdin, stdout and stderr, which stay the caller's to close.

    Attributes:
        pid: its process id.
        returncode: its exit status, negative for a signal; None while it runs.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], streams: tuple[int, int, int]
    ) -> None:
        module, *arguments = command
        job = {"module": module, "arguments": arguments, "folder": str(folder), "environment": dict(environment)}
        reading, writing = os.pipe()
        try:
            server = _server()
            with _sending:
                socket.send_fds(server, [json.dumps(job).encode()], [*streams, writing])
        finally:
            os.close(writing)
        self._report = os.fdopen(reading)
        self.pid = int(self._report.readline())
        self.returncode: int | None = None
        self._tell: Callable[[], None] | None = None
        self._ending = threading.Lock()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()

    def _watch(self) -> None:
        with self._report:
            status = int(self._report.readline() or -signal.SIGKILL)
        with self._ending:
            self.returncode = status
        if self._tell is not None:
            self._tell()

    def when_ended(self, tell: Callable[[], None]) -> None:
        """Has a function called once it has ended, on another thread; now, if it has."""
        with self._ending:
            if self.returncode is None:
                self._tell = tell
                return
        tell()

    def poll(self) -> int | None:
        """Its exit status, if it has ended."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, when it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not.
        """
        self._watching.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless it is known to have ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it."""
        self.send_signal(signal.SIGKILL)


class PipedFork(Forked):
    """The same with pipes for its streams, as ``subprocess.Popen`` has with ``PIPE``, and with its ``text``."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], *, text: bool = False
    ) -> None:
        pipes = [os.pipe() for _ in range(3)]
        (its_stdin, to_it), (from_it, its_stdout), (errors_of_it, its_stderr) = pipes
        try:
            super().__init__(command, folder, environment, (its_stdin, its_stdout, its_stderr))
        except BaseException:
            for descriptor in (to_it, from_it, errors_of_it):
                os.close(descriptor)
            raise
        finally:
            for descriptor in (its_stdin, its_stdout, its_stderr):
                os.close(descriptor)
        writing, reading = ("w", "r") if text else ("wb", "rb")
        self.stdin: IO[Any] = os.fdopen(to_it, writing)
        self.stdout: IO[Any] = os.fdopen(from_it, reading)
        self.stderr: IO[Any] = os.fdopen(errors_of_it, reading)

    def communicate(self) -> tuple[Any, Any]:
        """Closes its stdin, and gives the rest of its stdout and its stderr when it has ended."""
        with contextlib.suppress(BrokenPipeError):
            self.stdin.close()
        said: list[Any] = []
        with self.stdout, self.stderr:
            reading = threading.Thread(target=lambda: said.append(self.stderr.read()), daemon=True)
            reading.start()
            output = self.stdout.read()
            reading.join()
        self.wait(PATIENCE)
        return output, said[0]


def start_script(script: str, *arguments: object) -> PipedFork:
    """Starts a program that a test has as a text (``tests/support/script.py``)."""
    command = ["tests.support.script", script, *map(str, arguments)]
    return PipedFork(command, ROOT, os.environ, text=True)


def run_forked(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Runs a module with nothing on stdin and pipes for the other streams, and gives what it wrote."""
    out, err = os.pipe(), os.pipe()
    with Path(os.devnull).open("rb") as nothing:
        try:
            process = Forked(command, folder, environment, (nothing.fileno(), out[1], err[1]))
        except BaseException:
            for descriptor in (*out, *err):
                os.close(descriptor)
            raise
    for _, writing in (out, err):
        os.close(writing)
    written = {out[0]: bytearray(), err[0]: bytearray()}
    with selectors.DefaultSelector() as selector:
        for reading in written:
            selector.register(reading, selectors.EVENT_READ)
        try:
            while selector.get_map():
                ready = selector.select(PATIENCE)
                if not ready:
                    raise subprocess.TimeoutExpired(command, PATIENCE)
                for key, _ in ready:
                    data = os.read(key.fd, 1 << 16)
                    written[key.fd] += data
                    if not data:
                        selector.unregister(key.fd)
            status = process.wait(PATIENCE)
        finally:
            process.kill()
            for reading in written:
                os.close(reading)
    return subprocess.CompletedProcess(command, status, bytes(written[out[0]]), bytes(written[err[0]]))


class AsyncForked:
    """The same for an event loop; the shape is that of ``asyncio.subprocess.Process``. Made by ``start``."""

    def __init__(
        self,
        process: Forked,
        stdin: asyncio.StreamWriter,
        stdout: asyncio.StreamReader,
        stderr: asyncio.StreamReader | None,
    ) -> None:
        self._process = process
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.pid = process.pid
        self._ended = asyncio.Event()
        loop = asyncio.get_running_loop()

        def tell() -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed before
                loop.call_soon_threadsafe(self._ended.set)

        process.when_ended(tell)

    @classmethod
    async def start(
        cls, command: Sequence[str], folder: Path, environment: Mapping[str, str], *, show_errors: bool = True
    ) -> AsyncForked:
        """Starts a module with pipes for its streams, but its stderr only if somebody reads that."""
        given, out = os.pipe(), os.pipe()
        reading, err = os.pipe() if show_errors else (-1, os.open(os.devnull, os.O_WRONLY))
        process = Forked(command, folder, environment, (given[0], out[1], err))
        for descriptor in (given[0], out[1], err):
            os.close(descriptor)
        stderr = await _reader(reading) if show_errors else None
        return cls(process, await _writer(given[1]), await _reader(out[0]), stderr)

    @property
    def returncode(self) -> int | None:
        """Its exit status, if it has ended."""
        return self._process.poll()

    async def wait(self) -> int:
        """Its exit status, when it has ended."""
        await self._ended.wait()
        return self._process.wait()

    def send_signal(self, number: int) -> None:
        """Sends a signal."""
        self._process.send_signal(number)

    def terminate(self) -> None:
        """Asks it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """Ends it."""
        self._process.kill()


async def _reader(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0)
    )
    return reader


async def _writer(descriptor: int) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop), os.fdopen(descriptor, "wb", 0)
    )
    return asyncio.StreamWriter(transport, protocol, None, loop)


_sending = threading.Lock()


@functools.cache
def _server() -> socket.socket:
    """The socket of the process that forks; it ends when this one does, since that closes the socket."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SPECQL_", "PG"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.fork_server", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        cwd=ROOT,
        env={**clean, "PYTHONPATH": str(ROOT)},
    )
    theirs.close()
    atexit.register(process.wait, PATIENCE)
    atexit.register(ours.close)
    return ours
