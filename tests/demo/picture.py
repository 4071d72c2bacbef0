"""The README's picture: some steps of the real demo as an SVG of a terminal.

``python -m tests.demo.picture`` runs the demo and writes ``docs/images/demo.svg``. The picture refers to nothing
outside itself: no fonts, no scripts, no addresses but SVG's own namespace.
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
from html import escape
from pathlib import Path

from tests.demo.__main__ import demo
from tests.demo.screen import WIDTH, Screen

TARGET = Path(__file__).parents[2] / "docs" / "images" / "demo.svg"

STEPS = (
    "A new file, entities/crm/voucher.yaml",
    "An editor: which types are there",
    "What becomes of the field email?",
    "Allocate a code for entities/crm/ticket.yaml",
)
"""The beginnings of the steps that are shown; of steps that begin alike, the last."""

_COLUMN = 8.4
_LINE = 18
_MARGIN = 20
_BAR = 36
_COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea"}
_TEXT = "#e6edf3"
_DIM = "#8b949e"
_SGR = re.compile(r"\x1b\[([\d;]*)m")
_STEP = re.compile(r"\x1b\[1m● (.*)\x1b\[0m")
_PART = re.compile(r"\x1b\[1;36m━━")


def steps_of(output: str) -> list[str]:
    """The lines of the steps that the picture shows."""
    steps: dict[str, list[str]] = {}
    current: list[str] = []
    for line in output.split("\n"):
        begins = _STEP.fullmatch(line)
        if begins or _PART.match(line):
            current = []
            prefix = next((p for p in STEPS if begins and begins[1].startswith(p)), None)
            if prefix is not None:
                steps[prefix] = current
        current.append(line)
    lines: list[str] = []
    for prefix in STEPS:
        lines.extend(steps[prefix])
    while lines and not lines[-1]:
        lines.pop()
    return lines


def svg(lines: list[str], title: str) -> str:
    """A terminal with these lines, their SGR styles kept."""
    width = round(2 * _MARGIN + WIDTH * _COLUMN)
    height = _BAR + 2 * _MARGIN + len(lines) * _LINE
    rows = [_row(line, _BAR + _MARGIN + (number + 0.75) * _LINE) for number, line in enumerate(lines)]
    dots = "".join(
        f'<circle cx="{_MARGIN + 18 * i}" cy="{_BAR // 2}" r="6" fill="{colour}"/>'
        for i, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">'
    )
    style = (
        "<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
        "white-space:pre}</style>"
    )
    background = f'<rect width="{width}" height="{height}" rx="10" fill="#0d1117"/>'
    bar = f'<text x="{width / 2:g}" y="{_BAR / 2 + 5:g}" text-anchor="middle" fill="{_DIM}">{escape(title)}</text>'
    return "\n".join([head, style, background, dots, bar, *(row for row in rows if row), "</svg>", ""])


def _row(line: str, y: float) -> str:
    runs: list[str] = []
    column, at, style = 0, 0, ""
    for match in [*_SGR.finditer(line), None]:
        text = line[at : match.start() if match else len(line)]
        if text.strip():
            lead = len(text) - len(text.lstrip())
            shown = text.strip()
            runs.append(
                f'<tspan x="{_MARGIN + (column + lead) * _COLUMN:.1f}" textLength="{len(shown) * _COLUMN:.1f}" '
                f'lengthAdjust="spacingAndGlyphs"{_attributes(style)}>{escape(shown, quote=False)}</tspan>'
            )
        column += len(text)
        if match:
            style, at = match[1], match.end()
    return f'<text y="{y:g}" xml:space="preserve" fill="{_TEXT}">{"".join(runs)}</text>' if runs else ""


def _attributes(style: str) -> str:
    numbers = [] if style in {"", "0"} else style.split(";")
    colour = next((_COLOURS[n] for n in numbers if n in _COLOURS), _DIM if "2" in numbers else None)
    weight = ' font-weight="bold"' if "1" in numbers else ""
    return (f' fill="{colour}"' if colour else "") + weight


def main() -> int:
    """Runs the demo and writes the picture."""
    output = io.StringIO()
    asyncio.run(demo(Screen(output, colour=True)))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(svg(steps_of(output.getvalue()), "make demo"), encoding="utf-8")
    print(f"{TARGET.name}: {len(steps_of(output.getvalue()))} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
