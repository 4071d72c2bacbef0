"""The registry YAML after each operation that writes it: SpecQL loads it, and finds there what PostgreSQL holds."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from tests.cli.support import answer
from tests.specql.reference import Reference
from tests.support.workspaces import REGISTRY

FOLLOWING: tuple[tuple[str, ...], ...] = (
    (
        "domain",
        "register",
        "--number",
        "9",
        "--name",
        "stock",
        "--description",
        "it's: \N{PACKAGE} # 1",
        "--aliases",
        "a,b",
    ),
    ("domain", "register-subdomain", "stock", "--number", "01", "--name", "parts"),
    ("domain", "allocate-code", "stock", "parts", "Part"),
    ("domain", "allocate-code", "crm", "support", "Escalation"),
    ("domain", "allocate-missing"),
    ("domain", "rename-entity", "crm", "Escalation", "Incident"),
    ("domain", "move-entity", "crm", "Incident", "core"),
    ("domain", "release-code", "crm", "Incident"),
    ("domain", "lease", "crm", "support", "--count", "2"),
)
"""What changes PostgreSQL, and the YAML with it."""
CHANGED = (
    "UPDATE specql_registry.tb_domain SET description = NULL, aliases = NULL WHERE domain_number = '9'",
    "UPDATE specql_registry.tb_subdomain SET description = 'Yes: \"no\"' WHERE subdomain_name = 'parts'",
    "DELETE FROM specql_registry.tb_entity_registration WHERE entity_name IN ('Session', 'Part')",
    "UPDATE specql_registry.tb_entity_registration SET table_code = '01203A' WHERE entity_name = 'Contact'",
)
AFTERWARDS: tuple[tuple[str, ...], ...] = (
    ("registry", "sync", "--keep", "postgresql"),
    ("registry", "export"),
)


def held(text: str) -> dict[str, str]:
    """The code of each entity in a registry YAML, by its name."""
    domains: dict[str, Any] = yaml.safe_load(text)["domains"]
    return {
        name: entity["table_code"]
        for domain in domains.values()
        for subdomain in (domain.get("subdomains") or {}).values()
        for name, entity in (subdomain.get("entities") or {}).items()
    }


def registered(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT entity_name, table_code FROM specql_registry.tb_entity_registration")
        return dict(rows.fetchall())


def demand_loads(specql: Reference, workspace: Path, url: str, what: object) -> str:
    text = (workspace / REGISTRY).read_bytes().decode()
    found = specql.registry(text)
    assert found.error is None, (what, found.error)
    assert held(text) == registered(url), what
    return text


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_specql_loads_it(
    specql: Reference, workspace: Path, workspace_url: str, line_break: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(workspace.parent / "state"))
    path = workspace / REGISTRY
    path.write_bytes(path.read_bytes().replace(b"\n", line_break.encode()))
    (workspace / "entities/crm/visit.yaml").write_text("entity: CustomerVisit\nschema: crm\n", encoding="utf-8")
    answer(workspace, "registry", "install", url=workspace_url)
    before = demand_loads(specql, workspace, workspace_url, "the beginning")
    for command in FOLLOWING:
        answer(workspace, *command, "--update-yaml", url=workspace_url)
        after = demand_loads(specql, workspace, workspace_url, command)
        assert (after != before) == ("lease" not in command), command
        assert after.count(line_break) == after.count("\n"), command
        before = after
    for statement, command in zip(CHANGED, itertools.cycle(AFTERWARDS), strict=False):
        with psycopg.connect(workspace_url) as connection:
            connection.execute(statement.encode())
        answer(workspace, *command, url=workspace_url)
        demand_loads(specql, workspace, workspace_url, (command, statement))
    answer(workspace, "registry", "verify", url=workspace_url)
