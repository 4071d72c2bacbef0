"""Going anywhere, renaming, formatting and what is shown at a glance, by Neovim's own keys and functions."""

from __future__ import annotations

from pathlib import Path

from tests.editors.neovim.conftest import Start
from tests.editors.neovim.neovim import Neovim

COMPANY = "entities/crm/company.yaml"
CONTACT = "entities/crm/contact.yaml"


def name(neovim: Neovim) -> str:
    """The current buffer's file."""
    return Path(str(neovim.lua("return vim.api.nvim_buf_get_name(0)"))).name


def opened(neovim: Neovim) -> None:
    """Opens a file, and waits until every other one is known, too."""
    neovim.open(CONTACT)
    neovim.until(lambda: "table-code-taken" in {code for code, _ in neovim.findings()}, "what other files say")


def test_definition(neovim: Neovim) -> None:
    opened(neovim)
    neovim.type("/Company<CR><C-]>")
    neovim.until(lambda: name(neovim) == "company.yaml", "the entity's file")


def test_references(neovim: Neovim) -> None:
    opened(neovim)
    neovim.type("gg/Contact<CR>grr")
    neovim.until(
        lambda: (
            {"contact.yaml", "ticket.yaml"}
            <= {
                Path(path).name
                for path in neovim.lua(
                    "return vim.tbl_map(function(i) return vim.fn.bufname(i.bufnr) end, vim.fn.getqflist())"
                )
            }
        ),
        "the references in the quickfix list",
    )


def test_rename_of_a_field_with_its_uses(neovim: Neovim) -> None:
    neovim.open(CONTACT)
    neovim.type("/status: enum<CR>")
    neovim.type(":lua vim.lsp.buf.rename('stage')<CR>")
    neovim.until(lambda: "  stage: enum(lead, customer, former) = lead" in neovim.lines(), "the field's new name")
    text = "\n".join(neovim.lines())
    assert "validate: stage = 'lead'" in text
    assert "SET stage = 'customer'" in text


def test_symbols_of_a_document(neovim: Neovim) -> None:
    neovim.open(CONTACT)
    neovim.type("gO")
    neovim.sees("Contact", "first_name", "make_customer")


def test_formatting(neovim: Neovim) -> None:
    neovim.open(COMPANY)
    neovim.type("/website<CR>A   <Esc>")
    neovim.type(":lua vim.lsp.buf.format()<CR>")
    neovim.until(lambda: "  website: url" in neovim.lines(), "the line without blanks at its end")


def test_inlay_hints(neovim: Neovim) -> None:
    neovim.open(CONTACT)
    neovim.type(":lua vim.lsp.inlay_hint.enable()<CR>")
    neovim.sees("crm · customer", "INTEGER")


def test_semantic_tokens(neovim: Neovim) -> None:
    neovim.open(CONTACT)
    neovim.until(
        lambda: (
            "property"
            in neovim.lua(
                "local row = vim.fn.search('first_name:', 'n') - 1 "
                "return vim.tbl_map(function(t) return t.type end,"
                " vim.lsp.semantic_tokens.get_at_pos(0, row, 3) or {})"
            )
        ),
        "the token of a field",
    )


def test_a_lens_that_lists_the_references(start: Start) -> None:
    neovim = start(init="vim.lsp.config('specql', { settings = { specql = { codeLens = { references = true } } } })")
    neovim.open(CONTACT)
    neovim.until(
        lambda: (
            neovim.lua("vim.lsp.codelens.refresh({ bufnr = 0 }) return #vim.lsp.codelens.get(0)") == 2
            and "references" in neovim.screen.text()
        ),
        "the lenses",
    )
    neovim.lua(
        "local lens = vim.tbl_filter(function(l) return l.command and l.command.command ~= '' end,"
        " vim.lsp.codelens.get(0))[1]"
        " vim.lsp.get_clients({ name = 'specql' })[1]:exec_cmd(lens.command)"
    )
    neovim.until(lambda: "ticket.yaml" in neovim.screen.text(), "the quickfix list")
