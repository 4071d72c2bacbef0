"""Rename through the process: what the client's capabilities change, and the registration that follows the edit."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import psycopg
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.e2e.clients import capabilities_of
from tests.e2e.conftest import REGISTRY
from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities
from tests.e2e.rename_support import (
    AFTER,
    BEFORE,
    CONTACT,
    PLACES,
    asked,
    changed,
    execute,
    names,
    person,
    until_named,
)
from tests.e2e.rename_support import editor_with_buttons as editor_with_buttons

# What clients declare.


@pytest.mark.parametrize("client", ["vscode", "neovim", "helix", "emacs", "kate"])
async def test_the_edit_is_what_the_client_takes(workspace: Path, client: str) -> None:
    async with Editor(workspace, client_capabilities=capabilities_of(client)) as editor:
        await editor.source("yaml")
        offered = editor.initialized.capabilities.rename_provider
        assert offered == (
            types.RenameOptions(prepare_provider=True) if client in {"vscode", "neovim", "helix"} else True
        )
        edit = await person(editor)
        assert changed(editor, edit) == PLACES
        moves = [change for change in edit.document_changes or () if isinstance(change, types.RenameFile)]
        labels = {label.label for label in (edit.change_annotations or {}).values()}
        if client == "vscode":
            assert labels == {"Registry", "Other files", "File name"}
            assert not any(label.needs_confirmation for label in (edit.change_annotations or {}).values())
        else:
            assert labels == set()
        if client in {"vscode", "neovim", "helix"}:
            assert [(move.old_uri, move.new_uri) for move in moves] == [
                (editor.uri(CONTACT), editor.uri("entities/crm/person.yaml"))
            ]
        else:
            assert moves == []
        versions = {
            change.text_document.version
            for change in edit.document_changes or ()
            if isinstance(change, types.TextDocumentEdit)
        }
        assert versions == (set() if client == "kate" else {1, None})
        assert (edit.changes is None) == (client != "kate")
        editor.apply(edit)
        path = "entities/crm/person.yaml" if moves else CONTACT
        assert editor.text(path).startswith("entity: Person\n")
        assert "reporter: ref(Person)" in editor.text("entities/crm/ticket.yaml")
        assert "entity_code: PRS" in editor.text(REGISTRY)


async def test_prepared_and_refused(editor_yaml: Editor) -> None:
    editor = editor_yaml
    position = editor.open(CONTACT, editor.text(CONTACT).replace("Contact", "Con$0tact", 1))
    assert position is not None
    document = types.TextDocumentIdentifier(editor.uri(CONTACT))
    found = await editor.client.text_document_prepare_rename_async(types.PrepareRenameParams(document, position))
    assert isinstance(found, types.PrepareRenamePlaceholder)
    assert (found.placeholder, found.range.start.character, found.range.end.character) == ("Contact", 8, 15)
    with pytest.raises(JsonRpcException, match="a word of SpecQL or SQL"):
        await editor.client.text_document_prepare_rename_async(
            types.PrepareRenameParams(document, types.Position(0, 2))
        )
    with pytest.raises(JsonRpcException, match="There is an entity Company in the schema management already") as caught:
        await editor.client.text_document_rename_async(types.RenameParams(document, position, "Company"))
    assert caught.value.code == -32803
    assert caught.value.data == {"kind": "invalid-argument"}


# The registration.


async def test_the_registration_follows_the_edit_and_only_once(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    edit = await person(editor)
    assert names(workspace_url) == BEFORE
    editor.apply(edit)
    await until_named(editor, workspace_url, AFTER)
    # The edit is seen again, and another file has the name: nothing is renamed twice.
    execute(
        workspace_url,
        "UPDATE specql_registry.tb_entity_registration SET entity_name = 'Contact' WHERE entity_name = 'Person'",
    )
    editor.change(CONTACT, editor.text(CONTACT))
    await editor.command("specql.refreshRegistry")
    assert names(workspace_url) == BEFORE
    assert editor.messages == []


async def test_an_edit_of_a_file_that_is_not_open(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    edit = await asked(editor, "entities/crm/ticket.yaml", "ref(Con$0tact)", "Person")
    assert edit is not None
    assert changed(editor, edit) == PLACES
    editor.apply(edit)  # contact.yaml is written to the disk
    await until_named(editor, workspace_url, AFTER)


async def test_an_edit_in_several_steps(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    await person(editor)
    editor.change(CONTACT, editor.text(CONTACT).replace("update: Contact", "update: Person"))
    await editor.command("specql.refreshRegistry")
    assert names(workspace_url) == BEFORE
    editor.change(CONTACT, editor.text(CONTACT).replace("entity: Contact", "entity: Person"))
    await until_named(editor, workspace_url, AFTER)


async def test_an_edit_that_is_never_applied_changes_nothing(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    await person(editor)
    editor.change(CONTACT, editor.text(CONTACT) + "# typed\n")
    # By hand it is no answer to the request any more.
    editor.change(CONTACT, editor.text(CONTACT).replace("entity: Contact", "entity: Person"))
    await editor.command("specql.refreshRegistry")
    assert names(workspace_url) == BEFORE


async def test_a_domain_is_renamed_in_the_registry(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    edit = await asked(editor, CONTACT, "schema: c$0rm", "relations")
    assert edit is not None
    editor.apply(edit)

    def domains() -> list[tuple[Any, ...]]:
        with psycopg.connect(workspace_url) as connection:
            return connection.execute(
                "SELECT domain_name, aliases FROM specql_registry.tb_domain WHERE domain_number = '2'"
            ).fetchall()

    await editor.until(lambda: domains() == [("relations", ["management", "sales"])], "the domain's name")
    assert "domain_name: relations" in editor.text(CONTACT)
    assert "schema: management" in editor.text("entities/crm/company.yaml")


# Texts.


@pytest.mark.parametrize("encoding", list(types.PositionEncodingKind))
async def test_places_behind_characters_of_several_units(workspace: Path, encoding: types.PositionEncodingKind) -> None:
    async with Editor(workspace, client_capabilities=capabilities(encodings=[encoding])) as editor:
        await editor.source("yaml")
        ticket = "entities/crm/ticket.yaml"
        fields = "fields: {'ä😀': ref(Contact), \"表\": 'ref(crm.Contact)!'} # 😀 Contact"
        text = f"entity: Ticket\r\nschema: crm\r\n{fields}\r\n"
        editor.open(ticket, text)
        edit = await person(editor)
        editor.apply(edit)
        assert editor.text(ticket) == text.replace("(Contact", "(Person").replace("crm.Contact", "crm.Person")


async def test_a_text_that_changes_meanwhile(editor_yaml: Editor) -> None:
    editor = editor_yaml
    position = editor.open(CONTACT, editor.text(CONTACT).replace("Contact", "Con$0tact", 1))
    assert position is not None
    answer = asyncio.ensure_future(
        editor.client.text_document_rename_async(
            types.RenameParams(types.TextDocumentIdentifier(editor.uri(CONTACT)), position, "Person")
        )
    )
    await asyncio.sleep(0)
    editor.change(CONTACT, "# first\n" + editor.text(CONTACT))
    try:
        edit = await answer
    except JsonRpcException as error:
        assert error.code == -32801
    else:
        assert edit is not None
        versions = {c.text_document.version for c in edit.document_changes or ()}  # type: ignore[union-attr]
        assert versions == {1, None}
