"""PostgreSQL and the registry YAML in step, in a real Neovim: an allocated code, many differences at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.differing import differ
from tests.editors.neovim.conftest import QUICK, Start
from tests.editors.neovim.neovim import Neovim
from tests.editors.neovim.test_commands import TICKET, make_drift
from tests.support.workspaces import REGISTRY

ALWAYS = QUICK.replace("refreshSeconds = 1", "refreshSeconds = 1, updateYaml = 'always'")


@pytest.fixture
def neovim(neovim_postgresql: Neovim) -> Neovim:
    neovim_postgresql.open(TICKET)
    neovim_postgresql.source("postgresql", discrepancies=0)
    return neovim_postgresql


def allocate(neovim: Neovim) -> None:
    neovim.type(":Specql allocate<CR>")
    neovim.choose("crm (2)")
    neovim.choose("support (04)")
    neovim.says("Allocated 012042 to Ticket")


def registry_lines(neovim: Neovim) -> list[str]:
    """The registry's YAML as it is in its buffer; empty where it has none."""
    bufnr = int(neovim.lua("return vim.fn.bufnr('domain_registry.yaml')"))
    return neovim.lines(bufnr) if bufnr > 0 else []


@pytest.mark.drives("in-step")
def test_what_is_allocated_is_added_to_the_yaml_after_a_question(neovim: Neovim) -> None:
    allocate(neovim)
    neovim.says("1 code is not in the YAML yet. Add puts them into it, and what follows in this session, too.")
    neovim.type(":Specql answer<CR>")
    neovim.choose("Add")
    neovim.until(lambda: "          Ticket:" in registry_lines(neovim), "the code in the YAML")
    neovim.source("postgresql", discrepancies=0)
    assert not [each for each in neovim.told() if "differ in" in each]
    neovim.not_stuck()


@pytest.mark.drives("in-step")
def test_what_is_allocated_is_always_added(start: Start, workspace: Path, workspace_url: str) -> None:
    neovim = start(url=workspace_url, init=ALWAYS)
    neovim.open(TICKET)
    neovim.source("postgresql", discrepancies=0)
    allocate(neovim)
    neovim.until(lambda: "          Ticket:" in registry_lines(neovim), "the code in the YAML")
    neovim.type(":wall<CR>")
    neovim.source("postgresql", discrepancies=0)
    neovim.until(lambda: "'012042'" in (workspace / REGISTRY).read_text(encoding="utf-8"), "the written file")
    assert not [each for each in neovim.told() if "differ in" in each or "not in the YAML" in each]


@pytest.mark.drives("in-step")
def test_the_file_is_brought_up_to_date_by_a_code_action(neovim: Neovim, workspace_url: str) -> None:
    make_drift(neovim, workspace_url)
    neovim.open(REGISTRY)
    neovim.type("gra")
    neovim.choose("Bring the file up to date with PostgreSQL")
    neovim.until(lambda: neovim.lines().count("    description: Told otherwise") == 2, "both descriptions")


@pytest.mark.drives("drift")
def test_many_changes_are_listed_in_full_before_they_are_made(neovim: Neovim, workspace_url: str) -> None:
    differ(workspace_url)
    neovim.source("postgresql", discrepancies=16)
    neovim.type(":Specql keep-all postgresql<CR>")
    neovim.choose("Everything: 16")
    neovim.sees("Thing3  011013 · core / accounts · added", "… and 1 more, in the window specql://changes")
    bufnr = int(neovim.lua("return vim.fn.bufnr('specql://changes')"))
    assert [neovim.lines(bufnr)[0], neovim.lines(bufnr)[15]] == [
        "Thing3  011013 · core / accounts · added",
        "area_9  subdomain 29 · crm · added",
    ]
    neovim.choose("Write 16 to the registry YAML")
    neovim.says("16 resolved in the registry YAML; write it with :wall.")
    neovim.source("postgresql", discrepancies=0)
    neovim.not_stuck()
