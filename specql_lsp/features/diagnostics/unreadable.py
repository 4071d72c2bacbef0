"""What is not said of a text that is no YAML in places: there the error of the syntax is the one finding.

What such a place has for its value is not known, and neither is what its mapping lacks, or which fields there are if it
is among them. Everything else in the text is checked as usual: findings do not come and go while it is typed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice, takewhile, zip_longest

from specql_lsp.features.diagnostics.rules import (
    entity_shape,
    generates_nothing,
    invalid_step,
    missing_entity,
    specql_refuses,
    unknown_field,
    unknown_step,
)
from specql_lsp.features.diagnostics.rules.invalid_structure import RULE as INVALID_STRUCTURE
from specql_lsp.features.diagnostics.rules.syntax import SEVERAL_DOCUMENTS
from specql_lsp.features.model import Finding
from specql_lsp.syntax.merging import is_merge
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Sequence
from specql_lsp.syntax.text import LineIndex, Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.workspace.documents import Document

_OF_STEPS = (unknown_step.RULE, invalid_step.RULE, generates_nothing.RULE)
_OF_SHAPE = frozenset(rule.code for rule in (*entity_shape.RULES, *_OF_STEPS))
_OF_WHOLE_FILES = frozenset({missing_entity.RULE.code, INVALID_STRUCTURE.code})
_OF_FIELD_NAMES = frozenset({unknown_field.RULE.code, specql_refuses.RULE.code})


def understood(document: Document, errors: Collection[Finding], found: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that hold of a text with errors of its syntax.

    Args:
        document: the text.
        errors: what its reader refuses; there may be none where only our own parser does not understand it.
        found: what the rules about its contents find.
    """
    tree = document.tree
    spans = [_around(document, error) for error in errors]
    broken = _broken_lines(tree, errors)
    starts = [error.span.start for error in errors] + [problem.span.start for problem in tree.problems]
    hides_fields = any(span.contains(start) for span in _fields(document) for start in starts)
    for finding in found:
        if any(finding.span.overlaps(span) for span in spans) or (hides_fields and finding.code in _OF_FIELD_NAMES):
            continue
        if finding.code in _OF_SHAPE:
            is_whole = tree.has_problems and finding.code in _OF_WHOLE_FILES
            if is_whole or tree.lines.line_of(finding.span.start) in broken or _is_passed_over(tree, finding.span):
                continue
        yield finding


def _around(document: Document, error: Finding) -> Span:
    """Where nothing else is said for an error: what belongs to the same key; at a key, all of its mapping."""
    tree, (start, end) = document.tree, error.span
    if error.code == SEVERAL_DOCUMENTS.code:
        # The last line of the first document, too: what it lacks may be behind the mark.
        before = len(document.text[:start].rstrip())
        return Span(tree.lines.line_start(tree.lines.line_of(before)), end)
    return error.span if tree.has_problems else _holder(tree, start) or error.span


def _holder(tree: SyntaxTree, offset: int) -> Span | None:
    """The entry or item whose value is at an offset, or would be by its column; None at the outermost keys.

    Where a key is there, or what is merged, it is what holds the whole mapping: what that lacks is not known.
    """
    node, part = tree.root, None
    while isinstance(node, Mapping | Sequence):
        parts: Iterable[Node | Entry] = node.entries if isinstance(node, Mapping) else node.items
        found = None
        for each in takewhile(lambda each: each.span.start <= offset, parts):
            found = each
        if found is None or not (found.span.contains(offset) or _is_further_in(tree.lines, offset, found)):
            return part
        part = found.span
        if not isinstance(found, Entry):
            node = found
        elif found.key.span.contains(offset) or is_merge(found):
            return part
        else:
            node = found.value
    return part


def _is_further_in(lines: LineIndex, offset: int, part: Node | Entry) -> bool:
    """Whether an offset behind a part has a column by which it belongs to the part."""
    start = part.span.start
    return offset - lines.line_start(lines.line_of(offset)) > start - lines.line_start(lines.line_of(start))


def _fields(document: Document) -> Iterator[Span]:
    """Where the entity's fields are written, from their key to what follows them."""
    tree, entity = document.tree, document.entity
    root = tree.written_mapping(entity.root) if entity is not None else None
    inner = tree.written_mapping(entity.entity_entry.value) if entity is not None else None
    for holder in (root, inner):
        entries = holder.entries if holder is not None else ()
        for entry, following in zip_longest(entries, entries[1:]):
            if entry.name == "fields":
                yield Span(entry.span.start, following.span.start if following is not None else len(tree.text))


def _broken_lines(tree: SyntaxTree, errors: Collection[Finding]) -> set[int]:
    """The lines beneath what is no YAML; and, where the parser has lost more, its own lines and those beside it.

    The key above it, too, whose block it may be part of.
    """
    lines, found, beneath = tree.lines, set[int](), set[int]()
    for error in errors:
        beneath.update(_beneath(lines, lines.line_of(error.span.start)))
    for problem in tree.problems:
        first, last = lines.line_of(problem.span.start), lines.line_of(problem.span.end)
        found.update(range(first - 1, last + 2))
        if last not in beneath:  # else what is beneath it is in the set
            beneath.update(_beneath(lines, last, _margin(lines, first)))
        above = range(first - 1, max(first - _FURTHEST_KEY, 0) - 1, -1)
        found.update(islice((line for line in above if _margin(lines, line) <= _margin(lines, first)), 1))
    return found | beneath


def _beneath(lines: LineIndex, line: int, margin: int | None = None) -> Iterable[int]:
    """The lines behind one that are further in than it is."""
    margin = _margin(lines, line) if margin is None else margin
    following = range(line + 1, min(line + 1 + _MOST_BENEATH, lines.line_count))
    return takewhile(lambda each: _margin(lines, each) > margin, following)


_FURTHEST_KEY = 100
"""As many lines above a broken one its key is looked for."""
_MOST_BENEATH = 500
"""As many lines beneath a broken one are taken for its own."""


def _margin(lines: LineIndex, line: int) -> int:
    """How far in a line is; one of white space alone counts as further in than any."""
    text = lines.line_text(line)
    bare = text.lstrip()
    return len(text) - len(bare) if bare else _FURTHEST


_FURTHEST = 1_000_000


def _is_passed_over(tree: SyntaxTree, key: Span) -> bool:
    """Whether a value is written behind a key on its line, of which the parser that reads lines makes none."""
    rest = tree.text[key.end : tree.lines.line_span(tree.lines.line_of(key.end)).end].lstrip(" \t'\"")
    return tree.broken and rest[:1] == ":" and rest[1:].lstrip(" \t")[:1] not in {"", "#"}
