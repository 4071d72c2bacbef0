"""``:Specql history``: of the buffer's entity, of a code, and where there is none."""

from __future__ import annotations

import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.editors.neovim.neovim import Neovim

TICKET = "entities/crm/ticket.yaml"


@pytest.mark.drives("history")
def test_the_history_of_the_buffers_entity_and_of_a_code(neovim_postgresql: Neovim, workspace_url: str) -> None:
    neovim = neovim_postgresql
    neovim.open(TICKET)
    neovim.source("postgresql", writable=True)
    neovim.type(":Specql history<CR>")
    neovim.says("There is no history. The database has no history: specql-lsp registry install adds it.")
    install(RegistrySettings(database_url=workspace_url))
    neovim.type(":Specql history<CR>")
    neovim.says("Nothing is recorded.")
    neovim.lua(
        "require('specql.async').run(function() local client = require('specql.client')"
        " client.request(client.target(0), 'allocateEntityCode', {entity = 'Ticket', domain = 'crm',"
        " subdomain = 'support'}) vim.g.allocated = true end)"
    )
    neovim.until(lambda: neovim.lua("return vim.g.allocated"), "an allocation")
    line = "postgres  specql-lsp  registered Ticket with 012042 in domain 2 (crm), subdomain 04 (support)"
    for argument in ("", " 012042", " ticket"):
        neovim.type(f":Specql history{argument}<CR>")
        neovim.until(lambda: [text[21:] for text in neovim.lines()] == [line], "the history")
        neovim.type("q")
        neovim.until(lambda: "entity: Ticket" in neovim.lines(), "the file again")
