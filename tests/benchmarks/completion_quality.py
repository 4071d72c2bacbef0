"""How good completion is, as a number: ``python -m tests.benchmarks.completion_quality [FOLDER …]``.

Each name in each file (a key, a kind of step, a type, the target of a reference, a field, one of several values) is
deleted in turn and typed again: 0, 1 and 2 characters of it. The rank of the deleted name among what is offered, as a
client orders it, gives the mean reciprocal rank and the share of names within the first five.

A name is deleted in two ways: ``word``, where what follows it stays, and ``rest``, where all that belongs to it goes
with it (the value of a key, the arguments of a type), as if it had not been written yet.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from specql_lsp.features.completion import complete
from specql_lsp.features.completion.builder import Matcher
from specql_lsp.features.model import CompletionItem
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.language.expressions.heads import parse_row_head
from specql_lsp.language.expressions.nodes import Expression, NameRole, paths
from specql_lsp.language.expressions.parser import parse_expression
from specql_lsp.language.keys import ITEM, KeyPlace, Meaning, ValueSpec, entity_keys
from specql_lsp.language.likely_types import all_types
from specql_lsp.language.steps import step_kinds
from specql_lsp.language.type_syntax import RefType, parse_field_type
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.syntax.nodes import Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.support.corpus import LOOK_ALIKES
from tests.support.workspaces import FIXTURE as WORKSPACE

FIXTURES = (LOOK_ALIKES / "entities", WORKSPACE)
KINDS = ("key", "step", "type", "reference", "field", "value")
MOST_TYPED = 2
WAYS = ("word", "rest")
FEW = 5
NOW = datetime(2026, 1, 1, tzinfo=UTC)

_FIELD_CHOICES = frozenset({Meaning.FIELD_REFERENCE})
_VALUES = frozenset({Meaning.CHOICE, Meaning.BOOLEAN, Meaning.DEFAULT})
_WORD = re.compile(r"[\w.]+")


class Question(NamedTuple):
    """A name that is deleted: ``text[name]``; ``rest`` is what belongs to it, the name included."""

    kind: str
    document: Document
    name: Span
    rest: Span
    expected: str


class Answer(NamedTuple):
    """How a deleted name came back."""

    question: Question
    way: str
    typed: int
    rank: int | None
    """From 1; None where it is not offered."""


class Score(NamedTuple):
    """The figures of some answers."""

    names: int
    mean_reciprocal_rank: float
    in_first: float
    """The share within the first ``FEW``."""


# What is deleted.


def questions(document: Document) -> Iterator[Question]:
    """Every name of an entity file that completion could have written."""
    for entity in document.entities:
        yield from _in_node(document, entity.root, ())


def _in_node(document: Document, node: Node | None, path: tuple[str, ...]) -> Iterator[Question]:
    place = entity_keys().walk(path)
    if isinstance(node, Mapping):
        for entry in node.entries:
            key = entry.key
            if not isinstance(key, Scalar) or entry.name is None:
                continue
            spec = place.level.by_name.get(entry.name) if place.level is not None else None
            if spec is not None and key.is_plain:
                kind = "step" if place.level and place.level.name == "step" and entry.name in step_kinds() else "key"
                yield Question(kind, document, key.span, entry.span, entry.name)
            yield from _in_node(document, entry.value, (*path, entry.name))
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _in_node(document, item, (*path, ITEM))
    elif isinstance(node, Scalar) and place.value is not None:
        yield from _in_scalar(document, node, place, place.value)


def _in_scalar(document: Document, node: Scalar, place: KeyPlace, value: ValueSpec) -> Iterator[Question]:
    span = node.text_span
    text = document.text[span.start : span.end]
    if text != node.value or "\n" in text:
        return
    names: list[tuple[str, Span]] = []
    match value.meaning:
        case Meaning.FIELD_TYPE | Meaning.TYPE:
            names = list(_in_type(text))
        case Meaning.EXPRESSION:
            names = list(_in_expression(parse_expression(text)))
        case Meaning.ROW_HEAD:
            head = parse_row_head(text)
            if head.entity is not None:
                names.append(("reference", head.entity.parts[-1].span))
            for assignment in head.assignments:
                if assignment.target is not None:
                    names.append(("field", assignment.target.parts[-1].span))
                names.extend(_in_expression(assignment.value))
            names.extend(_in_expression(head.condition) if head.condition is not None else ())
        case Meaning.ENTITY_REFERENCE:
            names = [("reference", Span(0, len(text)))]
        case meaning if meaning in _FIELD_CHOICES:
            names = [("field", Span(0, len(text)))]
        case meaning if meaning in _VALUES:
            names = [("value", Span(0, len(text)))]
    for kind, own in names:
        expected = text[own.start : own.end]
        if kind == "field" and not any(field.name == expected for each in document.entities for field in each.fields):
            continue  # of another entity, or none
        yield Question(kind, document, own.shifted(span.start), Span(own.start + span.start, span.end), expected)


def _in_type(text: str) -> Iterator[tuple[str, Span]]:
    for expression in parse_field_type(text).expressions():
        if expression.name.text in all_types():
            yield "type", expression.name.span
        if isinstance(expression, RefType):
            for target in expression.targets:
                yield "reference", target.name.span


def _in_expression(expression: Expression) -> Iterator[tuple[str, Span]]:
    for path in paths(expression):
        if path.role is NameRole.VALUE and len(path.parts) == 1:
            yield "field", path.span


# How it comes back.


def answers(analysis: Analysis, found: Iterable[Question]) -> Iterator[Answer]:
    """Each question asked in each way, with each number of characters."""
    for question in found:
        for way in WAYS:
            for typed in range(MOST_TYPED + 1):
                yield Answer(question, way, typed, _rank(analysis, question, way, typed))


def _rank(analysis: Analysis, question: Question, way: str, typed: int) -> int | None:
    document = question.document
    start, end = question.name if way == "word" else question.rest
    text = document.text[:start] + question.expected[:typed] + document.text[end:]
    edited = Document(document.uri, text, is_registry=document.is_registry)
    offset = start + typed
    shown = as_shown(edited, offset, complete(analysis, edited, offset, NOW).items)
    return next((rank for rank, item in enumerate(shown, 1) if _is(item, question.expected)), None)


def as_shown(document: Document, offset: int, items: Iterable[CompletionItem]) -> list[CompletionItem]:
    """The items in a client's order: those whose filter text holds what is typed, prefixes first, by sort text."""
    ranked: list[tuple[int, str, CompletionItem]] = []
    for item in items:
        typed = document.text[item.replace.start : offset].lstrip()
        quality = Matcher(typed).quality(item.filter_text or item.label)
        if quality is not None:
            ranked.append((quality, item.sort_text or item.label, item))
    return [item for _, _, item in sorted(ranked, key=lambda each: each[:2])]


def _is(item: CompletionItem, expected: str) -> bool:
    return expected in (_first_word(item.label), _first_word(item.new_text), item.label, item.new_text.strip(" '\":"))


def _first_word(text: str) -> str:
    match = _WORD.search(text)
    return match.group() if match else ""


# The figures.


def score(found: Iterable[Answer]) -> Score:
    """The mean reciprocal rank, and the share within the first few."""
    ranks = [answer.rank for answer in found]
    if not ranks:
        return Score(0, 1.0, 1.0)
    reciprocal = sum(1 / rank for rank in ranks if rank is not None)
    first = sum(1 for rank in ranks if rank is not None and rank <= FEW)
    return Score(len(ranks), reciprocal / len(ranks), first / len(ranks))


def workspace(folders: Iterable[Path]) -> tuple[Analysis, list[Document]]:
    """What is known of the folders' entity files, and of the registry YAML among them, and the entity files."""
    documents: list[Document] = []
    snapshot = Snapshot(())
    for folder in folders:
        for path in sorted((*folder.rglob("*.yaml"), *folder.rglob("*.yml"))):
            document = Document(path.resolve().as_uri(), path.read_bytes().decode("utf-8"))
            if document.registry is not None and path.name == "domain_registry.yaml":
                snapshot = snapshot_of(document.registry, document.tree)
            elif document.entity is not None:
                documents.append(document)
    summaries = [summary for document in documents if (summary := summarize(document)) is not None]
    state = RegistryState(Provenance(Source.YAML), snapshot)
    return Analysis(registry=state, index=WorkspaceIndex(summaries)), documents


def measured(folders: Iterable[Path]) -> list[Answer]:
    """The answers to every question of the folders' files."""
    analysis, documents = workspace(folders)
    return [answer for document in documents for answer in answers(analysis, questions(document))]


def of(found: Iterable[Answer], kind: str, way: str, typed: int) -> list[Answer]:
    """The answers of one kind, in one way, with so many characters typed."""
    return [a for a in found if a.question.kind == kind and a.way == way and a.typed == typed]


def main() -> int:
    """Prints the figures, and with ``--misses`` what is not within the first few."""
    parser = argparse.ArgumentParser(prog="make bench-completion", description=__doc__)
    parser.add_argument(
        "folders", nargs="*", type=Path, default=list(FIXTURES), help="entity files (default: fixtures)"
    )
    parser.add_argument("--misses", type=int, metavar="TYPED", help="list the names that are not within the first five")
    options = parser.parse_args()
    found = measured(options.folders)
    print(f"{'kind':<10} {'left':<5} {'typed':>5} {'names':>6} {'MRR':>6} {'first 5':>8}")
    for kind in KINDS:
        for way in WAYS:
            for typed in range(MOST_TYPED + 1):
                count, reciprocal, first = score(of(found, kind, way, typed))
                if count:
                    print(f"{kind:<10} {way:<5} {typed:>5} {count:>6} {reciprocal:>6.2f} {first:>8.1%}")
    for typed in range(MOST_TYPED + 1):
        count, reciprocal, first = score(a for a in found if a.typed == typed)
        print(f"{'all':<10} {'both':<5} {typed:>5} {count:>6} {reciprocal:>6.2f} {first:>8.1%}")
    if options.misses is not None:
        missed = Counter(
            (a.question.kind, a.way, a.question.expected, str(a.rank))
            for a in found
            if a.typed == options.misses and (a.rank is None or a.rank > FEW)
        )
        for (kind, way, expected, rank), times in missed.most_common(60):
            print(f"  {times:>4} {kind:<10} {way:<5} {expected:<30} {rank}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
