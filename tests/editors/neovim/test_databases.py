"""A database for each root: a function's for the root, its file's, or a function's for all roots."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.neovim.conftest import Start
from tests.editors.neovim.neovim import Neovim
from tests.support.postgres import PostgresServer
from tests.support.workspaces import copy_workspace

TICKET = "entities/crm/ticket.yaml"


@pytest.fixture
def urls(postgres_server: PostgresServer, filled_template: str) -> list[str]:
    """Three databases that hold what the workspace's registry YAML holds."""
    return [postgres_server.create_database(filled_template) for _ in range(3)]


def init(first: Path, urls: list[str]) -> str:
    """A configuration with a URL for one root, and one for all that name none."""
    return f"""vim.lsp.config('specql', {{ cmd = require('specql').cmd({{ 'specql-lsp' }}, {{
      folder = function(root) return root == '{first}' and '{urls[0]}\\n' or nil end,
      default = function() return '{urls[2]}' end,
    }}) }})"""


def database(neovim: Neovim, folder: Path) -> tuple[str, list[str]]:
    """The name of the database that a root's registry is read from, and what its URL overrides."""
    neovim.edit(folder / TICKET)
    status = neovim.until(
        lambda: (s := neovim.status) and s.get("source") == "postgresql" and str(folder) in s["folder"] and s,
        f"PostgreSQL in {folder.name}",
    )
    return status["server"].rpartition("/")[2], status["databaseOverrides"]


@pytest.mark.drives("databases")
def test_each_root_has_its_own(start: Start, tmp_path: Path, urls: list[str]) -> None:
    first, second, third = (copy_workspace(tmp_path / name) for name in ("first", "second", "third"))
    for folder in (first, second):
        (folder / "specql-lsp.toml").write_text(f'[registry]\ndatabaseUrl = "{urls[1]}"\n')
    neovim = start(init=init(first, urls))
    names = [url.rpartition("/")[2] for url in urls]
    assert database(neovim, first) == (names[0], ["specql-lsp.toml", "SPECQL_DB_URL_DEFAULT"])
    assert database(neovim, second) == (names[1], ["SPECQL_DB_URL_DEFAULT"])
    assert database(neovim, third) == (names[2], [])
    assert neovim.lua("return { vim.env.SPECQL_DB_URL or '', vim.env.SPECQL_DB_URL_DEFAULT or '' }") == ["", ""]
    neovim.edit(second / TICKET)
    neovim.type(":Specql status<CR>")
    neovim.says("The database URL from specql-lsp.toml overrides the one from SPECQL_DB_URL_DEFAULT.")


def test_a_function_alone_is_that_of_the_root(start: Start, workspace: Path, urls: list[str]) -> None:
    command = f"require('specql').cmd({{ 'specql-lsp' }}, function() return '{urls[0]}' end)"
    neovim = start(init=f"vim.lsp.config('specql', {{ cmd = {command} }})")
    assert database(neovim, workspace) == (urls[0].rpartition("/")[2], [])


@pytest.mark.parametrize("command", ["allocate", "register-domain", "register-subdomain"])
def test_what_needs_a_database_is_refused_before_anything_is_asked_for(start: Start, command: str) -> None:
    neovim = start()
    neovim.open(TICKET)
    neovim.source("yaml")
    neovim.type(f":Specql {command}<CR>")
    neovim.says("the registry is read-only. No database URL is set")
    neovim.not_stuck()
