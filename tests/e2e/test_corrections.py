"""``specql.moveRegistration``, ``specql.releaseCode`` and previews on the real server: registry, files, refusals."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from pygls.exceptions import JsonRpcException

from tests.e2e.editor import Editor

pytestmark = pytest.mark.asyncio

CONTACT = "entities/crm/contact.yaml"
PRODUCT = "entities/catalog/product.yaml"  # has the code of another entity
MOVE = {"domain": "crm", "entity": "Contact", "subdomain": "core"}


def registered(url: str, entity: str) -> list[str]:
    with psycopg.connect(url) as connection:
        query = "SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = %s"
        return [code for (code,) in connection.execute(query, (entity,))]


async def refused(editor: Editor, command: str, argument: Any) -> str:
    with pytest.raises(JsonRpcException) as caught:
        await editor.command(command, argument)
    return caught.value.message


async def test_a_move_is_previewed_and_its_file_follows(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    editor.open(CONTACT)
    before = editor.text(CONTACT)
    preview = await editor.command("specql.moveRegistration", {**MOVE, "dryRun": True})
    assert (preview["previousTableCode"], preview["moved"]) == ("012031", True)
    assert preview["files"] == [editor.uri(CONTACT)]
    assert registered(workspace_url, "Contact") == ["012031"] and not editor.applied
    assert await editor.command("specql.moveRegistration", MOVE) == preview
    assert registered(workspace_url, "Contact") == [preview["tableCode"]]
    assert editor.text(CONTACT) == before.replace("012031", preview["tableCode"])
    (applied,) = editor.applied
    assert applied.label == f"Move to {preview['tableCode']}"
    again = await editor.command("specql.moveRegistration", MOVE)
    assert (again["moved"], again["tableCode"]) == (False, preview["tableCode"])


async def test_a_move_whose_edit_is_refused_is_said(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    editor.open(CONTACT)
    editor.refuse_edits = True
    moved = await editor.command("specql.moveRegistration", MOVE)
    assert registered(workspace_url, "Contact") == [moved["tableCode"]]
    assert editor.messages[-1].message == (
        f"Contact has the code {moved['tableCode']} now, but the editor did not write it into contact.yaml. "
        "Put it there as organization.table_code, in quotes."
    )


async def test_a_code_is_released_only_when_no_file_uses_it(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    argument = {"domain": "crm", "entity": "Contact"}
    message = await refused(editor, "specql.releaseCode", argument)
    assert message.startswith("The code 012031 of Contact is used by contact.yaml and 1 more: ")
    editor.open(PRODUCT, "entity: Product\nschema: catalog\n")
    editor.open(CONTACT, "entity: Person\nschema: crm\n")  # what is typed counts
    preview = await editor.command("specql.releaseCode", {**argument, "dryRun": True})
    assert (preview["released"], preview["tableCode"]) == (False, "012031")
    assert registered(workspace_url, "Contact") == ["012031"]
    assert (await editor.command("specql.releaseCode", argument))["released"] is True
    assert registered(workspace_url, "Contact") == []


async def test_a_rename_of_a_registration_is_previewed(editor_postgresql: Editor, workspace_url: str) -> None:
    argument = {"domain": "crm", "entity": "Contact", "newName": "Person"}
    preview = await editor_postgresql.command("specql.renameRegistration", {**argument, "dryRun": True})
    assert (preview["entity"], preview["tableCode"], preview["renamed"]) == ("Person", "012031", True)
    assert registered(workspace_url, "Person") == []


async def test_a_registry_that_is_only_read_refuses_all(editor_yaml: Editor) -> None:
    for command, argument in (
        ("specql.moveRegistration", MOVE),
        ("specql.moveRegistration", {**MOVE, "dryRun": True}),
        ("specql.releaseCode", {"domain": "crm", "entity": "Contact"}),
    ):
        assert "No database URL is set" in await refused(editor_yaml, command, argument)
