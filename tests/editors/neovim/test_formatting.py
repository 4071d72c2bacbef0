"""Formatting and folding in a real Neovim: ``vim.lsp.buf.format``, ``vim.lsp.foldexpr``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.neovim.neovim import Neovim

NOTE = "entities/crm/note.yaml"
BEFORE = "entity:   Note\nschema : crm\nfields:\n    text:  'text!'\n    kind: {type: text,nullable: false}  \n"
AFTER = "entity: Note\nschema: crm\nfields:\n    text: text!\n    kind: {type: text, nullable: false}\n"


@pytest.fixture
def note(workspace: Path) -> Path:
    """A file that is not formatted."""
    file = workspace / NOTE
    file.write_text(BEFORE, encoding="utf-8")
    return file


@pytest.mark.drives("format", "format-selection", "folding")
@pytest.mark.usefixtures("note")
def test_a_file_and_lines_of_it_are_formatted_and_folded(neovim: Neovim) -> None:
    neovim.open(NOTE)
    # Behind gq is the same request, which Neovim does not wait for longer than half a second.
    assert neovim.lua("return vim.bo.formatexpr") == "v:lua.vim.lsp.formatexpr()"
    neovim.lua("vim.lsp.buf.format({ timeout_ms = 60000, range = { start = { 2, 0 }, ['end'] = { 5, 3 } } })")
    expected = BEFORE.splitlines()[:1] + AFTER.splitlines()[1:]
    neovim.until(lambda: neovim.lines() == expected, "the formatted lines")
    neovim.lua("vim.lsp.buf.format({ timeout_ms = 60000 })")
    neovim.until(lambda: neovim.lines() == AFTER.splitlines(), "the formatted file")
    neovim.lua("vim.wo.foldmethod = 'expr'; vim.wo.foldexpr = 'v:lua.vim.lsp.foldexpr()'; vim.wo.foldlevel = 0")
    neovim.until(lambda: neovim.lua("return vim.fn.foldclosedend(3)") == 5, "the fold of the fields")
    assert neovim.lua("return vim.fn.foldclosed(1)") == -1
