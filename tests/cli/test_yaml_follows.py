"""What a command changes in PostgreSQL and the registry YAML of the workspace: one behaviour for every command."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.cli.support import NOT_IN_YAML, UNREACHABLE, answer, codes, environment, run
from tests.support.forks import run_forked

REGISTRY = "registry/domain_registry.yaml"
LIKEWISE = f"specql-lsp: {REGISTRY} was changed likewise.\n"
COMMANDS = [
    ("register", "--number", "9", "--name", "stock"),
    ("register-subdomain", "crm", "--number", "07", "--name", "partners"),
    ("allocate-code", "crm", "support", "Thing"),
    ("allocate-missing",),
    ("rename-entity", "crm", "Company", "Firm"),
    ("move-entity", "crm", "Contact", "core"),
    ("release-code", "core", "Session"),
]


@pytest.fixture(params=COMMANDS, ids=lambda command: command[0])
def command(request: pytest.FixtureRequest, workspace: Path) -> tuple[str, ...]:
    (workspace / "entities/crm/thing.yaml").write_text("entity: CustomerVisit\nschema: crm\n", encoding="utf-8")
    found: tuple[str, ...] = request.param
    return ("domain", *found)


def test_by_default_it_says_that_the_yaml_differs(
    workspace: Path, workspace_url: str, command: tuple[str, ...]
) -> None:
    path = workspace / REGISTRY
    before = path.read_bytes()
    done = run(workspace, *command, url=workspace_url)
    assert NOT_IN_YAML in done.stderr, done.stderr
    assert path.read_bytes() == before
    assert not answer(workspace, "registry", "verify", url=workspace_url, status=1)["consistent"]
    again = run(workspace, *command, url=workspace_url)
    assert NOT_IN_YAML not in again.stderr, "nothing was changed"


def test_never_is_silent(workspace: Path, workspace_url: str, command: tuple[str, ...]) -> None:
    (workspace / "specql-lsp.toml").write_text('[registry]\nupdateYaml = "never"\n', encoding="utf-8")
    assert REGISTRY not in run(workspace, *command, url=workspace_url).stderr


def test_the_yaml_follows_where_it_is_to(workspace: Path, workspace_url: str, command: tuple[str, ...]) -> None:
    done = run(workspace, *command, "--update-yaml", url=workspace_url)
    assert LIKEWISE in done.stderr, (done.stdout, done.stderr)
    assert answer(workspace, "registry", "verify", url=workspace_url)["consistent"]


def test_a_dry_run_says_nothing_of_it(workspace: Path, workspace_url: str) -> None:
    for option in ("--update-yaml", "--no-update-yaml"):
        done = run(workspace, "domain", "move-entity", "crm", "Contact", "core", "--dry-run", option, url=workspace_url)
        assert (done.returncode, done.stderr) == (0, "")


ALLOCATE = ("domain", "allocate-code", "crm", "support", "Thing")


def test_a_yaml_that_cannot_be_read_keeps_no_code_from_being_given(workspace: Path, workspace_url: str) -> None:
    path = workspace / REGISTRY
    path.write_text("domains: [\n", encoding="utf-8")
    found = answer(workspace, *ALLOCATE, "--update-yaml", url=workspace_url, status=2)
    assert codes(workspace_url, "Thing") == [found["tableCode"]], "a script has its code all the same"
    again = run(workspace, *ALLOCATE, "--update-yaml", url=workspace_url)
    assert (again.returncode, "was not" in again.stderr) == (0, False), "nothing was changed this time"
    done = run(workspace, *ALLOCATE[:-1], "Other", "--update-yaml", url=workspace_url)
    assert (done.returncode, done.stdout.startswith("Allocated ")) == (2, True)
    assert f"PostgreSQL was changed, {REGISTRY} was not." in done.stderr
    assert path.read_text(encoding="utf-8") == "domains: [\n"
    # Without the wish that it follows, nothing is said of it.
    assert run(workspace, *ALLOCATE[:-1], "More", url=workspace_url).returncode == 0


def test_a_yaml_that_cannot_be_written_keeps_no_code_from_being_given(workspace: Path, workspace_url: str) -> None:
    name = f"registry/{'r' * 246}.yaml"  # no room for the name of a file beside it
    (workspace / REGISTRY).rename(workspace / name)
    (workspace / "specql-lsp.toml").write_text(f'[registry]\nupdateYaml = "always"\nyamlPath = "{name}"\n')
    found = answer(workspace, *ALLOCATE, url=workspace_url, status=2)
    assert codes(workspace_url, "Thing") == [found["tableCode"]]


def test_without_a_yaml_or_without_postgresql_there_is_nothing_to_follow(workspace: Path, workspace_url: str) -> None:
    done = run(workspace, *ALLOCATE, "--update-yaml", url=UNREACHABLE)
    assert REGISTRY not in done.stderr
    (workspace / REGISTRY).unlink()
    done = run(workspace, *ALLOCATE, "--update-yaml", url=workspace_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (workspace / REGISTRY).exists()


@pytest.mark.parametrize(
    "command",
    [
        ALLOCATE,
        ("domain", "move-entity", "crm", "Contact", "core"),
        ("domain", "rename-entity", "crm", "Company", "Firm"),
    ],
    ids=lambda command: command[1],
)
def test_a_command_that_was_killed_is_run_again(workspace: Path, workspace_url: str, command: tuple[str, ...]) -> None:
    """Before each change of a file; PostgreSQL was changed before the first."""
    runs = 0
    for number in range(20):
        arguments = [str(workspace), str(number), *command, "--update-yaml"]
        killed = run_forked(["tests.support.killed_program", *arguments], workspace, environment(workspace_url))
        runs = number
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert runs > 1, "the first run was killed, and so were others"
    assert answer(workspace, "registry", "verify", url=workspace_url)["consistent"]
    text = (workspace / "entities/crm/contact.yaml").read_text(encoding="utf-8")
    assert codes(workspace_url, "Contact")[0] in text
