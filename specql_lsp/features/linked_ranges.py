"""The name of a YAML anchor and of its aliases, which an editor changes together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specql_lsp.index.symbols import SymbolKind
from specql_lsp.semantics.classify import classify
from specql_lsp.syntax.pyyaml import Kind, Token, parse_events
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

WORD = r"[0-9A-Za-z_-]+"
"""A name of an anchor that PyYAML reads; a regular expression for clients, too."""
_NAME = re.compile(rf"[&*]{WORD}")
_LONGEST = 1_000
_MOST_ERRORS = 20
"""So many lines may be refused; each costs the parse of what follows it."""


def linked_ranges(document: Document, offset: int) -> tuple[Span, ...]:
    """The names, without ``&`` and ``*``, of an anchor and the aliases that refer to it, where one is at an offset.

    None where nothing refers to the anchor, or the alias to none. An anchor of the same name further down is another.
    """
    if not document.is_specql or not _may_be_at(document.text, offset):
        return ()
    linked: dict[str, list[Span]] = {}
    groups: list[list[Span]] = []
    for token in _names(document):
        if token.kind is Kind.DOCUMENT_START:
            linked = {}
            continue
        name, span = document.text[token.start + 1 : token.end], Span(token.start + 1, token.end)
        if token.kind is Kind.ANCHOR:
            linked[name] = [span]
            groups.append(linked[name])
        elif name in linked:
            linked[name].append(span)
    found = next((group for group in groups if any(span.contains(offset) for span in group)), [])
    return tuple(found) if len(found) > 1 else ()


def _names(document: Document) -> Iterator[Token]:
    """The anchors and aliases of a text, and where its documents begin.

    Behind a line that PyYAML refuses, as while it is typed, those that the tree has as well: what is amid quotes that
    are open there is none.
    """
    text, lines = document.text, document.lines
    begin = taken = 0
    for refused in range(_MOST_ERRORS):
        parsed = parse_events(text, begin)
        for token in parsed.tokens:
            if token.kind in {Kind.ANCHOR, Kind.ALIAS} and token.start >= taken:
                symbol = classify(document, token.start + 1) if refused else None
                if not refused or (symbol is not None and symbol.kind is SymbolKind.ANCHOR):
                    yield token
            elif token.kind is Kind.DOCUMENT_START and token.start >= taken:
                yield token
        if parsed.error is None:
            return
        taken = max(taken, parsed.tokens[-1].end if parsed.tokens else 0)
        line = lines.line_of(parsed.error.span.start)
        if lines.line_start(line) <= begin:
            line = lines.line_of(begin) + 1
        if line >= lines.line_count:
            return
        begin = lines.line_start(line)


def _may_be_at(text: str, offset: int) -> bool:
    """Whether an anchor or alias is written around an offset, or what looks like one."""
    start = offset
    while start > max(offset - _LONGEST, 0) and text[start - 1] not in "&* \t\r\n":
        start -= 1
    match = _NAME.match(text, start - 1) if start > 0 else None
    return match is not None and match.end() >= offset
