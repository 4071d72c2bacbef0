"""A rename in files that have changed on the disk, which the client has not said yet, or that are being edited."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.e2e.conftest import QUIET, REGISTRY
from tests.e2e.editor import Editor
from tests.e2e.rename_support import person

ALLOCATION = {"entity": "Thing", "domain": "core", "subdomain": "accounts"}
"""It adds lines to the YAML before those that the rename edits."""


async def test_the_registry_yaml_is_edited_as_it_is(editor_postgresql: Editor) -> None:
    editor = editor_postgresql
    await editor.everything_read()
    file = editor.path(REGISTRY)
    text = "# of another branch\n" + file.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    editor.apply(await person(editor))
    assert editor.text(REGISTRY) == renamed(text)


async def test_an_entity_file_that_is_another_one_is_not_edited(editor_postgresql: Editor) -> None:
    editor = editor_postgresql
    await editor.everything_read()
    file = editor.path("entities/crm/ticket.yaml")
    file.write_text("# of another branch\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(JsonRpcException, match=r"Line 7 of ticket\.yaml has another text than was read"):
        await person(editor)


async def test_it_waits_for_an_edit_that_the_client_is_making(workspace: Path, workspace_url: str) -> None:
    settings = {"registry": {**QUIET["registry"], "updateYaml": "always"}}
    async with Editor(workspace, environment={"SPECQL_DB_URL": workspace_url}, settings=settings) as editor:
        await editor.source("postgresql", discrepancies=0)
        await editor.everything_read()
        begun, may_go_on = asyncio.Event(), asyncio.Event()
        del editor.client.protocol.fm.features[types.WORKSPACE_APPLY_EDIT]

        async def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            begun.set()
            await may_go_on.wait()
            editor.apply(params.edit)
            return types.ApplyWorkspaceEditResult(applied=True)

        editor.client.feature(types.WORKSPACE_APPLY_EDIT)(apply)
        await editor.command("specql.allocateEntityCode", ALLOCATION)
        await begun.wait()
        asked = asyncio.ensure_future(person(editor))
        await editor.everything_read()  # the rename would be planned by now
        may_go_on.set()
        edit = await asked
        text = editor.text(REGISTRY)
        assert "          Thing:\n" in text
        editor.apply(edit)
        assert editor.text(REGISTRY) == renamed(text)


def renamed(text: str) -> str:
    return text.replace("          Contact:", "          Person:").replace("entity_code: CNT", "entity_code: PRS")
