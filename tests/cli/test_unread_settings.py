"""Commands where settings that say which registry is meant cannot be read: they may read another one, not write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import answer, codes, run

WRITING = (
    ("domain", "register", "--number", "9", "--name", "billing"),
    ("domain", "register-subdomain", "crm", "--number", "09", "--name", "visits"),
    ("domain", "allocate-code", "crm", "customer", "Visit"),
    ("domain", "allocate-missing"),
    ("domain", "rename-entity", "crm", "Company", "Firm"),
    ("domain", "move-entity", "crm", "Company", "support"),
    ("domain", "release-code", "crm", "Company"),
    ("domain", "lease", "crm", "customer"),
    ("domain", "lease", "--release"),
    ("registry", "install"),
    ("registry", "migrate"),
    ("registry", "sync", "--keep", "yaml"),
    ("registry", "renumber"),
    ("registry", "prune-history", "--keep-days", "1"),
    ("registry", "export", "--output", "new.yaml"),
    ("registry", "snapshot", "new.json"),
)
READING = (
    ("domain", "list"),
    ("domain", "get", "crm"),
    ("registry", "status"),
    ("registry", "verify"),
    ("registry", "export", "--check"),
    ("registry", "export", "--output", "-"),
    ("registry", "install", "--print"),
)
UNREADABLE = {
    "[registry\n": "specql-lsp.toml",
    "registry = 'postgresql'\n": "specql.registry in specql-lsp.toml",
    "specql = 'postgresql'\n": "the settings from specql-lsp.toml",
    "[registry]\nbackend = 'postgres'\n": "specql.registry.backend in specql-lsp.toml",
    "[registry]\nyamlPath = ''\n": "specql.registry.yamlPath in specql-lsp.toml",
    "[registry]\nbackend = 'x'\nyaml_path = 1\n": (
        "specql.registry.backend in specql-lsp.toml and specql.registry.yaml_path in specql-lsp.toml"
    ),
}
REFUSAL = "Nothing was changed: it might have been in another registry than the settings mean. Mend {} first."


def settings(workspace: Path, text: str) -> None:
    (workspace / "specql-lsp.toml").write_text(text)


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_a_command_that_writes_is_refused(command: tuple[str, ...], workspace: Path, workspace_url: str) -> None:
    settings(workspace, "[registry\n")
    before = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}
    document = answer(workspace, *command, url=workspace_url, status=2)
    assert document == {"error": {"kind": "registry-unavailable", "message": REFUSAL.format("specql-lsp.toml")}}
    assert {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()} == before
    assert codes(workspace_url, "Visit") == [] and codes(workspace_url, "Company") == ["012032"]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_one_that_reads_goes_on(command: tuple[str, ...], workspace: Path, workspace_url: str) -> None:
    settings(workspace, "[registry\n")
    done = run(workspace, *command, url=workspace_url)
    assert done.returncode in {0, 1}
    assert "specql-lsp.toml is not valid TOML" in done.stderr
    assert "Nothing was changed" not in done.stderr


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_cannot_be_read_is_named(text: str, workspace: Path, workspace_url: str) -> None:
    settings(workspace, text)
    done = run(workspace, "domain", "allocate-code", "crm", "customer", "Visit", url=workspace_url)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].endswith(REFUSAL.format(UNREADABLE[text]))
    assert codes(workspace_url, "Visit") == []


def test_a_file_that_is_no_file(workspace: Path, workspace_url: str) -> None:
    (workspace / "specql-lsp.toml").mkdir()
    done = run(workspace, "domain", "allocate-code", "crm", "customer", "Visit", url=workspace_url)
    assert (done.returncode, done.stdout) == (2, "")
    assert REFUSAL.format("specql-lsp.toml") in done.stderr


def test_a_variable_of_the_url_that_is_not_set(workspace: Path, workspace_url: str) -> None:
    """The default database is another one than that of the team."""
    settings(workspace, "[registry]\ndatabaseUrl = '${env:TEAM_DATABASE}'\n")
    command = ("domain", "allocate-code", "crm", "customer", "Visit")
    done = run(workspace, *command, SPECQL_DB_URL_DEFAULT=workspace_url)
    assert (done.returncode, done.stdout) == (2, "")
    assert REFUSAL.format("specql.registry.databaseUrl in specql-lsp.toml") in done.stderr
    assert codes(workspace_url, "Visit") == []
    assert answer(workspace, *command, TEAM_DATABASE=workspace_url)["created"]


@pytest.mark.parametrize("by_option", [True, False])
def test_what_is_set_above_it_counts(workspace: Path, workspace_url: str, *, by_option: bool) -> None:
    settings(workspace, "[registry]\nbackend = 'postgres'\n")
    command = ["domain", "allocate-code", "crm", "customer", "Visit", "--json"]
    if by_option:
        done = run(workspace, *command, "--backend", "postgresql", url=workspace_url)
    else:
        done = run(workspace, *command, url=workspace_url, SPECQL_REPOSITORY_BACKEND="postgresql")
    assert done.returncode == 0, done.stderr
    assert codes(workspace_url, "Visit") != []


@pytest.mark.parametrize(
    "text", ["[registry]\nlisten = 3\n", "[registry]\nunknown = 3\n", "[other]\n", "[format]\nx = 1\n"]
)
def test_other_mistakes_are_warnings(text: str, workspace: Path, workspace_url: str) -> None:
    settings(workspace, text)
    assert answer(workspace, "domain", "allocate-code", "crm", "customer", "Visit", url=workspace_url)["created"]


def test_a_wrong_variable_of_the_environment(workspace: Path, workspace_url: str) -> None:
    command = ("domain", "allocate-code", "crm", "customer", "Visit")
    done = run(workspace, *command, url=workspace_url, SPECQL_REPOSITORY_BACKEND="postgres")
    assert (done.returncode, done.stdout) == (2, "")
    assert REFUSAL.format("specql.registry.backend in the environment") in done.stderr
