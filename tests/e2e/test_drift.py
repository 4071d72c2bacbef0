"""Drift between PostgreSQL and the registry's YAML in an editor."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.sources.yaml.source import YamlSource
from tests.e2e.conftest import FIXTURE, QUIET, REGISTRY, copy_workspace
from tests.e2e.diagnostics_support import TASK, WARNING, execute, found
from tests.e2e.editor import Editor
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Drifting:
    """An editor, and its database that goes its own way."""

    def __init__(self, editor: Editor, url: str) -> None:
        self.editor = editor
        self.url = url

    def reset(self) -> None:
        """Makes the database hold again what the YAML holds."""
        execute(self.url, "DELETE FROM specql_registry.tb_domain")
        source = PostgresqlSource(RegistrySettings(database_url=self.url))
        try:
            migrate(YamlSource(FIXTURE / REGISTRY).load(), source)
        finally:
            source.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def drifting_editor(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, filled_template: str
) -> AsyncIterator[Drifting]:
    folder = copy_workspace(tmp_path_factory.mktemp("drifting") / "workspace")
    url = postgres_server.create_database(filled_template)
    async with Editor(folder, environment={"SPECQL_DB_URL": url}, settings=QUIET) as editor:
        await editor.source("postgresql", discrepancies=0)
        yield Drifting(editor, url)
    postgres_server.drop_database(url)


@pytest_asyncio.fixture(loop_scope="module")
async def drifting(drifting_editor: Drifting) -> AsyncIterator[Drifting]:
    yield drifting_editor
    drifting_editor.reset()
    status = await drifting_editor.editor.command("specql.refreshRegistry")
    assert status["discrepancies"] == 0
    await drifting_editor.editor.codes(REGISTRY, "subdomain-mismatch")  # the drift is cleared


SUB = (
    "(SELECT pk_subdomain FROM specql_registry.tb_subdomain JOIN specql_registry.tb_domain ON pk_domain = fk_domain "
    "WHERE domain_number = '{}' AND subdomain_number = '{}')"
)

DRIFT: dict[str, tuple[str, tuple[int, int, int, int], str]] = {
    "missing-in-postgresql": (
        "DELETE FROM specql_registry.tb_domain WHERE domain_number = '4'",
        (86, 2, 86, 5),
        "'4'",
    ),
    "missing-in-yaml": (
        "INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('5', 'billing')",
        (8, 0, 8, 7),
        "domains",
    ),
    "domain-attribute-mismatch": (
        "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'",
        (62, 17, 62, 29),
        "What we sell",
    ),
    "missing-subdomain-in-postgresql": (
        f"DELETE FROM specql_registry.tb_subdomain WHERE pk_subdomain = {SUB.format('2', '04')}",
        (55, 6, 55, 10),
        "'04'",
    ),
    "missing-subdomain-in-yaml": (
        (
            "INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name) "
            "SELECT pk_domain, '05', 'loyalty' FROM specql_registry.tb_domain WHERE domain_number = '2'"
        ),
        (27, 2, 27, 5),
        "'2'",
    ),
    "subdomain-attribute-mismatch": (
        f"UPDATE specql_registry.tb_subdomain SET next_entity_sequence = 3 WHERE pk_subdomain={SUB.format('2', '03')}",
        (45, 30, 45, 33),
        "426",
    ),
    "missing-entity-in-postgresql": (
        "DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Session'",
        (23, 10, 23, 17),
        "Session",
    ),
    "missing-entity-in-yaml": (
        (
            "INSERT INTO specql_registry.tb_entity_registration "
            "(fk_subdomain, entity_name, table_code, entity_sequence) "
            f"VALUES ({SUB.format('2', '03')}, 'Person', '012033', 3)"
        ),
        (42, 6, 42, 10),
        "'03'",
    ),
    "entity-attribute-mismatch": (
        "UPDATE specql_registry.tb_entity_registration SET table_code = '012035' WHERE entity_name = 'Company'",
        (52, 24, 52, 32),
        "'012032'",
    ),
}


@pytest.mark.parametrize("code", DRIFT)
async def test_drift_is_shown_at_its_node(drifting: Drifting, code: str) -> None:
    statement, expected, under = DRIFT[code]
    execute(drifting.url, statement)
    status = await drifting.editor.command("specql.refreshRegistry")
    assert status["discrepancies"] == 1
    diagnostics = await drifting.editor.codes(REGISTRY, "subdomain-mismatch", code)
    (drift,) = [d for d in diagnostics if d.code == code]
    assert found([drift]) == [(code, WARNING, expected)]
    line = drifting.editor.path(REGISTRY).read_text(encoding="utf-8").split("\n")[expected[0]]
    assert line[expected[1] : expected[3]] == under
    report = await drifting.editor.command("specql.checkConsistency")
    assert [(d["type"], d["message"]) for d in report["discrepancies"]] == [(code.replace("-", "_"), drift.message)]


async def test_a_registry_that_changes_reaches_files_that_were_never_opened(drifting: Drifting) -> None:
    await drifting.editor.codes(TASK, "unregistered-table-code")
    execute(
        drifting.url,
        "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence) "
        f"VALUES ({SUB.format('4', '01')}, 'Task', '014012', 2)",
    )
    await drifting.editor.command("specql.refreshRegistry")
    await drifting.editor.codes(TASK)
    execute(
        drifting.url, "UPDATE specql_registry.tb_entity_registration SET entity_name = 'T' WHERE entity_name = 'Task'"
    )
    await drifting.editor.command("specql.refreshRegistry")
    (taken,) = await drifting.editor.codes(TASK, "table-code-taken")
    # The YAML does not have it, so there is no place to point at.
    assert taken.related_information is None
    assert taken.message == (
        "The code 014012 is registered to T in domain 4 (projects), which no file defines: rename it to Task in the "
        "registry, or take another code."
    )


async def test_drift_follows_edits_of_the_yaml(drifting: Drifting) -> None:
    editor = drifting.editor
    text = editor.path(REGISTRY).read_text(encoding="utf-8")
    editor.open(REGISTRY, text.replace("description: What we sell", "description: Goods"))
    await editor.codes(REGISTRY, "subdomain-mismatch", "domain-attribute-mismatch")
    execute(drifting.url, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    await editor.command("specql.refreshRegistry")
    await editor.codes(REGISTRY, "subdomain-mismatch")
    editor.close(REGISTRY)
    await editor.codes(REGISTRY, "subdomain-mismatch", "domain-attribute-mismatch")
