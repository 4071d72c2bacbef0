"""``specql-lsp check`` as a process: its four formats, its exit statuses, and what it looks at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.support import Run, run
from tests.e2e.conftest import REGISTRY
from tests.support.corpus import FOLDERS

COMPANY = "entities/crm/company.yaml"
TICKET = "entities/crm/ticket.yaml"
CONTACT = "entities/crm/contact.yaml"
PASSWORD = "Very-s3cret"
QUOTE = "YAML 1.1 reads 012032 as the octal integer 5146; quote it."
CODES_BY_FILE = {
    "entities/catalog/manufacturer.yaml": ["unknown-subdomain"],
    "entities/catalog/product.yaml": ["domain-mismatch", "table-code-differs", "table-code-taken"],
    "entities/crm/campaign.yaml": ["unknown-domain", "unregistered-table-code"],
    COMPANY: ["unquoted-table-code"],
    CONTACT: ["table-code-taken"],
    TICKET: ["missing-table-code"],
    "entities/projects/task.yaml": ["unregistered-table-code"],
    REGISTRY: ["subdomain-mismatch"],
}


def check(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> Run:
    return run(folder, "check", *arguments, **(environment or {}))


def findings(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> list[dict[str, Any]]:
    done = check(folder, "--format", "json", *arguments, environment=environment)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def by_file(found: list[dict[str, Any]]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for finding in found:
        result.setdefault(finding["path"], []).append(finding["code"])
    return result


def test_text(workspace: Path) -> None:
    done = check(workspace)
    assert done.returncode == 1
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert f"{COMPANY}:6:15: error [unquoted-table-code] {QUOTE}" in lines
    assert f"{TICKET}:1:9: hint [missing-table-code] Ticket has no table code: allocate one in domain 2 (crm)." in lines
    assert lines[-1] == "5 errors, 5 warnings, 1 hint in 8 SpecQL files."
    assert len(lines) == 12
    assert "\x1b" not in done.stdout


def test_json(workspace: Path) -> None:
    done = check(workspace, "--format", "json")
    found = json.loads(done.stdout)
    assert by_file(found) == CODES_BY_FILE
    assert next(f for f in found if f["path"] == COMPANY) == {
        "path": COMPANY,
        "line": 6,
        "column": 15,
        "endLine": 6,
        "endColumn": 21,
        "severity": "error",
        "code": "unquoted-table-code",
        "message": QUOTE,
    }
    assert done.returncode == 1


def test_sarif(workspace: Path) -> None:
    done = check(workspace, COMPANY, TICKET, "--format", "sarif")
    document = json.loads(done.stdout)
    assert (document["version"], document["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (run,) = document["runs"]
    assert run["tool"]["driver"]["name"] == "specql-lsp"
    assert [r["id"] for r in run["tool"]["driver"]["rules"]] == ["missing-table-code", "unquoted-table-code"]
    assert [(r["ruleId"], r["ruleIndex"], r["level"]) for r in run["results"]] == [
        ("unquoted-table-code", 1, "error"),
        ("missing-table-code", 0, "note"),
    ]
    assert run["results"][0]["message"] == {"text": QUOTE}
    assert run["results"][0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": COMPANY},
                "region": {"startLine": 6, "startColumn": 15, "endLine": 6, "endColumn": 21},
            }
        }
    ]


def test_github(workspace: Path) -> None:
    done = check(workspace, COMPANY, TICKET, "entities/projects/task.yaml", "--format", "github")
    assert done.stdout.splitlines() == [
        f"::error file={COMPANY},line=6,col=15,endLine=6,endColumn=21,title=unquoted-table-code::{QUOTE}",
        (
            f"::notice file={TICKET},line=1,col=9,endLine=1,endColumn=15,title=missing-table-code::"
            "Ticket has no table code: allocate one in domain 2 (crm)."
        ),
        (
            "::warning file=entities/projects/task.yaml,line=5,col=15,endLine=5,endColumn=23,"
            "title=unregistered-table-code::"
            "The code 014012 is free, but not registered: register it for Task before others take it."
        ),
    ]
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("path", "fail_on", "status"),
    [
        (COMPANY, None, 1),
        (COMPANY, "warning", 1),
        ("entities/projects/task.yaml", None, 0),
        ("entities/projects/task.yaml", "error", 0),
        ("entities/projects/task.yaml", "warning", 1),
        ("entities/projects/task.yaml", "info", 1),
        (TICKET, "info", 0),
        (".github/workflows/build.yaml", "info", 0),
    ],
)
def test_the_exit_status(workspace: Path, path: str, fail_on: str | None, status: int) -> None:
    done = check(workspace, path, *(["--fail-on", fail_on] if fail_on else []))
    assert done.returncode == status, done.stderr


def test_a_clean_workspace(tmp_path: Path) -> None:
    (tmp_path / "note.yaml").write_text("a: b\n")
    assert check(tmp_path, "--format", "json").stdout == "[]\n"
    done = check(tmp_path)
    assert (done.returncode, done.stdout) == (0, "No problems in 0 SpecQL files.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["entities/nowhere.yaml"], "specql-lsp: There is no file or folder entities/nowhere.yaml.\n"),
        (["--workspace", "nowhere"], "specql-lsp: The workspace "),
        (["binary.yaml"], "specql-lsp: "),
        (["--format", "xml"], "Usage: "),
        (["--fail-on", "hint"], "Usage: "),
    ],
)
def test_what_cannot_run(workspace: Path, arguments: list[str], message: str) -> None:
    (workspace / "binary.yaml").write_bytes(b"entity: \xff\xfe\n")
    done = check(workspace, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr


def test_paths_and_the_workspace(workspace: Path) -> None:
    crm = {path: codes for path, codes in CODES_BY_FILE.items() if path.startswith("entities/crm/")}
    assert by_file(findings(workspace, "entities/crm")) == crm
    # From elsewhere: PATH is the shell's, what is printed is the workspace's.
    outside = findings(workspace.parent, "workspace/entities/crm", "--workspace", "workspace")
    assert by_file(outside) == crm
    assert by_file(findings(workspace, COMPANY, "entities/crm", COMPANY)) == crm
    assert by_file(findings(workspace, REGISTRY)) == {REGISTRY: ["subdomain-mismatch"]}
    # One file is held against the whole workspace.
    (taken,) = findings(workspace, CONTACT)
    assert taken["message"] == (
        "Product in another file uses the code 012031, too, which is registered to this entity: "
        "give that file another code."
    )
    stray = workspace.parent / "stray.yaml"
    stray.write_text("entity: Stray\nschema: crn\n")
    assert [(f["path"], f["code"]) for f in findings(workspace, str(stray))] == [(stray.as_posix(), "unknown-domain")]


def test_drift_is_part_of_it_unless_it_is_left_out(workspace: Path, workspace_url: str) -> None:
    environment = {"SPECQL_DB_URL": workspace_url}
    assert by_file(findings(workspace, environment=environment)) == CODES_BY_FILE
    with psycopg.connect(workspace_url) as connection:
        connection.execute("UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    found = findings(workspace, environment=environment)
    assert by_file(found) == {**CODES_BY_FILE, REGISTRY: ["domain-attribute-mismatch", "subdomain-mismatch"]}
    drift = next(f for f in found if f["code"] == "domain-attribute-mismatch")
    assert (drift["line"], drift["column"], drift["endColumn"], drift["severity"]) == (63, 18, 30, "warning")
    assert by_file(findings(workspace, "--no-drift", environment=environment)) == CODES_BY_FILE
    assert by_file(findings(workspace, "--database-url", workspace_url, "entities/crm", REGISTRY))[REGISTRY] == [
        "domain-attribute-mismatch",
        "subdomain-mismatch",
    ]
    assert by_file(findings(workspace, "--backend", "yaml", environment=environment)) == CODES_BY_FILE


def test_a_database_that_does_not_answer(workspace: Path) -> None:
    url = f"postgresql://someone:{PASSWORD}@127.0.0.1:1/registry"
    done = check(workspace, "--format", "json", environment={"SPECQL_DB_URL": url})
    # The YAML answers instead, and that is said.
    assert by_file(json.loads(done.stdout)) == CODES_BY_FILE
    assert done.returncode == 1
    assert done.stderr == (
        "specql-lsp: PostgreSQL refused the connection: nothing listens at that address. "
        "The registry's YAML answers instead.\n"
    )
    assert PASSWORD not in done.stdout + done.stderr


def test_without_a_registry_nothing_is_said_that_needs_one(workspace: Path) -> None:
    (workspace / REGISTRY).unlink()
    done = check(workspace, "--format", "json")
    assert by_file(json.loads(done.stdout)) == {
        COMPANY: ["unquoted-table-code"],
        CONTACT: ["table-code-taken"],
        "entities/catalog/product.yaml": ["table-code-taken"],
    }
    assert done.stderr.startswith("specql-lsp: ")


def test_settings_of_the_workspace(workspace: Path) -> None:
    (workspace / "specql-lsp.toml").write_text(
        '[files]\nexclude = ["entities/catalog/**"]\n[diagnostics.severity]\nunquoted-table-code = "information"\n'
        'missing-table-code = "off"\n[diagnostics]\ndebounceMs = "soon"\n'
    )
    done = check(workspace, "--format", "json")
    found = json.loads(done.stdout)
    assert by_file(found) == {
        path: codes
        for path, codes in CODES_BY_FILE.items()
        if path not in (TICKET, CONTACT) and not path.startswith("entities/catalog")
    }
    assert next(f for f in found if f["path"] == COMPANY)["severity"] == "information"
    assert done.returncode == 0
    assert "diagnostics.debounceMs" in done.stderr
    assert check(workspace, COMPANY, "--fail-on", "info").returncode == 1


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_the_corpus(workspace: Path, folder: Path) -> None:
    done = check(workspace, str(folder), "--format", "json", environment={"SPECQL_REPOSITORY_BACKEND": "yaml"})
    assert done.returncode in (0, 1), done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert len(json.loads(done.stdout)) > 0


def test_a_file_in_another_encoding_that_is_not_specqls_is_none_of_its_business(workspace: Path) -> None:
    (workspace / "compose.yaml").write_bytes(b"services: {web: Caf\xe9}\n")
    assert check(workspace).returncode == 1  # what the workspace is known for, and nothing else
    (workspace / "entities" / "latin.yaml").write_bytes(b"entity: Caf\xe9\nschema: crm\n")
    done = check(workspace)
    assert done.returncode == 1
    assert "entities/latin.yaml:1:1: error [yaml-syntax] The file is not UTF-8 text (line 1)" in done.stdout
