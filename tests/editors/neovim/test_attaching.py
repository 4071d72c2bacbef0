"""Which buffers the server is attached to, and what stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.neovim.conftest import Start
from tests.editors.neovim.neovim import Neovim

TICKET = "entities/crm/ticket.yaml"
REGISTRY = "registry/domain_registry.yaml"


@pytest.mark.drives("attach")
def test_entity_files_and_the_registry_are_attached(neovim: Neovim, workspace: Path) -> None:
    for path in (TICKET, REGISTRY):
        neovim.open(path)
        assert neovim.lua("return vim.bo.filetype") == "yaml.specql"
        assert neovim.attached() == ["specql"]
    (root,) = neovim.lua("return vim.tbl_map(function(c) return c.root_dir end, vim.lsp.get_clients())")
    assert root == str(workspace)


@pytest.mark.drives("attach")
def test_other_yaml_is_left_alone(neovim: Neovim) -> None:
    neovim.edit(".github/workflows/build.yaml")
    assert neovim.lua("return vim.bo.filetype") == "yaml"
    neovim.open(TICKET)  # so that a server would be there
    neovim.command("buffer build.yaml")
    assert neovim.attached() == []
    neovim.type("Gonotes:<CR>  entity: no<Esc>")
    neovim.until(lambda: neovim.lines()[-1] == "  entity: no" or neovim.lines()[-1].endswith("entity: no"), "typing")
    assert neovim.lua("return vim.bo.filetype") == "yaml"
    assert neovim.attached() == []


def test_a_buffer_that_becomes_an_entity_file_is_attached_while_typing(neovim: Neovim, workspace: Path) -> None:
    neovim.edit("entities/crm/lead.yaml")
    neovim.type("ientity: Lead<CR>schema: cr")
    neovim.until(lambda: neovim.attached() == ["specql"], "attaching")
    assert neovim.lua("return vim.bo.filetype") == "yaml.specql"
    assert neovim.mode == "i"
    neovim.until(lambda: neovim.status, "the registry's status")
    neovim.until(lambda: ("unknown-domain", 1) in neovim.findings(), "the diagnostic of what was typed")


def test_two_roots_have_two_registries(neovim: Neovim, workspace: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "entities").mkdir(parents=True)
    (other / "specql-lsp.toml").write_text('[registry]\nbackend = "in_memory"\n')
    (other / "entities" / "lead.yaml").write_text("entity: Lead\nschema: crm\n")
    first = neovim.open(TICKET)
    neovim.source("yaml")
    second = neovim.open(other / "entities" / "lead.yaml")
    neovim.source("in_memory", writable=True)
    assert neovim.lua("return require('specql').status(...)", first) == "SpecQL: YAML, read-only"
    assert neovim.lua("return require('specql').status(...)", second) == "SpecQL: in memory"
    roots = neovim.lua("return vim.tbl_map(function(c) return c.root_dir end, vim.lsp.get_clients())")
    assert sorted(roots) == sorted([str(workspace), str(other)])
    # A command is about the registry of the buffer that it is given in.
    for number, name in (("5", "billing"), ("6", "support")):
        neovim.command(f"Specql register-domain {number} {name}")
        for prompt in ("Description", "Aliases"):
            neovim.answer(prompt, "")
        neovim.choose("No")
        neovim.says(f"Registered the domain {number} {name}.")
    neovim.source("in_memory", domains=2)
    neovim.ask("nvim_set_current_buf", first)
    assert neovim.status["domains"] == 4


def test_a_nested_root_is_found_by_its_registry(neovim: Neovim, workspace: Path) -> None:
    (workspace / ".git").mkdir()
    nested = workspace / "services" / "shop"
    (nested / "registry").mkdir(parents=True)
    (nested / "registry" / "domain_registry.yaml").write_text((workspace / REGISTRY).read_text())
    (nested / "cart.yaml").write_text("entity: Cart\nschema: crm\n")
    neovim.open(nested / "cart.yaml")
    assert neovim.lua("return vim.lsp.get_clients({ bufnr = 0 })[1].root_dir") == str(nested)


YAML_SERVER = """
import json, sys
while True:
    length = 0
    while (line := sys.stdin.buffer.readline()) not in (b"\\r\\n", b""):
        length = int(line.split(b":")[1]) if line.lower().startswith(b"content-length") else length
    if not length:
        break
    message = json.loads(sys.stdin.buffer.read(length))
    if "id" in message:
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": {"capabilities": {}}}).encode()
        sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n%b" % (len(body), body))
        sys.stdout.buffer.flush()
    if message.get("method") == "exit":
        break
"""
"""A language server for YAML that has nothing to say."""


def test_a_server_for_plain_yaml_stays_with_plain_yaml(start: Start, tmp_path: Path) -> None:
    server = tmp_path / "yaml_server.py"
    server.write_text(YAML_SERVER)
    neovim = start(
        init=f"vim.lsp.config('yamlls', {{ cmd = {{ 'python3', [[{server}]] }}, filetypes = {{ 'yaml' }} }})"
        " vim.lsp.enable('yamlls')"
    )
    neovim.edit(".github/workflows/build.yaml")
    neovim.until(lambda: neovim.attached() == ["yamlls"], "the other server")
    neovim.open(TICKET)
    assert neovim.attached() == ["specql"]
    neovim.edit("new.yaml")
    neovim.until(lambda: neovim.attached() == ["yamlls"], "the other server")
    neovim.type("ientity: New")
    neovim.until(lambda: neovim.attached() == ["specql"], "the change of servers")


def test_what_is_for_yaml_works_in_specql_files(start: Start, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "after" / "ftplugin").mkdir(parents=True)
    (own / "after" / "ftplugin" / "yaml.lua").write_text("vim.bo.shiftwidth = 7\n")
    neovim = start(init=f"vim.opt.runtimepath:append([[{own}/after]])")
    neovim.open(TICKET)
    assert neovim.lua("return vim.bo.shiftwidth") == 7
    assert neovim.lua("return vim.bo.commentstring") == "# %s"
    assert neovim.lua("return vim.bo.indentexpr") == "GetYAMLIndent(v:lnum)"
    assert neovim.lua("return vim.treesitter.language.get_lang(vim.bo.filetype)") == "yaml"
    assert neovim.lua("return vim.fn.synIDattr(vim.fn.synID(1, 1, 1), 'name')") == "yamlBlockMappingKey"


def test_a_missing_server_is_said_once(start: Start, tmp_path: Path) -> None:
    neovim = start(environment={"PATH": "/usr/bin:/bin"})
    for path in (TICKET, REGISTRY):
        neovim.edit(path)
    assert "There is no program specql-lsp." in neovim.says("There is no program")
    assert len(neovim.told()) == 1
    neovim.sees("pip install")
    neovim.not_stuck()
    neovim.type(":Specql allocate<CR>")
    neovim.until(lambda: len(neovim.told()) == 2, "the sentence of the command")
    assert "There is no program specql-lsp." in neovim.told()[1]


def test_switched_off_nothing_is_started(start: Start) -> None:
    neovim = start(init="vim.g.specql_enabled = false")
    neovim.edit(TICKET)
    assert neovim.lua("return vim.bo.filetype") == "yaml"
    assert not neovim.lua("return vim.lsp.is_enabled('specql')")
    neovim.type(":Specql status<CR>")
    neovim.says("No SpecQL server runs")
    neovim.not_stuck()
