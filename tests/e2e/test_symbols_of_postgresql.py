"""Symbols of the workspace that only PostgreSQL has, as an editor asks for them."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.e2e.conftest import REGISTRY
from tests.e2e.editor import Editor
from tests.e2e.test_navigation import Found, found
from tests.e2e.test_places import execute

pytestmark = pytest.mark.asyncio


async def symbols(editor: Editor, query: str) -> list[tuple[str, str | None, Found]]:
    answer = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams(query))
    shown: list[tuple[str, str | None, Found]] = []
    for each in answer or ():
        assert isinstance(each.location, types.Location)
        shown.append((each.name, each.container_name, found(editor, each.location.uri, each.location.range)))
    return shown


async def test_they_lead_to_the_registry_yaml(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    execute(
        workspace_url,
        "INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('7', 'billing');"
        "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence) "
        "SELECT pk_subdomain, 'Ghost', '01203E', 14 FROM specql_registry.tb_subdomain "
        "WHERE subdomain_name = 'customer' LIMIT 1",
    )
    await editor.command("specql.refreshRegistry")
    await editor.everything_read()
    of_ghost = Found(str(REGISTRY), "customer")
    assert await symbols(editor, "ghost") == [("Ghost", "crm · 01203E · only in PostgreSQL", of_ghost)]
    assert await symbols(editor, "01203E") == [("01203E Ghost", "crm · only in PostgreSQL", of_ghost)]
    assert await symbols(editor, "billing") == [("billing", "7 · only in PostgreSQL", Found(str(REGISTRY), "domains"))]
