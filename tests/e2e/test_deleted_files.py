"""``workspace/willDeleteFiles``: a registered entity's file is about to go; its registration stays, or is released."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from lsprotocol import types

from tests.e2e.conftest import QUIET
from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities, window

pytestmark = pytest.mark.asyncio

COMPANY = "entities/crm/company.yaml"
MESSAGE = "Company (012032) is registered, and stays so when company.yaml is deleted."


def registered(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        query = "SELECT entity_name FROM specql_registry.tb_entity_registration"
        return {name for (name,) in connection.execute(query)}


async def about_to_delete(editor: Editor, *paths: str) -> None:
    files = [types.FileDelete(editor.uri(path)) for path in paths]
    assert await editor.client.workspace_will_delete_files_async(types.DeleteFilesParams(files)) is None


@pytest.fixture
async def editor(workspace: Path, workspace_url: str) -> AsyncIterator[Editor]:
    shown = capabilities()
    shown.window = window(buttons=True, documents=False)
    environment = {"SPECQL_DB_URL": workspace_url}
    async with Editor(workspace, environment=environment, settings=QUIET, client_capabilities=shown) as editor:
        await editor.source("postgresql")
        await editor.codes("entities/crm/ticket.yaml", "missing-table-code")  # the workspace is read
        yield editor


async def test_the_code_is_released_when_the_file_is_gone(editor: Editor, workspace_url: str) -> None:
    await about_to_delete(editor, COMPANY)
    await editor.until(lambda: editor.questions, "the warning")
    (question,) = editor.questions
    assert (question.message, question.buttons) == (MESSAGE, ("Release 012032", "Keep the registration"))
    editor.delete(COMPANY)
    question.press("Release 012032")
    await editor.until(lambda: "Company" not in registered(workspace_url), "the release")


async def test_a_file_that_is_there_after_all_keeps_its_code(editor: Editor, workspace_url: str) -> None:
    await about_to_delete(editor, COMPANY)
    await editor.until(lambda: editor.questions, "the warning")
    editor.questions[0].press("Release 012032")
    await editor.until(lambda: editor.messages, "the reason")
    assert editor.messages[-1].message == "The code 012032 is kept: company.yaml uses it."
    assert "Company" in registered(workspace_url)


async def test_a_folder_counts_as_its_files(editor: Editor, workspace_url: str) -> None:
    await about_to_delete(editor, "entities/crm")
    await editor.until(lambda: editor.questions, "the warning")
    (question,) = editor.questions
    assert question.message.endswith("are registered, and stay so when their files are deleted.")
    assert "Company (012032)" in question.message
    question.press("Keep the registration")
    await editor.command("specql.refreshRegistry")
    assert "Company" in registered(workspace_url)


async def test_what_is_not_registered_needs_no_warning(editor: Editor) -> None:
    await about_to_delete(editor, "entities/crm/ticket.yaml", "entities/nowhere.yaml")
    await about_to_delete(editor)
    await about_to_delete(editor, COMPANY)
    await editor.until(lambda: editor.questions, "the warning")
    assert [question.message for question in editor.questions] == [MESSAGE]


async def test_a_client_without_buttons_gets_a_message(editor_postgresql: Editor, workspace_url: str) -> None:
    await editor_postgresql.codes("entities/crm/ticket.yaml", "missing-table-code")
    await about_to_delete(editor_postgresql, COMPANY)
    await editor_postgresql.until(lambda: editor_postgresql.messages, "the warning")
    assert editor_postgresql.messages[-1].message == MESSAGE
    assert "Company" in registered(workspace_url)
