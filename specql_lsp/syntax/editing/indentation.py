"""The indentation that a text has: that of most of it; and where comments go when it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from specql_lsp.syntax.editing.layout import Block, Line, Place


class Steps(NamedTuple):
    """How far the children of a key are to the right of it."""

    mapping: int
    sequence: int


class _Count:
    """How many collections, with how many lines, are a number of columns to the right of their key."""

    __slots__ = ("blocks", "lines")

    def __init__(self) -> None:
        self.blocks = self.lines = 0


def steps_of(blocks: Iterable[Block], default: int) -> Steps:
    """The indentation that most collections of a text have; ``default`` for a text that has none."""
    mappings: defaultdict[int, _Count] = defaultdict(_Count)
    sequences: defaultdict[int, _Count] = defaultdict(_Count)
    for block in blocks:
        if block.place is Place.BELOW_KEY and block.holder is not None:
            counted = (sequences if block.is_sequence else mappings)[block.column - block.holder.column]
            counted.blocks += 1
            counted.lines += block.last - block.first + 1
    most = _most(mappings, default)
    sequence = _most(sequences, most or default)
    # Lists that do not have the indentation of most lists get it, so that it says nothing of mappings.
    mapping = most or sequence or default
    return Steps(mapping, mapping if sequence is None else sequence)


def _most(counted: Mapping[int, _Count], preferred: int) -> int | None:
    """What most collections have, or of equals most lines; then ``preferred``, then the smallest."""
    return min(
        counted,
        key=lambda step: (-counted[step].blocks, -counted[step].lines, step != preferred, step),
        default=None,
    )


def comment_column(line: Line, column: int) -> int:
    """Where a comment goes: with the collection in whose column it is, else with the one that it is in."""
    following, before = line.block, line.before
    if following is not None and following.column == column:
        return following.new_column
    chosen: Block | None = None
    inner: Block | None = None
    """The collection right inside the chosen one."""
    while before is not None and before.column > column:
        inner, before = before, before.holder
    chosen = before
    if following is not None and following.column < column and (chosen is None or following.column > chosen.column):
        chosen = following
    new = column + (chosen.shift if chosen is not None else 0)
    if inner is None or (chosen is not None and chosen.column == column):
        return new
    # Deeper it could become the text of a block scalar.
    return min(new, max(inner.new_column - 1, 0))
