"""The server that the tests run against is the one that was chosen, and no other that happens to be installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.support.postgres import PROGRAMS_VARIABLE, PostgresServer, programs


def test_the_server_is_of_the_chosen_version(postgres_server: PostgresServer) -> None:
    printed = subprocess.run([programs() / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    with psycopg.connect(postgres_server.url()) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    assert row is not None
    assert printed.split(maxsplit=2)[2].strip() == row[0]
    # Both the wheel and Debian name the folder after the major version: pginstall18/bin, 15/bin.
    named = re.search(r"\d+$", programs().resolve().parent.name)
    assert named is None or row[0].split(".")[0] == named[0]


def test_the_chosen_folder_is_used(postgres_server: PostgresServer) -> None:
    chosen = os.environ.get(PROGRAMS_VARIABLE)
    running = Path(psutil.Process(postgres_server.pid).exe())
    if chosen:
        assert running.parent == Path(chosen).resolve()
    else:
        assert running.read_bytes() == (programs() / "postgres").read_bytes()


def test_a_folder_without_postgresql_is_no_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROGRAMS_VARIABLE, str(tmp_path))
    with pytest.raises(AssertionError, match="there is no program postgres"):
        programs()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")
def test_programs_in_a_folder_of_roots_own_are_used_all_the_same(tmp_path: Path) -> None:
    """A checkout below /root, as CI may have it: the server's user may not look into it."""
    package = programs().parent.parent
    closed = tmp_path / "closed"
    for part in (package.name, f"{package.name}.libs"):
        if (package.parent / part).is_dir():
            shutil.copytree(package.parent / part, closed / part, symlinks=True)
    closed.chmod(0o700)
    copied = closed / programs().relative_to(package.parent)
    with PostgresServer(installed=copied) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert not Path(psutil.Process(server.pid).exe()).is_relative_to(closed)


def test_a_server_has_the_settings_that_were_asked_for() -> None:
    with PostgresServer({"work_mem": "1234kB"}) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("1234kB",)
