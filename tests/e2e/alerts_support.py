"""What the tests of messages share: a database whose door can be shut, and editors on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from lsprotocol import types
from psycopg import sql

from tests.e2e.conftest import QUIET
from tests.e2e.editor import Editor, Question
from tests.e2e.editor_client import capabilities, window
from tests.support.patience import PATIENCE
from tests.support.patient import SETTLED_VARIABLE, TELL_ALL
from tests.support.postgres import PostgresServer

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
