"""``domain check-consistency`` for people, ``registry verify`` for scripts: 0 consistent, 1 not, 2 not compared."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.cli.support import LISTED, REFUSED_CONNECTION, UNREACHABLE, answer, on_terminal, refusal, run
from tests.support.workspaces import REGISTRY

COMMANDS = (("domain", "check-consistency"), ("registry", "verify"))
DRIFT = """
    UPDATE specql_registry.tb_domain SET description = 'Goods', aliases = ARRAY['shop'] WHERE domain_number = '3';
    UPDATE specql_registry.tb_entity_registration SET table_code = '012039' WHERE entity_name = 'Company';
    DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Session';
    DELETE FROM specql_registry.tb_domain WHERE domain_number = '4';
    INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name)
        SELECT pk_domain, '09', 'returns' FROM specql_registry.tb_domain WHERE domain_number = '3'
"""
AGREE = "PostgreSQL and the registry YAML agree: 4 domains in PostgreSQL, 4 in the YAML, 8 entities compared.\n"
DIFFER = (
    "PostgreSQL and the registry YAML differ in 6 places: 3 domains in PostgreSQL, 4 in the YAML, 8 entities compared."
)


def drift(url: str, statement: str = DRIFT) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


@pytest.mark.parametrize("command", COMMANDS)
def test_registries_that_agree(workspace: Path, workspace_url: str, command: tuple[str, ...]) -> None:
    done = run(workspace, *command, url=workspace_url)
    assert (done.returncode, done.stdout, done.stderr) == (0, AGREE, "")
    report = answer(workspace, *command, url=workspace_url)
    assert (report["consistent"], report["discrepancies"], report["source"]) == (True, [], "postgresql")
    assert report["summary"] == {
        "postgresqlDomains": 4,
        "yamlDomains": 4,
        "entitiesChecked": 8,
        "discrepancies": 0,
    }


def test_what_differs_by_domain_with_both_values(workspace: Path, workspace_url: str) -> None:
    drift(workspace_url)
    done = run(workspace, "domain", "check-consistency", url=workspace_url)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{LISTED}{DIFFER}\n"
    shown = on_terminal(workspace, "domain", "check-consistency", url=workspace_url)
    assert shown.plain == done.stdout
    assert "\x1b[1mDomain 3 (catalog)\x1b[0m: 3 differences" in shown.stdout
    assert shown.status == 1


def test_what_differs_a_line_each(workspace: Path, workspace_url: str) -> None:
    drift(workspace_url)
    done = run(workspace, "registry", "verify", url=workspace_url)
    assert (done.returncode, done.stderr) == (1, "")
    first, *lines = done.stdout.splitlines()
    assert first == DIFFER
    report = answer(workspace, "registry", "verify", url=workspace_url, status=1)
    assert lines == [discrepancy["message"] for discrepancy in report["discrepancies"]]
    assert [discrepancy["type"] for discrepancy in report["discrepancies"]] == [
        "missing_entity_in_postgresql",
        "entity_attribute_mismatch",
        "domain_attribute_mismatch",
        "domain_attribute_mismatch",
        "missing_subdomain_in_yaml",
        "missing_in_postgresql",
    ]
    assert (
        answer(workspace, "domain", "check-consistency", url=workspace_url, status=1)["discrepancies"]
        == (report["discrepancies"])
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_unavailable_is_not_consistent_and_not_inconsistent(
    workspace: Path, workspace_url: str, command: tuple[str, ...]
) -> None:
    unavailable = "registry-unavailable"
    compared = "PostgreSQL and the registry YAML cannot be compared. "
    assert refusal(workspace, *command, url=UNREACHABLE, status=2) == (unavailable, compared + REFUSED_CONNECTION)
    kind, message = refusal(workspace, *command, status=2)
    assert kind == unavailable
    assert "No database URL is set" in message
    path = workspace / REGISTRY
    path.write_text("domains: [\n")
    assert refusal(workspace, *command, url=workspace_url, status=2) == (
        unavailable,
        f"{compared}The registry file {REGISTRY} is not valid YAML: line 1 has a syntax error.",
    )
    path.unlink()
    assert refusal(workspace, *command, url=workspace_url, status=2) == (
        unavailable,
        f"{compared}The registry file {REGISTRY} does not exist.",
    )


def test_a_database_without_the_schema(workspace: Path, empty_database_url: str) -> None:
    kind, message = refusal(workspace, "registry", "verify", url=empty_database_url, status=2)
    assert kind == "registry-unavailable"
    assert "The schema specql_registry does not exist" in message


def test_verify_asks_postgresql_also_while_a_team_works_with_the_yaml(workspace: Path, workspace_url: str) -> None:
    backend = {"SPECQL_REPOSITORY_BACKEND": "yaml"}
    assert run(workspace, "registry", "verify", url=workspace_url, **backend).returncode == 0
    kind, message = refusal(workspace, "domain", "check-consistency", url=workspace_url, status=2, **backend)
    assert kind == "registry-unavailable"
    assert message.endswith("The setting registry.backend is yaml, so PostgreSQL is not asked.")
    asked = ("domain", "check-consistency", "--backend", "postgresql")
    assert run(workspace, *asked, url=workspace_url, **backend).returncode == 0
