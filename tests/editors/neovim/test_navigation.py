"""Going anywhere, renaming, formatting and what is shown at a glance, by Neovim's own keys and functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.neovim.conftest import Start
from tests.editors.neovim.neovim import PLUGIN, Neovim

COMPANY = "entities/crm/company.yaml"
CONTACT = "entities/crm/contact.yaml"
HELP = (PLUGIN / "doc" / "specql.txt").read_text(encoding="utf-8")
SWITCHED_ON = HELP[HELP.index("*specql-navigation*") :].split(">lua\n")[1].split("\n<")[0]
"""The help's snippet for what is shown when it is switched on."""
ORDER = """\
entity: Order
schema: crm
fields:
  buyer: ref(Contact)
  state: enum(open, closed)
actions:
  - name: close
    steps:
      - update: Order SET state = 'closed'
  - name: close_all
    steps:
      - call: close()
"""


def name(neovim: Neovim) -> str:
    """The current buffer's file."""
    return Path(str(neovim.lua("return vim.api.nvim_buf_get_name(0)"))).name


def opened(neovim: Neovim) -> None:
    """Opens a file, and waits until every other one is known, too."""
    neovim.open(CONTACT)
    neovim.until(lambda: "table-code-taken" in {code for code, _ in neovim.findings()}, "what other files say")


@pytest.mark.drives("definition")
def test_definition(neovim: Neovim) -> None:
    opened(neovim)
    neovim.type("/Company<CR><C-]>")
    neovim.until(lambda: name(neovim) == "company.yaml", "the entity's file")


def quickfix(neovim: Neovim) -> list[tuple[str, str]]:
    """The files and the texts of the quickfix list."""
    code = "return vim.tbl_map(function(i) return { vim.fn.bufname(i.bufnr), i.text } end, vim.fn.getqflist())"
    return [(Path(path).name, text) for path, text in neovim.lua(code)]


@pytest.mark.drives("references")
def test_references(neovim: Neovim) -> None:
    opened(neovim)
    neovim.type("gg/Contact<CR>grr")
    wanted = {"contact.yaml", "ticket.yaml"}
    neovim.until(lambda: wanted <= {file for file, _ in quickfix(neovim)}, "the references in the quickfix list")


@pytest.mark.drives("type-definition")
def test_the_entity_that_a_field_refers_to(neovim: Neovim) -> None:
    opened(neovim)
    neovim.type("/company:<CR>grt")
    neovim.until(lambda: name(neovim) == "company.yaml", "the entity's file")


@pytest.mark.drives("workspace-symbols")
def test_symbols_of_the_workspace(neovim: Neovim) -> None:
    opened(neovim)
    neovim.lua("vim.lsp.buf.workspace_symbol('Ticket')")
    neovim.until(lambda: any(file == "ticket.yaml" for file, _ in quickfix(neovim)), "the entity")
    neovim.command("cclose")
    neovim.lua("vim.lsp.buf.workspace_symbol('012031')")
    neovim.until(lambda: any("Contact" in text for _, text in quickfix(neovim)), "the owner of the code")


@pytest.mark.drives("call-hierarchy", "type-hierarchy")
def test_hierarchies_of_calls_and_of_references(neovim: Neovim, workspace: Path) -> None:
    (workspace / "entities/crm/order.yaml").write_text(ORDER, encoding="utf-8")
    neovim.open("entities/crm/order.yaml")
    neovim.until(lambda: "missing-table-code" in {code for code, _ in neovim.findings()}, "what other files say")
    neovim.type("/close$<CR>")
    neovim.lua("vim.lsp.buf.incoming_calls()")
    neovim.until(lambda: [text for _, text in quickfix(neovim)] == ["close_all"], "the caller")
    neovim.command("cclose")
    neovim.type("/close_all<CR>")
    neovim.lua("vim.lsp.buf.outgoing_calls()")
    neovim.until(lambda: [text for _, text in quickfix(neovim)] == ["close"], "what is called")
    neovim.command("cclose")
    neovim.type("gg/Order<CR>")
    neovim.lua("vim.lsp.buf.typehierarchy('supertypes')")
    neovim.until(lambda: any("Contact" in text for _, text in quickfix(neovim)), "the entity that is referred to")
    neovim.command("cclose")
    neovim.edit(CONTACT)
    neovim.type("gg/Contact<CR>")
    neovim.lua("vim.lsp.buf.typehierarchy('subtypes')")
    neovim.until(lambda: any("Order" in text for _, text in quickfix(neovim)), "the entities that refer to it")


@pytest.mark.drives("definition", "highlights", "folding", "hints")
def test_what_the_help_switches_on(start: Start) -> None:
    never = "vim.o.updatetime = 3600000"  # the test says when the cursor has been held
    neovim = start(init=f"{SWITCHED_ON}\n{never}")
    opened(neovim)
    neovim.sees("crm · customer", "INTEGER")
    held = "vim.cmd.doautocmd('CursorHold') return #vim.lsp.codelens.get(0)"
    neovim.until(lambda: neovim.lua(held) > 0, "the lenses")
    neovim.type("gg/status: enum<CR>")
    neovim.lua(held)
    marks = (
        "return vim.iter(vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { details = true }))"
        ":map(function(mark) return { mark[4].hl_group, mark[2] } end)"
        ":filter(function(mark) return vim.startswith(tostring(mark[1]), 'LspReference') end):totable()"
    )
    highlighted = [["LspReferenceWrite", 13], ["LspReferenceRead", 18], ["LspReferenceWrite", 20]]
    neovim.until(lambda: sorted(neovim.lua(marks), key=lambda mark: mark[1]) == highlighted, "the highlights")
    neovim.type("j")
    neovim.until(lambda: neovim.lua(marks) == [], "the end of the highlights")
    neovim.type("gg/fields:<CR>zc")
    neovim.until(lambda: neovim.lua("return vim.fn.foldclosedend(9)") == 14, "the fold of the fields")
    neovim.type("zR/Company<CR>gd")
    neovim.until(lambda: name(neovim) == "company.yaml", "the entity's file")


PULLING = """
vim.lsp.config('specql', { capabilities = vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), {
  workspace = { diagnostics = { refreshSupport = true } },
}) })
vim.lsp.handlers['workspace/diagnostic/refresh'] = function(_, _, ctx)
  for bufnr in pairs(vim.lsp.get_client_by_id(ctx.client_id).attached_buffers) do
    vim.lsp.util._refresh('textDocument/diagnostic', { bufnr = bufnr })
  end
  return vim.NIL
end
"""


@pytest.mark.drives("diagnostics")
def test_diagnostics_that_are_pulled(start: Start) -> None:
    """As later versions of Neovim pull them: 0.11 has all of it but the answer to a refresh."""
    neovim = start(init=PULLING)
    opened(neovim)
    client = "local client = vim.lsp.get_clients({ name = 'specql' })[1] "
    of_pulls = "return #vim.diagnostic.get(0, { namespace = vim.lsp.diagnostic.get_namespace(client.id, ...) })"
    pulled, published = (neovim.lua(client + of_pulls, is_pull) for is_pull in (True, False))
    assert (pulled > 0, published) == (True, 0)
    neovim.type("/email!<CR>cwtimestamp<Esc>")
    neovim.until(lambda: "unknown-type" in {code for code, _ in neovim.findings()}, "the finding of what was typed")
    neovim.type("u")
    neovim.until(lambda: "unknown-type" not in {code for code, _ in neovim.findings()}, "the end of the finding")


@pytest.mark.drives("rename")
def test_rename_of_a_field_with_its_uses(neovim: Neovim) -> None:
    neovim.open(CONTACT)
    neovim.type("/status: enum<CR>grn")
    neovim.answer("New Name", "stage")
    neovim.until(lambda: "  stage: enum(lead, customer, former) = lead" in neovim.lines(), "the field's new name")
    text = "\n".join(neovim.lines())
    assert "validate: stage = 'lead'" in text
    assert "SET stage = 'customer'" in text


@pytest.mark.drives("outline")
def test_symbols_of_a_document(neovim: Neovim) -> None:
    neovim.open(CONTACT)
    neovim.type("gO")
    neovim.sees("Contact", "first_name", "make_customer")


@pytest.mark.drives("format")
def test_formatting(neovim: Neovim) -> None:
    neovim.open(COMPANY)
    neovim.type("/website<CR>A   <Esc>")
    neovim.type(":lua vim.lsp.buf.format({ timeout_ms = 60000 })<CR>")
    neovim.until(lambda: "  website: url" in neovim.lines(), "the line without blanks at its end")


@pytest.mark.drives("hints")
def test_inlay_hints(neovim: Neovim) -> None:
    neovim.open(CONTACT)
    neovim.type(":lua vim.lsp.inlay_hint.enable()<CR>")
    neovim.sees("crm · customer", "INTEGER")


@pytest.mark.drives("colours")
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


@pytest.mark.drives("lenses")
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
