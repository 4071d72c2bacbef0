"""The diagnostics as a table, and one of them as a page."""

from __future__ import annotations

import io
from collections.abc import Iterable

from specql_lsp.cli.tables import Cell, Column, table
from specql_lsp.features.diagnostics.pages import page
from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.severity import Severity

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFORMATION: "blue", Severity.HINT: "cyan"}
_WIDEST = 100
"""Text is wrapped at this many columns where the terminal has more."""


def overview(rules: Iterable[Rule], width: int | None) -> str:
    """The diagnostics with their severities, a line each; ``width`` as ``tables.table`` has it."""
    rows = [
        (Cell(rule.code, bold=True), Cell(rule.severity.name.lower(), COLOURS[rule.severity]), rule.summary)
        for rule in rules
    ]
    return table((Column("CODE"), Column("SEVERITY"), Column("WHEN")), rows, width)


def explanation(rule: Rule, width: int | None) -> str:
    """A diagnostic's page: laid out for a terminal of ``width`` columns, or as Markdown where that is None."""
    text = page(rule).rstrip("\n")
    if width is None:
        return text
    # Imported here: a list needs neither a parser of Markdown nor a highlighter.
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(
        file=io.StringIO(),
        width=min(width, _WIDEST),
        force_terminal=True,
        color_system="standard",
        no_color=False,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as capture:
        console.print(Markdown(text, code_theme="ansi_dark", hyperlinks=False))
    return "\n".join(line.rstrip() for line in capture.get().rstrip("\n").split("\n"))
