"""A text that is one flow mapping whose end is not typed yet: it is read as if its brackets were closed at the end.

tree-sitter finds no structure in such a text, and its lines are not those of a block mapping.
"""

from __future__ import annotations

import re

from specql_lsp.syntax.nodes import Entry, Mapping, Node, Sequence
from specql_lsp.syntax.parsing.parse_piece import parse_any
from specql_lsp.syntax.parsing.piece import Piece
from specql_lsp.syntax.text import Span

_BEGIN = re.compile(r"(?:[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n))*+[ \t]*+\{")
_TOKEN = re.compile(
    r"""(?P<open>[\[{])|(?P<close>[\]}])
        |(?P<quoted>(?<![^\s\[\]{},:])(?:"(?:[^"\\]|\\.)*(?P<double>"?)|'(?:[^']|'')*(?P<single>'?)))
        |(?P<comment>(?<!\S)\#[^\r\n]*)""",
    re.VERBOSE | re.DOTALL,
)
_CLOSERS = {"{": "}", "[": "]"}
_LONGEST = 100_000
"""Code points; a longer text is no flow mapping that somebody writes."""


def parse_unclosed(text: str) -> Piece | None:
    """What a text holds that begins with ``{`` and ends before its last bracket; None for any other text.

    Its problems are those of the text as it is. Spans end where the text does.
    """
    if len(text) > _LONGEST or not _BEGIN.match(text):
        return None
    closing = _closing(text)
    if closing is None:
        return None
    closed = parse_any(text + closing, 0)
    if closed.problems or not isinstance(closed.root, Mapping):
        return None
    root = _within(closed.root, len(text))
    return closed._replace(root=root, problems=parse_any(text, 0).problems, anchored=())


def _closing(text: str) -> str | None:
    """What closes the quote and the brackets that are open at the end; None where none is, or they do not match."""
    expected: list[str] = []
    quote, is_comment = "", False
    for token in _TOKEN.finditer(text):
        is_last = token.end() == len(text)
        if token["open"]:
            expected.append(_CLOSERS[token["open"]])
        elif token["close"]:
            if not expected or expected.pop() != token["close"] or not expected:
                return None
        elif token["quoted"]:
            is_open = not (token["double"] or token["single"])
            quote = token["quoted"][0] if is_last and is_open else ""
        else:
            is_comment = is_last
    return quote + ("\n" if is_comment else " ") + "".join(reversed(expected)) if expected else None


def _within(node: Node, end: int) -> Node:
    """A node whose spans end at an offset at the latest."""
    if node.span.end <= end:
        return node
    span = Span(min(node.span.start, end), end)
    if isinstance(node, Mapping):
        return node._replace(span=span, content=tuple(_entry_within(each, end) for each in node.entries))
    if isinstance(node, Sequence):
        return node._replace(span=span, content=tuple(_within(each, end) for each in node.items))
    return node._replace(span=span)


def _entry_within(entry: Entry, end: int) -> Entry:
    if entry.span.end <= end:
        return entry
    value = None if entry.value is None else _within(entry.value, end)
    return Entry(Span(min(entry.span.start, end), end), _within(entry.key, end), value)
