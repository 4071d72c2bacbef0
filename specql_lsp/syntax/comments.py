"""The comments of a text: what begins with ``#`` outside of every scalar (YAML 1.1, section 6.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from specql_lsp.syntax.nodes import Alias, Node, Scalar, ScalarStyle, walk
from specql_lsp.syntax.text import Span

_COMMENT = re.compile(r"(?:^|(?<=[ \t\r\x85\u2028\u2029\[\]{},'\"]))#[^\n\r\x85\u2028\u2029]*", re.MULTILINE)
_BLOCK_STYLES = frozenset({ScalarStyle.LITERAL, ScalarStyle.FOLDED})
_HEADER = re.compile("[^\n\r]*")


def comments_of(text: str, roots: Iterable[Node]) -> tuple[Span, ...]:
    """The spans of the comments of a text whose documents have these nodes, in the order of the text.

    A comment behind the ``|`` or ``>`` of a block scalar is one; text of a scalar never is.
    """
    if "#" not in text:
        return ()
    nodes = (node for root in roots for node in walk(root))
    scalars = sorted(_text_span(text, node) for node in nodes if isinstance(node, Scalar | Alias))
    found: list[Span] = []
    index = 0
    for match in _COMMENT.finditer(text):
        start = match.start()
        while index < len(scalars) and scalars[index].end <= start:
            index += 1
        if index == len(scalars) or start < scalars[index].start:
            found.append(Span(*match.span()))
    return tuple(found)


def _text_span(text: str, node: Scalar | Alias) -> Span:
    """Where a scalar's text is: that of a block scalar begins behind the line of its sign."""
    start, end = node.span
    if isinstance(node, Scalar) and node.style in _BLOCK_STYLES:
        header = _HEADER.match(text, start)
        start = min(header.end(), end) if header else start
    return Span(start, end)
