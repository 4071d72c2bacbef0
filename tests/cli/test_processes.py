"""Every command as a shell starts it: with an interpreter of its own it says and does what it does forked."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from specql_lsp.cli.main import cli
from tests.cli.support import COMMAND, environment, run, start
from tests.support.patience import PATIENCE

CALLS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("check",): ("--format", "json"),
    ("completion",): ("bash",),
    ("domain", "allocate-code"): ("crm", "customer", "Partner"),
    ("domain", "allocate-missing"): ("--dry-run",),
    ("domain", "check-consistency"): (),
    ("domain", "get"): ("crm",),
    ("domain", "history"): ("Contact",),
    ("domain", "lease"): ("--list",),
    ("domain", "list"): ("--json",),
    ("domain", "move-entity"): ("crm", "Contact", "core", "--dry-run"),
    ("domain", "performance-report"): ("--samples", "1"),
    ("domain", "register"): ("--number", "9", "--name", "billing", "--json"),
    ("domain", "register-subdomain"): ("crm", "--number", "0B", "--name", "events"),
    ("domain", "release-code"): ("crm", "Contact", "--dry-run"),
    ("domain", "rename-entity"): ("crm", "Contact", "Person"),
    ("format",): ("--check",),
    ("patterns", "list"): (),
    ("patterns", "show"): ("crud/create", "--json"),
    ("registry", "export"): ("--output", "-"),
    ("registry", "install"): ("--print",),
    ("registry", "migrate"): ("--dry-run",),
    ("registry", "prune-history"): ("--keep-days", "30"),
    ("registry", "snapshot"): ("-",),
    ("registry", "renumber"): ("--dry-run",),
    ("registry", "status"): (),
    ("registry", "sync"): ("--keep", "yaml", "--dry-run"),
    ("registry", "verify"): (),
    ("rule",): ("unknown-domain",),
    ("serve",): ("--log-level", "loud"),
    ("services", "list"): ("--search", "mail"),
    ("services", "show"): ("nothing",),
}
"""Arguments for each; in a workspace without a database they are answered or refused alike, each time."""


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def timeless(text: str) -> str:
    """Without dates and times, how long ago that is, and what a report says of durations and slow operations."""
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?[\d.:Z+]*|[\d.]+ s ago", "TIME", text)
    if not text.startswith("OPERATION"):
        return text
    rows, _, behind = text.partition("\nSlow")
    names = [row.split()[:4] for row in rows.splitlines()]  # and how often, failed, succeeded
    return f"{names} {behind.rpartition('Cache')[2]}"


def test_none_is_left_out() -> None:
    assert sorted(CALLS) == sorted(commands(cli))


@pytest.mark.parametrize("command", CALLS, ids=" ".join)
def test_it_is_the_same_with_an_interpreter_of_its_own(workspace: Path, command: tuple[str, ...]) -> None:
    started = start(workspace, *command, *CALLS[command])
    forked = run(workspace, *command, *CALLS[command])
    assert (started.returncode, started.stderr) == (forked.returncode, forked.stderr)
    assert timeless(started.stdout) == timeless(forked.stdout)
    assert started.stdout or started.stderr
    assert "Traceback" not in started.stderr


@pytest.mark.parametrize("command", ["check", "format", "domain list", "patterns list"])
def test_a_folder_that_was_deleted_is_said(tmp_path: Path, command: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f'rmdir "$PWD" && exec "$@" {command}'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *COMMAND],
        cwd=gone,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("specql-lsp: The folder that you are in was deleted: go to another one.\n")
    assert "Traceback" not in done.stderr and "ERROR" not in done.stderr
