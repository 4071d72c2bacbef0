"""The text of scalars as YAML reads it: quotes, escapes and folds taken away (YAML 1.1, sections 5.6 and 9)."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r\n|.)", re.DOTALL)
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
    "\n": "",
    "\r\n": "",
}
_LINE_FOLD = re.compile(r"[ \t]*(?:\r\n|\n|\r)[ \t]*((?:(?:\r\n|\n|\r)[ \t]*)*)")
_BREAK = re.compile(r"\r\n|\n|\r")


def _fold(text: str) -> str:
    """One line break becomes a space, each further one a line feed."""
    if "\n" not in text and "\r" not in text:
        return text
    return _LINE_FOLD.sub(lambda m: "\n" * len(_BREAK.findall(m.group(1))) or " ", text)


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

    def unescape(match: re.Match[str]) -> str:
        escape = match.group(1)
        if escape[0] in "xuU" and len(escape) > 1:
            code = int(escape[1:], 16)
            return chr(code) if code <= 0x10FFFF else match.group()
        return _NAMED.get(escape, match.group())

    return _ESCAPE.sub(unescape, _fold(inner))


def block(raw: str) -> str:
    """The value of a literal or folded block scalar, given from its indicator on; folding of the latter is plain.

    The chomping indicator is honoured; an indentation indicator is not needed, as the first line tells.
    """
    header, _, body = raw.partition("\n")
    lines = body.split("\n")
    indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    margin = min(indents, default=0)
    dedented = [line[margin:].rstrip("\r") for line in lines]
    while dedented and not dedented[-1].strip():
        dedented.pop()
    text = "\n".join(dedented)
    if header.startswith(">"):
        text = re.sub(r"(?<!\n)\n(?![\n ])", " ", text)
    return text if "-" in header[:3] or not text else text + "\n"
