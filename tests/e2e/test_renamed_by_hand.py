"""An entity that is renamed in its file by hand: the first fix renames it in the registry, PostgreSQL or the YAML."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from lsprotocol import types

from tests.e2e.clients import capabilities_of
from tests.e2e.conftest import REGISTRY
from tests.e2e.editor import Editor

pytestmark = pytest.mark.asyncio

CONTACT = "entities/crm/contact.yaml"
TITLE = "Rename Contact to Person in the registry (keeps 012031)"


@pytest_asyncio.fixture
async def renamed(workspace: Path) -> Path:
    """The workspace with the entity's other name on the disk."""
    (workspace / "entities/catalog/product.yaml").unlink()  # it has the same code
    file = workspace / CONTACT
    file.write_text(file.read_text(encoding="utf-8").replace("entity: Contact", "entity: Person"), encoding="utf-8")
    return workspace


async def first_action(editor: Editor, *, is_resolved: bool = False) -> types.CodeAction:
    editor.open(CONTACT)

    def found() -> types.Diagnostic | None:  # once every file is read
        shown = editor.client.diagnostics.get(editor.uri(CONTACT), ())
        return next((each for each in shown if "which no file defines: rename it to Person" in each.message), None)

    taken = await editor.until(found, "the finding")
    actions = await editor.actions(CONTACT, taken.range, [taken])
    assert actions[0].title == TITLE and actions[0].disabled is None
    assert not any(action.is_preferred for action in actions)
    action = actions[0]
    if is_resolved:  # as a client that asks for edits when an action is chosen
        assert action.edit is None and action.data is not None
        action = await editor.client.code_action_resolve_async(action)
    return action


async def test_in_postgresql(renamed: Path, workspace_url: str) -> None:
    async with Editor(renamed, environment={"SPECQL_DB_URL": workspace_url}) as editor:
        await editor.source("postgresql", writable=True)
        await editor.run(await first_action(editor))
        await editor.codes(CONTACT, "unknown-entity")  # a reference to the old name
        with psycopg.connect(workspace_url) as connection:
            query = "SELECT entity_name FROM specql_registry.tb_entity_registration WHERE table_code = '012031'"
            assert connection.execute(query).fetchall() == [("Person",)]


@pytest.mark.parametrize("is_open", [True, False])
async def test_where_the_yaml_is_the_registry(renamed: Path, *, is_open: bool) -> None:
    client = capabilities_of("neovim") if is_open else None
    async with Editor(renamed, client_capabilities=client) as editor:
        await editor.source("yaml")
        if is_open:
            editor.open(REGISTRY)
        before = (renamed / REGISTRY).read_text(encoding="utf-8")
        await editor.run(await first_action(editor, is_resolved=is_open))
        after = editor.text(REGISTRY) if is_open else (renamed / REGISTRY).read_text(encoding="utf-8")
        assert after == before.replace("          Contact:\n", "          Person:\n").replace("CNT", "PRS")
        if not is_open:
            editor.tell(REGISTRY, types.FileChangeType.Changed)
        await editor.codes(CONTACT, "unknown-entity")  # a reference to the old name
