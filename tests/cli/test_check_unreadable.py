"""``specql-lsp check`` where something cannot be read: the rest is checked, and nothing unread passes as clean."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.support import run
from tests.e2e.test_check_command import CODES_BY_FILE, by_file
from tests.support.workspaces import REGISTRY

TICKET = "entities/crm/ticket.yaml"
LATIN = "entities/latin.yaml"


@pytest.mark.parametrize(
    "text", ["", "\n", "# nothing\n", "[]\n", "- domains\n", "text\n", "~\n", "domains:\n", "domains: []\n", "a: 1\n"]
)
def test_a_registry_that_holds_nothing(workspace: Path, text: str) -> None:
    (workspace / REGISTRY).write_text(text)
    for arguments in ([], [TICKET], ["--format", "json"], ["--format", "github", TICKET]):
        done = run(workspace, "check", *arguments)
        assert done.returncode == 2, (arguments, done.stdout)
        assert f"The registry file {REGISTRY} has no domains" in done.stderr
        assert "No problems" not in done.stdout


def test_a_registry_that_is_no_yaml(workspace: Path) -> None:
    (workspace / REGISTRY).write_text("domains: {\n")
    done = run(workspace, "check")
    assert done.returncode == 2
    assert f"{REGISTRY}:" in done.stdout  # with the place, which is why the rest is printed, too
    assert f"{TICKET}:" not in done.stdout
    assert run(workspace, "check", TICKET).returncode == 2


def test_a_registry_that_is_no_text(workspace: Path) -> None:
    (workspace / REGISTRY).write_bytes((workspace / REGISTRY).read_bytes() + b"# Caf\xe9\n")
    done = run(workspace, "check", "--format", "json")
    found = [f for f in json.loads(done.stdout) if f["path"] == REGISTRY]
    assert [(f["code"], f["line"], f["severity"]) for f in found] == [("yaml-syntax", 1, "error")]
    assert done.returncode == 2


@pytest.mark.parametrize("text", ["[]\n", ""])
def test_postgresql_answers_without_the_yaml(workspace: Path, workspace_url: str, text: str) -> None:
    (workspace / REGISTRY).write_text(text)
    done = run(workspace, "check", TICKET, url=workspace_url)
    assert done.returncode == 0, done.stderr
    assert "missing-table-code" in done.stdout


def test_no_registry_at_all_is_no_failure(workspace: Path) -> None:
    (workspace / REGISTRY).unlink()
    assert run(workspace, "check", TICKET).returncode == 0


@pytest.mark.parametrize("content", [b"entity: Caf\xe9\nschema: crm\n", b"entity: A\n" + b"#\n\xff\n"])
def test_an_entity_file_that_is_no_text(workspace: Path, content: bytes) -> None:
    (workspace / LATIN).write_bytes(content)
    done = run(workspace, "check", "--format", "json")
    found = json.loads(done.stdout)
    assert by_file(found) == {**CODES_BY_FILE, LATIN: ["yaml-syntax"]}
    (mine,) = [f for f in found if f["path"] == LATIN]
    line = content.count(b"\n", 0, content.index(b"\xe9" if b"\xe9" in content else b"\xff")) + 1
    assert mine["message"] == f"The file is not UTF-8 text (line {line}): save it as UTF-8."
    assert (mine["line"], mine["column"], mine["severity"]) == (1, 1, "error")
    assert done.returncode == 1
    # Named beside others it does not end the check either; alone there is nothing that could be checked.
    named = run(workspace, "check", LATIN, TICKET, "--format", "json")
    assert by_file(json.loads(named.stdout)) == {LATIN: ["yaml-syntax"], TICKET: ["missing-table-code"]}
    assert run(workspace, "check", LATIN).returncode == 2


def test_its_severity_is_the_settings(workspace: Path) -> None:
    (workspace / LATIN).write_bytes(b"entity: Caf\xe9\n")
    (workspace / "specql-lsp.toml").write_text('[diagnostics.severity]\nyaml-syntax = "off"\n')
    assert LATIN not in run(workspace, "check").stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(workspace: Path) -> None:
    (workspace / TICKET).chmod(0)
    done = run(workspace, "check", "--format", "json")
    assert f"{TICKET} is not checked: Permission denied." in done.stderr
    assert by_file(json.loads(done.stdout)) == {p: codes for p, codes in CODES_BY_FILE.items() if p != TICKET}
    assert run(workspace, "check", TICKET).returncode == 2


def test_a_link_that_leads_nowhere(workspace: Path) -> None:
    (workspace / "entities" / "gone.yaml").symlink_to("nowhere.yaml")
    done = run(workspace, "check", "--format", "json")
    assert by_file(json.loads(done.stdout)) == CODES_BY_FILE
    assert run(workspace, "check", "entities/gone.yaml").returncode == 2


def test_a_file_that_is_too_large(workspace: Path) -> None:
    for name, head in (("entity", b"entity: Large\n"), ("data", b"rows:\n")):
        (workspace / "entities" / f"{name}.yaml").write_bytes(head + b"# more\n" * 700_000)
    done = run(workspace, "check", "--format", "json")
    assert done.stderr == "specql-lsp: entities/entity.yaml is not checked: it is larger than 4 MB.\n"
    assert by_file(json.loads(done.stdout)) == CODES_BY_FILE
