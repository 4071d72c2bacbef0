"""Commands in a folder of a workspace that are not told which one it is: half of the workspace is not all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.cli.enclosing import enclosing_workspace
from tests.cli.support import answer, codes, run

WRITING = (
    ("domain", "allocate-missing"),
    ("domain", "allocate-code", "crm", "customer", "Visit"),
    ("domain", "release-code", "crm", "Company"),
    ("domain", "lease", "crm", "customer"),
    ("registry", "export"),
)


@pytest.mark.parametrize("command", WRITING, ids=lambda command: command[1])
def test_a_command_that_writes_is_refused(command: tuple[str, ...], workspace: Path, workspace_url: str) -> None:
    done = run(workspace / "entities", *command, url=workspace_url)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"This folder is in the workspace {workspace}," in done.stderr
    assert codes(workspace_url, "Visit") == [] and codes(workspace_url, "Company") == ["012032"]
    assert not (workspace / "entities" / "registry").exists()
    document = answer(workspace / "entities", *command, url=workspace_url, status=2)
    assert document["error"]["kind"] == "invalid-argument"


def test_the_workspace_is_named(workspace: Path, workspace_url: str) -> None:
    allocate = ("domain", "allocate-code", "crm", "customer", "Visit", "--workspace")
    assert answer(workspace / "entities", *allocate, "..", url=workspace_url)["created"]
    assert not answer(workspace / "entities", *allocate, ".", url=workspace_url)["created"]


def test_one_that_reads_says_so(workspace: Path, workspace_url: str) -> None:
    done = run(workspace / "entities", "domain", "list", url=workspace_url)
    assert done.returncode == 0
    assert f"This folder is in the workspace {workspace}, which is not read: --workspace names it." in done.stderr
    assert "is in the workspace" not in run(workspace, "domain", "list", url=workspace_url).stderr


def test_folders_of_their_own(workspace: Path) -> None:
    inner = workspace / "inner" / "part"
    inner.mkdir(parents=True)
    registry = "registry/domain_registry.yaml"
    assert enclosing_workspace(inner, registry) == workspace
    (workspace / "inner" / ".git").mkdir()
    assert enclosing_workspace(inner, registry) is None
    (workspace / "inner" / ".git").rmdir()
    (inner / "specql-lsp.toml").touch()
    assert enclosing_workspace(inner, registry) is None
    assert enclosing_workspace(workspace, registry) is None
