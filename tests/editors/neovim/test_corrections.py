"""Many codes at once, corrections of registrations and the flat search, typed as a user types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.neovim.neovim import Neovim
from tests.editors.neovim.test_commands import TICKET, code_of
from tests.support.registries import add_subdomains

CONTACT = "entities/crm/contact.yaml"


@pytest.fixture
def neovim(neovim_postgresql: Neovim) -> Neovim:
    """A Neovim with an entity that has no code, and PostgreSQL."""
    neovim_postgresql.open(TICKET)
    neovim_postgresql.source("postgresql", writable=True)
    neovim_postgresql.everything_read()
    return neovim_postgresql


@pytest.fixture
def visit(workspace: Path) -> Path:
    """A file without a code, in a folder with another one that gets none."""
    path = workspace / "entities" / "visits" / "visit.yaml"
    path.parent.mkdir()
    path.write_text("entity: CustomerVisit\nschema: crm\n", encoding="utf-8")
    (path.parent / "xyzzy.yaml").write_text("entity: Xyzzy\nschema: nowhere\n", encoding="utf-8")
    return path


@pytest.mark.drives("missing-codes")
def test_missing_codes_of_a_folder_after_a_preview(visit: Path, neovim: Neovim, workspace_url: str) -> None:
    neovim.type(":Specql allocate-missing entities/visits<CR>")
    neovim.sees("Allocate 1 code?", "CustomerVisit  crm / customer", "no code  Xyzzy", "Type number")
    assert code_of(workspace_url, "CustomerVisit") is None
    neovim.choose("Yes")
    neovim.says("1 code allocated, 1 not.")
    code = code_of(workspace_url, "CustomerVisit")
    assert code is not None and code.startswith("01203")
    assert code_of(workspace_url, "Ticket") is None  # it is elsewhere
    text = "table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr(...), 0, -1, false), '\\n')"
    neovim.until(lambda: code in neovim.lua(f"return {text}", str(visit)), "the code in the buffer")


@pytest.mark.drives("missing-codes")
def test_leaving_the_preview_allocates_nothing(neovim: Neovim, workspace_url: str) -> None:
    neovim.type(":Specql allocate-missing<CR>")
    neovim.sees("Type number")
    neovim.choose("No")
    neovim.not_stuck()
    assert code_of(workspace_url, "Ticket") is None


@pytest.mark.drives("browse")
def test_any_entity_by_its_code(neovim: Neovim, workspace: Path) -> None:
    neovim.type(":Specql entity<CR>")
    neovim.sees("Go to", "Company  012032  crm / customer", "Type number")
    neovim.choose("Company  012032")
    neovim.until(lambda: neovim.lua("return vim.fn.expand('%:t')") == "company.yaml", "its file")
    neovim.type(":Specql entity 012011<CR>")
    neovim.until(lambda: neovim.lua("return vim.fn.expand('%:t')") == "domain_registry.yaml", "its line")
    neovim.type(":Specql entity Nothing<CR>")
    neovim.says("No entity Nothing is registered.")


@pytest.mark.drives("corrections")
def test_a_registration_is_moved_with_its_file(neovim: Neovim, workspace_url: str) -> None:
    neovim.open(CONTACT)
    neovim.type(":Specql move-registration Contact support<CR>")
    neovim.sees("Move Contact to support: 012042 instead of 012031", "contact.yaml", "Type number")
    assert code_of(workspace_url, "Contact") == "012031"
    neovim.choose("Yes")
    neovim.says("Contact is in support now, with the code 012042.")
    assert code_of(workspace_url, "Contact") == "012042"
    neovim.until(lambda: any("'012042'" in line for line in neovim.lines()), "the code in the file")


@pytest.mark.drives("corrections")
def test_a_registration_is_renamed_and_released(neovim: Neovim, workspace_url: str) -> None:
    neovim.type(":Specql rename-registration Organization<CR>")
    neovim.answer("New name of Organization", "<C-U>Firm")
    neovim.sees("Rename Organization to Firm in the registry (keeps 012011", "Type number")
    neovim.choose("Yes")
    neovim.says("Organization is Firm now.")
    assert code_of(workspace_url, "Firm") == "012011"
    neovim.type(":Specql release-code Firm<CR>")
    neovim.sees("Take the registration of Firm back", "Type number")
    neovim.choose("Yes")
    neovim.says("012011 is free again.")
    assert code_of(workspace_url, "Firm") is None
    neovim.type(":Specql release-code Company<CR>")
    neovim.says("The code 012032 of Company is used by company.yaml")


@pytest.mark.drives("choose-subdomain")
def test_another_subdomain_by_a_code_action(neovim: Neovim, workspace_url: str) -> None:
    add_subdomains(workspace_url)
    neovim.type(":Specql refresh<CR>")
    offered = """
        local found = vim.lsp.buf_request_sync(0, 'textDocument/codeAction',
            vim.tbl_extend('force', vim.lsp.util.make_range_params(0, 'utf-16'), { context = { diagnostics = {} } }),
            60000)
        return vim.iter(found):map(function(each) return #(each.result or {}) end):totable()"""
    neovim.until(lambda: max(neovim.lua(offered), default=0) > 8, "the actions of eleven subdomains")
    neovim.type("gra")
    neovim.choose("Another subdomain")
    neovim.choose("part_8 (18)")
    neovim.says("Allocated 012181 to Ticket (crm, part_8).")
    assert code_of(workspace_url, "Ticket") == "012181"
    neovim.until(lambda: any("'012181'" in line for line in neovim.lines()), "the code in the file")
