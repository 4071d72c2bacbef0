"""What a user is told without having asked: PostgreSQL lost and back, drift that appears; once, with a way there."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from lsprotocol import types
from psycopg import sql

from specql_lsp.lsp.user_messages import OPEN_QUESTIONS
from specql_lsp.registry.sources.yaml.source import YamlSource
from tests.conftest import TEMPLATE
from tests.e2e.conftest import QUIET, REGISTRY, copy_workspace
from tests.e2e.editor import Editor, Question
from tests.e2e.editor_client import capabilities, window
from tests.e2e.failure_support import ALLOCATE, FIXTURE, INFO, TICKET_REQUEST, WARNING, RawClient
from tests.support.patience import FOREVER, PATIENCE
from tests.support.patient import SETTLED_VARIABLE, TELL_ALL
from tests.support.postgres import PostgresServer
from tests.support.sources import fill, postgresql_source

RETRY = "Retry now"
SHOW = "Show differences"
SETTLED_MS = 20
"""The milliseconds that drift has to stand here before it is told."""
GOODS = "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'"
WHAT_WE_SELL = "UPDATE specql_registry.tb_domain SET description = 'What we sell' WHERE domain_number = '3'"
GOODS_MESSAGE = 'Domain 3 (catalog): the description is "Goods" in PostgreSQL and "What we sell" in the YAML.'
OFTEN = {"registry": {"refreshSeconds": 1, "connectTimeoutSeconds": PATIENCE}}
NO_SESSION = "DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Session'"


class Database:
    """A database whose door can be shut: its connections are ended, and no new ones are let in."""

    def __init__(self, server: PostgresServer, url: str) -> None:
        self._server = server
        self._name = urlsplit(url).path.lstrip("/")
        self.url = url

    def shut(self) -> None:
        self._allow("false")
        self._server.execute(
            sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(
                sql.Literal(self._name)
            )
        )

    def open(self) -> None:
        self._allow("true")

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def _allow(self, value: str) -> None:
        self._server.execute(
            sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}").format(sql.Identifier(self._name), sql.SQL(value))
        )


@pytest.fixture
def database(workspace_url: str, postgres_server: PostgresServer) -> Iterator[Database]:
    """A database that says the same as the workspace's YAML."""
    found = Database(postgres_server, workspace_url)
    yield found
    found.open()


def editor_on(
    *folders: Path,
    url: str,
    buttons: bool = True,
    documents: bool = True,
    encoding: str | None = None,
    environment: dict[str, str] | None = None,
    **settings: Any,
) -> Editor:
    """An editor that shows buttons and documents; the registry is read when it is asked for, ``settings`` apart."""
    declared = capabilities(
        window=window(buttons=buttons, documents=documents),
        encodings=[types.PositionEncodingKind(encoding)] if encoding else None,
    )
    return Editor(
        *folders,
        environment={"SPECQL_DB_URL": url, SETTLED_VARIABLE: str(SETTLED_MS), **(environment or {})},
        settings={**QUIET, **settings},
        client_capabilities=declared,
    )


@asynccontextmanager
async def agreeing(*folders: Path, url: str, **more: Any) -> AsyncIterator[Editor]:
    """An editor on which PostgreSQL and the YAML of every folder were seen to agree."""
    async with editor_on(*folders, url=url, **more) as editor:
        await editor.until(
            lambda: {s["folder"] for s in editor.statuses if s["discrepancies"] == 0} == {f.as_uri() for f in folders},
            "no differences",
        )
        yield editor


async def refreshed(editor: Editor) -> dict[str, Any]:
    status: dict[str, Any] = await editor.command("specql.refreshRegistry")
    return status


async def asked(editor: Editor, count: int) -> Question:
    """Waits for as many questions as there should be by now, and gives the last."""
    await editor.until(lambda: len(editor.questions) >= count, f"{count} questions")
    assert len(editor.questions) == count, editor.questions
    return editor.questions[-1]


async def silence(editor: Editor, *, questions: int, messages: int = 0) -> None:
    """Waits until everything is told that was to be told, and checks that there was no more than that."""

    def told() -> tuple[int, int]:
        return len(editor.questions), len(editor.messages)

    await editor.until(lambda: told() >= (questions, messages), f"{questions} questions and {messages} messages")
    await editor.command(TELL_ALL)
    assert told() == (questions, messages), (editor.questions, editor.messages)


# --- PostgreSQL lost, and back ----------------------------------------------------------------------------


async def test_a_loss_is_told_once_and_can_be_retried(workspace: Path, database: Database) -> None:
    async with agreeing(workspace, url=database.url) as editor:
        database.shut()
        assert (await refreshed(editor))["source"] == "yaml"
        question = await asked(editor, 1)
        assert (question.kind, question.buttons) == (WARNING, (RETRY,))
        assert "is answered from YAML, read-only, until PostgreSQL is back." in question.message
        attempts = await loads(editor)
        question.press(RETRY)
        await editor.until(lambda: editor.client.log_messages, "the outcome of the retry")
        assert editor.client.log_messages[-1].message.startswith("Retried. ")
        assert await loads(editor) > attempts, "it was really tried again"
        for _ in range(3):
            await refreshed(editor)
        await silence(editor, questions=1)

        database.open()
        assert (await refreshed(editor))["source"] == "postgresql"
        await editor.until(lambda: editor.messages, "the good news")
        assert (editor.messages[-1].type, editor.messages[-1].message) == (
            INFO,
            "PostgreSQL answers again; the SpecQL registry can be written.",
        )
        database.shut()
        assert (await refreshed(editor))["source"] == "yaml"
        await asked(editor, 2)
        await silence(editor, questions=2, messages=1)


async def loads(editor: Editor) -> int:
    """How often PostgreSQL was asked for the registry."""
    report = await editor.command("specql.performanceReport")
    count: int = report["byOperation"]["registry.load"]["queries"]
    return count


async def test_a_retry_does_not_wait_for_the_pause_between_attempts(workspace: Path, database: Database) -> None:
    async with agreeing(workspace, url=database.url) as editor:
        database.shut()
        await refreshed(editor)
        for _ in range(4):  # the pause grows
            await refreshed(editor)
        question = await asked(editor, 1)
        database.open()
        attempts = await loads(editor)
        question.press(RETRY)
        await editor.source("postgresql", writable=True)
        assert await loads(editor) == attempts + 1
        await editor.until(lambda: editor.messages, "the good news")
        await silence(editor, questions=1, messages=1)


async def test_it_comes_back_while_the_message_is_still_open(workspace: Path, database: Database) -> None:
    async with agreeing(workspace, url=database.url) as editor:
        database.shut()
        await refreshed(editor)
        question = await asked(editor, 1)
        database.open()
        await refreshed(editor)
        await editor.source("postgresql", writable=True)
        question.press(RETRY)
        await silence(editor, questions=1, messages=1)
        assert not [m for m in editor.client.log_messages if "Retried" in m.message], "there was nothing to report"


async def test_a_message_that_is_closed_leads_nowhere(workspace: Path, database: Database) -> None:
    async with agreeing(workspace, url=database.url) as editor:
        database.shut()
        await refreshed(editor)
        attempts = await loads(editor)
        (await asked(editor, 1)).press(None)
        assert (await editor.command("specql.registryStatus"))["source"] == "yaml"
        assert await loads(editor) == attempts


async def test_a_client_without_buttons_is_told_plainly(workspace: Path, database: Database) -> None:
    async with agreeing(workspace, url=database.url, buttons=False) as editor:
        database.shut()
        await refreshed(editor)
        database.open()
        await refreshed(editor)
        database.execute(GOODS)
        await refreshed(editor)
        await silence(editor, questions=0, messages=3)
        assert [m.type for m in editor.messages] == [WARNING, INFO, WARNING]


async def test_a_client_that_never_answers_does_no_harm(workspace: Path, database: Database) -> None:
    """It is asked a bounded number of times; the server goes on, and leaves when it is told to."""
    losses = OPEN_QUESTIONS + 3
    silent = {**QUIET["registry"], "updateYaml": "never"}  # what is allocated below raises no question of its own
    async with agreeing(workspace, url=database.url, registry=silent) as editor:
        for _ in range(losses):
            database.shut()
            assert (await refreshed(editor))["source"] == "yaml"
            database.open()
            assert (await refreshed(editor))["source"] == "postgresql"
        await editor.until(lambda: len(editor.messages) == losses + 3, "the losses, and the returns")
        assert len(editor.questions) == OPEN_QUESTIONS
        assert not [q for q in editor.questions if q.pressed.done()]
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["created"]
        editor.questions[0].press(None)  # one is answered, so there is room again
        await refreshed(editor)  # the answer is there before the next loss
        database.shut()
        await refreshed(editor)
        await asked(editor, OPEN_QUESTIONS + 1)
    assert editor.process.returncode == 0


def test_a_client_that_keeps_a_question_open_can_leave(workspace: Path, database: Database) -> None:
    declared = {"window": {"showMessage": {"messageActionItem": {"additionalPropertiesSupport": True}}}}
    with RawClient(environment={"SPECQL_DB_URL": database.url}, cwd=workspace) as client:
        client.initialize(workspace, capabilities=declared)
        client.source("postgresql")
        database.shut()
        question = client.until(lambda m: m.get("method") == "window/showMessageRequest")
        assert question["params"]["actions"] == [{"title": RETRY}]
        assert client.leave() == 0
    assert b"fallback" in client.stderr
    assert b"Traceback" not in client.stderr


def test_an_answer_that_is_none_is_harmless(workspace: Path, database: Database) -> None:
    """An error, another button, and something else altogether: the server goes on."""
    answers: list[dict[str, Any]] = [
        {"error": {"code": -32601, "message": "There is no window."}},
        {"result": {"title": "Never offered"}},
        {"result": "Retry now"},
        {"result": None},
    ]
    declared = {"window": {"showMessage": {"messageActionItem": {"additionalPropertiesSupport": True}}}}
    with RawClient(environment={"SPECQL_DB_URL": database.url}, cwd=workspace) as client:
        client.initialize(workspace, capabilities=declared)
        client.source("postgresql")
        for answer in answers:
            database.shut()
            question = client.until(lambda m: m.get("method") == "window/showMessageRequest")
            client.send({"id": question["id"], **answer})
            database.open()
            status = client.answer("workspace/executeCommand", {"command": "specql.refreshRegistry"})
            assert status["result"]["source"] == "postgresql"
        assert client.leave() == 0
    assert b"fallback" in client.stderr
    assert b"Traceback" not in client.stderr


# --- drift ------------------------------------------------------------------------------------------------


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


# --- several folders --------------------------------------------------------------------------------------


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
