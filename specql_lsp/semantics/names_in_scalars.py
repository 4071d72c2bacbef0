"""Which of the parts of a scalar's value is at an offset of the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.scalar_offsets import span_in_text
from specql_lsp.syntax.text import Span


def part_at(text: str, scalar: Scalar, parts: Sequence[Span], offset: int) -> tuple[int, Span] | None:
    """The index of the part at an offset of the file, and its span there; of two that touch, the one that begins there.

    Args:
        text: the text of the file.
        scalar: the scalar.
        parts: spans of its value in the order of the text; none is in another one.
        offset: code points from 0.
    """
    # Each look-up maps the whole scalar again: a binary search keeps their number small.
    index = bisect_right(parts, offset, key=lambda part: span_in_text(text, scalar, part).start) - 1
    for candidate in (index, index - 1):
        if candidate >= 0:
            span = span_in_text(text, scalar, parts[candidate])
            if span.contains(offset):
                return candidate, span
    return None
