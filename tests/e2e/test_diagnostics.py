"""Diagnostics as an editor sees them: every code at its place, published and cleared when that is due."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from lsprotocol import types

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.sources.yaml.source import YamlSource
from tests.e2e.conftest import FIXTURE, QUIET, REGISTRY, copy_workspace
from tests.e2e.editor import Editor
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.asyncio(loop_scope="module")
own_loop = pytest.mark.asyncio(loop_scope="function")

ERROR, WARNING, HINT = (
    types.DiagnosticSeverity.Error,
    types.DiagnosticSeverity.Warning,
    types.DiagnosticSeverity.Hint,
)
TASK = "entities/projects/task.yaml"
TICKET = "entities/crm/ticket.yaml"
_numbers = itertools.count(1)

Found = tuple[str, types.DiagnosticSeverity, tuple[int, int, int, int]]


def place(range_: types.Range) -> tuple[int, int, int, int]:
    return range_.start.line, range_.start.character, range_.end.line, range_.end.character


def found(diagnostics: list[types.Diagnostic]) -> list[Found]:
    """Code, severity and place of each; every one says that it is ours."""
    assert all(d.source == "specql" for d in diagnostics)
    return sorted((str(d.code), types.DiagnosticSeverity(d.severity or 0), place(d.range)) for d in diagnostics)


@contextmanager
def opened(editor: Editor, text: str, folder: str = "entities/crm") -> Iterator[str]:
    """A buffer that exists for the test only."""
    path = f"{folder}/voucher{next(_numbers)}.yaml"
    editor.open(path, text)
    yield path
    editor.close(path)


def voucher(code: str, *, schema: str = "crm", name: str = "Voucher") -> str:
    return f"entity: {name}\nschema: {schema}\norganization:\n  table_code: {code}\n"


# --- each code at its place -------------------------------------------------------------------------------

CASES: dict[str, tuple[str, list[Found], str]] = {
    "yaml-syntax": (
        "entity: Voucher\nschema: crm\nfields:\n  a: [text\n",
        [("yaml-syntax", ERROR, (3, 5, 3, 6))],
        "",
    ),
    "duplicate-key": (
        "entity: Voucher\nschema: crm\nfields:\n  name: text\n  name: url\norganization:\n  table_code: '012033'\n",
        [("duplicate-key", WARNING, (4, 2, 4, 6)), ("unregistered-table-code", WARNING, (6, 14, 6, 22))],
        "The key name is already on line 4: SpecQL keeps only the last value. Delete one.",
    ),
    "unknown-domain": (
        "entity: Voucher\nschema: 'customr'\n",
        [("unknown-domain", WARNING, (1, 8, 1, 17))],
        "The registry has no domain or alias named customr. Register the domain, or name one that exists.",
    ),
    "unknown-domain-nearest": (
        "entity: Voucher\nschema: catalogue\n",
        [("unknown-domain", WARNING, (1, 8, 1, 17))],
        "The registry has no domain or alias named catalogue. Did you mean catalog?",
    ),
    "unknown-domain-in-organization": (
        "entity: Voucher\nschema: crm\norganization:\n  table_code: '012033'\n  domain_name: crn\n",
        [("unknown-domain", WARNING, (4, 15, 4, 18)), ("unregistered-table-code", WARNING, (3, 14, 3, 22))],
        "The registry has no domain or alias named crn. Did you mean crm?",
    ),
    "invalid-table-code": (
        voucher("'01203'"),
        [("invalid-table-code", ERROR, (3, 14, 3, 21))],
        "01203 is not a table code: write six hexadecimal digits, for example '012031'.",
    ),
    "invalid-table-code-letters": (voucher("O12031"), [("invalid-table-code", ERROR, (3, 14, 3, 20))], ""),
    "unquoted-table-code": (
        voucher("012033"),
        [("unquoted-table-code", ERROR, (3, 14, 3, 20)), ("unregistered-table-code", WARNING, (3, 14, 3, 20))],
        "YAML 1.1 reads 012033 as the octal integer 5147; quote it.",
    ),
    "unquoted-table-code-float": (
        voucher("0120E3"),
        [("unknown-subdomain", WARNING, (3, 14, 3, 20))],
        (
            "Domain 2 (crm) has no subdomain 0E, which the code 0120E3 names; "
            "it has 01 (core), 03 (customer), 04 (support)."
        ),
    ),
    "reserved-table-code": (
        voucher('"01201f"'),
        [("reserved-table-code", ERROR, (3, 14, 3, 22))],
        "The code 01201F is reserved in the registry and never given out.",
    ),
    "unknown-schema-layer": (
        voucher("'072033'"),
        [("unknown-schema-layer", ERROR, (3, 14, 3, 22))],
        (
            "The code 072033 begins with layer 07; the registry knows 00 (common), 01 (write_side), 02 (read_side), "
            "03 (functions)."
        ),
    ),
    "unknown-domain-number": (
        voucher("'019011'"),
        [("unknown-domain-number", ERROR, (3, 14, 3, 22))],
        (
            "No domain has the number 9 of the code 019011; the registry knows 1 (core), 2 (crm), 3 (catalog), "
            "4 (projects)."
        ),
    ),
    "unknown-subdomain": (
        voucher("'012991'"),
        [("unknown-subdomain", WARNING, (3, 14, 3, 22))],
        (
            "Domain 2 (crm) has no subdomain 99, which the code 012991 names; "
            "it has 01 (core), 03 (customer), 04 (support)."
        ),
    ),
    "domain-mismatch": (
        voucher("'013011'", schema="sales"),
        [("domain-mismatch", ERROR, (3, 14, 3, 22))],
        "The code 013011 belongs to domain 3 (catalog), but the schema sales is domain 2 (crm).",
    ),
    "unregistered-table-code": (
        voucher("'012033'"),
        [("unregistered-table-code", WARNING, (3, 14, 3, 22))],
        "The code 012033 is free, but not registered: register it for Voucher before others take it.",
    ),
    "missing-table-code": (
        "entity: Voucher\nschema: crm\n",
        [("missing-table-code", HINT, (0, 8, 0, 15))],
        "Voucher has no table code: allocate one in domain 2 (crm).",
    ),
    "missing-table-code-beside-its-key": (
        "entity: Voucher\nschema: crm\norganization:\n  table_code:\n",
        [("missing-table-code", HINT, (3, 2, 3, 12))],
        "Voucher has no table code: allocate one in domain 2 (crm).",
    ),
    "missing-table-code-registered": (
        "entity: Session\nschema: core\n",
        [("missing-table-code", HINT, (0, 8, 0, 15))],
        "Session has no table code: the registry has 011012 for it.",
    ),
    "clean": (voucher("'014011'", schema="tenant", name="Project"), [], ""),
    "framework": ("entity: Voucher\nschema: common\n", [], ""),
    "default-schema": ("entity: Voucher\n", [], ""),
}


@pytest.mark.parametrize("case", CASES)
async def test_each_code_at_its_place(shared: Editor, case: str) -> None:
    text, expected, message = CASES[case]
    with opened(shared, text) as path:
        await shared.until(lambda: any(p.uri == shared.uri(path) for p in shared.published), "an answer")
        diagnostics = await shared.codes(path, *(code for code, _, _ in expected))
        assert found(diagnostics) == expected
        if message:
            assert message in [d.message for d in diagnostics]
        last = next(p for p in reversed(shared.published) if p.uri == shared.uri(path))
        assert last.version == 1


def related(diagnostic: types.Diagnostic, editor: Editor) -> list[tuple[str, tuple[int, int, int, int], str]]:
    root = editor.folders[0].as_uri() + "/"
    return [
        (r.location.uri.removeprefix(root), place(r.location.range), r.message)
        for r in diagnostic.related_information or ()
    ]


async def test_a_code_that_is_taken_points_at_its_holders(shared: Editor) -> None:
    with opened(shared, voucher("'012031'")) as path:
        (taken,) = await shared.codes(path, "table-code-taken")
        assert found([taken]) == [("table-code-taken", ERROR, (3, 14, 3, 22))]
        assert taken.message == "The code 012031 is registered to Contact in domain 2 (crm): take another code."
        assert related(taken, shared) == [
            (REGISTRY, (48, 24, 48, 32), "Contact is registered with 012031."),
            ("entities/catalog/product.yaml", (5, 14, 5, 22), "Product uses the code 012031."),
            ("entities/crm/contact.yaml", (5, 14, 5, 22), "Contact uses the code 012031."),
        ]


async def test_a_code_that_only_a_file_uses_is_taken_too(shared: Editor) -> None:
    with opened(shared, voucher("'014012'", schema="projects")) as path:
        (taken,) = await shared.codes(path, "table-code-taken")
        assert taken.message == "The code 014012 is used by Task in another file: take another code."
        assert related(taken, shared) == [(TASK, (4, 14, 4, 22), "Task uses the code 014012.")]
        # The other file hears of it, too, although it is not open.
        (taken,) = await shared.codes(TASK, "table-code-taken")
        assert related(taken, shared) == [(path, (3, 14, 3, 22), "Voucher uses the code 014012.")]
    await shared.codes(TASK, "unregistered-table-code")


async def test_a_code_that_differs_from_the_registered_one(shared: Editor) -> None:
    with opened(shared, voucher("'012039'", name="organization")) as path:
        (differs,) = await shared.codes(path, "table-code-differs")
        assert found([differs]) == [("table-code-differs", ERROR, (3, 14, 3, 22))]
        assert differs.message == (
            "The registry has 012011 for Organization in domain 2 (crm), not 012039: take the registered code."
        )
        assert related(differs, shared) == [
            (REGISTRY, (39, 24, 39, 32), "Organization is registered with 012011."),
        ]


async def test_the_workspaces_files_are_checked_without_being_opened(shared: Editor) -> None:
    expected: dict[str, list[Found]] = {
        "entities/catalog/manufacturer.yaml": [("unknown-subdomain", WARNING, (4, 14, 4, 22))],
        "entities/catalog/product.yaml": [
            ("domain-mismatch", ERROR, (5, 14, 5, 22)),
            ("table-code-differs", ERROR, (5, 14, 5, 22)),
            ("table-code-taken", ERROR, (5, 14, 5, 22)),
        ],
        "entities/crm/campaign.yaml": [
            ("unknown-domain", WARNING, (1, 8, 1, 11)),
            ("unregistered-table-code", WARNING, (4, 14, 4, 22)),
        ],
        "entities/crm/company.yaml": [("unquoted-table-code", ERROR, (5, 14, 5, 20))],
        "entities/crm/contact.yaml": [("table-code-taken", ERROR, (5, 14, 5, 22))],
        TICKET: [("missing-table-code", HINT, (0, 8, 0, 14))],
        TASK: [("unregistered-table-code", WARNING, (4, 14, 4, 22))],
        REGISTRY: [("subdomain-mismatch", WARNING, (76, 37, 76, 45))],
    }
    for path, findings in expected.items():
        diagnostics = await shared.codes(path, *(code for code, _, _ in findings))
        assert found(diagnostics) == findings, path
        last = next(p for p in reversed(shared.published) if p.uri == shared.uri(path))
        assert last.version is None


async def test_other_yaml_gets_nothing(shared: Editor) -> None:
    shared.open(".github/workflows/build.yaml")
    shared.open("compose.yaml", "services:\n  a: [b\nservices: {}\ntable_code: 012031\n")
    with opened(shared, "entity: Voucher\nschema: nowhere\n") as path:
        await shared.codes(path, "unknown-domain")  # so the two before it are answered
    workflow, compose = shared.uri(".github/workflows/build.yaml"), shared.uri("compose.yaml")
    assert not shared.client.diagnostics.get(workflow) and not shared.client.diagnostics.get(compose)
    assert all(not p.diagnostics for p in shared.published if p.uri in (workflow, compose))
    shared.close(".github/workflows/build.yaml")
    shared.close("compose.yaml")


# --- when -------------------------------------------------------------------------------------------------


async def test_a_change_publishes_and_a_fix_clears(shared: Editor) -> None:
    with opened(shared, voucher("'012033'")) as path:
        await shared.codes(path, "unregistered-table-code")
        shared.edit(path, (3, 15), (3, 21), "012991")
        await shared.codes(path, "unknown-subdomain")
        shared.change(path, voucher("'014011'", schema="projects", name="Project"))
        await shared.codes(path)
        last = next(p for p in reversed(shared.published) if p.uri == shared.uri(path))
        assert (last.version, list(last.diagnostics)) == (3, [])
        shared.edit(path, (1, 8), (1, 16), "nowhere")
        await shared.codes(path, "unknown-domain")


async def test_a_burst_of_changes_is_answered_at_its_end(shared: Editor) -> None:
    with opened(shared, "entity: Voucher\nschema: \n") as path:
        await shared.until(lambda: any(p.uri == shared.uri(path) for p in shared.published), "the first answer")
        before = len(shared.published)
        for index, letter in enumerate("nowhere at all "):
            shared.edit(path, (1, 8 + index), (1, 8 + index), letter)
        await shared.codes(path, "unknown-domain")
        versions = [p.version for p in shared.published[before:] if p.uri == shared.uri(path)]
        assert versions[-1] == 16
        assert len(versions) < 8
        assert versions == sorted(v for v in versions if v is not None)


async def test_a_closed_buffer_leaves_the_disks_diagnostics(shared: Editor) -> None:
    shared.open(TICKET, voucher("'012991'", name="Ticket"))
    await shared.codes(TICKET, "unknown-subdomain")
    shared.close(TICKET)
    await shared.codes(TICKET, "missing-table-code")


async def test_a_closed_buffer_without_a_file_leaves_nothing(shared: Editor) -> None:
    with opened(shared, voucher("'012991'")) as path:
        await shared.codes(path, "unknown-subdomain")
    await shared.codes(path)


@own_loop
async def test_files_that_change_on_the_disk(editor: Editor) -> None:
    await editor.codes(TASK, "unregistered-table-code")
    editor.write(TASK, voucher("'014F12'", schema="projects", name="Task"))
    await editor.codes(TASK, "unknown-subdomain")
    editor.write("entities/crm/late.yaml", "entity: Late\nschema: crm\n")
    await editor.codes("entities/crm/late.yaml", "missing-table-code")
    editor.delete("entities/crm/late.yaml")
    await editor.codes("entities/crm/late.yaml")
    # The only other user of Contact's code takes its own.
    await editor.codes("entities/crm/contact.yaml", "table-code-taken")
    editor.write("entities/catalog/product.yaml", voucher("'013031'", schema="catalog", name="Product"))
    await editor.codes("entities/catalog/product.yaml")
    await editor.codes("entities/crm/contact.yaml")
    # A file that turns into something else is none of ours any more.
    editor.write(TASK, "name: build\n")
    await editor.codes(TASK)
    # Deleting one user of a code frees it for the other.
    editor.write("entities/crm/a.yaml", voucher("'012044'", name="A"))
    editor.write("entities/crm/b.yaml", voucher("'012044'", name="B"))
    await editor.codes("entities/crm/a.yaml", "table-code-taken")
    editor.delete("entities/crm/b.yaml")
    await editor.codes("entities/crm/a.yaml", "unregistered-table-code")
    await editor.codes("entities/crm/b.yaml")


@own_loop
async def test_the_registry_file_changes(editor_yaml: Editor) -> None:
    editor = editor_yaml
    await editor.codes(TASK, "unregistered-table-code")
    text = editor.path(REGISTRY).read_text(encoding="utf-8")
    task = "          Task: '014012'\n      '02':\n        name: location\n"
    registered = text.replace("      '02':\n        name: location\n", task)
    editor.open(REGISTRY, registered)  # unsaved: it counts all the same
    await editor.codes(TASK)
    editor.close(REGISTRY)
    await editor.codes(TASK, "unregistered-table-code")
    editor.write(REGISTRY, registered)
    await editor.codes(TASK)
    editor.write(REGISTRY, text.replace("    name: crm\n", "    name: crn\n").replace("  crm:\n", "  crn:\n"))
    await editor.codes("entities/crm/campaign.yaml", "unregistered-table-code")
    await editor.codes(TICKET, "unknown-domain")
    editor.delete(REGISTRY)
    await editor.source("none")
    # Unavailable is not empty: what needs a registry is not reported.
    await editor.codes(TICKET)
    await editor.codes("entities/crm/company.yaml", "unquoted-table-code")
    await editor.codes("entities/crm/contact.yaml", "table-code-taken")
    await editor.codes(REGISTRY)


@own_loop
async def test_the_registry_file_checks_itself(editor: Editor) -> None:
    await editor.codes(REGISTRY, "subdomain-mismatch")
    text = editor.path(REGISTRY).read_text(encoding="utf-8")
    for old, new in (
        ("table_code: '011012'", "table_code: '011011'"),  # line 25: Account's
        ("table_code: '012032'", "table_code: 012032"),
        ("table_code: '013031'", "table_code: '012131'"),
        ("table_code: '013211'", "table_code: '01201F'"),
        ("table_code: '014011'", "table_code: '01401'"),
        ("  projects:\n    core:\n", "  project:\n    core:\n"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    editor.open(REGISTRY, text)
    expected: list[Found] = [
        ("domain-mismatch", ERROR, (83, 24, 83, 32)),
        ("invalid-table-code", ERROR, (98, 24, 98, 31)),
        ("reserved-table-code", ERROR, (76, 37, 76, 45)),
        ("table-code-taken", ERROR, (20, 24, 20, 32)),
        ("table-code-taken", ERROR, (24, 24, 24, 32)),
        ("unknown-domain", WARNING, (126, 2, 126, 9)),
        ("unquoted-table-code", ERROR, (52, 24, 52, 30)),
    ]
    wanted = {code for code, _, _ in expected}

    def checked() -> list[types.Diagnostic] | None:
        shown = editor.client.diagnostics.get(editor.uri(REGISTRY), [])
        ours = [d for d in shown if d.code in wanted]
        return ours if len(ours) == len(expected) else None

    diagnostics = await editor.until(checked, "the registry's own findings")
    assert found(diagnostics) == expected
    account = next(d for d in diagnostics if d.code == "table-code-taken" and d.range.start.line == 20)
    assert related(account, editor) == [
        (REGISTRY, (24, 24, 24, 32), "Session in core / accounts has the code 011011, too."),
    ]
    editor.change(REGISTRY, text.replace("\n  '2':\n", "\n  '2': [\n", 1))
    await editor.until(
        lambda: "yaml-syntax" in [d.code for d in editor.client.diagnostics[editor.uri(REGISTRY)]], "the broken text"
    )
    editor.close(REGISTRY)
    await editor.codes(REGISTRY, "subdomain-mismatch")


# --- settings ---------------------------------------------------------------------------------------------


@own_loop
async def test_severities_are_the_users(workspace: Path) -> None:
    severity = {"missing-table-code": "error", "unknown-domain": "off", "unregistered-table-code": "information"}
    async with Editor(workspace, settings={"diagnostics": {"severity": severity}}) as editor:
        (missing,) = await editor.codes(TICKET, "missing-table-code")
        assert missing.severity == ERROR
        (unregistered,) = await editor.codes("entities/crm/campaign.yaml", "unregistered-table-code")
        assert unregistered.severity == types.DiagnosticSeverity.Information
        # Settings change while the server runs.
        editor.settings["diagnostics"]["severity"] = {"missing-table-code": "warning", "unquoted-table-code": "off"}
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        await editor.codes("entities/crm/campaign.yaml", "unknown-domain", "unregistered-table-code")
        await editor.codes("entities/crm/company.yaml")
        uri = editor.uri(TICKET)
        await editor.until(
            lambda: [d.severity for d in editor.client.diagnostics[uri]] == [WARNING], "the new severity"
        )


@own_loop
async def test_diagnostics_can_be_switched_off(workspace: Path, workspace_url: str) -> None:
    execute(workspace_url, "DELETE FROM specql_registry.tb_domain WHERE domain_number = '4'")
    environment = {"SPECQL_DB_URL": workspace_url}
    settings: dict[str, Any] = {**QUIET, "diagnostics": {"drift": False}}
    async with Editor(workspace, environment=environment, settings=settings) as editor:
        await editor.codes(REGISTRY, "subdomain-mismatch")
        assert (await editor.command("specql.checkConsistency"))["consistent"] is False
        await editor.codes(TASK, "unknown-domain", "unknown-domain-number", "unknown-entity")
        assert [d.code for d in editor.client.diagnostics[editor.uri(REGISTRY)]] == ["subdomain-mismatch"]
        settings["diagnostics"] = {"enabled": False}
        editor.settings.update(settings)
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        await editor.until(lambda: not any(editor.client.diagnostics.values()), "silence")


# --- drift ------------------------------------------------------------------------------------------------


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


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
    assert taken.message == "The code 014012 is registered to T in domain 4 (projects): take another code."


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
