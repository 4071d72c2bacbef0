"""A rename whose registration the registry refuses, or that cannot be written: it is finished, undone, or left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.e2e.conftest import QUIET
from tests.e2e.editor import Editor
from tests.e2e.rename_support import (
    AFTER,
    BEFORE,
    CONTACT,
    PLACES,
    changed,
    execute,
    names,
    person,
    until_named,
    with_buttons,
)
from tests.e2e.rename_support import editor_with_buttons as editor_with_buttons

# What the database refuses.

FRIDAY = (
    "CREATE FUNCTION specql_registry.fn_odd() RETURNS trigger LANGUAGE plpgsql"
    " AS $body$ BEGIN RAISE EXCEPTION 'no renames on Fridays'; END $body$;"
    " CREATE TRIGGER tr_odd BEFORE UPDATE ON specql_registry.tb_entity_registration"
    " FOR EACH ROW EXECUTE FUNCTION specql_registry.fn_odd()"
)


async def refused(editor: Editor, url: str) -> None:
    """Applies a rename that the database refuses, and waits for the question."""
    execute(url, FRIDAY)
    editor.apply(await person(editor))
    await editor.until(lambda: editor.questions, "the question")
    question = editor.questions[-1]
    assert question.buttons == ("Try again", "Undo the rename")
    assert question.message.startswith(
        "Contact is Person in the files now; its registration, code 012031, was not renamed. PostgreSQL refused"
    )
    assert "no renames on Fridays" in question.message
    assert names(url) == BEFORE


async def test_what_is_refused_can_be_finished(editor_with_buttons: Editor, workspace_url: str) -> None:
    editor = editor_with_buttons
    await refused(editor, workspace_url)
    editor.questions[0].press("Try again")
    await editor.until(lambda: len(editor.questions) > 1, "the question again")
    execute(workspace_url, "DROP FUNCTION specql_registry.fn_odd CASCADE")
    editor.questions[1].press("Try again")
    await until_named(editor, workspace_url, AFTER)


async def test_what_is_refused_and_undone_by_the_editor_is_not_tried_again(
    editor_with_buttons: Editor, workspace_url: str
) -> None:
    editor = editor_with_buttons
    before = editor.text(CONTACT)
    await refused(editor, workspace_url)
    editor.change(CONTACT, before)
    execute(workspace_url, "DROP FUNCTION specql_registry.fn_odd CASCADE")
    editor.questions[0].press("Try again")
    await editor.command("specql.refreshRegistry")  # the same thread would rename before it
    await editor.command("specql.refreshRegistry")
    assert names(workspace_url) == BEFORE
    assert len(editor.questions) == 1


async def test_what_the_editor_undoes_while_the_registry_is_asked(
    editor_with_buttons: Editor, workspace_url: str
) -> None:
    editor = editor_with_buttons
    edit = await person(editor)
    before = editor.text(CONTACT)
    with psycopg.connect(workspace_url) as holder:
        holder.execute("SELECT 1 FROM specql_registry.tb_domain FOR UPDATE")
        editor.apply(edit)
        editor.change(CONTACT, before)
        await editor.hover(CONTACT, types.Position(0, 0))  # the change has arrived
        assert names(workspace_url) == BEFORE
    await editor.until(lambda: editor.questions, "the question")
    assert editor.questions[0].message == (
        "Contact is back in contact.yaml, and registered as Person. Rename its registration back, too?"
    )
    editor.questions[0].press("Rename it back")
    await until_named(editor, workspace_url, BEFORE)


async def test_what_is_refused_can_be_undone(editor_with_buttons: Editor, workspace_url: str) -> None:
    editor = editor_with_buttons
    before = {path: editor.text(path) for path in PLACES}
    await refused(editor, workspace_url)
    assert {path: editor.text(path) for path in PLACES} != before
    editor.questions[0].press("Undo the rename")
    await editor.until(lambda: {path: editor.text(path) for path in PLACES} == before, "the texts of before")
    assert names(workspace_url) == BEFORE


@pytest.mark.parametrize("button", ["Rename it back", "Keep it"])
async def test_what_the_editor_undoes_is_asked_about(
    editor_with_buttons: Editor, workspace_url: str, button: str
) -> None:
    editor = editor_with_buttons
    edit = await person(editor)
    before = editor.text(CONTACT)
    editor.apply(edit)
    await until_named(editor, workspace_url, AFTER)
    await editor.until(lambda: any("registered as Person now" in each for each in editor.received), "the log")
    editor.change(CONTACT, before)
    await editor.until(lambda: editor.questions, "the question")
    assert editor.questions[0].message == (
        "Contact is back in contact.yaml, and registered as Person. Rename its registration back, too?"
    )
    assert names(workspace_url) == AFTER
    editor.questions[0].press(button)
    if button == "Rename it back":
        await until_named(editor, workspace_url, BEFORE)
    else:
        await editor.command("specql.refreshRegistry")
        assert names(workspace_url) == AFTER


async def test_a_client_without_buttons_gets_a_message(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    execute(workspace_url, FRIDAY)
    editor.apply(await person(editor))
    await editor.until(lambda: editor.messages, "a message")
    assert "specql-lsp domain rename-entity 2 Contact Person" in editor.messages[0].message


# A registry that cannot be written.


def read_only(url: str) -> None:
    name = url.rpartition("/")[2]
    execute(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")


@pytest.mark.parametrize("button", ["Rename in the files alone", "Cancel"])
async def test_the_files_alone(workspace: Path, workspace_url: str, button: str) -> None:
    read_only(workspace_url)
    environment = {"SPECQL_DB_URL": workspace_url}
    async with Editor(workspace, environment=environment, settings=QUIET, client_capabilities=with_buttons()) as editor:
        await editor.source("postgresql", writable=False)
        position = editor.open(CONTACT, editor.text(CONTACT).replace("Contact", "Con$0tact", 1))
        assert position is not None
        answer = editor.client.text_document_rename_async(
            types.RenameParams(types.TextDocumentIdentifier(editor.uri(CONTACT)), position, "Person")
        )
        task = asyncio.ensure_future(answer)
        await editor.until(lambda: editor.questions, "the question")
        assert editor.questions[0].message.startswith(
            "The registry cannot be written, so Contact would stay registered as it is."
        )
        editor.questions[0].press(button)
        edit = await task
        if button == "Cancel":
            assert edit is None
        else:
            assert edit is not None
            assert changed(editor, edit) == PLACES - {"registry/domain_registry.yaml"}
            editor.apply(edit)
            await editor.until(lambda: len(editor.questions) > 1, "what is left to do")
            assert editor.questions[1].buttons == ("Try again", "Undo the rename")
        assert names(workspace_url) == BEFORE


async def test_without_a_database_the_yaml_is_the_registry(editor_yaml: Editor) -> None:
    editor = editor_yaml
    edit = await person(editor)
    assert changed(editor, edit) == PLACES
    assert editor.questions == []


async def test_the_command(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    argument = {"domain": "crm", "entity": "Contact", "newName": "Person"}
    assert await editor.command("specql.renameRegistration", argument) == {
        "entity": "Person",
        "tableCode": "012031",
        "entityCode": "PRS",
        "domain": {"number": "2", "name": "crm"},
        "subdomain": {"number": "03", "name": "customer"},
        "sequence": 1,
        "previousName": "Contact",
        "renamed": True,
    }
    assert names(workspace_url) == AFTER
    with pytest.raises(JsonRpcException, match="Company is registered already") as caught:
        await editor.command("specql.renameRegistration", {"domain": "crm", "entity": "Person", "newName": "Company"})
    assert caught.value.data == {"kind": "already-registered"}


async def test_a_rename_that_is_cancelled_while_it_asks(workspace: Path, workspace_url: str) -> None:
    read_only(workspace_url)
    environment: dict[str, str | None] = {"SPECQL_DB_URL": workspace_url}
    async with Editor(workspace, environment=environment, settings=QUIET, client_capabilities=with_buttons()) as editor:
        await editor.source("postgresql", writable=False)
        position = editor.open(CONTACT, editor.text(CONTACT).replace("Contact", "Con$0tact", 1))
        assert position is not None
        params = types.RenameParams(types.TextDocumentIdentifier(editor.uri(CONTACT)), position, "Person")
        answer = asyncio.ensure_future(
            editor.client.protocol.send_request_async("textDocument/rename", params, msg_id="the-rename")
        )
        await editor.until(lambda: editor.questions, "the question")
        editor.client.protocol.notify("$/cancelRequest", types.CancelParams("the-rename"))
        with pytest.raises(JsonRpcException) as caught:
            await answer
        assert caught.value.code == -32800
        editor.questions[0].press("Rename in the files alone")
        editor.change(CONTACT, editor.text(CONTACT).replace("Contact", "Person"))
        await editor.command("specql.refreshRegistry")
        assert len(editor.questions) == 1  # nothing is expected of a rename that was not answered
