"""The text of scalars as YAML reads it: quotes, escapes and folds taken away (YAML 1.1, sections 5.6 and 9)."""

from __future__ import annotations

import re

ESCAPE_OR_FOLD = re.compile(
    r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|(?:(?:\r\n|\n|\r)[ \t]*)+|.)"
    r"|[ \t]*(?:\r\n|\n|\r)[ \t]*((?:(?:\r\n|\n|\r)[ \t]*)*)",
    re.DOTALL,
)
_NAMED = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "/": "/",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
LINE_FOLD = re.compile(r"[ \t]*(?:\r\n|\n|\r)[ \t]*((?:(?:\r\n|\n|\r)[ \t]*)*)")
_BREAK = re.compile(r"\r\n|\n|\r")

_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]")
_AS_LINE_FEEDS = str.maketrans("\x85\u2028\u2029", "\n\n\n")


def with_line_feeds(text: str) -> str:
    """The text with line feeds for what YAML 1.1 takes for line breaks, too, and YAML 1.2 does not."""
    return text if text.isascii() or _OTHER_BREAKS.search(text) is None else text.translate(_AS_LINE_FEEDS)


def _fold(text: str) -> str:
    """One line break becomes a space, each further one a line feed."""
    if "\n" not in text and "\r" not in text:
        return text
    return LINE_FOLD.sub(folded, text)


def folded(match: re.Match[str]) -> str:
    """What a match of ``LINE_FOLD`` is read as."""
    return folded_break(match.group(1))


def folded_break(further: str) -> str:
    """What one line break with further ones is read as."""
    return "\n" * len(_BREAK.findall(further)) or " "


def plain(raw: str) -> str:
    """The value of a plain scalar."""
    return _fold(raw)


def single_quoted(raw: str) -> str:
    """The value of a single-quoted scalar, given with its quotes; a missing closing quote is forgiven."""
    inner = raw[1:-1] if len(raw) > 1 and raw.endswith("'") else raw[1:]
    return _fold(inner.replace("''", "'"))


def double_quoted(raw: str) -> str:
    """The value of a double-quoted scalar, given with its quotes; a missing closing quote is forgiven."""
    inner = raw[1:-1] if len(raw) > 1 and raw.endswith('"') else raw[1:]
    if "\\" not in inner:
        return _fold(inner)
    return ESCAPE_OR_FOLD.sub(unescaped, inner)


def unescaped(match: re.Match[str]) -> str:
    """What a match of ``ESCAPE_OR_FOLD`` is read as."""
    escape = match.group(1)
    if escape is None:
        return folded_break(match.group(2))
    if escape[0] in "\r\n":  # a break behind a backslash joins the lines; each further one is kept
        return "\n" * (len(_BREAK.findall(escape)) - 1)
    if escape[0] in "xuU" and len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code) if code <= 0x10FFFF else match.group()
    return _NAMED.get(escape, match.group())
