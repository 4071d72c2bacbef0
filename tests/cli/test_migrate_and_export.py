"""``registry migrate`` and ``registry export``: from YAML to PostgreSQL and back, with nothing lost on either way."""

from __future__ import annotations

import json
import resource
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.cli.support import (
    COMMAND,
    REFUSED_CONNECTION,
    UNREACHABLE,
    answer,
    environment,
    refusal,
    run,
)
from tests.support.patient import PROGRESS_VARIABLE
from tests.support.ports import silent_server
from tests.support.workspaces import REGISTRY

NO_URL = "No database URL is set; set registry.databaseUrl or SPECQL_DB_URL, or give --database-url."
UNAVAILABLE = "registry-unavailable"


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


# The whole way


def test_there_and_back_changes_no_byte(workspace: Path, empty_database_url: str) -> None:
    url, server = empty_database_url, empty_database_url.rpartition("@")[2]
    before = (workspace / REGISTRY).read_bytes()
    assert run(workspace, "registry", "install", url=url).returncode == 0
    counts = "4 domains, 9 subdomains and 8 entities"
    tried = run(workspace, "registry", "migrate", "--dry-run", url=url)
    assert (tried.returncode, tried.stderr) == (0, "")
    *listed, last = tried.stdout.splitlines()
    assert last == f"Would add {counts} from {REGISTRY} to PostgreSQL at {server}. Nothing was changed."
    assert listed[:5] == [
        "Domain 1 (core)",
        "  core  domain 1",
        "  accounts  subdomain 01 · core",
        "  Account  011011 · core / accounts",
        "  Session  011012 · core / accounts",
    ]
    assert len([line for line in listed if line.startswith("  ")]) == 4 + 9 + 8
    done = run(workspace, "registry", "migrate", url=url)
    assert done.stdout == f"Added {counts} from {REGISTRY} to PostgreSQL at {server}, verified before the commit.\n"
    again = run(workspace, "registry", "migrate", url=url)
    assert again.stdout == f"PostgreSQL at {server} holds all of {REGISTRY} already: nothing to add.\n"
    assert run(workspace, "registry", "verify", url=url).returncode == 0
    exported = run(workspace, "registry", "export", url=url)
    assert (exported.returncode, exported.stderr) == (0, "")
    assert exported.stdout == f"{REGISTRY} holds what PostgreSQL holds: nothing was changed.\n"
    assert (workspace / REGISTRY).read_bytes() == before


# migrate


def test_migrating_as_json(workspace: Path, database_url: str) -> None:
    document = {
        "domains": 4,
        "subdomains": 9,
        "entities": 8,
        "dryRun": True,
        "path": REGISTRY,
        "server": database_url.rpartition("@")[2],
    }
    tried = answer(workspace, "registry", "migrate", "--dry-run", url=database_url)
    additions = tried.pop("additions")
    assert tried == document
    assert additions[:3] == [
        {"domain": "1", "name": "core"},
        {"domain": "1", "subdomain": "01", "name": "accounts"},
        {"domain": "1", "subdomain": "01", "entity": "Account", "name": "Account", "tableCode": "011011"},
    ]
    assert len(additions) == 4 + 9 + 8
    assert answer(workspace, "domain", "list", url=database_url) == []
    assert answer(workspace, "registry", "migrate", url=database_url) == {**document, "dryRun": False}
    assert len(answer(workspace, "domain", "list", url=database_url)) == 4


def test_another_file_is_relative_to_where_one_is(workspace: Path, database_url: str) -> None:
    (workspace / REGISTRY).rename(workspace.parent / "old.yaml")
    done = answer(
        workspace.parent, "registry", "migrate", "--from", "old.yaml", "--workspace", str(workspace), url=database_url
    )
    assert (done["entities"], done["path"]) == (8, "old.yaml")


def test_every_conflict_has_its_line(workspace: Path, workspace_url: str) -> None:
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    execute(
        workspace_url,
        "UPDATE specql_registry.tb_subdomain SET subdomain_name = 'buyer' WHERE subdomain_name = 'customer'",
    )
    before = answer(workspace, "domain", "list", url=workspace_url)
    for more in ((), ("--dry-run",)):
        done = run(workspace, "registry", "migrate", *more, url=workspace_url)
        assert (done.returncode, done.stdout) == (1, "")
        *places, last = done.stderr.splitlines()
        assert [place.split(": ")[0] for place in places] == [f"{REGISTRY}:44:15", f"{REGISTRY}:63:18"]
        assert last == f"specql-lsp: {REGISTRY} cannot be migrated for 2 reasons; nothing was changed."
    error = answer(workspace, "registry", "migrate", url=workspace_url, status=1)["error"]
    assert (error["kind"], error["path"]) == ("conflict", REGISTRY)
    assert [f"{REGISTRY}:{p['line']}:{p['column']}: {p['message']}" for p in error["problems"]] == places
    assert answer(workspace, "domain", "list", url=workspace_url) == before


def test_what_cannot_be_migrated(workspace: Path, database_url: str, empty_database_url: str) -> None:
    assert refusal(workspace, "registry", "migrate", status=2) == (UNAVAILABLE, NO_URL)
    assert refusal(workspace, "registry", "migrate", url=UNREACHABLE, status=2) == (UNAVAILABLE, REFUSED_CONNECTION)
    kind, message = refusal(workspace, "registry", "migrate", url=empty_database_url, status=2)
    assert (kind, "The schema specql_registry does not exist" in message) == (UNAVAILABLE, True)
    missing = ("registry", "migrate", "--from", "nowhere.yaml")
    kind, message = refusal(workspace, *missing, url=database_url, status=2)
    assert message == "The registry file nowhere.yaml does not exist."
    (workspace / "broken.yaml").write_text("domains:\n  '1': {name: core\n")
    done = run(workspace, "registry", "migrate", "--from", "broken.yaml", url=database_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("broken.yaml:")
    assert answer(workspace, "domain", "list", url=database_url) == []


def test_a_frozen_server_is_told_in_time(workspace: Path) -> None:
    with silent_server() as port:
        url = f"postgresql://someone@127.0.0.1:{port}/registry"
        done = run(workspace, "registry", "migrate", url=url, **{PROGRESS_VARIABLE: "0.1"})
    assert done.returncode == 2
    first, last = done.stderr.splitlines()
    assert first == f"specql-lsp: Migrating {REGISTRY} …"
    assert "did not answer" in last


# export


def test_exporting_changes_only_what_differs(workspace: Path, workspace_url: str) -> None:
    path = workspace / REGISTRY
    before = path.read_text(encoding="utf-8").split("\n")
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    assert run(workspace, "domain", "allocate-code", "crm", "support", "Ticket", url=workspace_url).returncode == 0
    done = run(workspace, "registry", "export", url=workspace_url)
    assert (done.returncode, done.stderr) == (0, "")
    after = path.read_text(encoding="utf-8").split("\n")
    added = [line for line in after if line not in before]
    removed = [line for line in before if line not in after]
    assert "    description: Goods" in added
    assert "    description: What we sell" in removed
    assert any("Ticket" in line for line in added)
    document = json.loads(run(workspace, "registry", "export", "--json", url=workspace_url).stdout)
    assert document == {"path": REGISTRY, "changed": False, "linesAdded": 0, "linesRemoved": 0}
    assert run(workspace, "registry", "verify", url=workspace_url).returncode == 0
    path.write_text("\n".join(before), encoding="utf-8")
    document = answer(workspace, "registry", "export", url=workspace_url)
    assert document["changed"] is True
    assert done.stdout == (
        f"Updated {REGISTRY}: {document['linesAdded']} lines added, {document['linesRemoved']} removed.\n"
    )
    assert document["linesRemoved"] >= len(removed) > 0


def test_a_check_and_a_diff_change_nothing(workspace: Path, workspace_url: str) -> None:
    path = workspace / REGISTRY
    before = path.read_bytes()
    clean = run(workspace, "registry", "export", "--check", url=workspace_url)
    assert (clean.returncode, clean.stdout, clean.stderr) == (0, f"{REGISTRY} holds what PostgreSQL holds.\n", "")
    assert run(workspace, "registry", "export", "--diff", url=workspace_url).stdout == ""
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    checked = run(workspace, "registry", "export", "--check", url=workspace_url)
    assert (checked.returncode, checked.stderr) == (1, "")
    assert checked.stdout == f"{REGISTRY} would change: 1 line added, 1 removed.\n"
    shown = run(workspace, "registry", "export", "--diff", url=workspace_url)
    assert (shown.returncode, shown.stderr) == (1, "")
    assert f"--- a/{REGISTRY}\n+++ b/{REGISTRY}\n" in shown.stdout
    assert "\n-    description: What we sell\n+    description: Goods\n" in shown.stdout
    document = answer(workspace, "registry", "export", "--check", "--diff", url=workspace_url, status=1)
    assert (document["changed"], document["diff"]) == (True, shown.stdout)
    assert path.read_bytes() == before
    subprocess.run(["git", "apply"], input=shown.stdout, cwd=workspace, text=True, check=True)
    assert run(workspace, "registry", "export", "--check", url=workspace_url).returncode == 0
    wrong = run(workspace, "registry", "export", "--check", "--output", "-", url=workspace_url)
    assert wrong.returncode == 2


def test_an_empty_registry_is_not_exported_over_one_that_holds_something(workspace: Path, database_url: str) -> None:
    before = (workspace / REGISTRY).read_bytes()
    done = run(workspace, "registry", "export", url=database_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"specql-lsp: PostgreSQL holds no domain at all, and {REGISTRY} would lose all")
    assert (workspace / REGISTRY).read_bytes() == before


def test_exporting_to_a_new_file(workspace: Path, workspace_url: str) -> None:
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    done = run(workspace, "registry", "export", "--output", "new/registry.yaml", url=workspace_url)
    assert (done.returncode, done.stderr) == (0, "")
    text = (workspace / REGISTRY).read_text(encoding="utf-8")
    # What PostgreSQL cannot hold comes from the workspace's file, which is left alone.
    assert "- '01201F'  # kept for the merger" in text
    assert (workspace / "new/registry.yaml").read_text(encoding="utf-8") == text.replace("What we sell", "Goods")
    assert done.stdout == f"Wrote new/registry.yaml: {text.count(chr(10))} lines.\n"


def test_exporting_where_no_file_is(tmp_path: Path, workspace_url: str) -> None:
    done = answer(tmp_path, "registry", "export", url=workspace_url)
    assert (done["path"], done["changed"], done["linesRemoved"]) == (REGISTRY, True, 0)
    assert (tmp_path / REGISTRY).read_text(encoding="utf-8").count("\n") == done["linesAdded"]
    report = answer(tmp_path, "registry", "verify", url=workspace_url)
    assert report["summary"]["entitiesChecked"] == 8


def test_exporting_to_stdout_leaves_the_file_alone(workspace: Path, workspace_url: str) -> None:
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    before = (workspace / REGISTRY).read_text(encoding="utf-8")
    done = run(workspace, "registry", "export", "--output", "-", url=workspace_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == before.replace("What we sell", "Goods")
    document = answer(workspace, "registry", "export", "--output", "-", url=workspace_url)
    assert document == {"path": "-", "changed": True, "linesAdded": 1, "linesRemoved": 1, "text": done.stdout}
    assert (workspace / REGISTRY).read_text(encoding="utf-8") == before


def test_exporting_is_never_done_from_a_fallback(workspace: Path) -> None:
    before = (workspace / REGISTRY).read_bytes()
    assert refusal(workspace, "registry", "export", url=UNREACHABLE, status=2) == (UNAVAILABLE, REFUSED_CONNECTION)
    assert refusal(workspace, "registry", "export", status=2) == (UNAVAILABLE, NO_URL)
    assert (workspace / REGISTRY).read_bytes() == before


def test_a_file_that_cannot_be_updated_stays_as_it_is(workspace: Path, workspace_url: str) -> None:
    path = workspace / REGISTRY
    for content, reason in (
        (b"domains:\n  '1': {name: core\n", f"{REGISTRY}: The file cannot be updated: line "),
        (b"domains: {}\n# \xff\n", f"The file {REGISTRY} is not UTF-8 text."),
    ):
        path.write_bytes(content)
        kind, message = refusal(workspace, "registry", "export", url=workspace_url, status=2)
        assert kind == "file-unreadable"
        assert message.startswith(reason)
        assert path.read_bytes() == content


def test_a_full_disk_leaves_the_old_file(workspace: Path, workspace_url: str) -> None:
    path = workspace / REGISTRY
    before = path.read_bytes()
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    done = subprocess.run(
        [*COMMAND, "registry", "export"],
        cwd=workspace,
        env=environment(workspace_url, PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"specql-lsp: The file {REGISTRY} cannot be written (File too large).\n"
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("command", ["migrate", "export"])
def test_they_ask_postgresql_whatever_the_backend_of_the_settings_is(
    workspace: Path, workspace_url: str, command: str
) -> None:
    done = run(workspace, "registry", command, url=workspace_url, SPECQL_REPOSITORY_BACKEND="yaml")
    assert done.returncode == 0, done.stderr
