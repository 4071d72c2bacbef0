"""Patterns and services in a real Neovim: found by a command, and their own files completed and checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.neovim.conftest import Start
from tests.editors.neovim.neovim import Neovim
from tests.registry.pattern_library import create_library

PATTERN = "stdlib/actions/crm/close.yaml"
TICKET = "entities/crm/ticket.yaml"
TEXT = "pattern: crm/close\ndescription: Closes it\ntemplate: 'steps: []'\n"


@pytest.fixture
def neovim(start: Start, workspace: Path, workspace_url: str) -> Neovim:
    """A Neovim with a pattern file and the pattern library."""
    create_library(workspace_url)
    (workspace / PATTERN).parent.mkdir(parents=True)
    (workspace / PATTERN).write_text(TEXT, encoding="utf-8")
    found = start(url=workspace_url)
    found.open(TICKET)
    found.source("postgresql")
    return found


@pytest.mark.drives("catalogs")
def test_a_pattern_is_found(neovim: Neovim, workspace: Path) -> None:
    neovim.type(":Specql patterns closes<CR>")
    neovim.sees("Patterns", "crm/close  action pattern · Workspace · Closes it")
    neovim.choose("crm/close")
    neovim.until(lambda: neovim.lines()[:1] == ["pattern: crm/close"], "its file")
    codes = "return vim.tbl_map(function(d) return d.code end, vim.diagnostic.get(0))"
    neovim.until(lambda: neovim.lua(codes) == ["invalid-pattern-file"], "what its file lacks")
    neovim.type(":Specql patterns old_approval<CR>")
    neovim.sees("old_approval  deprecated, use approval_workflow")
    neovim.choose("old_approval")
    neovim.until(lambda: "Deprecated, use approval_workflow: has one level only" in neovim.lines(), "what it is")
    neovim.type(":Specql services nothing<CR>")
    neovim.says("No service is found.")


@pytest.mark.drives("catalogs")
def test_any_catalog_is_looked_up(neovim: Neovim) -> None:
    neovim.type(":Specql catalog<CR>")
    neovim.sees("Catalogs", "Patterns", "Services")
    neovim.choose("Services")
    neovim.says("No service is found.")
    neovim.type(":Specql catalog patterns closes<CR>")
    neovim.sees("crm/close  action pattern · Workspace · Closes it")
    neovim.choose("crm/close")
    neovim.until(lambda: neovim.lines()[:1] == ["pattern: crm/close"], "its file")
