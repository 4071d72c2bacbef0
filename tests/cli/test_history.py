"""``domain history`` and ``registry prune-history``."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.cli.support import REFUSED_CONNECTION, UNREACHABLE, answer, on_terminal, refusal, run


@pytest.fixture
def url(workspace: Path, workspace_url: str) -> str:
    """A database with the installed schema, in which a code was allocated, and then an entity renamed with psql."""
    answer(workspace, "registry", "install", url=workspace_url)
    answer(workspace, "domain", "allocate-code", "crm", "customer", "Partner", url=workspace_url)
    with psycopg.connect(workspace_url, application_name="psql") as connection:
        connection.execute(
            "UPDATE specql_registry.tb_entity_registration SET entity_name = 'Ally' WHERE entity_name = 'Partner'"
        )
    return workspace_url


def test_the_history_as_a_table(workspace: Path, url: str) -> None:
    done = run(workspace, "domain", "history", "Ally", url=url)
    assert (done.returncode, done.stderr) == (0, "")
    head, renamed, registered, *rest = done.stdout.splitlines()
    assert head.split() == ["WHEN", "BY", "FROM", "WHAT"]
    assert renamed[21:].split(maxsplit=2) == ["postgres", "psql", "renamed Partner to Ally (012033)"]
    assert registered[21:].split(maxsplit=2) == [
        "postgres",
        "specql-lsp",
        "registered Partner with 012033 in domain 2 (crm), subdomain 03 (customer)",
    ]
    assert rest == ["", "2 events, newest first."]
    assert run(workspace, "domain", "history", url=url).stdout.splitlines()[:3] == [head, renamed, registered]
    assert "WHAT" in on_terminal(workspace, "domain", "history", url=url, columns=60).plain


def test_the_history_as_json(workspace: Path, url: str) -> None:
    document = answer(workspace, "domain", "history", "012033", "--domain", "crm", "--limit", "1", url=url)
    assert (document["available"], document["reason"]) == (True, None)
    (event,) = document["events"]
    assert (event["action"], event["application"], event["entity"]) == ("entity-renamed", "psql", "Ally")
    assert (event["before"]["name"], event["after"]["name"]) == ("Partner", "Ally")


def test_a_history_of_nothing(workspace: Path, url: str) -> None:
    done = run(workspace, "domain", "history", "Nobody", url=url)
    assert (done.returncode, done.stdout) == (0, "Nothing is recorded of Nobody.\n")
    assert answer(workspace, "domain", "history", "Nobody", url=url)["events"] == []
    done = run(workspace, "domain", "history", "Aly", url=url)
    assert (done.returncode, done.stdout) == (0, "Nothing is recorded of Aly. Did you mean Ally?\n")
    assert run(workspace, "domain", "history", "Contact", url=url).stdout == "Nothing is recorded of Contact.\n"
    assert refusal(workspace, "domain", "history", "--domain", "crn", url=url)[0] == "unknown-domain"
    assert refusal(workspace, "domain", "history", "--limit", "0", url=url)[0] == "invalid-argument"


def test_where_there_is_no_history(workspace: Path, workspace_url: str) -> None:
    reason = "The database has no history: specql-lsp registry install adds it."
    done = run(workspace, "domain", "history", url=workspace_url)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"specql-lsp: There is no history. {reason}\n")
    document = answer(workspace, "domain", "history", url=workspace_url, status=2)
    assert document == {"available": False, "reason": reason, "events": []}
    away = answer(workspace, "domain", "history", url=UNREACHABLE, status=2)
    assert (away["available"], away["reason"]) == (False, f"Only PostgreSQL keeps a history. {REFUSED_CONNECTION}")


def test_pruning(workspace: Path, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE specql_registry_lsp.tb_event SET at = at - interval '40 days' WHERE application = 'specql-lsp'"
        )
    place = f"the history in PostgreSQL at {url.rpartition('@')[2]}"
    counted = run(workspace, "registry", "prune-history", "--keep-days", "30", "--dry-run", url=url)
    assert counted.stdout.startswith("Would delete 1 event before ") and counted.stdout.endswith(f" from {place}.\n")
    done = answer(workspace, "registry", "prune-history", "--keep-days", "30", url=url)
    assert (done["events"], done["dryRun"]) == (1, False)
    again = run(workspace, "registry", "prune-history", "--keep-days", "30", url=url)
    assert again.stdout.endswith(": nothing to delete.\n")
    text = run(workspace, "domain", "history", url=url).stdout
    assert "pruned the history: 1 event before" in text and "renamed Partner" in text and "registered" not in text
    assert answer(workspace, "registry", "prune-history", "--before", "2001-01-01", url=url)["events"] == 0


def test_what_pruning_refuses(workspace: Path, workspace_url: str) -> None:
    for arguments in ([], ["--keep-days", "1", "--before", "2026-01-01"], ["--keep-days", "0"], ["--before", "soon"]):
        found = refusal(workspace, "registry", "prune-history", *arguments, url=workspace_url, status=2)
        assert found[0] == "invalid-argument"
    future = refusal(workspace, "registry", "prune-history", "--before", "9000-01-01", url=workspace_url, status=2)
    assert future == ("invalid-argument", "9000-01-01 is in the future.")
    missing = refusal(workspace, "registry", "prune-history", "--keep-days", "9", url=workspace_url, status=2)
    assert missing == ("registry-unavailable", "The database has no history: specql-lsp registry install adds it.")
