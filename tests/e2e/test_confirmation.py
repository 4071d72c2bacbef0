"""What would change or remove something in the shared database is confirmed first, by a question that names it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from lsprotocol import types

from tests.e2e.conftest import QUIET, REGISTRY
from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities, window
from tests.e2e.test_code_actions import GOODS, LOYALTY, NO_SESSION, UP_TO_DATE, answered, drifted, rows, titles

DESCRIPTION = "SELECT description FROM specql_registry.tb_domain WHERE domain_number = '3'"
COUNTER = "UPDATE specql_registry.tb_subdomain SET next_entity_sequence = 500 WHERE subdomain_name = 'customer'"
TAKEN = "UPDATE specql_registry.tb_entity_registration SET entity_sequence = 499 WHERE entity_name = 'Contact'"


@pytest.fixture
async def editor_with_buttons(workspace: Path, workspace_url: str) -> AsyncIterator[Editor]:
    shown = capabilities()
    shown.window = window(buttons=True, documents=False)
    environment = {"SPECQL_DB_URL": workspace_url}
    async with Editor(workspace, environment=environment, settings=QUIET, client_capabilities=shown) as editor:
        await editor.source("postgresql")
        yield editor


@pytest.mark.parametrize("button", ["Cancel", None])
async def test_nothing_is_written_without_a_yes(
    editor_postgresql: Editor, workspace_url: str, button: str | None
) -> None:
    editor = editor_postgresql
    actions = await drifted(editor, workspace_url, GOODS, "domain-attribute-mismatch")
    server = (await editor.command("specql.registryStatus"))["server"]
    assert await answered(editor, actions[1], button) == {"resolved": False}
    (question,) = editor.questions
    assert question.kind is types.MessageType.Warning
    assert question.message == (
        f'Change description of domain 3 in the shared registry at {server} from "Goods" to "What we sell"?'
    )
    assert question.buttons == ("Change PostgreSQL", "Cancel")
    assert rows(workspace_url, DESCRIPTION) == [("Goods",)]


async def test_a_removal_names_what_goes_with_it(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    entity = (
        "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)"
        " SELECT pk_subdomain, 'Card', '012051', 1 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'loyalty'"
    )
    actions = await drifted(editor, workspace_url, f"{LOYALTY}; {entity}", "missing-subdomain-in-yaml")
    assert await answered(editor, actions[1], None) == {"resolved": False}
    server = (await editor.command("specql.registryStatus"))["server"]
    assert editor.questions[0].message == (
        f"Remove subdomain 05 (loyalty) of domain 2 with 1 registered entity from the shared registry at {server}?"
    )


async def test_what_only_adds_asks_nothing(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    actions = await drifted(editor, workspace_url, NO_SESSION, "missing-entity-in-postgresql")
    assert await editor.run(actions[1]) == {"resolved": True}
    assert editor.questions == []


async def test_the_command_asks_in_a_client_with_buttons(editor_with_buttons: Editor, workspace_url: str) -> None:
    editor = editor_with_buttons
    actions = await drifted(editor, workspace_url, GOODS, "domain-attribute-mismatch")
    assert actions[1].command is not None
    (argument,) = actions[1].command.arguments or ()
    bare = {key: value for key, value in argument.items() if key != "confirmed"}
    command = types.CodeAction("", command=types.Command("", actions[1].command.command, arguments=[bare]))
    assert await answered(editor, command, "Cancel") == {"resolved": False}
    # A client that has asked by itself says so.
    assert await editor.command("specql.resolveDiscrepancy", {**bare, "confirmed": True}) == {"resolved": True}
    assert len(editor.questions) == 1
    assert rows(workspace_url, DESCRIPTION) == [("What we sell",)]


async def test_a_counter_in_use_is_not_offered_to_be_lowered(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    actions = await drifted(editor, workspace_url, f"{COUNTER}; {TAKEN}", "subdomain-attribute-mismatch")
    assert titles(actions) == [
        "Keep PostgreSQL's next_entity_sequence: write 500 to the YAML",
        "Keep the YAML's next_entity_sequence: write 426 to PostgreSQL",
        UP_TO_DATE,
    ]
    assert actions[1].disabled is not None
    assert "the registry has an entity with the sequence 499" in actions[1].disabled.reason
    assert editor.path(REGISTRY).read_text(encoding="utf-8") == editor.text(REGISTRY)
