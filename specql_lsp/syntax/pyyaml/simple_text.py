"""Finds the texts, and the parts of texts, of simple lines: reading them takes a fraction of the time of a scan.

Most lines of entity files and registries are simple. Where tree-sitter finds no problem in such lines, PyYAML finds
none either: its rules differ from tree-sitter's in what such lines do not have (anchors, tags, tabs, texts and
collections of several lines).
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from specql_lsp.syntax.line_patterns import KEY, VALUE
from specql_lsp.syntax.pyyaml.implicit_types import ImplicitType, value_of

# Texts with the other line breaks of YAML 1.1 are special. Patterns that name them take milliseconds to compile.
_COMMENT = r"(?: *+(?:(?<= )|(?<![^\r\n]))#[^\r\n\t]*+)?"
_LINE = rf" *+(?:(?:- )?{KEY}:(?: ++(?:{VALUE}))?|- {KEY})?{_COMMENT} *+"
_LINES = re.compile(rf"(?:{_LINE}(?:\r\n|\n))*+(?:{_LINE})?\Z")

_MARK = re.compile(r"^(?:---|\.\.\.|%)", re.MULTILINE)
"""Marks and directives of documents."""
_LONE_RETURN = re.compile(r"\r(?!\n)")
_PROPERTY = re.compile(r"[&*!](?<=[\n \[{,][&*!])")
_NO_NUMBERS = ("0b_", "0x_")
"""What numbers begin with that PyYAML takes for such, and that Python may not read."""
_LONG = 300
_MONTH = re.compile(r"-[0-9]{1,2}-[0-9]")
_DATE = (
    r"(?<![\w'\"-])[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:(?:[Tt]|[ ]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ ]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)?"
)
_SECTION = re.compile(r"^(?=[A-Za-z_][A-Za-z0-9_]{0,500}:(?:[ \r\n]|\Z))", re.MULTILINE)
_LONE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*:[ ]*(?:(?<=[ ])#[^\r\n]*)?\r?\n")
_FIRST_CONTENT = re.compile(r"^( *)(?=[^ \r\n#])", re.MULTILINE)
_DASH = re.compile(r" *- ")
_PORTION = 100_000
"""How many code points are searched at once."""
_MOST_LINES = 40
"""A part of more lines is divided, where it can be."""


@cache
def _unprintable() -> re.Pattern[str]:
    return re.compile("[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_UNPRINTABLE_ASCII = re.compile("[^\x09\x0a\x0d\x20-\x7e]")


def first_unprintable(text: str) -> re.Match[str] | None:
    """The first character that PyYAML's reader refuses anywhere in a text, comments included."""
    return (_UNPRINTABLE_ASCII if text.isascii() else _unprintable()).search(text)


def has_simple_lines_only(text: str) -> bool:
    """Whether every line is empty, a comment, a key, a key with a value that ends on its line, or an item.

    Where that is so, and tree-sitter finds no problem, PyYAML finds none either.
    """
    return _are_simple(text) and not _is_special(text)


def _are_simple(text: str) -> bool:
    """Whether every line is simple. Asked of some lines at a time: other threads wait for one search to end."""
    at = 0
    while len(text) - at > _PORTION:
        end = text.rfind("\n", at, at + _PORTION) + 1
        if not end or _LINES.match(text, at, end) is None:
            break  # a line that is longer, or one that is not simple
        at = end
    return _LINES.match(text, at) is not None


def parts_to_check(text: str) -> list[str] | None:
    """The parts of a text in which PyYAML could find a problem though tree-sitter finds none in the whole.

    None where the text has to be checked as a whole. A part is a block of its own: it begins with a key at the margin,
    or with an entry or item of such a key's value, and ends before the next one. Where no part has a problem, the whole
    has none.
    """
    if _is_special(text):
        return None
    if _are_simple(text):
        return []
    starts = [match.start() for match in _SECTION.finditer(text)]
    if not starts:
        return None
    bounds = [*starts, len(text)]
    if _LINES.match(text[: starts[0]]) is None:
        return None
    found: list[str] = []
    for start, end in pairwise(bounds):
        section = text[start:end]
        if _LINES.match(section) is None:
            found.extend(_inner_parts(section) if section.count("\n") > _MOST_LINES else [section])
    return found


def _inner_parts(section: str) -> list[str]:
    """The entries or items below a key that are not simple; the whole section where it cannot be divided."""
    head = _LONE_KEY.match(section)
    content = _FIRST_CONTENT.search(section, head.end()) if head else None
    if head is None or content is None:
        return [section]
    indent = len(content[1])
    if indent and re.search(rf"^ {{0,{indent - 1}}}[^ \r\n#]", section[head.end() :], re.MULTILINE):
        return [section]
    at_indent = re.compile(rf"^ {{{indent}}}(?=[^ \r\n#])", re.MULTILINE)
    starts = [match.start() for match in at_indent.finditer(section, head.end())]
    kind = _DASH if _DASH.match(section, starts[0]) else re.compile(rf" {{{indent}}}[A-Za-z_][A-Za-z0-9_]*:[ \r\n]")
    if not all(kind.match(section, start) for start in starts):
        return [section]
    bounds = [*starts, len(section)]
    parts = (section[start:end] for start, end in pairwise(bounds))
    return [part for part in parts if _LINES.match(part) is None]


def _is_special(text: str) -> bool:
    """Whether a text may have what only the whole says the meaning of, or a value that is none."""
    return (
        "\t" in text
        or (not text.isascii() and re.search("[\x85\u2028\u2029\ufeff]", text) is not None)
        or ("\r" in text and _LONE_RETURN.search(text) is not None)
        or _MARK.search(text) is not None
        or text[:1] in {"&", "*", "!"}
        or any(_begins_node(text, match.start()) for match in _PROPERTY.finditer(text))
        or may_have_odd_values(text)
    )


def may_have_odd_values(text: str) -> bool:
    """Whether a text may have a plain scalar of which PyYAML fails to make a value: a number or a date that is none."""
    return (
        any(start in text for start in _NO_NUMBERS)
        or (max(map(len, text.split("\n"))) >= _LONG and re.search(r"[0-9_:]{300}", text) is not None)
        or not _has_valid_dates(text)
    )


def _begins_node(text: str, at: int) -> bool:
    """Whether what is at ``at`` may be an anchor, an alias or a tag: nothing but an indicator is before it."""
    before = text[max(at - 200, 0) : at].rstrip(" ")
    return not before or before[-1] in "\n:?-[{,"


def _has_valid_dates(text: str) -> bool:
    # Few texts have a date at all, and that is quick to see.
    for match in re.finditer(_DATE, text) if _MONTH.search(text) is not None else ():
        try:
            value_of(match.group(), ImplicitType.TIMESTAMP)
        except ValueError:
            return False
    return True
