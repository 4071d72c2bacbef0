"""``registry snapshot``, and ``check`` and the other commands against one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import psycopg
import pytest

from tests.cli.support import REFUSED_CONNECTION, UNREACHABLE, answer, refusal, run
from tests.support.workspaces import REGISTRY

FILE = "registry/snapshot.json"


def test_a_snapshot_of_postgresql_answers_without_it(workspace: Path, workspace_url: str) -> None:
    server = workspace_url.rpartition("@")[2]
    done = run(workspace, "registry", "snapshot", FILE, url=workspace_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Wrote {FILE}: 4 domains, 9 subdomains and 8 entities from PostgreSQL at {server}.\n"
    expected = run(workspace, "check", "--no-drift", url=workspace_url)
    (workspace / REGISTRY).unlink()
    (workspace / "specql-lsp.toml").write_text(f'[registry]\nsnapshotPath = "{FILE}"\n')
    done = run(workspace, "check", url=UNREACHABLE)
    findings = [line for line in expected.stdout.splitlines() if not line.startswith(REGISTRY)]
    assert done.stdout.splitlines()[:-1] == findings[:-1]
    taken_at = json.loads((workspace / FILE).read_text(encoding="utf-8"))["takenAt"]
    shown = f"{FILE} of {taken_at[:10]} {taken_at[11:16]} UTC (PostgreSQL at {server})"
    assert done.stderr == (
        f"specql-lsp: {REFUSED_CONNECTION} The registry file {REGISTRY} does not exist. "
        f"The snapshot {shown} answers instead.\n"
    )
    status = answer(workspace, "registry", "status", url=UNREACHABLE)
    assert (status["source"], status["writable"], status["entities"], status["discrepancies"]) == (
        "snapshot",
        False,
        8,
        None,
    )
    assert status["snapshot"] == {
        "path": FILE,
        "takenAt": taken_at.replace("Z", ".000Z"),
        "source": "postgresql",
        "location": server,
    }
    text = run(workspace, "registry", "status", url=UNREACHABLE).stdout
    assert f"The snapshot {FILE} of " in text and f"taken from PostgreSQL at {server}" in text
    listed = run(workspace, "domain", "list", url=UNREACHABLE)
    assert f"The snapshot {shown} answers instead." in listed.stderr
    kind, message = refusal(workspace, "domain", "allocate-code", "crm", "support", "Refund", url=UNREACHABLE)
    assert (kind, message.split(". ")[0]) == ("registry-read-only", "The registry is read-only now")


def test_a_file_that_holds_the_same_stays_as_it_is(workspace: Path, workspace_url: str) -> None:
    def take(status: bool) -> bytes:
        document = answer(workspace, "registry", "snapshot", FILE, url=workspace_url)
        assert document["changed"] is status
        return (workspace / FILE).read_bytes()

    first = take(True)
    os.utime(workspace / FILE, (1, 1))
    assert take(False) == first
    assert (workspace / FILE).stat().st_mtime == 1, "it was not even written"
    assert run(workspace, "registry", "snapshot", FILE, url=workspace_url).stdout.endswith("nothing was changed.\n")
    with psycopg.connect(workspace_url) as connection:
        connection.execute(
            "UPDATE specql_registry.tb_entity_registration SET entity_name = 'Renamed' WHERE entity_name = 'Contact'"
        )
    changed = take(True)
    old, new = (set(text.decode().splitlines()) for text in (first, changed))
    assert sorted(line.strip()[:19] for line in new - old if "takenAt" not in line) == ['{"name": "Renamed",']


def test_what_is_no_snapshot_is_not_replaced(workspace: Path) -> None:
    before = (workspace / REGISTRY).read_bytes()
    kind, message = refusal(workspace, "registry", "snapshot", REGISTRY)
    assert (kind, (workspace / REGISTRY).read_bytes()) == ("conflict", before)
    assert message == (
        f"The file {REGISTRY} is no registry snapshot, so it was not replaced: name another file, or delete it."
    )
    file = workspace / "s.json"
    for replaceable in ("", "\n", '<<<<<<< ours\n"format": "specql-registry-snapshot",\n'):
        file.write_text(replaceable, encoding="utf-8")
        assert answer(workspace, "registry", "snapshot", "s.json")["changed"]


def test_a_text_that_speaks_of_snapshots_is_none(workspace: Path) -> None:
    file = workspace / "manual.md"
    for text in ('Files begin with\n"format": "specql-registry-snapshot"\n', "# specql-registry-snapshot {}\n"):
        file.write_text(text, encoding="utf-8")
        assert refusal(workspace, "registry", "snapshot", "manual.md")[0] == "conflict"
        assert file.read_text(encoding="utf-8") == text
    for damaged in ('\ufeff{\n"format": "specql-registry-snapshot",\n', '\n{"format": "specql-registry-snapshot"'):
        file.write_text(damaged, encoding="utf-8")
        assert answer(workspace, "registry", "snapshot", "manual.md")["changed"]


def test_a_check_says_how_old_its_snapshot_is(workspace: Path, workspace_url: str) -> None:
    answer(workspace, "registry", "snapshot", FILE, url=workspace_url)
    file = workspace / FILE
    text = file.read_text(encoding="utf-8")
    taken_at = json.loads(text)["takenAt"]
    file.write_text(text.replace(taken_at, "2024-02-29T23:59:00Z"), encoding="utf-8")
    server = workspace_url.rpartition("@")[2]
    end = f"SpecQL files, held against the snapshot {file} of 2024-02-29 23:59 UTC (PostgreSQL at {server})."
    assert run(workspace, "check", "--registry", FILE).stdout.splitlines()[-1].endswith(end)
    (workspace / "empty").mkdir()
    done = run(workspace, "check", "empty", "--registry", FILE)
    assert (done.returncode, done.stdout) == (0, f"No problems in 0 {end}\n")


def test_it_is_printed(workspace: Path, workspace_url: str) -> None:
    done = run(workspace, "registry", "snapshot", "-", url=workspace_url)
    assert json.loads(done.stdout)["format"] == "specql-registry-snapshot"
    document = answer(workspace, "registry", "snapshot", "-", url=workspace_url)
    assert (document["path"], json.loads(document["text"])["version"]) == ("-", 1)


def test_without_a_database_it_is_taken_from_the_yaml(workspace: Path) -> None:
    done = run(workspace, "registry", "snapshot", FILE)
    assert done.stdout == f"Wrote {FILE}: 4 domains, 9 subdomains and 8 entities from YAML at {REGISTRY}.\n"


def test_a_fallback_does_not_replace_a_snapshot(workspace: Path, workspace_url: str) -> None:
    answer(workspace, "registry", "snapshot", FILE, url=workspace_url)
    before = (workspace / FILE).read_bytes()
    kind, message = refusal(workspace, "registry", "snapshot", FILE, url=UNREACHABLE, status=2)
    assert kind == "registry-unavailable"
    assert message == f"{REFUSED_CONNECTION} No snapshot was taken: PostgreSQL cannot be read."
    (workspace / REGISTRY).write_text("domains: [")
    kind, message = refusal(workspace, "registry", "snapshot", FILE, url=workspace_url, status=2)
    assert kind == "registry-unavailable" and message.endswith("Its rules belong in the snapshot.")
    kind, message = refusal(workspace, "registry", "snapshot", FILE, status=2)
    assert message.endswith("No snapshot was taken: YAML cannot be read.")
    kind, message = refusal(workspace, "registry", "snapshot", FILE, "--backend", "in_memory", status=2)
    assert message.startswith("A registry in memory is gone with this command")
    assert (workspace / FILE).read_bytes() == before


def test_a_file_that_cannot_be_written(workspace: Path) -> None:
    for name in (".", REGISTRY + "/x"):
        kind, _ = refusal(workspace, "registry", "snapshot", name, status=2)
        assert kind in {"file-unreadable", "file-unwritable"}


def test_check_against_a_snapshot_asks_nothing_else(workspace: Path, workspace_url: str) -> None:
    answer(workspace, "registry", "snapshot", FILE, url=workspace_url)
    (workspace / "entities" / "crm" / "refund.yaml").write_text(
        "entity: Refund\nschema: crm\norganization:\n  table_code: '012043'\nfields: {}\n"
    )
    registry = workspace / REGISTRY
    stale = registry.read_text(encoding="utf-8")
    registry.write_text(stale.replace("Contact:", "Contacts:"), encoding="utf-8")
    # The stale YAML would say otherwise, and so would the database if it were asked.
    against_yaml = run(workspace, "check", "entities", "--backend", "yaml").stdout
    done = run(workspace, "check", "entities", "--registry", FILE, url=UNREACHABLE)
    assert "refund.yaml" in done.stdout and "012043 is free, but not registered" in done.stdout
    assert done.stdout != against_yaml
    assert done.stderr == ""
    elsewhere = run(workspace / "entities", "check", "--workspace", "..", "--registry", f"../{FILE}")
    assert "012043 is free, but not registered" in elsewhere.stdout


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "does not exist"),
        ("{}", "is no registry snapshot (specql-lsp registry snapshot writes one)"),
        ("{", "is not valid JSON: Expecting property name enclosed in double quotes in line 1"),
    ],
)
def test_a_snapshot_that_cannot_be_read_ends_the_check(workspace: Path, content: str | None, fault: str) -> None:
    if content is not None:
        (workspace / "s.json").write_text(content)
    done = run(workspace, "check", "--registry", "s.json")
    assert done.returncode == 2
    assert done.stderr == f"specql-lsp: The registry snapshot {workspace}/s.json {fault}.\n"


def test_a_snapshot_and_another_registry_exclude_each_other(workspace: Path) -> None:
    done = run(workspace, "check", "--registry", "s.json", "--backend", "yaml")
    assert done.returncode == 2 and "--backend cannot be given with it" in done.stderr
