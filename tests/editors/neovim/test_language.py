"""What LSP standardises, through Neovim's own keys: completion, hover, diagnostics, code actions."""

from __future__ import annotations

import re

import psycopg
import pytest

from tests.editors.neovim.conftest import Start
from tests.editors.neovim.neovim import PLUGIN, Neovim
from tests.editors.neovim.test_plugin import health

TICKET = "entities/crm/ticket.yaml"
COMPANY = "entities/crm/company.yaml"
CONTACT = "entities/crm/contact.yaml"
TAKE = """
INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)
SELECT pk_subdomain, 'Claim', '012042', 2 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'support'
"""
HELP = (PLUGIN / "doc" / "specql.txt").read_text(encoding="utf-8")
AUTOMATIC = HELP[HELP.index("*specql-completion*") :].split(">lua\n")[1].split("\n<")[0]
"""The help's snippet for completion while typing."""


def popup(neovim: Neovim) -> list[str]:
    """The words of the popup menu."""
    return list(neovim.lua("return vim.tbl_map(function(i) return i.abbr or i.word end, vim.fn.complete_info().items)"))


def test_omni_completion_of_a_domain(neovim: Neovim) -> None:
    neovim.open(TICKET)
    neovim.type("jA<C-U>schema: c<C-X><C-O>")
    neovim.until(lambda: {"crm", "core", "catalog"} <= set(popup(neovim)), "the domains")
    assert popup(neovim)[:2] == ["core", "crm"]  # Neovim has chosen the first
    neovim.type("<C-N><C-Y><Esc>")
    neovim.until(lambda: neovim.lines()[1] == "schema: crm", "the accepted text")


@pytest.mark.drives("completion")
def test_omni_completion_of_a_type(neovim: Neovim) -> None:
    neovim.open(CONTACT)
    neovim.type("/email:<CR>A<C-U>work_email: <C-X><C-O>")
    neovim.until(lambda: popup(neovim)[:2] == ["email", "email!"], "the types")
    neovim.type("<C-Y><Esc>")
    neovim.until(lambda: "  work_email: email" in neovim.lines(), "the accepted text")


def test_completion_of_a_code_by_itself(start: Start) -> None:
    neovim = start(init=AUTOMATIC)
    neovim.open(TICKET)
    known = """
        local found = vim.lsp.buf_request_sync(0, 'workspace/symbol', { query = 'Campaign' }, 60000)
        return vim.iter(found or {}):any(function(each) return #(each.result or {}) > 0 end)"""
    neovim.until(lambda: neovim.lua(known), "the other file that has a code")
    neovim.type("joorganization:<CR><C-U>  table_code: ")
    shown = lambda: [(i, word) for i, word in enumerate(popup(neovim)) if word.startswith("01204")]  # noqa: E731
    ((position, code), *_) = neovim.until(shown, "the codes")
    neovim.type("<C-N>" * (position + 1) + "<C-Y><Esc>")
    neovim.until(lambda: neovim.lines()[3].strip() == f"table_code: '{code[:6]}'", "the accepted text")
    neovim.until(lambda: ("unregistered-table-code", 3) in neovim.findings(), "the diagnostic of the new code")


def test_completion_by_itself_writes_nothing_by_itself(start: Start) -> None:
    neovim = start(init=AUTOMATIC)
    neovim.open(TICKET)
    neovim.type("jA<C-U>schema: ")
    neovim.until(lambda: "crm" in popup(neovim), "the domains")
    assert neovim.lines()[1] == "schema: "
    neovim.type("<Esc>")
    assert "completeopt" not in health(neovim)


def test_health_warns_of_completion_that_writes_by_itself(start: Start) -> None:
    neovim = start(init=re.sub(r"vim\.o\.completeopt = .*", "", AUTOMATIC))
    neovim.open(TICKET)
    report = health(neovim)
    assert "WARNING 'completeopt' is menu,popup: with autotrigger" in report
    assert 'vim.opt.completeopt:append("noselect")' in report


@pytest.mark.drives("hover")
def test_hover_reads_a_code(neovim: Neovim) -> None:
    neovim.open(CONTACT)
    neovim.type("/012031<CR>K")
    screen = neovim.sees("Registered: Contact has 012031 in crm / customer", "YAML, read-only")
    assert "No information available" not in screen
    neovim.not_stuck()


def test_hover_shows_the_column_of_a_field(neovim: Neovim) -> None:
    neovim.open(CONTACT)
    neovim.type("/company:<CR>K")
    neovim.sees("fk_company INTEGER", "REFERENCES crm.tb_company(pk_company)", "Refers to Company")
    neovim.not_stuck()


@pytest.mark.drives("diagnostics")
def test_diagnostics_and_their_signs(neovim: Neovim) -> None:
    neovim.open(COMPANY)
    neovim.until(lambda: neovim.findings() == [("unquoted-table-code", 5)], "the diagnostic")
    neovim.until(lambda: neovim.screen.text().split("\n")[5].startswith("E   table_code"), "the sign")
    neovim.type("]d")
    neovim.until(lambda: neovim.ask("nvim_win_get_cursor", 0) == [6, 14], "the jump to the diagnostic")


@pytest.mark.drives("fixes")
def test_quoting_by_a_code_action(neovim: Neovim) -> None:
    neovim.open(COMPANY)
    neovim.until(lambda: neovim.findings() == [("unquoted-table-code", 5)], "the diagnostic")
    neovim.type("]dgra")
    neovim.choose("Quote")
    neovim.until(lambda: "  table_code: '012032'" in neovim.lines()[5], "the quotes")
    neovim.until(lambda: neovim.findings() == [], "the end of the diagnostic")


@pytest.mark.drives("allocation")
@pytest.mark.parametrize("key", ["gra", ":lua vim.lsp.buf.code_action()<CR>"])
def test_allocating_by_a_code_action(neovim_postgresql: Neovim, workspace_url: str, key: str) -> None:
    neovim = neovim_postgresql
    neovim.open(TICKET)
    neovim.source("postgresql", writable=True)
    neovim.until(lambda: "missing-table-code" in [code for code, _ in neovim.findings()], "the hint")
    neovim.type(f"gg{key}")
    neovim.choose("Allocate")
    line = neovim.until(lambda: next((s for s in neovim.lines() if "table_code: '01204" in s), ""), "the code")
    code = line.strip().removeprefix("table_code: ").strip("'")
    assert _registered(workspace_url, "Ticket") == code
    neovim.until(lambda: neovim.findings() == [], "no diagnostic")
    neovim.not_stuck()


def test_what_others_do_becomes_a_diagnostic(neovim_postgresql: Neovim, workspace_url: str) -> None:
    neovim = neovim_postgresql
    neovim.open(TICKET)
    neovim.source("postgresql", writable=True)
    neovim.type("joorganization:<CR><C-U>  table_code: '012042'<Esc>")
    neovim.until(lambda: ("unregistered-table-code", 3) in neovim.findings(), "the free code")
    with psycopg.connect(workspace_url) as connection:
        connection.execute(TAKE)
    neovim.until(lambda: ("table-code-taken", 3) in neovim.findings(), "the code that somebody else took")


def _registered(url: str, entity: str) -> str | None:
    """The table code that PostgreSQL has for an entity."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = %s", [entity]
        ).fetchone()
    return found[0] if found else None
