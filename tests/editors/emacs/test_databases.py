"""A database for each workspace: a function's for the workspace, its file's, or a function's for all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.emacs.conftest import Start
from tests.editors.emacs.emacs import Emacs
from tests.editors.emacs.test_language import TICKET
from tests.support.postgres import PostgresServer
from tests.support.workspaces import copy_workspace


@pytest.fixture
def urls(postgres_server: PostgresServer, filled_template: str) -> list[str]:
    """Three databases that hold what the workspace's registry YAML holds."""
    return [postgres_server.create_database(filled_template) for _ in range(3)]


def database(emacs: Emacs, folder: Path) -> tuple[str, list[str]]:
    """The name of the database that a workspace's registry is read from, and what its URL overrides."""
    emacs.visit(folder / TICKET)
    emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), f"PostgreSQL in {folder.name}")
    server = emacs.here("(plist-get (specql-server-status (eglot-current-server)) :server)")
    overrides = emacs.here("(append (plist-get (specql-server-status (eglot-current-server)) :databaseOverrides) nil)")
    return server.rpartition("/")[2], overrides or []


@pytest.mark.drives("databases")
def test_each_workspace_has_its_own(start: Start, tmp_path: Path, urls: list[str]) -> None:
    first, second, third = (copy_workspace(tmp_path / name) for name in ("first", "second", "third"))
    for folder in (first, second, third):
        text = "" if folder is third else f'[registry]\ndatabaseUrl = "{urls[1]}"\n'
        (folder / "specql-lsp.toml").write_text(text)
    emacs = start(
        init=f"""(setq specql-database-url
                  (lambda (root) (when (string-suffix-p "/first/" root) "{urls[0]}\\n"))
                  specql-default-database-url (lambda (_root) "{urls[2]}"))"""
    )
    names = [url.rpartition("/")[2] for url in urls]
    assert database(emacs, first) == (names[0], ["specql-lsp.toml", "SPECQL_DB_URL_DEFAULT"])
    assert database(emacs, second) == (names[1], ["SPECQL_DB_URL_DEFAULT"])
    assert database(emacs, third) == (names[2], [])
    assert emacs.lisp('(getenv "SPECQL_DB_URL_DEFAULT")') in (None, "", [])
