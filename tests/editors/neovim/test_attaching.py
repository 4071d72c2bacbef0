"""Which buffers the server is attached to, and what stays as it is."""

from __future__ import annotations

from pathlib import Path

from tests.editors.neovim.conftest import Start
from tests.editors.neovim.neovim import Neovim

TICKET = "entities/crm/ticket.yaml"
REGISTRY = "registry/domain_registry.yaml"


def test_entity_files_and_the_registry_are_attached(neovim: Neovim, workspace: Path) -> None:
    for path in (TICKET, REGISTRY):
        neovim.open(path)
        assert neovim.lua("return vim.bo.filetype") == "yaml.specql"
        assert neovim.attached() == ["specql"]
    (root,) = neovim.lua("return vim.tbl_map(function(c) return c.root_dir end, vim.lsp.get_clients())")
    assert root == str(workspace)


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
