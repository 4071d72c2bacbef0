"""What the demo writes: headings, questions, answers and files; in colour on a terminal, plain in a pipe."""

from __future__ import annotations

import difflib
import os
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import TextIO

from lsprotocol import types

WIDTH = 100
CURSOR = "▌"


class Style(Enum):
    """The styles of the demo; the values are the numbers of SGR."""

    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    BLUE = "34"
    MAGENTA = "35"
    CYAN = "36"


_SEVERITY_STYLES = {
    "error": Style.RED,
    "warning": Style.YELLOW,
    "information": Style.BLUE,
    "hint": Style.CYAN,
}
_CHECK_LINE = re.compile(r"(?P<place>\S+?:\d+:\d+): (?P<severity>\w+) \[(?P<code>[a-z-]+)\] (?P<message>.*)")


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether to write in colour: on a terminal that can, unless NO_COLOR is set (https://no-color.org)."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


class Screen:
    """Writes the demo's output, no line longer than ``WIDTH``.

    Args:
        stream: where to.
        colour: whether styles are written.
    """

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        self._stream = stream
        self._colour = colour

    @classmethod
    def on(cls, stream: TextIO) -> Screen:
        """A screen in colour where the stream and the environment allow it."""
        return cls(stream, colour=wants_colour(stream, os.environ))

    def paint(self, text: str, *styles: Style) -> str:
        """The text in some styles."""
        if not self._colour or not styles or not text:
            return text
        return f"\x1b[{';'.join(s.value for s in styles)}m{text}\x1b[0m"

    def line(self, text: str = "") -> None:
        """One line, at once: whoever looks on sees how far it is."""
        self._stream.write(text + "\n")
        self._stream.flush()

    def title(self, text: str) -> None:
        """The first line."""
        self.line(self.paint(text, Style.BOLD))

    def part(self, text: str) -> None:
        """The heading of a part."""
        self.line()
        self.line(self.paint(f"━━ {text} ".ljust(WIDTH, "━"), Style.BOLD, Style.CYAN))

    def step(self, text: str) -> None:
        """The heading of a step."""
        self.line()
        self.line(self.paint(f"● {text}", Style.BOLD))

    def say(self, text: str, *styles: Style, indent: int = 2) -> None:
        """A sentence, wrapped."""
        for line in _wrapped(text, indent, indent):
            self.line(self.paint(line, *styles))

    def shell(self, command: str) -> None:
        """A command line."""
        self.line("  " + self.paint("$ ", Style.DIM) + self.paint(command, Style.BOLD))

    def asks(self, method: str, about: str = "") -> None:
        """What the client sends."""
        self.line(
            "  " + self.paint("→ ", Style.MAGENTA) + self.paint(method, Style.MAGENTA) + (f"  {about}" if about else "")
        )

    def answers(self, text: str, *styles: Style) -> None:
        """What the server answers."""
        first, *rest = _wrapped(text, 0, 0, WIDTH - 4)
        self.line("  " + self.paint("← ", Style.GREEN) + self.paint(first, *styles))
        for line in rest:
            self.line("    " + self.paint(line, *styles))

    def hover_line(self, text: str) -> None:
        """A further line of an answer of several."""
        for line in _wrapped(text, 0, 0, WIDTH - 4):
            self.line("    " + line)

    def check_lines(self, lines: Iterable[str]) -> None:
        """The lines of ``specql-lsp check``, in its colours."""
        for line in lines:
            match = _CHECK_LINE.fullmatch(line)
            if match is None:
                self.say(line, Style.BOLD)
                continue
            place, severity, code = match["place"], match["severity"], f"[{match['code']}]"
            first, *rest = _wrapped(line, 2, 6)
            message = first[2 + len(f"{place}: {severity} {code}") :]
            self.line(
                f"  {self.paint(place, Style.BOLD)}: {self.paint(severity, _SEVERITY_STYLES[severity])} "
                f"{self.paint(code, Style.DIM)}{message}"
            )
            for line_ in rest:
                self.line(line_)

    def source(self, text: str, first_line: int = 1) -> None:
        """Lines of a file with their numbers; the cursor stands where ``CURSOR`` is."""
        for number, line in enumerate(text.rstrip("\n").split("\n"), first_line):
            before, cursor, after = line.partition(CURSOR)
            self.line(f"  {self.paint(f'{number:>4} │', Style.DIM)} {before}{self.paint(cursor, Style.CYAN)}{after}")

    def table(self, rows: Sequence[tuple[str, ...]], *, head: int = 0) -> None:
        """Rows in columns; the first column stands out. Of more rows than ``head``, the rest is only counted."""
        shown = rows[:head] if head else rows
        widths = [max(len(row[i]) for row in shown) for i in range(len(shown[0]))] if shown else []
        for first, *others in shown:
            cells = "  ".join(cell.ljust(width) for cell, width in zip(others, widths[1:], strict=True)).rstrip()
            row = f"{first.ljust(widths[0])}  {cells}"[: WIDTH - 6]
            self.line("      " + self.paint(row[: widths[0]], Style.GREEN) + row[widths[0] :].rstrip())
        if len(shown) < len(rows):
            self.line("      " + self.paint(f"… and {len(rows) - len(shown)} more", Style.DIM))

    def diff(self, path: str, before: str, after: str) -> None:
        """What has changed in a file on the disk."""
        self.line("  " + self.paint(path, Style.BOLD) + self.paint(" on the disk, before and after:", Style.DIM))
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
        for line in list(lines)[2:]:
            style = {"+": Style.GREEN, "-": Style.RED, "@": Style.DIM}.get(line[:1])
            self.line("    " + (self.paint(line, style) if style else line).rstrip())

    def diagnostics(self, path: str, text: str, found: Sequence[types.Diagnostic]) -> None:
        """Diagnostics under the lines they stand at. Columns are code points: the demo's client asks for UTF-32."""
        lines = text.split("\n")
        for diagnostic in sorted(found, key=lambda d: (d.range.start.line, d.range.start.character)):
            start, end = diagnostic.range.start, diagnostic.range.end
            severity = (diagnostic.severity or types.DiagnosticSeverity.Error).name.lower()
            style = _SEVERITY_STYLES[severity]
            self.line(f"  {self.paint(f'{path}:{start.line + 1}:{start.character + 1}', Style.BOLD)}")
            self.source(lines[start.line], start.line + 1)
            width = max(1, (end.character if end.line == start.line else len(lines[start.line])) - start.character)
            self.line(f"  {self.paint('     │', Style.DIM)} {' ' * start.character}{self.paint('^' * width, style)}")
            wrapped = _wrapped(f"{severity} [{diagnostic.code}] {diagnostic.message}", 0, 0, WIDTH - 9)
            for number, line in enumerate(wrapped):
                shown = line
                if number == 0:
                    head, _, rest = line.partition(" ")
                    shown = f"{self.paint(head, style)} {rest}"
                self.line(f"  {self.paint('     │', Style.DIM)} {shown}")

    def done(self, text: str) -> None:
        """The last line of a demo that showed all it claims."""
        self.line()
        self.line(self.paint(text, Style.BOLD, Style.GREEN))

    def failed(self, text: str) -> None:
        """The last line of a demo that did not."""
        self.line()
        self.say(text, Style.BOLD, Style.RED, indent=0)


def _wrapped(text: str, first: int, later: int, width: int = WIDTH) -> list[str]:
    """The text in lines, broken between words, never within one."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * later,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
