"""Several commands at once on one workspace: none loses what another has written into its files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from specql_lsp import file_locks
from specql_lsp.file_locks import folder_locked
from tests.cli.support import NOT_IN_YAML, codes, run
from tests.support.patience import until
from tests.support.workspaces import REGISTRY

ALLOCATE = ("domain", "allocate-code", "crm")


def test_each_puts_its_code_into_the_yaml(workspace: Path, workspace_url: str) -> None:
    commands = [
        *((*ALLOCATE, "customer" if number % 2 else "support", f"New{number}", "--update-yaml") for number in range(8)),
        ("registry", "export"),
        ("registry", "sync", "--keep", "postgresql"),
        ("format", REGISTRY),
    ]
    with ThreadPoolExecutor(len(commands)) as pool:
        done = list(pool.map(lambda command: run(workspace, *command, url=workspace_url), commands))
    for each in done[:-1]:
        assert each.returncode == 0, (each.args, each.stderr)
    verified = run(workspace, "registry", "verify", url=workspace_url)
    assert verified.returncode == 0, verified.stdout


def test_what_another_one_writes_meanwhile_stays(workspace: Path, workspace_url: str) -> None:
    registry = workspace / REGISTRY
    text = registry.read_text(encoding="utf-8")
    with ThreadPoolExecutor(1) as pool:
        with folder_locked(registry):
            command = pool.submit(run, workspace, *ALLOCATE, "customer", "New", "--update-yaml", url=workspace_url)
            until(lambda: codes(workspace_url, "New"), "the allocation")
            registry.write_text(f"# by another one\n{text}", encoding="utf-8")
        done = command.result()
    assert done.returncode == 0, done.stderr
    assert NOT_IN_YAML not in done.stderr
    written = registry.read_text(encoding="utf-8")
    assert written.startswith("# by another one\n") and "          New:\n" in written


def test_another_one_that_does_not_end_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_locks, "_LOCK_SECONDS", 0.1)
    reason = "another specql-lsp is writing in its folder"
    with folder_locked(tmp_path / "a.yaml"), pytest.raises(OSError, match=reason), folder_locked(tmp_path / "b.yaml"):
        pass


def test_a_folder_that_is_not_there_needs_no_lock(tmp_path: Path) -> None:
    with folder_locked(tmp_path / "none" / "a.yaml"), folder_locked(tmp_path / "none" / "a.yaml"):
        pass
