"""What a user is told of drift that appears: once, with a way there; and of which folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lsprotocol import types

from specql_lsp.registry.sources.yaml.source import YamlSource
from tests.conftest import TEMPLATE
from tests.e2e.alerts_support import (
    GOODS,
    GOODS_MESSAGE,
    NO_SESSION,
    OFTEN,
    RETRY,
    SHOW,
    WHAT_WE_SELL,
    Database,
    agreeing,
    asked,
    editor_on,
    refreshed,
    silence,
)
from tests.e2e.alerts_support import database as database
from tests.e2e.conftest import REGISTRY, copy_workspace
from tests.e2e.editor import Question
from tests.e2e.failure_support import FIXTURE, WARNING
from tests.support.patience import FOREVER
from tests.support.patient import SETTLED_VARIABLE
from tests.support.postgres import PostgresServer
from tests.support.sources import fill, postgresql_source


async def test_drift_that_appears_is_told_once_and_leads_there(workspace: Path, database: Database) -> None:
    async with agreeing(workspace, url=database.url) as editor:
        database.execute(GOODS)
        await refreshed(editor)
        question = await asked(editor, 1)
        assert (question.kind, question.buttons) == (WARNING, (SHOW,))
        assert question.message == f"PostgreSQL and the registry YAML differ in 1 place: {GOODS_MESSAGE}"
        (diagnostic,) = [
            d
            for d in await editor.codes(REGISTRY, "subdomain-mismatch", "domain-attribute-mismatch")
            if d.code == "domain-attribute-mismatch"
        ]
        question.press(SHOW)
        await editor.until(lambda: editor.client.shown_documents, "the document")
        (shown,) = editor.client.shown_documents
        assert shown == types.ShowDocumentParams(
            editor.uri(REGISTRY), external=False, take_focus=True, selection=diagnostic.range
        )

        database.execute(NO_SESSION)  # more of it is nothing new
        assert (await refreshed(editor))["discrepancies"] == 2
        await silence(editor, questions=1)
        database.shut()  # and neither is the same, after a time in which nothing was known
        await refreshed(editor)
        await asked(editor, 2)
        database.open()
        assert (await refreshed(editor))["discrepancies"] == 2
        await silence(editor, questions=2, messages=1)


async def test_drift_that_went_and_came_again_is_told_again(workspace: Path, database: Database) -> None:
    async with agreeing(workspace, url=database.url) as editor:
        database.execute(GOODS)
        await refreshed(editor)
        await asked(editor, 1)
        database.execute(WHAT_WE_SELL)
        assert (await refreshed(editor))["discrepancies"] == 0
        database.execute(GOODS)
        database.execute(NO_SESSION)
        await refreshed(editor)
        again = await asked(editor, 2)
        assert again.message.startswith("PostgreSQL and the registry YAML differ in 2 places: Entity Session")
        assert again.message.endswith(" And 1 more.")


async def test_drift_that_appears_while_postgresql_is_away_is_told_when_it_is_back(
    workspace: Path, database: Database
) -> None:
    async with agreeing(workspace, url=database.url) as editor:
        database.execute(GOODS)
        database.shut()
        await refreshed(editor)
        (await asked(editor, 1)).press(None)
        database.open()
        await refreshed(editor)
        question = await asked(editor, 2)
        assert question.buttons == (SHOW,)


async def test_drift_that_was_there_at_the_start_is_left_to_the_diagnostics(
    workspace: Path, database: Database
) -> None:
    database.execute(GOODS)
    async with editor_on(workspace, url=database.url) as editor:
        await editor.source("postgresql", discrepancies=1)
        await silence(editor, questions=0)
        database.execute(NO_SESSION)
        await refreshed(editor)
        await silence(editor, questions=0)


async def test_what_is_put_into_the_yaml_at_once_is_no_drift(workspace: Path, database: Database) -> None:
    async with agreeing(
        workspace, url=database.url, environment={SETTLED_VARIABLE: str(int(FOREVER * 1000))}
    ) as editor:
        database.execute(GOODS)
        assert (await refreshed(editor))["discrepancies"] == 1
        editor.write(REGISTRY, editor.text(REGISTRY).replace("What we sell", "Goods"))
        await editor.source("postgresql", discrepancies=0)
        await silence(editor, questions=0)


async def test_no_drift_is_told_where_it_is_switched_off(workspace: Path, database: Database) -> None:
    one_off = {"severity": {"domain-attribute-mismatch": "off"}}
    async with (
        agreeing(workspace, url=database.url, diagnostics={"drift": False}) as without,
        agreeing(workspace, url=database.url, diagnostics={"enabled": False}) as silent,
        agreeing(workspace, url=database.url, diagnostics=one_off) as some,
        agreeing(workspace, url=database.url) as all_of_it,
    ):
        database.execute(GOODS)
        for editor in (without, silent, some, all_of_it):
            assert (await refreshed(editor))["discrepancies"] == 1
        await asked(all_of_it, 1)
        for editor in (without, silent, some):
            assert (editor.questions, editor.messages) == ([], [])
        database.execute(NO_SESSION)
        await refreshed(some)
        await silence(some, questions=0)


async def test_a_client_that_opens_no_documents_is_not_offered_any(workspace: Path, database: Database) -> None:
    async with agreeing(workspace, url=database.url, documents=False) as editor:
        database.execute(GOODS)
        await refreshed(editor)
        await silence(editor, questions=0, messages=1)
        assert GOODS_MESSAGE in editor.messages[0].message


async def test_the_button_is_pressed_late(workspace: Path, database: Database) -> None:
    """It leads to what differs then; where nothing does, or nobody knows, that is said."""
    async with agreeing(workspace, url=database.url) as editor:

        async def question(number: int) -> Question:
            database.execute(GOODS)
            await refreshed(editor)
            return await asked(editor, number)

        moved = await question(1)
        editor.open(REGISTRY, "# One\n# more\n" + editor.text(REGISTRY))
        await editor.until(
            lambda: [p for p in editor.published if p.uri == editor.uri(REGISTRY) and p.version == 1], "the check"
        )
        moved.press(SHOW)
        await editor.until(lambda: editor.client.shown_documents, "the document")
        selection = editor.client.shown_documents[-1].selection
        assert selection is not None
        lines = editor.text(REGISTRY).split("\n")
        assert lines[selection.start.line][selection.start.character : selection.end.character] == "What we sell"
        editor.close(REGISTRY)

        database.execute(WHAT_WE_SELL)
        await refreshed(editor)
        gone = await question(2)
        database.execute(WHAT_WE_SELL)
        await refreshed(editor)
        gone.press(SHOW)
        await editor.until(lambda: editor.messages, "the answer")
        assert editor.messages[-1].message == "PostgreSQL and the registry YAML do not differ any more."

        unknown = await question(3)
        database.shut()
        await refreshed(editor)
        unknown.press(SHOW)
        await editor.until(lambda: len(editor.messages) > 1, "the answer")
        assert "cannot be compared now. " in editor.messages[-1].message
        assert len(editor.client.shown_documents) == 1


@pytest.mark.parametrize(("encoding", "width"), [("utf-8", 1), ("utf-16", 2), ("utf-32", 4)])
async def test_the_place_is_in_the_negotiated_encoding(
    encoding: str, width: int, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    text = (
        "version: 1.0.0\ndomains:\n"
        "  '3': {name: catalog, description: 'Größe 🦀🦀', multi_tenant: false, subdomains: {}}\n"
    )
    (tmp_path / "registry").mkdir()
    (tmp_path / REGISTRY).write_text(text, encoding="utf-8")
    url = postgres_server.create_database(TEMPLATE)
    source = postgresql_source(url)
    fill(source, YamlSource(tmp_path / REGISTRY).load())
    source.close()
    async with agreeing(tmp_path, url=url, encoding=encoding) as editor:
        Database(postgres_server, url).execute("UPDATE specql_registry.tb_domain SET multi_tenant = true")
        await refreshed(editor)
        (await asked(editor, 1)).press(SHOW)
        await editor.until(lambda: editor.client.shown_documents, "the document")
        before = text.split("\n")[2].partition("false")[0]
        start = len(before.encode(f"{encoding}-le" if width > 1 else encoding)) // width
        assert editor.client.shown_documents[0].selection == types.Range(
            types.Position(2, start), types.Position(2, start + len("false"))
        )
    postgres_server.drop_database(url)


# Several folders.


async def test_each_folder_is_told_of_by_its_name(workspace: Path, tmp_path: Path, database: Database) -> None:
    other = copy_workspace(tmp_path / "other")
    async with agreeing(workspace, other, url=database.url, **OFTEN) as editor:
        text = (other / REGISTRY).read_text(encoding="utf-8")
        (other / REGISTRY).write_text(text.replace("What we sell", "Stuff"), encoding="utf-8")
        editor.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams(
                [types.FileEvent((other / REGISTRY).as_uri(), types.FileChangeType.Changed)]
            )
        )
        question = await asked(editor, 1)
        assert question.message.startswith("other: PostgreSQL and the registry YAML differ in 1 place: ")
        question.press(SHOW)
        await editor.until(lambda: editor.client.shown_documents, "the document")
        assert editor.client.shown_documents[0].uri == (other / REGISTRY).as_uri()

        database.shut()
        await editor.until(lambda: len(editor.questions) == 3, "both losses")
        told = {q.message.partition(":")[0] for q in editor.questions[1:]}
        assert told == {"workspace", "other"}
        await silence(editor, questions=3)

        # A folder that is closed meanwhile takes its message's button along.
        removed = types.WorkspaceFoldersChangeEvent(added=[], removed=[types.WorkspaceFolder(other.as_uri(), "o")])
        editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(removed))
        await refreshed(editor)
        for question in editor.questions[1:]:
            question.press(RETRY)
        database.open()
        await editor.until(lambda: editor.messages, "the good news")
        assert editor.messages[-1].message.startswith("PostgreSQL answers again"), "one folder needs no name"
    assert editor.process.returncode == 0


async def test_folders_of_one_name_are_told_apart_by_their_paths(tmp_path: Path, database: Database) -> None:
    folders = [Path(shutil.copytree(FIXTURE, tmp_path / parent / "shop")) for parent in ("a", "b")]
    async with agreeing(*folders, url=database.url, **OFTEN) as editor:
        database.shut()
        await editor.until(lambda: len(editor.questions) == 2, "both losses")
        assert {q.message.partition(": ")[0] for q in editor.questions} == {str(folder) for folder in folders}
