"""Rename through the process: what the client's capabilities change, and the registration that follows the edit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.e2e.clients import capabilities_of
from tests.e2e.conftest import QUIET, REGISTRY
from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities, window

CONTACT = "entities/crm/contact.yaml"
NAMES = (
    "SELECT entity_name, table_code FROM specql_registry.tb_entity_registration WHERE table_code LIKE '01203%'"
    " ORDER BY table_code"
)
BEFORE = [("Contact", "012031"), ("Company", "012032")]
AFTER = [("Person", "012031"), ("Company", "012032")]
PLACES = {
    "entities/crm/contact.yaml",
    "entities/crm/ticket.yaml",
    "entities/projects/task.yaml",
    "registry/domain_registry.yaml",
}


def names(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(NAMES).fetchall()


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


async def asked(editor: Editor, path: str, where: str, new: str) -> types.WorkspaceEdit | None:
    """The answer to a rename at ``$0`` in the first occurrence of a text; the file is opened."""
    plain = where.replace("$0", "")
    position = editor.open(path, editor.text(path).replace(plain, where, 1))
    assert position is not None
    return await editor.client.text_document_rename_async(
        types.RenameParams(types.TextDocumentIdentifier(editor.uri(path)), position, new)
    )


async def person(editor: Editor) -> types.WorkspaceEdit:
    edit = await asked(editor, CONTACT, "entity: Con$0tact", "Person")
    assert edit is not None
    return edit


def changed(editor: Editor, edit: types.WorkspaceEdit) -> set[str]:
    uris = {c.text_document.uri for c in edit.document_changes or () if isinstance(c, types.TextDocumentEdit)}
    uris |= set(edit.changes or {})
    return {uri.removeprefix(editor.folders[0].as_uri() + "/") for uri in uris}


async def until_named(editor: Editor, url: str, expected: list[tuple[Any, ...]]) -> None:
    await editor.until(lambda: names(url) == expected, f"{expected} in PostgreSQL")


def with_buttons() -> types.ClientCapabilities:
    shown = capabilities()
    shown.window = window(buttons=True, documents=False)
    return shown


@pytest.fixture
async def editor_with_buttons(workspace: Path, workspace_url: str) -> AsyncIterator[Editor]:
    environment = {"SPECQL_DB_URL": workspace_url}
    async with Editor(workspace, environment=environment, settings=QUIET, client_capabilities=with_buttons()) as editor:
        await editor.source("postgresql")
        yield editor


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
