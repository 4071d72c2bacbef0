"""What a selection grows to: from the word to its operand, expression, scalar, entry and so on, to the whole file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from specql_lsp.language.expressions.heads import parse_call_head, parse_declaration, parse_row_head
from specql_lsp.language.expressions.parser import parse_assignments, parse_expression
from specql_lsp.language.keys import Meaning
from specql_lsp.language.type_syntax import parse_field_type
from specql_lsp.syntax.cursor import LONGEST_LINE, in_comment
from specql_lsp.syntax.nodes import Entry, Node, Scalar, ScalarStyle, path_at
from specql_lsp.syntax.scalar_offsets import spans_in_text
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.workspace.documents import Document

_PARSERS: Mapping[Meaning, Callable[[str], Any]] = MappingProxyType(
    {
        Meaning.EXPRESSION: parse_expression,
        Meaning.QUERY: parse_expression,
        Meaning.FIELD_PATH: parse_expression,
        Meaning.ROW_HEAD: parse_row_head,
        Meaning.CALL_HEAD: parse_call_head,
        Meaning.NOTIFICATION_HEAD: parse_call_head,
        Meaning.DECLARATION: parse_declaration,
        Meaning.ASSIGNMENT: parse_assignments,
        Meaning.FIELD_TYPE: parse_field_type,
        Meaning.TYPE: parse_field_type,
    }
)
"""What parses a scalar, by its meaning: nodes that are named tuples with spans, and tuples of such."""
_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"(?:^|(?<=[ \t]))#")
_LONGEST_PARSED = 20_000
_LONGEST_WORD = 1_000
_BLOCK_STYLES = frozenset({ScalarStyle.LITERAL, ScalarStyle.FOLDED})


def selection_ranges(document: Document, offset: int) -> tuple[Span, ...]:
    """What is around an offset (code points from 0), innermost first; each span holds the one before it.

    None for a file that is not SpecQL's.
    """
    if not document.is_specql:
        return ()
    spans = [*_word(document.text, offset), *_spans(document, offset), Span(0, len(document.text))]
    around = sorted((span for span in spans if span.end > span.start and span.contains(offset)), key=_length)
    chosen: list[Span] = []
    for span in around:
        if not chosen or (chosen[-1] != span and span.start <= chosen[-1].start and chosen[-1].end <= span.end):
            chosen.append(span)
    return tuple(chosen) or (Span(0, len(document.text)),)


def _length(span: Span) -> tuple[int, int]:
    # Of two that touch at the offset, the one behind it comes first, as editors choose a word.
    return (span.end - span.start, -span.start)


def _word(text: str, offset: int) -> Iterator[Span]:
    start = offset
    while start > max(offset - _LONGEST_WORD, 0) and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    match = _WORD.match(text, start, offset + _LONGEST_WORD)
    if match is not None:
        yield Span(*match.span())


def _spans(document: Document, offset: int) -> Iterator[Span]:
    tree = document.tree
    roots = [root for root in tree.roots if root.span.contains(offset)]
    path = path_at(roots[0] if roots else None, offset)
    comment = None if isinstance(path.node, Scalar) else _comment(tree, offset)
    if comment is not None:
        yield comment
        yield Span(comment.start + 1, comment.end)
    for root in roots[:1]:
        yield _content(tree, root.span)
        names: list[str] = []
        node: Node | None = root
        for step in path.steps:
            names.append(step.name)
            if step.entry is not None:
                yield from _entry(tree, step.entry)
                node = step.entry.value
            elif step.item is not None:
                items = getattr(node, "items", ())
                node = items[step.item]
                yield from _item(tree, node)
            if node is not None:
                yield _content(tree, node.span)
        if isinstance(path.node, Scalar):
            yield from _scalar(tree, path.node)
            if not path.on_key:
                table = document.key_table
                meaning = table.walk(names).meaning if table is not None else None
                yield from _parsed(tree, path.node, meaning, offset)


def _comment(tree: SyntaxTree, offset: int) -> Span | None:
    """The comment at an offset that is in no scalar."""
    line = tree.lines.line_span(tree.lines.line_of(offset))
    text = tree.text[line.start : min(line.end, line.start + LONGEST_LINE)]
    signs = (match.start() for match in _SIGN.finditer(text, 0, offset - line.start))
    start = next((sign for sign in signs if in_comment(text, sign + 1)), None)
    return Span(line.start + start, line.end) if start is not None else None


def _content(tree: SyntaxTree, span: Span) -> Span:
    """The span without the blanks and line breaks at its end."""
    return Span(span.start, span.start + len(tree.text[span.start : span.end].rstrip(" \t\r\n")))


def _entry(tree: SyntaxTree, entry: Entry) -> Iterator[Span]:
    end = max(entry.key.span.end, entry.value.span.end if entry.value is not None else 0, entry.span.end)
    yield _content(tree, Span(entry.span.start, end))


def _item(tree: SyntaxTree, node: Node) -> Iterator[Span]:
    """The item with its dash."""
    before = tree.text[max(node.span.start - _LONGEST_WORD, 0) : node.span.start]
    bare = before.rstrip(" ")
    if bare.endswith("-"):
        yield _content(tree, Span(node.span.start - (len(before) - len(bare)) - 1, node.span.end))


def _scalar(tree: SyntaxTree, scalar: Scalar) -> Iterator[Span]:
    yield _content(tree, scalar.span)
    yield scalar.text_span
    if scalar.style in _BLOCK_STYLES:
        header = tree.text.find("\n", scalar.span.start, scalar.span.end)
        if header >= 0:
            start = header + 1
            while tree.text[start : start + 1] == " ":
                start += 1
            yield _content(tree, Span(start, scalar.span.end))


def _parsed(tree: SyntaxTree, scalar: Scalar, meaning: Meaning | None, offset: int) -> Iterable[Span]:
    """The parts of what a scalar's text is parsed as."""
    parser = _PARSERS.get(meaning) if meaning is not None else None
    if parser is None or len(scalar.value) > _LONGEST_PARSED:
        return ()
    spans = list(dict.fromkeys(_all_spans(parser(scalar.value))))
    return [span for span in spans_in_text(tree.text, scalar, spans) if span.contains(offset)]


def _all_spans(parsed: Any) -> Iterator[Span]:
    """The spans of all that is in a parsed text, whatever the nodes are."""
    pending: list[Any] = [parsed]
    while pending:
        each = pending.pop()
        if isinstance(each, Span):
            yield each
        elif isinstance(each, tuple):
            pending.extend(each)
