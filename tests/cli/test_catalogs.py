"""``specql-lsp patterns`` and ``services``: the workspace's files, SpecQL's own, and a real pattern library."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import REFUSED_CONNECTION, UNREACHABLE, answer, refusal, run
from tests.registry.pattern_library import create_library

CLOSE = """\
pattern: crm/close
version: 1.0
description: Closes it
parameters:
  - {name: reason, type: string, required: true, description: Why}
template: 'steps: []'
"""
SERVICES = """\
services:
  - {name: stripe, type: payment, category: financial, operations: [{name: charge, input_schema: {amount: integer}}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, text in (("stdlib/actions/crm/close.yaml", CLOSE), ("registry/service_registry.yaml", SERVICES)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def test_patterns_are_listed(folder: Path) -> None:
    document = answer(folder, "patterns", "list")
    assert [source["state"] for source in document["sources"]] == ["read", "read", "absent"]
    first = document["entries"][0]
    assert (first["name"], first["source"], first["location"]) == (
        "crm/close",
        "workspace",
        {"path": "stdlib/actions/crm/close.yaml", "line": 1, "column": 10},
    )
    done = run(folder, "patterns", "list", "--search", "closes IT")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines() if line] == ["NAME", "crm/close", "1"]
    assert run(folder, "patterns", "list", "--source", "postgresql").stdout == "No pattern is found.\n"


def test_one_pattern_is_shown(folder: Path) -> None:
    (document,) = answer(folder, "patterns", "show", "crm/close")
    assert document["items"] == [
        {
            "name": "reason",
            "detail": "string · required",
            "description": "Why",
            "location": {"path": "stdlib/actions/crm/close.yaml", "line": 5, "column": 12},
        }
    ]
    text = run(folder, "patterns", "show", "crm/close").stdout
    for part in ("crm/close · action pattern · Workspace", "close.yaml:1", "Closes it", "string · required"):
        assert part in text


def test_services(folder: Path, tmp_path: Path) -> None:
    document = answer(folder, "services", "list")
    assert [entry["name"] for entry in document["entries"]] == ["stripe"]
    assert "charge  (amount)" in run(folder, "services", "show", "STRIPE").stdout
    assert refusal(folder, "services", "show", "strpe") == (
        "not-found",
        "There is no service strpe. Did you mean stripe?",
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    assert answer(empty, "services", "list")["sources"][0]["state"] == "absent"
    assert run(empty, "services", "list").stdout == "No service is found.\n"


@pytest.mark.postgresql
def test_the_pattern_library(folder: Path, database_url: str) -> None:
    create_library(database_url)
    document = answer(folder, "patterns", "list", "--source", "postgresql", url=database_url)
    assert [entry["name"] for entry in document["entries"]] == [
        *("approval_workflow", "gone", "old_approval", "soft_delete")
    ]
    text = run(folder, "patterns", "show", "old_approval", url=database_url).stdout
    assert "Deprecated, use approval_workflow: has one level only" in text
    assert "DEPRECATED, use approval_workflow" in run(folder, "patterns", "list", url=database_url).stdout
    # The YAML is asked for, so that PostgreSQL is not asked.
    answers = answer(folder, "patterns", "list", "--backend", "yaml", url=database_url)
    assert answers["sources"][2]["state"] == "absent"


def test_a_server_that_is_away_is_said_and_the_rest_is_listed(folder: Path) -> None:
    done = run(folder, "patterns", "list", url=UNREACHABLE)
    assert done.returncode == 0
    assert "crm/close" in done.stdout
    assert REFUSED_CONNECTION in done.stderr
    source = answer(folder, "patterns", "list", url=UNREACHABLE)["sources"][2]
    assert (source["state"], source["reason"]) == ("unavailable", REFUSED_CONNECTION)


def test_help_and_wrong_calls(folder: Path) -> None:
    for name in ("patterns", "services"):
        done = run(folder, name)
        assert done.returncode == 2
        assert "List the" in done.stderr
        assert run(folder, name, "list", "--help").returncode == 0
