"""Items of block sequences that have a dash and nothing behind it: YAML reads null, and the tree has no node for it."""

from __future__ import annotations

import re
from itertools import pairwise

from specql_lsp.syntax.nodes import Sequence
from specql_lsp.syntax.text import Span

_LONE_DASH = re.compile(r"-[ \t]*(?:#[^\r\n]*)?(?:[\r\n]|\Z)")
_DASH_OR_COMMENT = re.compile(r"(?P<dash>-(?=\s|\Z))|#[^\r\n]*")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")


def may_have_empty_items(text: str) -> bool:
    """Whether a text may have an empty item at all; quick to see."""
    return _LONE_DASH.search(text) is not None


def empty_items(text: str, sequence: Sequence) -> tuple[Span, ...]:
    """The dashes of a block sequence that have no item, in the order of the text.

    Args:
        text: the text that the sequence's span counts in.
        sequence: the sequence. In a flow sequence no item is empty.
    """
    if sequence.flow:
        return ()
    start, end = sequence.span
    column = _column(text, start)
    items = [item.span for item in sequence.items]
    stops = [Span(start, start), *items, Span(_tail(text, start, end), len(text))]
    found: list[Span] = []
    for before, after in pairwise(stops):
        signs = _DASH_OR_COMMENT.finditer(text, before.end, after.start)
        # What is further to the right belongs to the item before.
        dashes = [m.start() for m in signs if m["dash"] and _column(text, m.start()) == column]
        if after is not stops[-1]:
            del dashes[-1:]  # the next item's own
        found += [Span(at, at + 1) for at in dashes]
    return tuple(found)


def _tail(text: str, start: int, end: int) -> int:
    """The end of the lines behind a sequence's last item that hold nothing but dashes in its column, and comments."""
    column = _column(text, start)
    head = _LINE.match(text, end)
    at = end if head is None else head.end()
    if text[end:at].strip() and not text[end:at].lstrip().startswith("#"):
        return end
    last = end
    while at < len(text):
        line = _LINE.match(text, at)
        if line is None or line.end() == at:
            break
        bare = line[0].lstrip(" ")
        if bare.strip() and not bare.startswith("#"):
            if len(line[0]) - len(bare) != column or _LONE_DASH.match(bare) is None:
                break
            last = line.end()
        at = line.end()
    return last


def _column(text: str, offset: int) -> int:
    return offset - max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) - 1
