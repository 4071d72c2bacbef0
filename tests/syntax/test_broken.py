"""A long text with problems in a few places: its sections depend on it alone, and the others are what they are."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from specql_lsp.syntax.nodes import walk
from specql_lsp.syntax.parsing import broken, sections
from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.pyyaml.errors import review_syntax
from specql_lsp.syntax.tree import SyntaxTree
from tests.benchmarks.data import long_entity
from tests.support.effort import SEED, times
from tests.syntax.mutations import real_files
from tests.syntax.odd_texts import for_pyyaml_only
from tests.syntax.random_edits import edits, real_texts
from tests.syntax.test_incremental import check_partition, said

COUNT = times(1500)
ENTITY = long_entity(300)


@pytest.fixture(autouse=True, params=[1, 5])
def short_texts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short texts are cut, too, where most of what is odd is."""
    monkeypatch.setattr(broken, "MIN_DIVIDED_LINES", request.param)
    monkeypatch.setattr(sections, "MIN_DIVIDED_LINES", request.param)


def parsed(text: str, monkeypatch: pytest.MonkeyPatch, previous: SyntaxTree | None = None) -> SyntaxTree:
    """The tree of a text that is cut where it is not understood."""
    monkeypatch.setattr("specql_lsp.syntax.parsing.parse.LEAST_LINES", 0)
    return parse(text, None, previous)


def parsed_as_a_whole(text: str, monkeypatch: pytest.MonkeyPatch) -> SyntaxTree:
    """The tree of a text that is not cut."""
    monkeypatch.setattr("specql_lsp.syntax.parsing.parse.LEAST_LINES", 1_000_000)
    return parse(text)


def edited_texts(seed: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[SyntaxTree]:
    """The trees, each by the one before it, of real texts that are edited; in enough of them a part is cut off."""
    chance = random.Random(seed)
    texts = real_texts()
    cut = done = 0
    while done < COUNT // 2:
        text = chance.choice(texts)
        previous = parsed_as_a_whole(text, monkeypatch)
        for edited in edits(text, 12, chance, texts):
            done += 1
            tree = parsed(edited, monkeypatch, None if previous.has_problems else previous)
            cut += is_cut(tree)
            yield tree
            if not tree.has_problems:
                previous = tree
    assert cut > COUNT // 20


def is_cut(tree: SyntaxTree) -> bool:
    """Whether a part of a text is not understood, and the others are sections of their own."""
    return tree.has_problems and tree.is_edited


def test_the_cut_depends_on_the_text_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for tree in edited_texts(SEED, monkeypatch):
        alone = parsed(tree.text, monkeypatch)
        assert tree.has_problems == alone.has_problems
        if is_cut(tree):
            assert said(tree) == said(alone), repr(tree.text)
            check_partition(tree)


def test_what_is_cut_is_no_yaml_and_its_errors_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for tree in filter(is_cut, edited_texts(SEED + 1, monkeypatch)):
        errors = review_syntax(parsed_as_a_whole(tree.text, monkeypatch))
        assert errors, repr(tree.text)  # tree-sitter takes some of what PyYAML refuses, as ``: v`` in a block
        assert review_syntax(tree) == errors, repr(tree.text)


def test_what_is_understood_is_what_it_is_without_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    for tree in filter(is_cut, edited_texts(SEED + 2, monkeypatch)):
        bad = [placed.span for placed in tree.placed.leaves() if not placed.section.is_understood]
        text = tree.text
        for start, end in bad:
            lines = text[start:end].splitlines(keepends=True)
            text = text[:start] + "".join("#" * (len(line) - 1) + "\n" for line in lines) + text[end:]
        rest = parsed_as_a_whole(text, monkeypatch)
        if rest.has_problems or len(text) != len(tree.text):
            continue
        nodes = [node for root in rest.roots for node in walk(root) if not hasattr(node, "items")]
        scalars = [node for node in nodes if not hasattr(node, "entries")]
        own = [node for root in tree.roots for node in walk(root)]
        understood = [
            node
            for node in own
            if not hasattr(node, "items")
            and not hasattr(node, "entries")
            and not any(part.start <= node.span.start < part.end for part in bad)
        ]
        assert understood == scalars, repr(tree.text)


@pytest.mark.parametrize("typed", ["new", "new field", "new: [a", "new: 'x", "new: a: b", "- item"])
def test_the_other_sections_are_kept(typed: str) -> None:
    previous = parse(ENTITY)
    at = ENTITY.index("  name_10:")
    tree = parse(f"{ENTITY[:at]}  {typed}\n{ENTITY[at:]}", None, previous)
    known = {id(placed.section) for placed in previous.placed.leaves()}
    leaves = [placed.section for placed in tree.placed.leaves()]
    assert tree.has_problems
    assert sum(id(section) not in known for section in leaves) <= 4, "the typed line, those around it and the last one"


@pytest.mark.parametrize(
    "typed",
    [
        "  new",
        "  new: [a",
        "  new: {a: b",
        "  new: 'x",
        '  new: "x',
        "  - [a",
        "  - a",
        "new",
        "new: a",
        "- a",
        " new: a",
    ],
)
def test_what_is_typed_amid_a_long_block_costs_its_section(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    previous = parse(ENTITY)
    at = ENTITY.index("  name_10:")
    text = f"{ENTITY[:at]}{typed}\n{ENTITY[at:]}"
    monkeypatch.setattr("specql_lsp.syntax.parsing.parse.parse_any", lambda *_: pytest.fail("parsed as a whole"))
    assert parse(text, None, previous).has_problems


def test_texts_that_only_pyyaml_reads_are_cut_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(SEED + 3)
    texts = real_files()
    cut = 0
    for _ in range(COUNT // 40):
        for text in for_pyyaml_only(chance.choice(texts), chance, 2):
            previous = parsed_as_a_whole(text, monkeypatch)
            for edited in edits(text, 3, chance, texts):
                tree = parsed(edited, monkeypatch, None if previous.has_problems else previous)
                alone = parsed(edited, monkeypatch)
                whole = parsed_as_a_whole(edited, monkeypatch)
                assert said(tree) == said(alone), repr(edited)
                # Not the same problems: tree-sitter takes some of what PyYAML refuses, as a line of a tab.
                assert review_syntax(tree) == review_syntax(whole), repr(edited)
                cut += is_cut(tree)
                previous = previous if whole.has_problems else whole
    assert cut > COUNT // 100


def test_a_text_with_many_problems_is_parsed_as_a_whole() -> None:
    tree = parse(ENTITY.replace("text!", "[text"))
    assert tree.has_problems
    assert not tree.is_edited
