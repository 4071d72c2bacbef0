"""Every operation that changes the registry, one after the other: SpecQL reads the registry YAML after each of them."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.cli.support import answer
from tests.specql.reference import Reference
from tests.support.git import GitFolder
from tests.support.workspaces import REGISTRY

FOLLOWING = (
    ("domain", "allocate-code", "crm", "support", "Ticket"),
    ("domain", "register", "--number", "7", "--name", "billing", "--description", "Who owes us", "--aliases", "money"),
    ("domain", "register-subdomain", "billing", "--number", "01", "--name", "invoice"),
    ("domain", "allocate-code", "billing", "invoice", "Invoice"),
    ("domain", "allocate-missing"),
    ("domain", "rename-entity", "crm", "Ticket", "SupportTicket"),
    ("domain", "move-entity", "crm", "SupportTicket", "core"),
    ("domain", "move-entity", "crm", "Contact", "support"),
    ("domain", "release-code", "crm", "SupportTicket"),
    ("domain", "release-code", "billing", "Invoice"),
    ("registry", "renumber"),
)
"""What changes PostgreSQL, and with ``--update-yaml`` the YAML likewise."""


def registered(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        query = "SELECT entity_name, table_code FROM specql_registry.tb_entity_registration"
        return dict(connection.execute(query).fetchall())


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_specql_reads_the_registry_yaml_after_each_operation(
    specql: Reference, workspace: Path, workspace_url: str, line_break: str
) -> None:
    path = workspace / REGISTRY
    path.write_bytes(path.read_bytes().replace(b"\n", line_break.encode()))
    (workspace / "entities/catalog/product.yaml").unlink()  # it has the code of another entity
    campaign = workspace / "entities/crm/campaign.yaml"
    campaign.write_text(campaign.read_text(encoding="utf-8").replace("schema: crn", "schema: crm"), encoding="utf-8")
    lead = "entity: Lead\nschema: crm\norganization:\n  table_code: '012032'\nfields:\n  name: text\n"
    repository = GitFolder(workspace).begin()
    repository.commit("Begin")
    for command in FOLLOWING:
        if command[1] == "renumber":
            repository.write("entities/crm/lead.yaml", lead)  # the code of Company
        if command[1] == "release-code":
            (workspace / "entities/crm/ticket.yaml").unlink(missing_ok=True)
        answer(workspace, *command, "--update-yaml", url=workspace_url)
        held(specql, path, workspace_url, line_break)
    assert registered(workspace_url)["Lead"] != registered(workspace_url)["Company"] == "012032"


@pytest.mark.parametrize("keep", ["postgresql", "yaml"])
def test_specql_reads_the_registry_yaml_after_a_synchronization(
    specql: Reference, workspace: Path, workspace_url: str, keep: str
) -> None:
    answer(workspace, "domain", "allocate-code", "crm", "support", "Ticket", url=workspace_url)
    answer(workspace, "domain", "release-code", "core", "Session", url=workspace_url)
    answer(workspace, "domain", "rename-entity", "core", "Account", "Login", url=workspace_url)
    answer(workspace, "registry", "sync", "--keep", keep, url=workspace_url)
    found = held(specql, workspace / REGISTRY, workspace_url, "\n")
    assert ({"Ticket", "Login"} <= set(found)) is (keep == "postgresql")


def held(specql: Reference, path: Path, url: str, line_break: str) -> dict[str, str]:
    """What SpecQL finds in the YAML, which is what PostgreSQL holds."""
    text = path.read_bytes().decode()
    assert text.count(line_break) == text.count("\n")
    found = {name: code for name, (code, _) in specql.reads(text).items()}
    assert found == registered(url)
    return found
