"""Editors for the end-to-end tests, on workspaces and databases of their own.

``editor_yaml`` and ``editor_postgresql`` are a test's own. ``shared_yaml`` and ``shared_postgresql`` are one process
for a module whose tests write neither files nor the database; such a module sets the loop's scope to the module.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.editor import Editor
from tests.support.patience import PATIENCE
from tests.support.patient import INTERNAL_ERRORS_VARIABLE
from tests.support.postgres import PostgresServer
from tests.support.workspaces import FIXTURE as FIXTURE
from tests.support.workspaces import REGISTRY as REGISTRY
from tests.support.workspaces import copy_workspace as copy_workspace

NO_DATABASE = "No database URL is set; set registry.databaseUrl or SPECQL_DB_URL to allocate from PostgreSQL."
"""Why the registry is read-only where only its YAML is there."""
QUIET = {"registry": {"refreshSeconds": 3600, "listen": False, "connectTimeoutSeconds": PATIENCE}}
"""Settings under which the registry is read at the start and when it is asked for, so that a test knows when."""


@pytest.fixture(scope="session")
def internal_errors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file into which the servers of this process' tests write their internal errors."""
    file = tmp_path_factory.mktemp("errors") / "internal_errors.txt"
    os.environ[INTERNAL_ERRORS_VARIABLE] = str(file)
    yield file
    del os.environ[INTERNAL_ERRORS_VARIABLE]


@pytest.fixture(autouse=True)
def no_internal_error(request: pytest.FixtureRequest, internal_errors: Path) -> Iterator[None]:
    """Fails where the server went on after an error of its own, unless the test is about one (``internal_error``)."""
    internal_errors.unlink(missing_ok=True)
    yield
    if request.node.get_closest_marker("internal_error") is None:
        assert not internal_errors.exists(), internal_errors.read_text(encoding="utf-8")


@pytest_asyncio.fixture
async def editor_yaml(workspace: Path) -> AsyncIterator[Editor]:
    """An editor on the workspace without a database."""
    async with Editor(workspace) as editor:
        await editor.source("yaml")
        yield editor


@pytest_asyncio.fixture
async def editor_postgresql(workspace: Path, workspace_url: str) -> AsyncIterator[Editor]:
    """An editor on the workspace with its registry in PostgreSQL."""
    async with Editor(workspace, environment={"SPECQL_DB_URL": workspace_url}, settings=QUIET) as editor:
        await editor.source("postgresql")
        yield editor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_yaml(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    """The module's editor without a database."""
    folder = copy_workspace(tmp_path_factory.mktemp("yaml") / "workspace")
    async with Editor(folder) as editor:
        await editor.source("yaml")
        await editor.codes("entities/crm/ticket.yaml", "missing-table-code")  # the workspace is read
        yield editor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_postgresql(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, filled_template: str
) -> AsyncIterator[Editor]:
    """The module's editor with the registry in PostgreSQL."""
    folder = copy_workspace(tmp_path_factory.mktemp("postgresql") / "workspace")
    url = postgres_server.create_database(filled_template)
    async with Editor(folder, environment={"SPECQL_DB_URL": url}, settings=QUIET) as editor:
        await editor.source("postgresql")
        await editor.codes("entities/crm/ticket.yaml", "missing-table-code")
        yield editor
    postgres_server.drop_database(url)


@pytest.fixture(params=["yaml", "postgresql"])
def shared(request: pytest.FixtureRequest) -> Editor:
    """The module's editors, one after the other: what holds whatever answers."""
    editor: Editor = request.getfixturevalue(f"shared_{request.param}")
    return editor


@pytest.fixture(params=["yaml", "postgresql"])
def editor(request: pytest.FixtureRequest) -> Editor:
    """An editor of the test's own, once on each source."""
    own: Editor = request.getfixturevalue(f"editor_{request.param}")
    return own


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A PostgreSQL of the module's own."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def server(own_server: PostgresServer) -> Iterator[PostgresServer]:
    """A running server that may be killed, frozen and restarted."""
    yield own_server
    own_server.thaw()
    own_server.restart()
