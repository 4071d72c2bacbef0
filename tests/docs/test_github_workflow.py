"""``docs/github-workflow.yaml``: its steps do what its comments say, run as GitHub's runner runs them."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from tests.support.ports import own_port
from tests.support.workspaces import REGISTRY

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "github-workflow.yaml"
ACTIONS = {"actions/checkout", "actions/setup-python", "github/codeql-action/upload-sarif"}
"""What only GitHub can run."""
SHELL = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c")
"""How GitHub runs a ``run`` step."""

INSTALL = "python -m pip install specql-lsp"

ERROR_COUNT = 5
"""How many errors the fixture workspace has."""
DRIFTED = "UPDATE specql_registry.tb_domain SET description = 'Changed' WHERE domain_name = 'crm'"


def jobs() -> dict[str, dict[str, Any]]:
    # YAML 1.1 reads the key "on" as true; GitHub does not.
    found: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["jobs"]
    return found


def steps(job: str) -> Iterator[dict[str, Any]]:
    """The steps of a job that are commands."""
    for step in jobs()[job]["steps"]:
        assert ("run" in step) != ("uses" in step)
        if "run" in step:
            yield step


def run(job: str, folder: Path, secret: str) -> subprocess.CompletedProcess[str]:
    """Runs the commands of a job up to the first that fails, with the secret that the repository has ("" for none)."""
    done = None
    for step in steps(job):
        variables = {key: expand(value, secret) for key, value in step.get("env", {}).items()}
        done = installed() if step["run"] == INSTALL else run_step(step["run"], folder, variables)
        if done.returncode:
            break
    assert done is not None
    return done


def run_step(command: str, folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SPECQL_")}
    return subprocess.run(
        [*SHELL, command],
        cwd=folder,
        env={**kept, "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@functools.cache
def installed() -> subprocess.CompletedProcess[str]:
    """The step that installs, run once: it finds what is there, and costs more than what comes after it."""
    return run_step(INSTALL, ROOT, {})


def expand(value: str, secret: str) -> str:
    expanded = value.replace("${{ secrets.SPECQL_DB_URL }}", secret)
    assert "${{" not in expanded
    return expanded


@pytest.fixture
def clean_workspace(workspace: Path) -> Path:
    """The workspace without errors."""
    for path, old, new in (("catalog/product", "'012031'", "'013031'"), ("crm/company", "012032", "'012032'")):
        file = workspace / "entities" / f"{path}.yaml"
        file.write_text(file.read_text().replace(old, new))
    return workspace


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


def test_it_is_a_workflow() -> None:
    document: Mapping[Any, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert set(document) == {"name", True, "permissions", "jobs"}
    assert document["permissions"] == {"contents": "read"}
    for name, job in jobs().items():
        assert job["runs-on"] == "ubuntu-latest", name
        used = [step["uses"] for step in job["steps"] if "uses" in step]
        assert {action.split("@")[0] for action in used} <= ACTIONS
        assert all(re.fullmatch(r"[\w/-]+@v\d+", action) for action in used)
        assert used[0].startswith("actions/checkout@")
    triggers = set(document[True])
    for name, job in jobs().items():
        events = set(re.findall(r"github\.event_name == '(\w+)'", job["if"]))
        assert events <= triggers, name


def test_what_is_installed_is_this() -> None:
    installs = {step["run"] for job in jobs() for step in steps(job) if "pip install" in step["run"]}
    assert installs == {INSTALL}
    printed = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--no-index", "specql-lsp"], capture_output=True, text=True, check=True
    )
    assert "Requirement already satisfied: specql-lsp" in printed.stdout


def test_check_marks_the_lines_and_fails(workspace: Path) -> None:
    done = run("check", workspace, "")
    assert done.returncode == 1
    marks = [line for line in done.stdout.splitlines() if line.startswith("::error ")]
    assert len(marks) == ERROR_COUNT
    assert any(line.startswith("::error file=entities/crm/company.yaml,line=6,col=15,") for line in marks)


def test_check_passes_what_is_right(clean_workspace: Path, workspace_url: str) -> None:
    for secret in ("", workspace_url, f"postgresql://nobody@127.0.0.1:{own_port()}/registry"):
        done = run("check", clean_workspace, secret)
        assert done.returncode == 0, done.stdout + done.stderr


def test_check_shows_drift_where_the_secret_is_known(clean_workspace: Path, workspace_url: str) -> None:
    execute(workspace_url, DRIFTED)
    done = run("check", clean_workspace, workspace_url)
    assert done.returncode == 0
    assert re.search(r"^::warning file=registry/domain_registry\.yaml,.*Changed", done.stdout, re.MULTILINE)
    assert "domain-attribute-mismatch" not in run("check", clean_workspace, "").stdout


def test_code_scanning_gets_its_file_whatever_is_found(workspace: Path, tmp_path: Path) -> None:
    upload = next(step for step in jobs()["code-scanning"]["steps"] if "upload-sarif" in step.get("uses", ""))
    done = run("code-scanning", workspace, "")
    assert done.returncode == 0, done.stdout + done.stderr
    sarif = json.loads((workspace / upload["with"]["sarif_file"]).read_text(encoding="utf-8"))
    assert sarif["version"] == "2.1.0"
    levels = [result["level"] for result in sarif["runs"][0]["results"]]
    assert levels.count("error") == ERROR_COUNT


def test_code_scanning_fails_when_the_check_could_not_run(workspace: Path) -> None:
    (workspace / REGISTRY).write_text("", encoding="utf-8")
    done = run("code-scanning", workspace, "")
    assert done.returncode != 0
    assert "has no domains" in done.stderr


def test_verify_says_whether_both_sides_agree(workspace: Path, workspace_url: str) -> None:
    done = run("verify", workspace, workspace_url)
    assert done.returncode == 0, done.stdout + done.stderr
    execute(workspace_url, DRIFTED)
    done = run("verify", workspace, workspace_url)
    assert done.returncode == 1
    assert "Changed" in done.stdout
    away = f"postgresql://nobody:hunter2@127.0.0.1:{own_port()}/registry"
    for secret in ("", away):
        done = run("verify", workspace, secret)
        assert done.returncode == 2
        assert "hunter2" not in done.stdout + done.stderr


def test_code_scanning_is_no_place_for_secrets(workspace: Path) -> None:
    away = f"postgresql://nobody:hunter2@127.0.0.1:{own_port()}/registry"
    done = run("code-scanning", workspace, away)
    assert "hunter2" not in done.stdout + done.stderr + (workspace / "specql.sarif").read_text(encoding="utf-8")
