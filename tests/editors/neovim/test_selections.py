"""What is chosen by words and paths, in a real Neovim: codes of several files, an entity by any of its words."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.editors.neovim.conftest import QUICK, Start
from tests.editors.neovim.neovim import Neovim
from tests.editors.neovim.test_commands import TICKET, code_of


def opened(start: Start, url: str) -> Neovim:
    neovim = start(url=url, init=QUICK)
    neovim.open(TICKET)
    neovim.source("postgresql", writable=True)
    neovim.everything_read()
    return neovim


def name_of_file(neovim: Neovim) -> str:
    return str(neovim.lua("return vim.fn.expand('%:t')"))


@pytest.mark.drives("missing-codes")
def test_codes_of_several_files_and_folders(start: Start, workspace: Path, workspace_url: str) -> None:
    for path, entity in (("a/visit", "CustomerVisit"), ("b/call", "SupportCall"), ("b/trip", "CustomerTrip")):
        file = workspace / "entities" / f"{path}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"entity: {entity}\nschema: crm\n", encoding="utf-8")
    neovim = opened(start, workspace_url)
    neovim.type(":Specql allocate-missing entities/a entities/b/call.yaml<CR>")
    neovim.sees("Allocate 2 codes?", "CustomerVisit  crm / customer", "SupportCall  crm / core", "Type number")
    neovim.choose("Yes")
    neovim.says("2 codes allocated.")
    assert (code_of(workspace_url, "SupportCall"), code_of(workspace_url, "CustomerTrip")) == ("012012", None)


@pytest.mark.drives("browse")
def test_an_entity_by_words_of_its_domain_and_name(start: Start, workspace_url: str) -> None:
    neovim = opened(start, workspace_url)
    neovim.type(":Specql entity crm con<CR>")
    shown = neovim.sees("Go to", "Contact  012031  crm / customer", "Type number")
    assert "Company  012032" not in shown
    neovim.choose("Contact  012031")
    neovim.until(lambda: name_of_file(neovim) == "contact.yaml", "its file")
    neovim.type(":Specql entity contact<CR>")  # the whole name of one: nothing is asked
    neovim.not_stuck()
    neovim.type(":Specql entity crm nothing<CR>")
    neovim.says("No entity crm nothing is registered.")


def test_of_very_many_a_part_of_the_name_is_asked_for(start: Start, workspace_url: str) -> None:
    with psycopg.connect(workspace_url) as connection:
        connection.execute(
            """
            WITH added AS (
                INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name)
                SELECT pk_domain, '5', 'many' FROM specql_registry.tb_domain WHERE domain_name = 'core'
                RETURNING pk_subdomain
            )
            INSERT INTO specql_registry.tb_entity_registration
                (fk_subdomain, entity_name, table_code, entity_sequence)
            SELECT pk_subdomain, 'Thing' || number, '0115' || lpad(to_hex(number), 2, '0'), number
            FROM added, generate_series(1, 120) AS number
            """
        )
    neovim = opened(start, workspace_url)
    neovim.source("postgresql", entities=128)
    neovim.type(":Specql entity<CR>")
    neovim.answer("Go to (a part of the name, code or domain of 128)", "core acc")
    neovim.choose("Account  011011")
    neovim.until(lambda: name_of_file(neovim) == "domain_registry.yaml", "its line")
