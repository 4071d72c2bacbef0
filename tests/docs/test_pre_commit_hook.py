"""The hooks in ``.pre-commit-hooks.yaml``, installed from this checkout by the real pre-commit, at real commits.

pre-commit builds an environment for them with pip, which takes what ``make setup`` takes: packages of a package index.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.support.completeness import missing
from tests.support.ports import own_port
from tests.support.workspaces import FIXTURE, REGISTRY

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PRE_COMMIT = str(Path(sys.executable).parent / "pre-commit")
CONTACT = "entities/crm/contact.yaml"
MENDED = {
    "entities/catalog/product.yaml": ("'012031'", "'013031'"),
    "entities/crm/company.yaml": ("012032", "'012032'"),
}
"""What makes the fixture free of errors."""


@dataclass(frozen=True)
class Repository:
    """A team's repository: a copy of the fixture, and pre-commit's hook in git."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs a command there; the two outputs are one."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def configure(self, hooks: Repository, *chosen: Mapping[str, object]) -> None:
        """Writes the team's pre-commit configuration and commits all that is there, unchecked."""
        revision = hooks.run("git", "rev-parse", "HEAD").stdout.strip()
        repositories = [{"repo": str(hooks.folder), "rev": revision, "hooks": list(chosen)}]
        (self.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": repositories}))
        assert self.commit("Configure", "--no-verify").returncode == 0

    def change(self, path: str, old: str, new: str) -> None:
        """Changes a text that occurs in a file."""
        text = (self.folder / path).read_text()
        assert old in text
        (self.folder / path).write_text(text.replace(old, new))

    def commit(self, message: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Commits everything, as a person would, and runs the hooks by that."""
        self.run("git", "add", "--all")
        return self.run("git", "commit", "--message", message, *options, **environment)


def clean_environment(home: Path) -> dict[str, str]:
    """This process's environment without its git's and registry's settings; pip's stay."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "SPECQL_", "PRE_COMMIT"))}
    nobody = {f"GIT_{who}_{what}": "nobody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    files = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PRE_COMMIT_HOME": str(home)}
    return {**kept, **nobody, **files, "NO_COLOR": "1", "PRE_COMMIT_COLOR": "never"}


def new_repository(folder: Path, environment: Mapping[str, str]) -> Repository:
    repository = Repository(folder, environment)
    assert repository.run("git", "init", "--quiet").returncode == 0
    return repository


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return clean_environment(tmp_path_factory.mktemp("pre-commit"))


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Repository:
    """A repository of its own with this checkout as it is now, also where that is no git checkout."""
    folder = tmp_path_factory.mktemp("hooks")
    probe = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), "hatchling"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        missing("A package index that pip can reach")
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "specql_lsp", folder / "specql_lsp", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    repository = new_repository(folder, environment)
    assert repository.commit("Hooks").returncode == 0
    return repository


@pytest.fixture
def repository(tmp_path: Path, environment: dict[str, str], hooks: Repository) -> Repository:
    """A team's repository with the first hook; nothing is committed that is not checked, from now on."""
    repository = new_repository(Path(shutil.copytree(FIXTURE, tmp_path / "team")), environment)
    repository.configure(hooks, {"id": "specql-check"})
    installed = repository.run(PRE_COMMIT, "install", "--install-hooks")
    assert installed.returncode == 0, installed.stdout
    return repository


def mend(repository: Repository) -> None:
    for path, (old, new) in MENDED.items():
        repository.change(path, old, new)


def test_an_error_in_a_changed_file_stops_the_commit(repository: Repository) -> None:
    repository.change("entities/crm/ticket.yaml", "schema: crm", "schema: crm\norganization:\n  table_code: '012031'")
    done = repository.commit("Take a taken code")
    assert done.returncode == 1
    assert re.search(r"^entities/crm/ticket\.yaml:4:15: error \[table-code-taken\]", done.stdout, re.MULTILINE)
    assert repository.run("git", "log", "--format=%s").stdout.split("\n")[0] == "Configure"


def test_what_is_right_is_committed(repository: Repository) -> None:
    mend(repository)
    done = repository.commit("Mend")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^SpecQL\.+Passed$", done.stdout, re.MULTILINE)
    assert repository.run("git", "log", "--format=%s").stdout.split("\n")[0] == "Mend"


def test_only_what_changed_is_checked_but_against_all_files(repository: Repository) -> None:
    repository.change("entities/crm/campaign.yaml", "crn", "crm")
    passed = repository.commit("Mend one of several")
    assert passed.returncode == 0, passed.stdout
    repository.change(CONTACT, "schema: crm", "schema: crm\ndescription: A person")
    stopped = repository.commit("Touch a file whose code another file uses")
    assert stopped.returncode == 1
    assert "[table-code-taken] Product in another file" in stopped.stdout
    assert "company.yaml" not in stopped.stdout


def test_other_files_are_none_of_its_business(repository: Repository) -> None:
    (repository.folder / "compose.yaml").write_text("services:\n  web: {image: nginx}\n")
    assert repository.commit("Add what is not SpecQL's").returncode == 0
    (repository.folder / "notes.md").write_text("entity: Contact\n")
    done = repository.commit("Add what is no YAML")
    assert done.returncode == 0
    assert "(no files to check)" in done.stdout


def test_the_registry_yaml_is_checked_when_it_changes(repository: Repository) -> None:
    repository.change(REGISTRY, "domains:", "domains: [")
    done = repository.commit("Break the registry")
    assert done.returncode == 1
    assert f"\n{REGISTRY}:" in done.stdout
    assert "error [yaml-syntax]" in done.stdout


def test_drift_is_shown_when_the_registry_yaml_changes(
    repository: Repository, hooks: Repository, workspace_url: str
) -> None:
    mend(repository)
    repository.change(REGISTRY, "Customers, how we win them", "Customers, whom nobody told PostgreSQL of")
    done = repository.commit("Change the YAML alone", SPECQL_DB_URL=workspace_url)
    assert done.returncode == 0, "a warning does not stop a commit by itself"
    repository.configure(hooks, {"id": "specql-check", "args": ["--fail-on", "warning"]})
    repository.change(REGISTRY, "whom nobody told", "whom nobody has told")
    done = repository.commit("Change the YAML alone", SPECQL_DB_URL=workspace_url)
    assert done.returncode == 1
    assert "warning [domain-attribute-mismatch]" in done.stdout


def test_a_database_that_is_away_stops_no_commit(repository: Repository) -> None:
    mend(repository)
    done = repository.commit("Mend", SPECQL_DB_URL=f"postgresql://nobody@127.0.0.1:{own_port()}/registry")
    assert done.returncode == 0, done.stdout


def test_the_second_hook_checks_the_whole_workspace(repository: Repository, hooks: Repository) -> None:
    repository.configure(hooks, {"id": "specql-check-workspace"})
    (repository.folder / "compose.yaml").write_text("services: {}\n")
    done = repository.commit("Change something else")
    assert done.returncode == 1
    assert "5 errors" in done.stdout
    assert done.stdout.count("SpecQL files.") == 1, "it ran once"
    mend(repository)
    assert repository.commit("Mend").returncode == 0


def test_the_third_hook_formats_what_changed(repository: Repository, hooks: Repository) -> None:
    repository.configure(hooks, {"id": "specql-format"})
    repository.change("entities/crm/campaign.yaml", "schema: ", "schema:   ")
    (repository.folder / "compose.yaml").write_text("services:   {}\n")
    done = repository.commit("Change the layout")
    assert done.returncode == 1
    assert "files were modified by this hook" in done.stdout
    assert "entities/crm/campaign.yaml: formatted\n1 of 1 SpecQL file formatted." in done.stdout
    assert "schema:   " not in (repository.folder / "entities/crm/campaign.yaml").read_text()
    assert (repository.folder / "compose.yaml").read_text() == "services:   {}\n"
    assert repository.commit("Commit what is formatted").returncode == 0


def test_the_hooks_are_valid(hooks: Repository) -> None:
    done = hooks.run(PRE_COMMIT, "validate-manifest", ".pre-commit-hooks.yaml")
    assert (done.returncode, done.stdout) == (0, "")
