"""What a user is told without having asked: PostgreSQL lost and back, once, with a way there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from specql_lsp.lsp.user_messages import OPEN_QUESTIONS
from tests.e2e.alerts_support import GOODS, RETRY, Database, agreeing, asked, refreshed, silence
from tests.e2e.alerts_support import database as database
from tests.e2e.conftest import QUIET
from tests.e2e.editor import Editor
from tests.e2e.failure_support import ALLOCATE, INFO, TICKET_REQUEST, WARNING, RawClient


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
