"""Runs ``specql-lsp`` as a shell does: with pipes, or on a terminal.

The process is a fork of one that has imported the program (``tests/support/forks.py``). ``start`` is a whole one, for
what is about how a process begins, or how the shell sees it end.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from tests.support.forks import Forked, can_be_forked, run_forked
from tests.support.patience import PATIENCE

ROOT = Path(__file__).parents[2]
MODULE = "tests.support.patient"
COMMAND = (sys.executable, "-m", MODULE)
PASSWORD = "Very-s3cret"
UNREACHABLE = f"postgresql://someone:{PASSWORD}@127.0.0.1:1/registry"
REFUSED_CONNECTION = "PostgreSQL refused the connection: nothing listens at that address."

NOT_IN_YAML = (
    "specql-lsp: registry/domain_registry.yaml does not have this yet: run specql-lsp registry sync --keep postgresql, "
    "or give the command --update-yaml.\n"
)
"""What a command says that has changed PostgreSQL alone."""

LISTED = """\
Domain 1 (core): 1 difference
  Session  011012 · core / accounts · only in the YAML

Domain 2 (crm): 1 difference
  Company  crm / customer · table_code
      PostgreSQL  "012039"
      YAML        "012032"

Domain 3 (catalog): 3 differences
  catalog  domain 3 · aliases
      PostgreSQL  "shop"
      YAML        empty
  catalog  domain 3 · description
      PostgreSQL  "Goods"
      YAML        "What we sell"
  returns  subdomain 09 · catalog · only in PostgreSQL

Domain 4 (projects): 1 difference
  projects  domain 4 · only in the YAML

"""
"""What differs after ``test_consistency.drift``, as the commands list it."""

Run = subprocess.CompletedProcess[str]
_Result = TypeVar("_Result")


def environment(url: str | None = None, **more: str) -> dict[str, str]:
    """A process's environment without anything of SpecQL's or PostgreSQL's, but with that database URL."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("SPECQL_", "PG", "_SPECQL"))}
    for key in ("NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR"):
        clean.pop(key, None)
    database = {} if url is None else {"SPECQL_DB_URL": url}
    return {**clean, "PYTHONPATH": str(ROOT), "TERM": "xterm", **database, **more}


def run(folder: Path, *arguments: str, url: str | None = None, **more: str) -> Run:
    """The command with pipes for its streams; ``more`` are environment variables."""
    if not can_be_forked(more):
        return start(folder, *arguments, url=url, **more)
    done = run_forked([MODULE, *arguments], folder, environment(url, **more))
    stdout, stderr = (_text(written) for written in (done.stdout, done.stderr))
    return Run(done.args, done.returncode, stdout, stderr)


def _text(written: bytes) -> str:
    """As ``subprocess`` reads it where text is asked for."""
    return written.decode().replace("\r\n", "\n").replace("\r", "\n")


def start(folder: Path, *arguments: str, url: str | None = None, **more: str) -> Run:
    """The same in a process that an interpreter starts, as in a shell."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(url, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def answer(folder: Path, *arguments: str, url: str | None = None, status: int = 0, **more: str) -> Any:
    """What the command prints with ``--json``: one document and nothing else, also where it fails."""
    done = run(folder, *arguments, "--json", url=url, **more)
    assert done.returncode == status, (done.stdout, done.stderr)
    return json.loads(done.stdout)


def refusal(folder: Path, *arguments: str, url: str | None = None, status: int = 1, **more: str) -> tuple[str, str]:
    """The kind and the message with which the command is refused, which are the same on a terminal."""
    done = run(folder, *arguments, url=url, **more)
    assert (done.returncode, done.stdout) == (status, ""), (done.stdout, done.stderr)
    document = answer(folder, *arguments, url=url, status=status, **more)
    assert set(document) == {"error"}
    message: str = document["error"]["message"]
    assert done.stderr.splitlines()[-1] in {f"specql-lsp: {message}", f"Error: {message}"}
    return document["error"]["kind"], message


def codes(url: str, entity: str) -> list[str]:
    """The codes that an entity is registered with."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = %s", (entity,)
        )
        return [code for (code,) in rows]


def all_of(runs: Iterable[Callable[[], _Result]]) -> list[_Result]:
    """The results of several runs of the command, some of them at a time."""
    with ThreadPoolExecutor(4) as pool:
        return [each.result() for each in [pool.submit(run) for run in runs]]


@dataclass(frozen=True, slots=True)
class Screen:
    """What a command wrote to each of its streams, as it wrote it, and its exit status."""

    stdout: str
    stderr: str
    status: int

    @property
    def plain(self) -> str:
        """stdout without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.stdout)


def on_terminal(
    folder: Path,
    *arguments: str,
    terminals: tuple[str, ...] = ("stdout", "stderr"),
    columns: int = 200,
    variables: Mapping[str, str] | None = None,
    url: str | None = None,
) -> Screen:
    """The command with the named streams on a terminal of that width, and the others in pipes."""
    reading: dict[str, int] = {}
    writing: dict[str, int] = {}
    for stream in ("stdout", "stderr"):
        reading[stream], writing[stream] = pty.openpty() if stream in terminals else os.pipe()
        if stream in terminals:
            fcntl.ioctl(writing[stream], termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    assert can_be_forked(variables or {})
    with Path(os.devnull).open("rb") as nothing:
        streams = (nothing.fileno(), writing["stdout"], writing["stderr"])
        process = Forked([MODULE, *arguments], folder, environment(url, **(variables or {})), streams)
    for descriptor in writing.values():
        os.close(descriptor)
    written: dict[str, bytearray] = {stream: bytearray() for stream in reading}
    readers = [threading.Thread(target=_drain, args=(reading[s], written[s]), daemon=True) for s in reading]
    for reader in readers:
        reader.start()
    try:
        status = process.wait(PATIENCE)
    finally:
        process.kill()
        for reader in readers:
            reader.join(PATIENCE)
        for descriptor in reading.values():
            os.close(descriptor)
    texts = {stream: bytes(content).decode().replace("\r\n", "\n") for stream, content in written.items()}
    return Screen(texts["stdout"], texts["stderr"], status)


def _drain(descriptor: int, into: bytearray) -> None:
    with contextlib.suppress(OSError):  # a terminal whose other end is closed
        while data := os.read(descriptor, 65536):
            into += data
