"""PostgreSQL answering, lost and back; what is told of it, and that nobody has to press Enter."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.e2e.failure_support import filled_database
from tests.editors.neovim.conftest import QUICK, Start
from tests.editors.neovim.neovim import Neovim
from tests.editors.neovim.test_plugin import health
from tests.support.postgres import PASSWORD, PASSWORD_USER, PostgresServer

TICKET = "entities/crm/ticket.yaml"
STATUSLINE = "vim.o.laststatus = 2 vim.o.statusline = [[%f %=%{v:lua.require'specql'.status()}]]"
COUNT = """
vim.api.nvim_create_autocmd('User', {
  pattern = 'SpecqlStatus',
  callback = function(event)
    table.insert(_G.seen, event.data.source)
  end,
})
_G.seen = {}
"""


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as own:
        yield own


@pytest.mark.drives("lost", "status")
def test_postgresql_lost_and_back(start: Start, server: PostgresServer) -> None:
    neovim = start(url=filled_database(server), init=STATUSLINE + QUICK + COUNT)
    neovim.open(TICKET)
    neovim.source("postgresql", writable=True)
    neovim.sees("SpecQL: PostgreSQL")
    neovim.lua("_G.seen = {}")
    neovim.type("i")  # whoever types is not disturbed
    server.kill()
    neovim.source("yaml", writable=False)
    # How the sentence is broken into lines depends on the port's number and on the reason.
    neovim.sees("SpecQL: YAML, read-only", "is answered from YAML", ":Specql answer → Retry now")
    assert (neovim.mode, neovim.blocked) == ("i", False)
    neovim.type("typing goes on<Esc>")
    neovim.until(lambda: neovim.lines()[0].startswith("typing goes on"), "typing")

    neovim.type("u:Specql allocate crm support<CR>")
    neovim.says("read-only")
    neovim.not_stuck()

    server.start()
    neovim.source("postgresql", writable=True)
    neovim.says("PostgreSQL answers again")
    neovim.sees("SpecQL: PostgreSQL")
    neovim.not_stuck()
    seen = neovim.lua("return _G.seen")  # perhaps one more of before the loss, too
    assert ("yaml" in seen, seen[-1]) == (True, "postgresql")
    # On a busy machine the YAML may have answered at the start, too, while PostgreSQL was waited for.
    told = [text for text in neovim.told() if "answered from YAML" in text and "has not answered for 1.0 s" not in text]
    assert len(told) == 1


def answers(neovim: Neovim) -> list[str]:
    """The answers to ``:Specql refresh`` while PostgreSQL is down."""
    return [text for text in neovim.told() if text.startswith("YAML")]


def test_retrying_is_an_answer_to_the_question(start: Start, server: PostgresServer) -> None:
    url = filled_database(server)
    server.stop()
    neovim = start(url=url)
    neovim.open(TICKET)
    neovim.source("yaml", writable=False)
    neovim.says("Retry now")
    for count in range(1, 5):  # the pause between attempts grows
        neovim.type(":Specql refresh<CR>")
        neovim.until(lambda count=count: len(answers(neovim)) == count, "the answer")
    server.start()
    neovim.type(":Specql answer<CR>")
    neovim.choose("Retry now")
    neovim.source("postgresql", writable=True)
    neovim.says("PostgreSQL answers again")
    count = len(neovim.told())
    neovim.type(":Specql answer<CR>")
    neovim.says("has asked nothing")
    assert len(neovim.told()) == count + 1


def test_a_question_can_be_dismissed(start: Start, server: PostgresServer) -> None:
    url = filled_database(server)
    server.stop()
    neovim = start(url=url)
    neovim.open(TICKET)
    neovim.says("Retry now")
    neovim.type(":Specql answer<CR>")
    neovim.choose("Dismiss")
    neovim.until(lambda: neovim.mode == "n", "the end of the question")
    neovim.type(":Specql answer<CR>")
    neovim.says("has asked nothing")


@pytest.mark.drives("drift")
def test_drift_is_told_and_shown(start: Start, workspace_url: str) -> None:
    neovim = start(url=workspace_url, init=STATUSLINE + QUICK)
    neovim.open(TICKET)
    neovim.source("postgresql", discrepancies=0)
    with psycopg.connect(workspace_url) as connection:
        connection.execute("UPDATE specql_registry.tb_domain SET description = 'Other' WHERE domain_name = 'crm'")
    neovim.source("postgresql", discrepancies=1)
    neovim.sees("SpecQL: PostgreSQL ≠1")
    neovim.says("Show differences")
    neovim.not_stuck()
    neovim.type(":Specql answer<CR>")
    neovim.choose("Show differences")
    neovim.until(lambda: neovim.ask("nvim_buf_get_name", 0).endswith("domain_registry.yaml"), "the registry YAML")
    line = neovim.until(lambda: dict(neovim.findings()).get("domain-attribute-mismatch"), "the diagnostic")
    neovim.until(lambda: neovim.ask("nvim_win_get_cursor", 0)[0] == line + 1, "the cursor there")


def test_a_saved_registry_is_read_at_once(start: Start, workspace_url: str) -> None:
    quiet = "vim.lsp.config('specql', { settings = { specql = { registry = { refreshSeconds = 3600 } } } })"
    neovim = start(url=workspace_url, init=quiet)
    neovim.open("registry/domain_registry.yaml")
    neovim.source("postgresql", discrepancies=0)
    neovim.type("/Customers, how<CR>cEOther<Esc>:write<CR>")
    neovim.source("postgresql", discrepancies=1)
    neovim.type("u:write<CR>")
    neovim.source("postgresql", discrepancies=0)


def test_written_settings_are_read(start: Start, workspace: Path) -> None:
    neovim = start()
    neovim.open(TICKET)
    severity = "return vim.tbl_map(function(d) return d.severity end, vim.diagnostic.get(vim.fn.bufnr('ticket.yaml')))"
    neovim.until(lambda: neovim.lua(severity) == [4], "the hint")
    neovim.type(':edit specql-lsp.toml<CR>i[diagnostics.severity]<CR>missing-table-code = "error"<Esc>:write<CR>')
    neovim.until(lambda: neovim.lua(severity) == [1], "the error instead")


def test_a_message_waits_for_the_command_line(start: Start) -> None:
    neovim = start()
    for text in ("A short sentence.", "A long sentence, with many words. " * 8):
        neovim.type(":echo 'typing")
        neovim.sees(":echo 'typing")
        neovim.lua("require('specql.notify').show(...)", text.strip())
        neovim.lua("vim.wait(500)")
        assert neovim.mode == "c"
        assert ":echo 'typing" in neovim.screen.text()
        neovim.type("<Esc>")
        neovim.sees(text[:14])
        neovim.not_stuck()


@pytest.mark.parametrize(
    "configuration",
    [
        "vim.env.SPECQL_DB_URL = URL",
        """vim.lsp.config('specql', {
          cmd = require('specql').cmd({ 'specql-lsp' }, function()
            return URL
          end),
        })""",
    ],
    ids=["environment", "function"],
)
def test_a_password_is_shown_nowhere(
    start: Start, postgres_server: PostgresServer, workspace_url: str, configuration: str
) -> None:
    with psycopg.connect(workspace_url) as connection:
        connection.execute(f"GRANT USAGE ON SCHEMA specql_registry TO {PASSWORD_USER}")
        connection.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA specql_registry TO {PASSWORD_USER}")
    url = postgres_server.url(workspace_url.rsplit("/", 1)[1], PASSWORD_USER, PASSWORD)
    neovim = start(init=f"local URL = [[{url}]] vim.lsp.set_log_level('trace') {configuration}")
    neovim.open(TICKET)
    neovim.source("postgresql")
    neovim.type(":Specql status<CR>")
    neovim.says("answers, ")
    neovim.type(":Specql report<CR>")
    assert PASSWORD not in neovim.sees("Performance of the SpecQL registry since")
    assert PASSWORD not in health(neovim)
    assert all(PASSWORD not in text for text in neovim.told())
    arguments = [argument for process in neovim.children() for argument in process.cmdline()]
    assert any("specql" in argument for argument in arguments)
    assert all(PASSWORD not in argument for argument in arguments)
    assert neovim.lua("return vim.env.SPECQL_DB_URL") == (url if "vim.env" in configuration else None)
    log = Path(neovim.lua("return vim.lsp.log.get_filename()")).read_text()
    assert "specql/registryStatus" in log
    assert PASSWORD not in log


def test_a_server_that_ended_is_started_anew(start: Start, workspace_url: str) -> None:
    neovim = start(url=workspace_url)
    neovim.open(TICKET)
    neovim.source("postgresql")
    first = neovim.lua("return vim.lsp.get_clients({ bufnr = 0 })[1].id")
    neovim.type(":Specql restart<CR>")
    neovim.until(
        lambda: neovim.lua("local c = vim.lsp.get_clients({ bufnr = 0 })[1] return c and c.id ~= ...", first),
        "another server",
    )
    neovim.source("postgresql")
    for process in neovim.children():
        with contextlib.suppress(psutil.NoSuchProcess):  # the first one ends just now
            process.kill()
    neovim.sees("quit with exit code")  # Neovim's own message, which may be too long for its command line
    neovim.type("<CR>")
    neovim.until(lambda: neovim.attached() == [], "the loss of the server")
    assert neovim.lua("return require('specql').status()") == ""
    neovim.type(":Specql status<CR>")
    neovim.says("No SpecQL server runs")
    neovim.type(":Specql restart<CR>")
    neovim.until(lambda: neovim.attached() == ["specql"], "another server")
    neovim.source("postgresql")
