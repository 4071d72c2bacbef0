"""What is done to files by hand: an entity renamed in its file, a merge conflict in the registry YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.merging import CONFLICT, leave_conflict
from tests.editors.neovim.conftest import QUICK, Start
from tests.editors.neovim.neovim import Neovim
from tests.editors.neovim.test_commands import TICKET, code_of
from tests.support.workspaces import REGISTRY


@pytest.mark.drives("renamed-by-hand")
def test_a_renamed_entity_is_recognised(neovim_postgresql: Neovim, workspace_url: str) -> None:
    neovim = neovim_postgresql
    neovim.open("entities/crm/company.yaml")
    neovim.source("postgresql", writable=True)
    neovim.until(lambda: neovim.findings(), "what is found in the file")
    neovim.type("gg$ciwFirm<Esc>")
    neovim.until(lambda: "missing-table-code" not in [code for code, _ in neovim.findings()], "the new findings")
    title = "Rename Company to Firm in the registry (keeps 012032)"
    offered = """
        local found = vim.lsp.buf_request_sync(0, 'textDocument/codeAction',
            vim.tbl_extend('force', vim.lsp.util.make_range_params(0, 'utf-16'), { context = { diagnostics = {} } }),
            60000)
        return vim.iter(found):map(function(each) return ((each.result or {})[1] or {}).title or '' end):totable()"""
    neovim.until(lambda: title in neovim.lua(offered), "the action, first of all")
    neovim.type("gra")
    neovim.choose(title)
    neovim.until(lambda: code_of(workspace_url, "Firm") == "012032", "the registration")
    assert code_of(workspace_url, "Company") is None
    neovim.not_stuck()


@pytest.mark.drives("conflicts")
def test_a_conflict_is_one_finding_and_withholds_the_codes_of_both_sides(
    start: Start, workspace: Path, workspace_url: str
) -> None:
    leave_conflict(workspace)
    neovim = start(url=workspace_url, init=QUICK)
    neovim.open(REGISTRY)
    neovim.source("postgresql", writable=True)
    messages = "return vim.tbl_map(function(each) return each.message end, vim.diagnostic.get(0))"
    neovim.until(lambda: [m for m in neovim.lua(messages) if m.startswith(CONFLICT)], "the conflict")
    assert len([m for m in neovim.lua(messages) if "conflict" in m]) == 1
    neovim.type(":Specql differences<CR>")
    neovim.says("has an unresolved merge conflict (line 50): resolve it.")
    neovim.open(TICKET)
    neovim.everything_read()
    neovim.type(":Specql allocate crm<CR>")
    neovim.choose("support (04), 12 free, next 012044")
    neovim.says("Allocated 012044 to Ticket")
    assert code_of(workspace_url, "Ticket") == "012044"
    neovim.not_stuck()
