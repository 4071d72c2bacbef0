"""A run of tests that is killed leaves no server and no folder behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from tests.support.forks import ROOT
from tests.support.patience import PATIENCE, until

RUN = """
    import json, os, sys
    from tests.support.postgres import PostgresServer
    ended = PostgresServer()
    ended.start()
    ended.close()
    server = PostgresServer()
    server.start()
    print(json.dumps({"pid": server.pid, "folders": [str(server.directory), str(ended.directory)]}), flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_servers_end_with_the_process_that_has_started_them(number: signal.Signals) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RUN)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert run.stdout is not None
    said = json.loads(run.stdout.readline())
    server = psutil.Process(said["pid"])
    family = [server, *server.children(recursive=True)]
    run.send_signal(number)
    run.communicate(timeout=PATIENCE)
    until(lambda: not any(_is_alive(each) for each in family), "all of PostgreSQL has ended")
    until(lambda: not any(map(Path.exists, map(Path, said["folders"]))), "its files are gone")


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
