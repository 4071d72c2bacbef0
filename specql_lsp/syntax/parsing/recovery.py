"""Keys by indentation, for text in which the parser lost the structure.

A bad indent or a tab can turn tree-sitter's root into an error and lose keys (tree-sitter-yaml issues 12 and 14);
completion and hover must go on working while a user types.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import NamedTuple

from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, ScalarStyle
from specql_lsp.syntax.parsing import scalars
from specql_lsp.syntax.parsing.parse_piece import parse_any
from specql_lsp.syntax.text import LineIndex, Span

KEY_LINE = re.compile(
    r"""(?P<indent>[ \t]*)(?P<dashes>(?:-[ \t]+)*)
        (?P<key>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#&*!|>%@`"'\[\]{},\-?:][^#\n]*?|-[^\s#][^#\n]*?)
        [ \t]*:(?=[ \t]|\Z)[ \t]*(?P<value>.*)\Z""",
    re.VERBOSE,
)
BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*[ \t]*(?:#.*)?\Z")
LONE_BLOCK_SCALAR = re.compile(r"[ \t]*(?:[&!][^\s]*[ \t]+)*[|>][-+0-9]*[ \t]*(?:#.*)?\Z")
_PLAIN_END = re.compile(r"(?<![ \t])[ \t]+(?:#.*)?\Z")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"?|'(?:[^']|'')*'?")
_MARK = re.compile(r"---(?=\s|\Z)")
PROPERTIES = re.compile(r"(?:[&!][^\s]*[ \t]+)+")


_MAX_DEPTH = 100
"""Deeper nesting than any person writes: what is beneath belongs to this level, and the stack is not exhausted."""


_LONGEST_LINE = 10_000
"""Code points in which the key of a line is looked for: the pattern may take the square of their number."""


class _Line(NamedTuple):
    column: int
    item: bool
    key: Scalar
    value: Node | None
    document: int


def value_length(value: str) -> int:
    """How much of the rest of a line is the value: a comment and white space behind it are not."""
    quoted = _QUOTED.match(value)
    if quoted:
        return quoted.end()
    if value.startswith("#"):
        return 0
    end = _PLAIN_END.search(value)
    return end.start() if end else len(value)


def scalar_of(raw: str, start: int) -> Scalar:
    """The scalar written as ``raw`` at ``start``."""
    span = Span(start, start + len(raw))
    if raw.startswith("'"):
        return Scalar(span, scalars.single_quoted(raw), ScalarStyle.SINGLE_QUOTED)
    if raw.startswith('"'):
        return Scalar(span, scalars.double_quoted(raw), ScalarStyle.DOUBLE_QUOTED)
    return Scalar(span, scalars.plain(raw), ScalarStyle.PLAIN)


def mappings_by_indentation(lines: LineIndex) -> list[Mapping]:
    """The mapping that the indentation of each document of a text suggests; none for a document without a key.

    Items of sequences are passed over: what they hold belongs to no key of its own.
    """
    found: list[Mapping] = []
    for _, rows in groupby(_rows(lines), key=lambda row: row.document):
        of_document = list(rows)
        entries, _ = _mapping(of_document, 0, of_document[0].column, 0)
        if entries:
            found.append(Mapping(Span(entries[0].span.start, entries[-1].span.end), tuple(entries), flow=False))
    return found


def _rows(lines: LineIndex) -> list[_Line]:
    rows: list[_Line] = []
    value: Node | None
    skip_deeper_than: int | None = None
    document = 0
    for number in range(lines.line_count):
        line = lines.line_text(number)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if _MARK.match(line):
            document, skip_deeper_than = document + 1, None
            continue
        indent = len(line) - len(line.lstrip())
        if skip_deeper_than is not None:
            if indent > skip_deeper_than:
                continue
            skip_deeper_than = None
        match = KEY_LINE.match(line[:_LONGEST_LINE])
        if match is None:
            if LONE_BLOCK_SCALAR.match(line) is not None:  # PyYAML takes one that begins a line for the key's value
                skip_deeper_than = min(indent, rows[-1].column) if rows else -1
            continue
        start = lines.line_start(number)
        item = bool(match.group("dashes"))
        key = scalar_of(match.group("key"), start + match.start("key"))
        value_start = match.start("value")
        properties = PROPERTIES.match(line, value_start)
        if properties:
            value_start = properties.end()
        raw = line[value_start:]
        if BLOCK_SCALAR.match(raw):
            skip_deeper_than = indent
            value = None
        else:
            raw = raw[: value_length(raw)]
            value = _value(raw, start + value_start)
        rows.append(_Line(match.start("key"), item, key, value, document))
        if item:  # everything inside the item is deeper than its dash
            skip_deeper_than = match.end("indent")
    return [row for row in rows if not row.item]


def _value(raw: str, start: int) -> Node | None:
    """The value that is written behind a key; None where it is on further lines, or is not understood."""
    if not raw or raw[0] in "*&!":
        return None
    if raw[0] not in "{[":
        return scalar_of(raw, start)
    if len(raw) > _LONGEST_LINE or raw[-1] not in "}]":
        return None
    piece = parse_any(raw, start)
    is_all = piece.root is not None and not piece.problems and piece.root.span.end == start + len(raw)
    return piece.root if is_all else None


def _mapping(rows: list[_Line], index: int, column: int, depth: int) -> tuple[list[Entry], int]:
    entries: list[Entry] = []
    while index < len(rows) and rows[index].column >= column:
        row = rows[index]
        index += 1
        value: Node | None = row.value
        if row.value is None and depth < _MAX_DEPTH and index < len(rows) and rows[index].column > row.column:
            children, index = _mapping(rows, index, rows[index].column, depth + 1)
            if children:
                value = Mapping(Span(children[0].span.start, children[-1].span.end), tuple(children), flow=False)
        entries.append(_entry(row, value))
        # Deeper lines under a value are a slip of the indentation: they belong to this level.
        while row.value is not None and index < len(rows) and rows[index].column > row.column:
            entries.append(_entry(rows[index], rows[index].value))
            index += 1
    return entries, index


def _entry(row: _Line, value: Node | None) -> Entry:
    end = value.span.end if value is not None else row.key.span.end + 1
    return Entry(Span(row.key.span.start, end), row.key, value)
