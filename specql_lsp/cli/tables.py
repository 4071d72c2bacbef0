"""Tables for a terminal: columns that line up, also with wide characters. Pure: rows in, text out."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import click

from specql_lsp.printable import printable

_GAP = "  "
_CUT = "…"
_NARROWEST = 12
"""The last column is not cut below this many columns of the terminal; a line rather wraps then."""
_INVISIBLE = frozenset({"Mn", "Me", "Cf"})
"""Categories of characters that take no column: combining marks and format characters."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table, and how it is shown where colours are."""

    text: str
    colour: str | None = None
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, and whether it holds numbers, which end in one line instead of beginning in one."""

    title: str
    numeric: bool = False


Row = Sequence[str | int | Cell]


def table(columns: Sequence[Column], rows: Sequence[Row], width: int | None) -> str:
    """A table with a line for the titles and one for each row; lines do not end in spaces.

    Args:
        columns: at least one; the last is cut where the line is longer than the terminal.
        rows: each with a value for every column.
        width: the terminal's columns; None cuts nothing.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    titles = [Cell(column.title, bold=True) for column in columns]
    widths = [max(display_width(row[at].text) for row in [titles, *cells]) for at in range(len(columns))]
    if width is not None:
        before = sum(widths[:-1]) + len(_GAP) * (len(columns) - 1)
        widths[-1] = min(widths[-1], max(width - before, _NARROWEST))
    return "\n".join(_line(columns, row, widths) for row in [titles, *cells])


def display_width(text: str) -> int:
    """How many columns of a terminal a text takes; wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def cut(text: str, width: int) -> str:
    """The text, or its beginning and an ellipsis where it takes more than ``width`` columns of a terminal."""
    if display_width(text) <= width:
        return text
    kept, taken = [], display_width(_CUT)
    for character in text:
        taken += _character_width(character)
        if taken > width:
            break
        kept.append(character)
    return "".join(kept).rstrip() + _CUT


def plain(text: str) -> str:
    """The text on one line as ``printable`` shows it, without white space around it."""
    return printable(text.strip())


def _cell(value: str | int | Cell) -> Cell:
    if isinstance(value, Cell):
        return Cell(plain(value.text), value.colour, value.bold)
    return Cell(plain(str(value)))


def _line(columns: Sequence[Column], row: Sequence[Cell], widths: Sequence[int]) -> str:
    parts: list[str] = []
    last = len(columns) - 1
    for at, (column, cell, width) in enumerate(zip(columns, row, widths, strict=True)):
        text = cut(cell.text, width) if at == last else cell.text
        padding = " " * (width - display_width(text))
        shown = click.style(text, fg=cell.colour, bold=cell.bold or None) if cell.colour or cell.bold else text
        if column.numeric:
            parts.append(padding + shown)
        else:
            parts.append(shown if at == last else shown + padding)
    return _GAP.join(parts).rstrip()


def _character_width(character: str) -> int:
    if unicodedata.category(character) in _INVISIBLE:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
