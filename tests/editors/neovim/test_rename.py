"""``grn`` in Neovim: the edit of several files, the file's own name, and the registration that follows."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.editors.neovim.conftest import Start

CONTACT = "entities/crm/contact.yaml"


def registered(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT entity_name FROM specql_registry.tb_entity_registration WHERE table_code = '012031'"
        )
        return [name for (name,) in rows]


@pytest.mark.drives("rename")
def test_an_entity_its_file_and_its_registration(start: Start, workspace: Path, workspace_url: str) -> None:
    neovim = start(url=workspace_url)
    neovim.open(CONTACT)
    neovim.source("postgresql", writable=True)
    neovim.type("gg$")
    neovim.lua("vim.lsp.buf.rename('Person')")
    neovim.until(lambda: registered(workspace_url) == ["Person"], "the registration")
    moved = workspace / "entities/crm/person.yaml"
    neovim.until(lambda: moved.exists() and not (workspace / CONTACT).exists(), "the file's name")
    neovim.command("wall")
    assert moved.read_text().startswith("entity: Person\n")
    assert "ref(Person)" in (workspace / "entities/crm/ticket.yaml").read_text()
    assert "Person:" in (workspace / "registry/domain_registry.yaml").read_text()
    assert neovim.lines()[0] == "entity: Person"
    neovim.not_stuck()


def test_a_refusal_is_shown(start: Start, workspace_url: str) -> None:
    neovim = start(url=workspace_url)
    neovim.open(CONTACT)
    neovim.source("postgresql", writable=True)
    neovim.type("gg$")
    neovim.lua("vim.lsp.buf.rename('Company')")
    neovim.sees("There is an entity Company in the schema management already")
    assert registered(workspace_url) == ["Contact"]
