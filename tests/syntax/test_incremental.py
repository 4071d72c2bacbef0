"""A tree made of the one before an edit is that of the whole text; what the edit did not touch is the same object."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from specql_lsp.syntax.duplicate_keys import repeated_keys
from specql_lsp.syntax.nodes import walk
from specql_lsp.syntax.parsing import sections
from specql_lsp.syntax.parsing.parse import parse, parse_edit
from specql_lsp.syntax.pyyaml.errors import review_syntax
from specql_lsp.syntax.tree import SyntaxTree
from tests.support.effort import SEED, times
from tests.syntax.random_edits import MADE, edits, real_texts
from tests.syntax.test_broken_as_pyyaml import refuses

COUNT = times(1500)


def said(tree: SyntaxTree) -> tuple[object, ...]:
    """All that a tree says."""
    return (
        tree.root,
        [list(walk(root)) for root in tree.roots],
        tree.problems,
        tree.broken,
        tree.anchors,
        tree.comments,
        tree.document_count,
        tree.further_roots,
    )


def check_partition(tree: SyntaxTree) -> None:
    """The leaves follow each other without a gap, and their entries are in them."""
    at = 0
    for leaf in tree.placed.leaves():
        start, end = leaf.span
        if tree.sections.children:
            assert tree.text[start:end] == leaf.section.text
            for entry in leaf.section.entries:
                assert start <= entry.span.start + leaf.shift <= entry.span.end + leaf.shift <= end
        at = end
    assert at == len(tree.text)


def made_of_the_tree_before(seed: int) -> Iterator[tuple[SyntaxTree, SyntaxTree, SyntaxTree]]:
    """The tree before a random edit, the one that is made of it, and that of the whole text, where all three are."""
    chance = random.Random(seed)
    texts = real_texts()
    incremental = done = 0
    while done < COUNT // 2:
        tree = parse(chance.choice(texts))
        for text in edits(tree.text, 12, chance, texts):
            partial = parse_edit(tree, text)
            whole = parse(text)
            if partial is not None:
                incremental += 1
                yield tree, partial, whole
            tree = partial or whole
            done += 1
    assert incremental > COUNT // 20


@pytest.mark.parametrize("least", [1, 30])
def test_trees_after_random_edits_are_those_of_the_texts(least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "MIN_DIVIDED_LINES", least)
    for before, partial, whole in made_of_the_tree_before(SEED + least):
        assert said(partial) == said(whole), repr((before.text, whole.text))
        check_partition(partial)


def leaves(tree: SyntaxTree) -> list[sections.Section]:
    return [placed.section for placed in tree.placed.leaves()]


@pytest.mark.parametrize(
    ("before", "after", "parsed"),
    [
        ("email: *type", "email: text", 1),
        ("schema: 'crm'", "schema: 'sales'", 1),
        ("  list: [a, 'b', {c: d}]", "  list: [a, 'b', {c: e}]", 1),
        ("- name: two", "- name: twofold", 1),
        ("    # inside\n", "    # inside\n    nullable: true\n", 1),
        ("# A file with", "# A text with", 0),
        ("  email: *type\n", "  email: *type\n  phone: text\n", 1),
        ("plain: text over\n  two lines\n", "", 0),
    ],
)
def test_only_what_was_touched_is_parsed(before: str, after: str, parsed: int) -> None:
    text = MADE[0]
    assert text.count(before) == 1
    tree = parse(text)
    known = {id(section) for section in leaves(tree)}
    edited = parse_edit(tree, text.replace(before, after))
    assert edited is not None
    assert sum(id(section) not in known for section in leaves(edited)) == parsed
    assert edited.root == parse(edited.text).root


def test_what_is_worked_out_of_a_section_is_kept() -> None:
    text = MADE[1]
    asked: list[str] = []

    def count(section: sections.Section) -> int:
        asked.append(section.text)
        return len(section.text)

    tree = parse(text)
    for section in leaves(tree):
        section.fact(count)
    asked.clear()
    edited = parse_edit(tree, text.replace("name: two", "name: second"))
    assert edited is not None
    for section in leaves(edited):
        section.fact(count)
    assert len(asked) == 1
    assert "second" in asked[0]


def found(tree: SyntaxTree) -> tuple[object, ...]:
    """All that the checks of the syntax find."""
    return review_syntax(tree), [] if tree.has_problems else list(repeated_keys(tree))


@pytest.mark.parametrize("least", [1, 30])
def test_what_is_found_after_random_edits_is_what_is_found_in_the_texts(
    least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections, "MIN_DIVIDED_LINES", least)
    for before, partial, whole in made_of_the_tree_before(SEED - least):
        assert found(partial) == found(whole), repr((before.text, whole.text))
        assert bool(review_syntax(partial).errors) == (refuses(whole.text) is not None), repr(whole.text)
