"""What the tests of renaming share: the contact that becomes a person, and who has which code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from lsprotocol import types

from tests.e2e.conftest import QUIET
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
