"""Where a text is not YAML as PyYAML, SpecQL's reader, reads it: every error with its place and a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specql_lsp.syntax.explanation import explain
from specql_lsp.syntax.grammar import first_error
from specql_lsp.syntax.nodes import Alias, Mapping, Node, Sequence
from specql_lsp.syntax.parser import SyntaxTree
from specql_lsp.syntax.simple import has_simple_lines_only
from specql_lsp.syntax.text import LineIndex, Span

_MOST = 20
_TOP_LEVEL_KEY = re.compile(r"^[A-Za-z_\"'][^:\n\r]*:(?=\s|$)", re.MULTILINE)
_CONFLICT = re.compile(r"^<{7}(?: .*)?$", re.MULTILINE)
# What PyYAML's reader refuses anywhere in a text, comments included.
_UNPRINTABLE = re.compile("[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def syntax_errors(tree: SyntaxTree) -> Iterator[tuple[Span, str]]:
    """Where the text is not YAML, in plain words; one error a top-level section.

    tree-sitter tells whether to look at all, and tabs, which it allows where PyYAML does not; PyYAML's own rules
    then decide, so that what SpecQL reads without a word is never called wrong.
    """
    yield from _unprintable(tree)
    if tree.has_problems or "\t" in tree.text:
        yield from _visible_errors(tree)


def all_syntax_errors(tree: SyntaxTree) -> Iterator[tuple[Span, str]]:
    """The same by PyYAML's own rules wherever they could refuse what tree-sitter takes.

    That takes a second for 48,000 lines that are not simple, which is too long while somebody types.
    """
    yield from _unprintable(tree)
    if tree.has_problems or not has_simple_lines_only(tree.text):
        yield from _visible_errors(tree)


def unknown_aliases(tree: SyntaxTree) -> Iterator[tuple[Span, str]]:
    """Aliases before which no anchor of that name stands: PyYAML refuses the file."""
    # In a text with errors, anchors can be lost in the part that was not understood.
    if tree.has_problems or tree.root is None or "*" not in tree.text:
        return
    stack: list[Node] = [tree.root]
    while stack:
        node = stack.pop()
        if isinstance(node, Alias) and node.name not in tree.anchors:
            message = f"No anchor &{node.name} stands before this alias: define it, or quote the value if it is a text."
            yield node.span, message
        stack.extend(_children(node))


def _unprintable(tree: SyntaxTree) -> Iterator[tuple[Span, str]]:
    text = tree.text
    unprintable = _UNPRINTABLE.search(text)
    if unprintable is not None:
        name = f"U+{ord(unprintable.group()):04X}"
        message = f"YAML allows no {name} character: delete it, or write it as an escape between double quotes."
        yield Span(unprintable.start(), unprintable.end()), message


def _visible_errors(tree: SyntaxTree) -> Iterator[tuple[Span, str]]:
    return ((_visible(span, tree.lines), message) for span, message in _errors(tree.text, tree.lines))


def _errors(text: str, lines: LineIndex) -> Iterator[tuple[Span, str]]:
    """One error a top-level section: PyYAML stops at its first, a reader wants to see the others, too."""
    start = 0
    seen: set[Span] = set()
    for count in range(_MOST):
        error = first_error(text, start)
        if error is None:
            return
        if count == 0:
            conflicts = [m.span() for m in _CONFLICT.finditer(text)][:_MOST]
            if conflicts:
                for found in conflicts:
                    yield Span(*found), "A merge conflict is not resolved here: keep one side and delete the markers."
                return
        span, message = explain(text, lines, error)
        if span not in seen:
            yield span, message
        seen.add(span)
        after = lines.line_start(lines.line_of(max(span.start, start)) + 1)
        section = _TOP_LEVEL_KEY.search(text, after)
        if section is None:
            return
        start = section.start()


def _visible(span: Span, lines: LineIndex) -> Span:
    """The span cut to its first line, and never empty as far as the text has a character to show."""
    line = lines.line_span(lines.line_of(span.start))
    end = min(span.end, max(line.end, span.start))
    if end > span.start:
        return Span(span.start, end)
    if span.start < line.end:
        return Span(span.start, span.start + 1)
    if line.end > line.start:
        return Span(line.end - 1, line.end)
    start = min(span.start, max(len(lines.text) - 1, 0))
    return Span(start, min(start + 1, len(lines.text)))


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, Mapping):
        for entry in node.entries:
            yield entry.key
            if entry.value is not None:
                yield entry.value
    elif isinstance(node, Sequence):
        yield from node.items
