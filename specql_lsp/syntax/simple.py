"""Tells texts of simple lines, as registries are written by machines, in a fraction of the time that parsing takes."""

from __future__ import annotations

import re

_QUOTED = r"'[^'\r\n]*+'(?!')|\"[^\"\\\r\n]*+\""
_WORD = r"[A-Za-z0-9_][A-Za-z0-9_.-]*+"
_KEY = rf"(?:{_WORD}|{_QUOTED})"
_ITEM = _KEY
_PLAIN = r"[A-Za-z0-9(](?:[^:#\t\r\n ]|:(?=[^\s])| (?!#))*+"
_LIST = rf"\[(?: *+{_ITEM}(?:, *+{_ITEM})*+)? *+\]"
_PAIRS = rf"\{{(?: *+{_KEY}: {_ITEM}(?:, *+{_KEY}: {_ITEM})*+)? *+\}}"
_VALUE = rf"(?:{_LIST}|{_PAIRS}|{_QUOTED}|{_PLAIN})"
_COMMENT = r"(?: *+(?:(?<= )|(?<![^\r\n]))#[^\r\n\t]*+)?"
_LINE = rf" *+(?:(?:- )?{_KEY}:(?: ++{_VALUE})?|- {_ITEM})?{_COMMENT} *+"
_LINES = re.compile(rf"(?:{_LINE}(?:\r\n|\n))*+(?:{_LINE})?\Z")


def has_simple_lines_only(text: str) -> bool:
    """Whether every line is empty, a comment, a key, a key with a value that ends on its line, or an item.

    Where that is so, and tree-sitter finds no fault, PyYAML finds none either: its rules differ from tree-sitter's in
    what such lines do not have (anchors, tags, tabs, texts and collections of several lines).
    """
    return _LINES.match(text) is not None
