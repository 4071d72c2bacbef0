"""Where a text is not YAML as PyYAML, SpecQL's reader, reads it: every error with its place and a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from specql_lsp.syntax.nodes import Alias, walk
from specql_lsp.syntax.problems import SyntaxProblem
from specql_lsp.syntax.pyyaml import YamlError, composition_problems, construction_problems, first_error, parse_events
from specql_lsp.syntax.pyyaml.simple_text import first_unprintable, may_have_odd_values, parts_to_check
from specql_lsp.syntax.text import LineIndex, Span
from specql_lsp.syntax.tree import SyntaxTree

if TYPE_CHECKING:
    from specql_lsp.syntax.merge_conflicts import Conflict

_MOST = 20
_TOP_LEVEL_KEY = re.compile(r"^[A-Za-z_\"'][^:\n\r]*:(?=\s|$)", re.MULTILINE)
_LONGEST_SIDE = 60
"""Characters of what a merge conflict calls a side."""


class SyntaxReview(NamedTuple):
    """What keeps PyYAML from reading a text.

    ``second_document`` is the place of the ``---`` that begins a second document; None if there is none.
    """

    errors: tuple[SyntaxProblem, ...]
    second_document: Span | None


def review_syntax(tree: SyntaxTree) -> SyntaxReview:
    """Whether PyYAML reads the text, decided by its own rules; empty where it does.

    The errors are in plain words; of the grammar's errors there is one a top-level section, and all are cut to what
    a person reads. Where tree-sitter finds no problem and all lines are simple, nothing is scanned; else the parts with
    other lines are.
    """
    if tree.is_simple and not may_have_odd_values(tree.text):
        return SyntaxReview((), None)
    unprintable = tuple(_unprintable(tree))
    if tree.is_edited and not tree.has_problems:
        from specql_lsp.syntax.pyyaml.section_review import is_fine

        if is_fine(tree.sections):
            return SyntaxReview(unprintable, None)
    if not tree.has_problems and not tree.broken:
        parts = parts_to_check(tree.text)
        if parts is not None and not any(_has_problem(part) for part in parts):
            return SyntaxReview(unprintable, None)
    if tree.is_edited and tree.has_problems:
        from specql_lsp.syntax.pyyaml.broken_review import review_near

        review = review_near(tree.sections)
        error = review.first_error(0) if review is not None else None
        if review is not None and error is not None:
            found = _errors(tree.text, tree.lines, error, review.first_error)
            return SyntaxReview((*unprintable, *_all_visible(found, tree.lines)), None)
    parsed = parse_events(tree.text)
    second = parsed.second_document
    errors: Iterable[SyntaxProblem]
    if parsed.error is not None:
        composed = islice(composition_problems(tree.text, parsed), _MOST)
        grammar = _errors(tree.text, tree.lines, parsed.error, lambda start: first_error(tree.text, start))
        errors = chain(composed, grammar)
    else:
        errors = islice(construction_problems(tree.text, parsed), _MOST)
    visible = _all_visible(errors, tree.lines)
    return SyntaxReview((*unprintable, *visible), Span(second.start, second.end) if second else None)


def _all_visible(errors: Iterable[SyntaxProblem], lines: LineIndex) -> tuple[SyntaxProblem, ...]:
    return tuple(SyntaxProblem(_visible(span, lines), message) for span, message in errors)


def syntax_errors(tree: SyntaxTree) -> tuple[SyntaxProblem, ...]:
    """Where the text is not YAML as PyYAML reads it; several documents are for the caller to refuse."""
    return review_syntax(tree).errors


def unknown_aliases(tree: SyntaxTree) -> Iterator[Span]:
    """Aliases of which the text holds no anchor at all."""
    if tree.root is not None and "*" in tree.text:
        for node in walk(tree.root):
            if isinstance(node, Alias) and node.name not in tree.anchors:
                yield node.span


def _has_problem(part: str) -> bool:
    parsed = parse_events(part)
    return parsed.error is not None or any(True for _ in construction_problems(part, parsed))


def _unprintable(tree: SyntaxTree) -> Iterator[SyntaxProblem]:
    if tree.is_edited:
        from specql_lsp.syntax.pyyaml.section_review import has_unprintable

        if not tree.sections.fact(has_unprintable):
            return
    unprintable = first_unprintable(tree.text)
    if unprintable is not None:
        name = f"U+{ord(unprintable.group()):04X}"
        message = f"YAML allows no {name} character: delete it, or write it as an escape between double quotes."
        yield SyntaxProblem(Span(unprintable.start(), unprintable.end()), message)


def _errors(
    text: str, lines: LineIndex, first: YamlError, first_error_from: Callable[[int], YamlError | None]
) -> Iterator[SyntaxProblem]:
    """One error a top-level section: PyYAML stops at its first, a reader wants to see the others, too."""
    from specql_lsp.syntax.pyyaml.messages import explain

    if "<<<<<<<" in text:
        from specql_lsp.syntax.merge_conflicts import conflicts_in

        conflicts = conflicts_in(text)[:_MOST]
        if conflicts:
            yield from _beside_conflicts(text, lines, conflicts)
            for conflict in conflicts:
                yield SyntaxProblem(conflict.marker, _unresolved(conflict))
            return
    start = 0
    error: YamlError | None = first
    seen: set[Span] = set()
    for _ in range(_MOST):
        if error is None:
            return
        span, message = explain(text, lines, error)
        if span not in seen:
            yield SyntaxProblem(span, message)
        seen.add(span)
        after = lines.line_start(lines.line_of(max(span.start, start)) + 1)
        section = _TOP_LEVEL_KEY.search(text, after)
        if section is None:
            return
        start = section.start()
        error = first_error_from(start)


def _beside_conflicts(text: str, lines: LineIndex, conflicts: tuple[Conflict, ...]) -> Iterator[SyntaxProblem]:
    """The first error of a text with merge conflicts that is in none of them, whichever side is kept."""
    from specql_lsp.syntax.merge_conflicts import sides_of
    from specql_lsp.syntax.pyyaml.messages import explain

    found: set[SyntaxProblem] = set()
    for side in sides_of(text, conflicts):
        error = first_error(side, 0)
        if error is None:
            return
        found.add(SyntaxProblem(*explain(side, lines, error)))
    if len(found) == 1 and not any(each.span.overlaps(conflict.span) for each in found for conflict in conflicts):
        yield from found


def _unresolved(conflict: Conflict) -> str:
    ours, theirs = (name[:_LONGEST_SIDE] for name in conflict.names)
    between = f" between {ours} and {theirs}" if ours and theirs else ""
    return f"Unresolved merge conflict{between}: keep the lines of one side, or of both, and delete the markers."


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
