"""Tables for a terminal: columns that line up, also with wide characters. Pure: rows in, text out.

rich lays them out; what is ours is that nothing but the last column is ever cut, that a pipe gets every line whole, and
that no cell commands the terminal.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from specql_lsp.printable import printable

if TYPE_CHECKING:
    from rich.text import Text

_GAP = 2
_CUT = "…"
_NARROWEST = 12
"""The last column is not cut below this many columns of the terminal; a line rather wraps then."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The text in one place of a table, and how it is shown where colours are."""

    text: str
    colour: str | None = None
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, and whether it holds numbers, which are aligned to the right."""

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
    # Imported here: most commands print no table.
    from rich.console import Console
    from rich.table import Table

    cells = [[_cell(value) for value in row] for row in rows]
    titles = [Cell(column.title, bold=True) for column in columns]
    widths = [max(display_width(row[at].text) for row in [titles, *cells]) for at in range(len(columns))]
    if width is not None:
        before = sum(widths[:-1]) + _GAP * (len(columns) - 1)
        widths[-1] = min(widths[-1], max(width - before, _NARROWEST))
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    for column, columns_taken in zip(columns, widths, strict=True):
        grid.add_column(width=columns_taken, no_wrap=True, justify="right" if column.numeric else "left")
    for row in [titles, *cells]:
        *before_last, last = row
        grid.add_row(*map(_styled, before_last), _styled(Cell(cut(last.text, widths[-1]), last.colour, last.bold)))
    console = Console(
        file=io.StringIO(),
        width=sum(widths) + _GAP * len(widths),
        force_terminal=True,
        color_system="standard",
        no_color=False,
        legacy_windows=False,
        _environ={},  # how wide and how styled it is, is decided where it is printed
    )
    with console.capture() as capture:
        console.print(grid)
    return "\n".join(line.rstrip() for line in capture.get().rstrip("\n").split("\n"))


def display_width(text: str) -> int:
    """How many columns of a terminal a text takes; wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """The text, or its beginning and an ellipsis where it takes more than ``width`` columns of a terminal."""
    if display_width(text) <= width:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, width - display_width(_CUT)).rstrip() + _CUT


def plain(text: str) -> str:
    """The text on one line as ``printable`` shows it, without white space around it."""
    return printable(text.strip())


def _cell(value: str | int | Cell) -> Cell:
    if isinstance(value, Cell):
        return Cell(plain(value.text), value.colour, value.bold)
    return Cell(plain(str(value)))


def _styled(cell: Cell) -> Text:
    from rich.style import Style
    from rich.text import Text

    # Of the text alone: the space that fills its column has no style, so that it can go at the end of a line.
    return Text.assemble((cell.text, Style(color=cell.colour, bold=cell.bold or None)))
