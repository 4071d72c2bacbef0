"""Markdown as clients show it: escaping what users wrote, tables, and the way back to plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from specql_lsp.printable import without_controls

# An underscore within a word marks nothing (CommonMark, 6.2), and some clients would show its backslash.
_SPECIAL = re.compile(r"[\\`*\[\]<>|~#&]|(?<![^\W_])_|_(?![^\W_])")
_LINE_START = re.compile(r"\A(?:[-+=]|\d+(?=[.)]))")
_WHITE_SPACE = re.compile(r"\s+")
_UNSAFE_IN_CODE = re.compile(r"[`|\s]")
_LINK = r"\[(?P<text>(?:\\.|[^\]\\])*)\]\([^)]*\)"
_MARKUP = re.compile(rf"\\(?P<escaped>[!-/:-@\[-`{{-~])|{_LINK}|\*\*|`")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_TABLE_RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\Z")


def escape(text: str) -> str:
    """``text`` so that Markdown shows it as it is, on one line; its control characters as ``\\x1b``."""
    line = without_controls(_WHITE_SPACE.sub(" ", text).strip())
    line = _SPECIAL.sub(lambda match: "\\" + match.group(), line)
    # At the beginning of a line these make lists, headings and rules; a digit itself cannot be escaped.
    start = _LINE_START.match(line)
    if start is None:
        return line
    return "\\" + line if start.end() == 1 and not line[0].isdigit() else f"{start.group()}\\{line[start.end() :]}"


def code(text: str) -> str:
    """``text`` as inline code; what code cannot contain, or a table cannot, is escaped."""
    is_unsafe = not text or _UNSAFE_IN_CODE.search(text) or without_controls(text) != text
    return escape(text) if is_unsafe else f"`{text}`"


def link(text: str, target: str) -> str:
    """``text``, unescaped so far, as a link to the URI ``target``."""
    return f"[{escape(text)}](<{target}>)" if re.search(r"[()<>\s]", target) is None else escape(text)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def shortened(text: str, limit: int) -> str:
    """``text`` on one line, cut to ``limit`` characters."""
    line = _WHITE_SPACE.sub(" ", text).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def to_plaintext(markdown: str) -> str:
    """What ``markdown`` says, for clients that show plain text only. Knows the Markdown that this package writes."""
    lines: list[str] = []
    for line in markdown.split("\n"):
        if _TABLE_RULE.match(line):
            continue
        if line == "---":
            line = ""
        elif line.startswith("|") and line.endswith("|"):
            line = "  ".join(cell.strip() for cell in _CELL_BORDER.split(line)[1:-1])
        lines.append(_without_markup(line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_markup(line: str) -> str:
    def replacement(match: re.Match[str]) -> str:
        if match.group("escaped"):
            return match.group("escaped")
        return _without_markup(match.group("text")) if match.group("text") is not None else ""

    return _MARKUP.sub(replacement, line)
