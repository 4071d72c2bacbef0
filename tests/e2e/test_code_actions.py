"""Code actions carried out for real: what is offered, and what the buffer and the database hold afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from lsprotocol import types

from tests.e2e.conftest import NO_DATABASE, QUIET, REGISTRY
from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities
from tests.support.postgres import PostgresServer
from tests.support.registries import add_subdomains

UP_TO_DATE = "Bring the file up to date with PostgreSQL"
TICKET = "entities/crm/ticket.yaml"
TASK = "entities/projects/task.yaml"
READ_ONLY = f"The registry is read-only now, as it is read from YAML. {NO_DATABASE}"


def rows(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, values).fetchall()  # type: ignore[arg-type]


def codes_of(url: str, entity: str) -> list[tuple[Any, ...]]:
    """Domain, subdomain, code and sequence of an entity's registrations."""
    return rows(
        url,
        "SELECT domain_number, subdomain_number, table_code, entity_sequence "
        "FROM specql_registry.tb_entity_registration "
        "JOIN specql_registry.tb_subdomain ON pk_subdomain = fk_subdomain "
        "JOIN specql_registry.tb_domain ON pk_domain = fk_domain WHERE entity_name = %s",
        entity,
    )


async def offered(editor: Editor, path: str, diagnostics: Sequence[types.Diagnostic]) -> list[types.CodeAction]:
    """What an editor's light bulb offers at the first of some diagnostics."""
    return await editor.actions(path, diagnostics[0].range, diagnostics)


def titles(actions: list[types.CodeAction]) -> list[str]:
    return [a.title for a in actions]


def preferred(actions: list[types.CodeAction]) -> list[str]:
    return [a.title for a in actions if a.is_preferred]


async def test_allocate_a_code(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    editor.open(TICKET)
    diagnostics = await editor.codes(TICKET, "missing-table-code")
    await editor.everything_read()
    actions = await offered(editor, TICKET, diagnostics)
    assert titles(actions) == [
        "Allocate a code in crm / support (012042, 14 left)",  # inferred from the name
        "Allocate a code in crm / core (012012, 13 left)",
        "Allocate a code in crm / customer (012033, 13 left)",
    ]
    assert preferred(actions) == titles(actions)[:1]
    assert all(a.kind == types.CodeActionKind.QuickFix and list(a.diagnostics or ()) == diagnostics for a in actions)
    result = await editor.run(actions[0])
    assert (result["tableCode"], result["created"]) == ("012042", True)
    assert editor.text(TICKET) == editor.path(TICKET).read_text(encoding="utf-8").replace(
        "schema: crm\n", "schema: crm\norganization:\n  table_code: '012042'\n"
    )
    assert codes_of(workspace_url, "Ticket") == [("2", "04", "012042", 2)]
    await editor.codes(TICKET)


async def test_allocate_in_another_subdomain(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    editor.open(TICKET, "entity: Ticket\nschema: crm\norganization:\n  domain_name: crm\n")
    actions = await offered(editor, TICKET, await editor.codes(TICKET, "invalid-structure"))
    await editor.run(actions[2])
    assert editor.text(TICKET) == (
        "entity: Ticket\nschema: crm\norganization:\n  table_code: '012033'\n  domain_name: crm\n"
    )
    assert codes_of(workspace_url, "Ticket") == [("2", "03", "012033", 3)]


async def test_allocate_instead_of_a_code_that_is_taken(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    editor.open(TICKET, "entity: Ticket\nschema: crm\norganization:\n  table_code: '012031'  # copied\n")
    actions = await offered(editor, TICKET, await editor.codes(TICKET, "table-code-taken"))
    await editor.run(next(a for a in actions if a.is_preferred))
    assert editor.text(TICKET).splitlines()[3] == "  table_code: '012042'  # copied"
    assert codes_of(workspace_url, "Ticket") == [("2", "04", "012042", 2)]
    await editor.codes(TICKET)


async def test_allocate_is_disabled_while_the_registry_is_read_only(editor_yaml: Editor) -> None:
    editor = editor_yaml
    editor.open(TICKET)
    actions = await offered(editor, TICKET, await editor.codes(TICKET, "missing-table-code"))
    assert titles(actions) == ["Allocate a code in crm / support"]
    assert actions[0].disabled == types.CodeActionDisabled(READ_ONLY)
    assert actions[0].command is None and actions[0].edit is None and not actions[0].is_preferred


async def test_a_client_that_cannot_show_disabled_actions_gets_none(workspace: Path) -> None:
    plain = capabilities()
    assert plain.text_document and plain.text_document.code_action
    plain.text_document.code_action.disabled_support = None
    async with Editor(workspace, client_capabilities=plain) as editor:
        await editor.source("yaml")
        editor.open(TICKET)
        assert await offered(editor, TICKET, await editor.codes(TICKET, "missing-table-code")) == []


@pytest.mark.parametrize("has_command", [True, False])
async def test_many_subdomains_end_with_a_command_of_the_client(
    workspace: Path, workspace_url: str, *, has_command: bool
) -> None:
    add_subdomains(workspace_url)
    declared = capabilities()
    if has_command:
        declared.experimental = {"commands": {"commands": ["specql.chooseSubdomain"]}}
    async with Editor(workspace, environment={"SPECQL_DB_URL": workspace_url}, client_capabilities=declared) as editor:
        await editor.source("postgresql")
        editor.open(TICKET)
        actions = await offered(editor, TICKET, await editor.codes(TICKET, "missing-table-code"))
        assert len([title for title in titles(actions) if title.startswith("Allocate")]) == 8
        last = actions[-1]
        assert (last.title == "Another subdomain…") == has_command
        if has_command:
            assert last.command is not None and last.command.command == "specql.chooseSubdomain"
            assert list(last.command.arguments or ()) == [
                {"uri": editor.uri(TICKET), "entity": "Ticket", "domain": "2"}
            ]


async def test_register_a_code_that_is_written_already(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    editor.open(TASK)
    actions = await offered(editor, TASK, await editor.codes(TASK, "unregistered-table-code"))
    assert titles(actions)[0] == "Register 014012 for Task in projects / core"
    assert preferred(actions) == titles(actions)[:1]
    result = await editor.run(actions[0])
    assert (result["tableCode"], result["created"]) == ("014012", True)
    assert codes_of(workspace_url, "Task") == [("4", "01", "014012", 2)]
    assert editor.text(TASK) == editor.path(TASK).read_text(encoding="utf-8")
    assert editor.applied == []  # there was nothing to write
    await editor.codes(TASK)


async def test_register_is_disabled_while_the_registry_is_read_only(editor_yaml: Editor) -> None:
    editor_yaml.open(TASK)
    actions = await offered(editor_yaml, TASK, await editor_yaml.codes(TASK, "unregistered-table-code"))
    register = next(a for a in actions if a.title.startswith("Register"))
    assert register.disabled == types.CodeActionDisabled(READ_ONLY)


async def test_take_the_registered_code(editor: Editor) -> None:
    path = "entities/catalog/product.yaml"
    editor.open(path)
    diagnostics = await editor.codes(path, "domain-mismatch", "table-code-differs", "table-code-taken")
    actions = await offered(editor, path, diagnostics)
    assert titles(actions) == ["Take the registered code 013031"]
    assert actions[0].is_preferred and actions[0].command is None
    assert {d.code for d in actions[0].diagnostics or ()} == {
        "domain-mismatch",
        "table-code-differs",
        "table-code-taken",
    }
    await editor.run(actions[0])
    assert editor.text(path) == editor.path(path).read_text(encoding="utf-8").replace("'012031'", "'013031'")
    await editor.codes(path)
    await editor.codes("entities/crm/contact.yaml")


async def test_quote_a_code(editor: Editor) -> None:
    path = "entities/crm/company.yaml"
    editor.open(path)
    actions = await offered(editor, path, await editor.codes(path, "unquoted-table-code"))
    assert titles(actions) == ["Quote 012032"]
    assert actions[0].is_preferred
    await editor.run(actions[0])
    assert editor.text(path) == editor.path(path).read_text(encoding="utf-8").replace("012032", "'012032'")
    await editor.codes(path)


async def test_change_to_the_nearest_domain(editor: Editor) -> None:
    path = "entities/crm/campaign.yaml"
    editor.open(path)
    await editor.codes(path, "unknown-domain", "unregistered-table-code")
    diagnostics = [d for d in editor.client.diagnostics[editor.uri(path)] if d.code == "unknown-domain"]
    actions = await offered(editor, path, diagnostics)
    assert titles(actions) == ["Change to crm"]
    assert actions[0].is_preferred
    await editor.run(actions[0])
    assert editor.text(path).splitlines()[1] == "schema: crm  # a slip of the finger"
    await editor.codes(path, "unregistered-table-code")


async def test_edits_are_for_the_version_that_was_shown(editor_yaml: Editor) -> None:
    path = "entities/crm/company.yaml"
    editor_yaml.open(path)
    editor_yaml.edit(path, (0, 0), (0, 0), "# one more line\n")
    await editor_yaml.until(
        lambda: [d.range.start.line for d in editor_yaml.client.diagnostics.get(editor_yaml.uri(path), [])] == [6],
        "the moved diagnostic",
    )
    (action,) = await offered(editor_yaml, path, editor_yaml.client.diagnostics[editor_yaml.uri(path)])
    assert action.edit and action.edit.document_changes
    (change,) = action.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    assert (change.text_document.uri, change.text_document.version) == (editor_yaml.uri(path), 2)


async def test_only_the_kinds_that_are_asked_for(editor_yaml: Editor) -> None:
    path = "entities/crm/company.yaml"
    editor_yaml.open(path)
    diagnostics = await editor_yaml.codes(path, "unquoted-table-code")
    for only, count in (([types.CodeActionKind.QuickFix], 1), ([types.CodeActionKind.SourceOrganizeImports], 0)):
        answer = await editor_yaml.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(editor_yaml.uri(path)),
                diagnostics[0].range,
                types.CodeActionContext(diagnostics, only=only),
            )
        )
        assert len(answer or []) == count


async def test_nothing_elsewhere_and_in_other_yaml(editor_postgresql: Editor) -> None:
    editor = editor_postgresql
    editor.open(TICKET)
    await editor.codes(TICKET, "missing-table-code")
    line = types.Range(types.Position(5, 0), types.Position(5, 3))
    assert await editor.actions(TICKET, line) == []
    editor.open("compose.yaml", "entity_name: x\ntable_code: 012031\n")
    assert await editor.actions("compose.yaml", types.Range(types.Position(1, 0), types.Position(1, 3))) == []


# --- drift ------------------------------------------------------------------------------------------------

GOODS = "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'"
NO_SESSION = "DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Session'"
LOYALTY = (
    "INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name) "
    "SELECT pk_domain, '05', 'loyalty' FROM specql_registry.tb_domain WHERE domain_number = '2'"
)


async def answered(editor: Editor, action: types.CodeAction, button: str | None) -> Any:
    """Runs an action that asks first, and presses a button (None: closes the question)."""
    running = asyncio.ensure_future(editor.run(action))
    await editor.until(lambda: len(editor.questions) == 1, "the question")
    editor.questions[0].press(button)
    return await running


async def drifted(editor: Editor, url: str, statement: str, code: str) -> list[types.CodeAction]:
    with psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]
    editor.open(REGISTRY)
    await editor.command("specql.refreshRegistry")
    diagnostics = await editor.codes(REGISTRY, "subdomain-mismatch", code)
    shown = [d for d in diagnostics if d.code == code]
    actions = await offered(editor, REGISTRY, shown)
    assert all(list(a.diagnostics or ()) == shown and not a.is_preferred for a in actions)
    return actions


async def test_keep_postgresqls_value(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    actions = await drifted(editor, workspace_url, GOODS, "domain-attribute-mismatch")
    assert titles(actions) == [
        'Keep PostgreSQL\'s description: write "Goods" to the YAML',
        'Keep the YAML\'s description: write "What we sell" to PostgreSQL',
        UP_TO_DATE,
    ]
    assert await editor.run(actions[0]) == {"resolved": True}
    disk = editor.path(REGISTRY).read_text(encoding="utf-8")
    assert editor.text(REGISTRY) == disk.replace("What we sell", "Goods")
    await editor.codes(REGISTRY, "subdomain-mismatch")


async def test_keep_the_yamls_value(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    actions = await drifted(editor, workspace_url, GOODS, "domain-attribute-mismatch")
    assert await answered(editor, actions[1], "Change PostgreSQL") == {"resolved": True}
    query = "SELECT description FROM specql_registry.tb_domain WHERE domain_number = '3'"
    assert rows(workspace_url, query) == [("What we sell",)]
    assert editor.text(REGISTRY) == editor.path(REGISTRY).read_text(encoding="utf-8")
    await editor.codes(REGISTRY, "subdomain-mismatch")


@pytest.mark.parametrize("keep", [0, 1])
async def test_what_postgresql_lacks(editor_postgresql: Editor, workspace_url: str, keep: int) -> None:
    editor = editor_postgresql
    actions = await drifted(editor, workspace_url, NO_SESSION, "missing-entity-in-postgresql")
    assert titles(actions) == [
        "Keep PostgreSQL: remove Session (011012) from the YAML",
        "Keep the YAML: add Session (011012) to PostgreSQL",
        UP_TO_DATE,
    ]
    assert await editor.run(actions[keep]) == {"resolved": True}
    disk = editor.path(REGISTRY).read_text(encoding="utf-8")
    session = disk[disk.index("          Session:") : disk.index("  '2':\n")]
    assert editor.text(REGISTRY) == (disk if keep else disk.replace(session, ""))
    assert codes_of(workspace_url, "Session") == ([("1", "01", "011012", 2)] if keep else [])
    await editor.codes(REGISTRY, "subdomain-mismatch")


@pytest.mark.parametrize("keep", [0, 1])
async def test_what_the_yaml_lacks(editor_postgresql: Editor, workspace_url: str, keep: int) -> None:
    editor = editor_postgresql
    actions = await drifted(editor, workspace_url, LOYALTY, "missing-subdomain-in-yaml")
    assert titles(actions) == [
        "Keep PostgreSQL: add subdomain 05 (loyalty) to the YAML",
        "Keep the YAML: remove subdomain 05 (loyalty) from PostgreSQL",
        UP_TO_DATE,
    ]
    running = answered(editor, actions[keep], "Remove from PostgreSQL") if keep else editor.run(actions[keep])
    assert await running == {"resolved": True}
    disk = editor.path(REGISTRY).read_text(encoding="utf-8")
    kept = [line for line in editor.text(REGISTRY).splitlines() if line not in disk.splitlines()]
    assert kept == ([] if keep else ["      '05':", "        name: loyalty", "        description: ''"])
    query = "SELECT count(*) FROM specql_registry.tb_subdomain WHERE subdomain_name = 'loyalty'"
    assert rows(workspace_url, query) == [(0 if keep else 1,)]
    await editor.codes(REGISTRY, "subdomain-mismatch")


async def test_keep_the_yaml_is_disabled_where_the_role_may_not_write(
    workspace: Path, workspace_url: str, postgres_server: PostgresServer
) -> None:
    with psycopg.connect(workspace_url) as connection:
        connection.execute("DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        connection.execute("GRANT USAGE ON SCHEMA specql_registry TO reader")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA specql_registry TO reader")
    url = postgres_server.url(workspace_url.rsplit("/", 1)[1], user="reader")
    async with Editor(workspace, environment={"SPECQL_DB_URL": url}, settings=QUIET) as editor:
        status = await editor.source("postgresql")
        assert status["writable"] is False
        actions = await drifted(editor, workspace_url, GOODS, "domain-attribute-mismatch")
        assert actions[0].disabled is None
        assert actions[1].disabled is not None
        assert actions[1].disabled.reason.startswith("The registry is read-only now, as it is read from PostgreSQL.")
        assert await editor.run(actions[0]) == {"resolved": True}
        assert "description: Goods" in editor.text(REGISTRY)
        editor.open(TICKET)
        allocate = await offered(editor, TICKET, await editor.codes(TICKET, "missing-table-code"))
        assert [a.disabled is not None for a in allocate] == [True]
