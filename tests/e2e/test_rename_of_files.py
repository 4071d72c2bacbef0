"""Files that are renamed: an entity follows its file, and a pattern's file its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.e2e.clients import capabilities_of
from tests.e2e.conftest import QUIET
from tests.e2e.editor import Editor
from tests.e2e.rename_support import (
    AFTER,
    BEFORE,
    CONTACT,
    PLACES,
    asked,
    changed,
    names,
    person,
    until_named,
)
from tests.e2e.rename_support import editor_with_buttons as editor_with_buttons

# Files that are renamed.


@pytest.mark.parametrize(
    ("client", "name", "confirmed"),
    [("vscode", "Visual Studio Code", [False]), ("vscode", "another", [True]), ("helix", "helix", [])],
)
async def test_an_entity_follows_its_file(
    workspace: Path, workspace_url: str, client: str, name: str, confirmed: list[bool]
) -> None:
    """VS Code asks about any such edit; another client that has labels is to ask about this one."""
    environment: dict[str, str | None] = {"SPECQL_DB_URL": workspace_url}
    declared = capabilities_of(client)
    async with Editor(
        workspace, environment=environment, settings=QUIET, client_capabilities=declared, client_name=name
    ) as editor:
        await editor.source("postgresql")
        operations = editor.initialized.capabilities.workspace
        assert operations is not None
        assert operations.file_operations is not None
        assert operations.file_operations.will_rename is not None
        assert operations.file_operations.did_rename is not None
        old, new = editor.uri(CONTACT), editor.uri("entities/crm/person.yaml")
        moved = types.RenameFilesParams([types.FileRename(old, new)])
        edit = await editor.client.workspace_will_rename_files_async(moved)
        assert edit is not None
        assert changed(editor, edit) == PLACES
        labels = list((edit.change_annotations or {}).values())
        assert [label.needs_confirmation for label in labels] == confirmed
        assert {label.label for label in labels} <= {"Entities follow their files"}
        assert names(workspace_url) == BEFORE
        editor.apply(edit)
        editor.path(CONTACT).rename(editor.path("entities/crm/person.yaml"))
        editor.client.workspace_did_rename_files(moved)
        await until_named(editor, workspace_url, AFTER)
        position = editor.open("entities/crm/ticket.yaml", editor.text("entities/crm/ticket.yaml"))
        assert position is None
        await editor.codes("entities/crm/ticket.yaml", "missing-table-code")
        again = await editor.client.workspace_will_rename_files_async(
            types.RenameFilesParams([types.FileRename(new, editor.uri("archive/person.yaml"))])
        )
        assert again is None


async def test_the_files_of_a_rename_do_not_follow_once_more(editor_postgresql: Editor) -> None:
    """VS Code asks what follows of a file that the answer to a rename moves."""
    editor = editor_postgresql
    await person(editor)
    moved = types.RenameFilesParams([types.FileRename(editor.uri(CONTACT), editor.uri("entities/crm/person.yaml"))])
    assert await editor.client.workspace_will_rename_files_async(moved) is None


PATTERN = "stdlib/actions/state/transition.yaml"
SHIP = "entities/crm/ship.yaml"


def write_pattern(workspace: Path) -> None:
    for path, text in (
        (PATTERN, "pattern: state/transition\nversion: 1.0\ndescription: x\nparameters: []\ntemplate: 'steps: []'\n"),
        (SHIP, "entity: Ship\nschema: crm\nactions:\n  - {name: go, pattern: state/transition}\n"),
    ):
        (workspace / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace / path).write_text(text, encoding="utf-8")


async def test_a_pattern_moves_with_its_name_and_is_followed(workspace: Path) -> None:
    write_pattern(workspace)
    async with Editor(workspace, client_capabilities=capabilities_of("vscode")) as editor:
        await editor.source("yaml")
        edit = await asked(editor, SHIP, "pattern: sta$0te/transition", "state/move")
        assert edit is not None
        assert changed(editor, edit) == {PATTERN, SHIP}
        # The client asks what follows of the file that this moves: nothing does once more.
        old, new = editor.uri(PATTERN), editor.uri("stdlib/actions/state/move.yaml")
        moved = types.RenameFilesParams([types.FileRename(old, new)])
        assert await editor.client.workspace_will_rename_files_async(moved) is None
        # It was not applied. Moved by its user, the file is followed.
        followed = await editor.client.workspace_will_rename_files_async(moved)
        assert followed is not None and changed(editor, followed) == {PATTERN, SHIP}
        editor.apply(followed)
        assert "pattern: state/move}" in editor.text(SHIP)


async def test_a_client_that_cannot_move_files_renames_no_pattern(workspace: Path) -> None:
    write_pattern(workspace)
    async with Editor(workspace, client_capabilities=capabilities_of("kate")) as editor:
        await editor.source("yaml")
        with pytest.raises(JsonRpcException, match="is named after its file"):
            await asked(editor, SHIP, "pattern: sta$0te/transition", "state/move")
