"""What can be folded in a file: keys and items of several lines, comments, and regions between ``#region`` comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from specql_lsp.syntax.nodes import Mapping, Node, Sequence
from specql_lsp.syntax.text import LineIndex, Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.workspace.documents import Document

_REGION = re.compile(r"#[ \t]*(?P<end>end)?region\b")


class FoldingKind(Enum):
    """What is folded; the values are those of LSP's FoldingRangeKind."""

    COMMENT = "comment"
    REGION = "region"


class FoldingRange(NamedTuple):
    """Lines, from 0, of which the first stays visible; ``kind`` is None for a block."""

    first: int
    last: int
    kind: FoldingKind | None = None


def folding_ranges(document: Document, most: int | None = None) -> tuple[FoldingRange, ...]:
    """The ranges of a file in the order of their first lines, at most one a line; none for a file that is not SpecQL's.

    Args:
        document: the file.
        most: how many the client takes; the inner ones are left out.
    """
    if not document.is_specql:
        return ()
    tree = document.tree
    found: dict[int, FoldingRange] = {}
    # Where the structure is a guess, the lines say more.
    by_depth = [*_comments(tree), *(_by_indentation(tree.lines) if tree.has_problems else _blocks(tree))]
    for each in by_depth:
        if each.last > each.first and each.first not in found:
            found[each.first] = each
    chosen: Iterable[FoldingRange] = found.values()
    if most is not None:
        chosen = list(chosen)[:most]
    return tuple(sorted(chosen))


def _blocks(tree: SyntaxTree) -> Iterator[FoldingRange]:
    """What has several lines, level by level from the outside."""
    level: list[Node] = list(tree.roots)
    while level:
        inner: list[Node] = []
        for node in level:
            if isinstance(node, Mapping):
                for entry in node.entries:
                    if entry.value is not None:
                        yield _lines_of(tree, Span(entry.span.start, max(entry.value.span.end, entry.key.span.end)))
                        inner.append(entry.value)
            elif isinstance(node, Sequence):
                for item in node.items:
                    yield _lines_of(tree, item.span)
                    inner.append(item)
        level = inner


def _by_indentation(lines: LineIndex) -> Iterator[FoldingRange]:
    """Each line with the deeper ones below it, those of the margin first."""
    open_lines: list[tuple[int, int]] = []
    """Lines with their indentation, each deeper than the one before."""
    found: list[tuple[int, FoldingRange]] = []
    last = 0
    for number in range(lines.line_count):
        text = lines.line_text(number)
        bare = text.lstrip(" ")
        if not bare.strip() or bare.startswith("#"):
            continue
        indentation = len(text) - len(bare)
        while open_lines and open_lines[-1][1] >= indentation:
            first, depth = open_lines.pop()
            found.append((depth, FoldingRange(first, last)))
        open_lines.append((number, indentation))
        last = number
    found.extend((depth, FoldingRange(first, last)) for first, depth in open_lines)
    return (each for _, each in sorted(found, key=lambda pair: pair[0]))


def _lines_of(tree: SyntaxTree, span: Span) -> FoldingRange:
    lines, text = tree.lines, tree.text
    first, last = lines.line_of(span.start), lines.line_of(span.end)
    if last > first:
        end = span.end
        while end > span.start and text[end - 1] in " \t\r\n":
            end -= 1
        last = lines.line_of(end)
    return FoldingRange(first, last)


def _comments(tree: SyntaxTree) -> Iterator[FoldingRange]:
    """Regions, and comments on lines of their own that follow each other."""
    lines = tree.lines
    regions: list[int] = []
    first = last = -2
    for span in tree.comments:
        line = lines.line_of(span.start)
        if not _is_alone(tree, lines, line, span):
            continue
        region = _REGION.match(tree.text, span.start, span.end)
        if region is not None:
            yield FoldingRange(first, last, FoldingKind.COMMENT)
            first = last = -2
            if not region["end"]:
                regions.append(line)
            elif regions:
                yield FoldingRange(regions.pop(), line, FoldingKind.REGION)
        elif line == last + 1:
            last = line
        else:
            yield FoldingRange(first, last, FoldingKind.COMMENT)
            first = last = line
    yield FoldingRange(first, last, FoldingKind.COMMENT)


def _is_alone(tree: SyntaxTree, lines: LineIndex, line: int, span: Span) -> bool:
    return not tree.text[lines.line_start(line) : span.start].strip(" \t\ufeff")
