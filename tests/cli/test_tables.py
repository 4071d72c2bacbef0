"""Tables: columns line up whatever characters stand in them, and nothing commands the terminal."""

from __future__ import annotations

import unicodedata

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.cli.tables import Cell, Column, cut, display_width, plain, table

COLUMNS = (Column("CODE"), Column("FREE", numeric=True), Column("NAME"))


def test_a_table() -> None:
    rows = [("012031", 5, "crm"), (Cell("01", bold=True), 1234, Cell("顧客", "red"))]
    assert click.unstyle(table(COLUMNS, rows, None)).split("\n") == [
        "CODE    FREE  NAME",
        "012031     5  crm",
        "01      1234  顧客",
    ]


def test_styles_do_not_count_as_width() -> None:
    text = table(COLUMNS, [(Cell("01", "green", bold=True), Cell("3", "red"), "x")], None)
    assert text.split("\n")[1] == "\x1b[1;32m01\x1b[0m       \x1b[31m3\x1b[0m  x"


def test_lines_do_not_end_in_spaces_even_where_they_are_styled() -> None:
    text = table(COLUMNS, [("01", 3, Cell("red", "red")), ("02", 4, "a longer one"), ("03", 5, "")], None)
    assert text.split("\n")[1].endswith("\x1b[31mred\x1b[0m")
    assert [line == line.rstrip() for line in click.unstyle(text).split("\n")] == [True] * 4


@pytest.mark.parametrize("variables", [{"COLUMNS": "20"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"FORCE_COLOR": "1"}])
def test_the_environment_changes_no_table(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """What is styled and how wide it is, is decided where it is printed."""
    rows = [(Cell("01", "green"), 3, "[bold]no markup[/] :smile: https://example.org 'x' " * 5)]
    before = table(COLUMNS, rows, None)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert table(COLUMNS, rows, None) == before
    assert "[bold]no markup[/] :smile:" in click.unstyle(before)


def test_the_last_column_is_cut_to_the_terminal() -> None:
    rows = [("012031", 5, "a description that goes on")]
    assert click.unstyle(table(COLUMNS, rows, 30)).split("\n")[1] == "012031     5  a description t…"
    # Too narrow to be of use: the terminal breaks the line.
    assert click.unstyle(table(COLUMNS, rows, 10)).split("\n")[1] == "012031     5  a descripti…"


def test_widths() -> None:
    assert [display_width(text) for text in ("abc", "顧客", "e\N{COMBINING ACUTE ACCENT}", "é", "\u200b")] == [
        3, 4, 1, 1, 0,
    ]  # fmt: skip
    assert cut("顧客番号", 8) == "顧客番号"
    assert cut("顧客番号", 7) == "顧客番…"
    assert cut("顧客番号", 6) == "顧客…"


def test_text_of_the_registry_stays_on_its_line() -> None:
    assert plain(" two\n  lines\tand\x1b[31m red\x07\x9b\n") == r"two\n  lines\tand\x1b[31m red\x07\x9b"


@given(st.lists(st.tuples(st.text(max_size=8), st.integers(0, 10**6), st.text(max_size=30)), max_size=6))
def test_columns_line_up(rows: list[tuple[str, int, str]]) -> None:
    head, *lines = click.unstyle(table(COLUMNS, rows, 40)).split("\n")
    assert len(lines) == len(rows)
    start = display_width(head[: head.index("FREE") + 4])
    for line, (_, number, _name) in zip(lines, rows, strict=True):
        assert all(unicodedata.category(character) != "Cc" for character in line)
        assert _up_to(line, start).endswith(f" {number}")


@given(st.text(), st.integers(1, 40))
def test_what_is_cut_fits(text: str, width: int) -> None:
    assert display_width(cut(text, width)) <= width
    if display_width(text) <= width:
        assert cut(text, width) == text


def _up_to(line: str, width: int) -> str:
    """The beginning of a line that takes so many columns."""
    return next(line[:end] for end in range(len(line) + 1) if display_width(line[:end]) == width)
