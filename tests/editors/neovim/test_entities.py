"""The language of entity files in a real Neovim: types complete, a field shows its column, what is wrong is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.neovim.conftest import Start
from tests.editors.neovim.neovim import Neovim
from tests.editors.neovim.test_language import AUTOMATIC, popup

VOUCHER = "entities/crm/voucher.yaml"
TEXT = """\
entity: Voucher
schema: crm
organization:
  table_code: '012033'
fields:
  email: email!
  seen: timestamp
  state: {type: 'enum(open, closed)', required: true}
actions:
  - name: close
    steps:
      - validate: state = 'open'
"""
SEEN = 6
"""The line (from 0) of the field whose type is none."""
STATE = 7
LAST = 11


@pytest.fixture
def voucher(workspace: Path) -> Path:
    """An entity with a wrong type and a key that SpecQL does not read."""
    file = workspace / VOUCHER
    file.write_text(TEXT, encoding="utf-8")
    return file


def accept(neovim: Neovim, label: str) -> None:
    """Waits until the menu has a word, moves to it, and accepts it."""
    words = neovim.until(lambda: words if label in (words := popup(neovim)) else [], f"{label} in the menu")
    neovim.type("<C-N>" * (words.index(label) + 1) + "<C-Y>")


@pytest.mark.drives("completion")
@pytest.mark.usefixtures("voucher")
def test_a_type_is_completed_by_itself(start: Start) -> None:
    neovim = start(init=AUTOMATIC)
    neovim.open(VOUCHER)
    neovim.type(f":{SEEN + 1}<CR>owork_email: ")
    neovim.until(lambda: popup(neovim)[:1] == ["email"], "the types, the one of the field's name first")
    neovim.type("em")
    neovim.until(lambda: popup(neovim)[:2] == ["email", "email!"], "the types that begin so")
    accept(neovim, "email")
    neovim.type("<Esc>")
    neovim.until(lambda: neovim.lines()[SEEN + 1] == "  work_email: email", "the accepted type")
    assert [line for line in neovim.lines() if line != "  work_email: email"] == TEXT.splitlines()


@pytest.mark.drives("snippets")
@pytest.mark.usefixtures("voucher")
def test_a_step_and_a_field_of_its_expression_are_completed(start: Start) -> None:
    neovim = start(init=AUTOMATIC)
    neovim.open(VOUCHER)
    neovim.type("Go<C-U>      - val<C-X><C-O>")
    accept(neovim, "validate")
    neovim.until(lambda: neovim.mode == "s" and neovim.lines()[LAST + 2] == "        error: not_allowed", "the snippet")
    neovim.type("e<C-X><C-O>")
    accept(neovim, "email")
    neovim.type(" = email and state = ")
    accept(neovim, "'closed'")
    expected = "      - validate: email = email and state = 'closed'"
    neovim.until(lambda: neovim.lines()[LAST + 1] == expected, "the value of the enumeration")


@pytest.mark.drives("signature")
@pytest.mark.usefixtures("voucher")
def test_the_arguments_of_a_type_are_shown(neovim: Neovim) -> None:
    neovim.open(VOUCHER)
    neovim.type(f":{SEEN + 1}<CR>okind: enum(<C-S>")
    neovim.sees("enum(value, …)")


@pytest.mark.drives("hover")
@pytest.mark.usefixtures("voucher")
def test_hover_of_a_field_shows_its_column(neovim: Neovim) -> None:
    neovim.open(VOUCHER)
    neovim.type("/email:<CR>K")
    neovim.sees("email TEXT NOT NULL")
    neovim.not_stuck()


@pytest.mark.drives("fixes")
@pytest.mark.usefixtures("voucher")
def test_an_unknown_type_is_changed_by_a_code_action(neovim: Neovim) -> None:
    neovim.open(VOUCHER)
    neovim.until(lambda: ("unknown-type", SEEN) in neovim.findings(), "the diagnostic")
    neovim.type(f":{SEEN + 1}<CR>$gra")
    neovim.choose("Change to datetime")
    neovim.until(lambda: neovim.lines()[SEEN] == "  seen: datetime", "the type that was meant")
    neovim.until(lambda: "unknown-type" not in dict(neovim.findings()), "the end of the diagnostic")
    assert neovim.lines()[:SEEN] + neovim.lines()[SEEN + 1 :] == [
        line for line in TEXT.splitlines() if "seen" not in line
    ]


@pytest.mark.drives("fix-all")
@pytest.mark.usefixtures("voucher")
def test_what_changes_no_meaning_is_fixed_at_once(neovim: Neovim) -> None:
    neovim.open(VOUCHER)
    neovim.type(f":{SEEN + 1}<CR>otitle: string<Esc>")
    neovim.until(lambda: ("unknown-type", SEEN + 1) in neovim.findings(), "the diagnostic")
    neovim.lua("vim.lsp.buf.code_action({ context = { only = { 'source.fixAll' }, diagnostics = {} }, apply = true })")
    neovim.until(lambda: neovim.lines()[SEEN + 1] == "  title: text", "the type that SpecQL makes of it")
    assert neovim.lines()[SEEN] == "  seen: timestamp"


@pytest.mark.drives("faded")
@pytest.mark.usefixtures("voucher")
def test_what_is_not_read_is_faded(neovim: Neovim) -> None:
    neovim.open(VOUCHER)
    neovim.until(lambda: ("key-not-read", STATE) in neovim.findings(), "the hint")
    (faded,) = neovim.until(lambda: faded_texts(neovim), "what is faded")
    assert faded == "required"


def faded_texts(neovim: Neovim) -> list[str]:
    """The texts that Neovim shows as unnecessary."""
    return list(
        neovim.lua(
            """
            local found = {}
            for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { details = true })) do
              if mark[4].hl_group == 'DiagnosticUnnecessary' then
                local last = mark[4]
                local text = vim.api.nvim_buf_get_text(0, mark[2], mark[3], last.end_row, last.end_col, {})
                vim.list_extend(found, text)
              end
            end
            return found
            """
        )
    )
