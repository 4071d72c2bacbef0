"""What the tests of commands share: an editor with the database that it writes, its rows, and refusals."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from pygls.exceptions import JsonRpcException

from tests.e2e.conftest import QUIET, copy_workspace
from tests.e2e.editor import Editor
from tests.support.postgres import PostgresServer

ALLOCATE = "specql.allocateEntityCode"
TICKET = "entities/crm/ticket.yaml"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def registered(url: str, entity: str) -> list[tuple[Any, ...]]:
    """Domain, subdomain, code and sequence of an entity's registrations."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT domain_number, subdomain_number, table_code, entity_sequence "
            "FROM specql_registry.tb_entity_registration "
            "JOIN specql_registry.tb_subdomain ON pk_subdomain = fk_subdomain "
            "JOIN specql_registry.tb_domain ON pk_domain = fk_domain WHERE entity_name = %s",
            (entity,),
        ).fetchall()


def everything(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT d.*, s.*, e.* FROM specql_registry.tb_domain d "
            "LEFT JOIN specql_registry.tb_subdomain s ON pk_domain = fk_domain "
            "LEFT JOIN specql_registry.tb_entity_registration e ON pk_subdomain = fk_subdomain ORDER BY 1, 7, 13"
        ).fetchall()


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


async def refused(editor: Editor, command: str, argument: Any) -> tuple[str, str]:
    """Kind and message of the error that answers a command."""
    with pytest.raises(JsonRpcException) as caught:
        await editor.command(command, argument)
    error = caught.value
    data = error.data if isinstance(error.data, dict) else vars(error.data or object)
    return str(data.get("kind")), error.message


class Registry:
    """An editor with the database that it writes."""

    def __init__(self, editor: Editor, url: str) -> None:
        self.editor = editor
        self.url = url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def registry(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, filled_template: str
) -> AsyncIterator[Registry]:
    """One for the module: every test takes an entity, or a subdomain, of its own."""
    folder = copy_workspace(tmp_path_factory.mktemp("commands") / "workspace")
    url = postgres_server.create_database(filled_template)
    async with Editor(folder, environment={"SPECQL_DB_URL": url}, settings=QUIET) as editor:
        await editor.source("postgresql")
        await editor.codes(TICKET, "missing-table-code")
        yield Registry(editor, url)
    postgres_server.drop_database(url)
