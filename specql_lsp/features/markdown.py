"""Markdown as clients show it: escaping what users wrote, tables, and the way back to plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from specql_lsp.printable import without_controls

# An underscore within a word marks nothing (CommonMark, 6.2), and some clients would show its backslash.
_SPECIAL = re.compile(r"[\\`*\[\]<>|~#&]|(?<![^\W_])_|_(?![^\W_])")
_LINE_START = re.compile(r"\A(?:[-+=]|\d+(?=[.)]))")
_LONGEST_TITLE = 100
_WHITE_SPACE = re.compile(r"\s+")
_UNSAFE_IN_CODE = re.compile(r"[`|]|[^\S ]|\A | \Z")
_LINK = r"\[(?P<text>(?:\\.|[^\]\\])*)\]\([^)]*\)"
_MARKUP = re.compile(rf"\\(?P<escaped>[!-/:-@\[-`{{-~])|{_LINK}|\*\*|`")
_BACKTICKS = re.compile(r"`+")
_BREAK = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_FENCE = re.compile(r"(`{3,})[a-z]*\Z")
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


def fenced(language: str, lines: Iterable[str]) -> str:
    """Lines as a block of code of a language; what would end the block, or is a control character, cannot."""
    shown = [without_controls(_BREAK.sub(" ", line).rstrip()) for line in lines]
    longest = max((len(run) for line in shown for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(longest + 1, 3)
    return "\n".join([f"{fence}{language}", *shown, fence])


def shortened(text: str, limit: int) -> str:
    """``text`` on one line, cut to ``limit`` characters."""
    line = _WHITE_SPACE.sub(" ", text).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def title(name: str) -> str:
    """A name in bold, cut to what fits a line."""
    return f"**{escape(cut(name, _LONGEST_TITLE))}**"


def cut(text: str, limit: int) -> str:
    """``text`` with at most ``limit`` characters, as it is but for what is cut off at its end."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def to_plaintext(markdown: str) -> str:
    """What ``markdown`` says, for clients that show plain text only. Knows the Markdown that this package writes."""
    lines: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        opened = _FENCE.match(line) if not fence else None
        if opened is not None or (fence and line == fence):
            fence = opened[1] if opened is not None else ""
            continue
        if fence:
            lines.append(line)
            continue
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
