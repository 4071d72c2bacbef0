"""Nodes of PyYAML's events are those of tree-sitter where both read a text, and have PyYAML's values elsewhere."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from specql_lsp.syntax.nodes import Alias, Mapping, Node, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.parsing.event_nodes import parse_with_events
from specql_lsp.syntax.parsing.parse import parse, parse_edit
from specql_lsp.syntax.parsing.parse_piece import parse_any
from specql_lsp.syntax.parsing.scalars import with_line_feeds
from specql_lsp.syntax.parsing.tree_sitter_adapter import parse_with_tree_sitter
from specql_lsp.syntax.pyyaml.errors import review_syntax
from specql_lsp.syntax.pyyaml.simple_text import first_unprintable
from tests.support.effort import SEED, times
from tests.syntax.mutations import mutated, real_files
from tests.syntax.odd_texts import ODD, for_pyyaml_only
from tests.syntax.random_edits import edits, real_texts
from tests.syntax.test_incremental import said

COUNT = times(1200)
_BASE = 7
_BREAKS = str.maketrans("\x85\u2028\u2029\n", "    ")
"""PyYAML keeps the breaks of YAML 1.1 that it does not fold; here they are line feeds."""


def _texts() -> Iterator[str]:
    yield from ODD
    yield from real_files()
    yield from mutated(real_files(), COUNT, SEED)
    chance = random.Random(SEED)
    texts = tuple(text for text in real_texts() if len(text) < 20_000)
    for _ in range(COUNT // 20):
        yield from edits(chance.choice(texts), 10, chance, texts)
    for text in ODD:
        yield from for_pyyaml_only(text, chance, 3)


def test_nodes_are_those_of_tree_sitter_where_both_read_a_text() -> None:
    both = 0
    for text in _texts():
        theirs = parse_with_tree_sitter(with_line_feeds(text), _BASE)
        ours = parse_with_events(text, _BASE)
        if ours is None or theirs.problems or theirs.is_doubtful or "\0" in text:
            continue
        ours = ours._replace(is_of_events=False)
        if ours != theirs and parse_any(text, _BASE).is_of_events:
            continue  # what YAML 1.1 and 1.2 both allow and read otherwise: PyYAML's reading is taken
        both += 1
        assert ours == theirs, repr(text)
    assert both > COUNT // 4


def _compared(node: Node | None, theirs: Any, text: str) -> None:
    """Asserts that a node says what PyYAML's says, and where."""
    if node is None:
        assert _is_empty(theirs), repr(text)
        return
    if isinstance(node, Alias):
        return
    start, end = node.span
    if node.style not in _BLOCK_STYLES if isinstance(node, Scalar) else node.flow and text[start] in "[{":
        assert theirs.end_mark.index == end, repr((text, node))
        if text[theirs.start_mark.index] not in "&!":
            assert theirs.start_mark.index == start, repr((text, node))
    if isinstance(node, Scalar):
        assert isinstance(theirs, yaml.ScalarNode), repr((text, node))
        ours, wanted = node.value.translate(_BREAKS), theirs.value.translate(_BREAKS)
        if node.style in _BLOCK_STYLES:  # what is behind the last text is not read, nor a margin of one's own
            ours, wanted = (" ".join(value.split()) for value in (ours, wanted))
        assert ours == wanted, repr((text, node))
        return
    assert type(node).__name__ == theirs.id.capitalize(), repr((text, node))
    if isinstance(node, Sequence):
        items = [item for item in theirs.value if not _is_empty(item)]
        assert len(node.items) == len(items), repr((text, node))
        for ours_item, item in zip(node.items, items, strict=True):
            _compared(ours_item, item, text)
    elif isinstance(node, Mapping):
        pairs = [(key, value) for key, value in theirs.value if not _is_empty(key)]
        assert len(node.entries) == len(pairs), repr((text, node))
        for entry, (key, value) in zip(node.entries, pairs, strict=True):
            _compared(entry.key, key, text)
            _compared(entry.value, value, text)


_BLOCK_STYLES = {ScalarStyle.LITERAL, ScalarStyle.FOLDED}


def _is_empty(theirs: Any) -> bool:
    return theirs is None or (theirs.value == "" and theirs.style is None)


def _only_pyyaml() -> Iterator[str]:
    chance = random.Random(SEED + 1)
    texts = [*ODD, *(text for text in real_files() if len(text) < 5000)]
    yield from ODD
    for _ in range(COUNT // 5):
        yield from for_pyyaml_only(chance.choice(texts), chance, 4)


def test_what_only_pyyaml_reads_has_its_values_at_their_places() -> None:
    read = 0
    for text in _only_pyyaml():
        try:
            documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
        except (yaml.YAMLError, ValueError):
            continue
        found = parse_any(text, 0)
        assert not found.problems, repr(text)
        if not parse_with_tree_sitter(with_line_feeds(text), 0).problems:
            continue
        read += 1
        roots = [found.root, *found.further_roots] if found.root is not None else []
        filled = [each for each in documents if not _is_empty(each)]
        assert len(roots) == len(filled), repr(text)
        for root, document in zip(roots, filled, strict=True):
            _compared(root, document, text)
    assert read > COUNT // 5


def test_such_a_text_has_no_problem_and_is_edited_by_its_sections() -> None:
    chance = random.Random(SEED + 2)
    texts = [text for text in real_files() if text.startswith(("entity:", "#", "version:"))]
    cut = incremental = 0
    for _ in range(COUNT // 10):
        for text in for_pyyaml_only(chance.choice(texts), chance, 3):
            tree = parse(text)
            refused = bool(review_syntax(tree).errors) or first_unprintable(text) is not None
            assert refused or not tree.problems, repr(text)
            if tree.problems:
                continue
            cut += bool(tree.sections.children)
            for edited in edits(text, 4, chance, tuple(texts)):
                partial = parse_edit(tree, edited)
                whole = parse(edited)
                if partial is not None:
                    incremental += 1
                    assert said(partial) == said(whole), repr((text, edited))
    assert cut > COUNT // 20
    assert incremental > COUNT // 20


@pytest.mark.parametrize(
    ("text", "path", "source", "value"),
    [
        ('entity: A\ndescription: "one\ntwo"\nfields:\n  a: text\n', ("description",), '"one\ntwo"', "one two"),
        ("entity: A\ndescription: 'one\ntwo'\nfields: {}\n", ("description",), "'one\ntwo'", "one two"),
        ("entity: A\nfields: {a: text,\nb: enum(x)}\n", ("fields", "b"), "enum(x)", "enum(x)"),
        ("entity: A\ntranslations:\n  fields: [a,\nb]\n  enabled: true\n", ("translations", "enabled"), "true", "true"),
        ("entity: A\nfields: {}#c\nschema: crm\n", ("schema",), "crm", "crm"),
        ("entity: A\nfields: {?a: text}\n", ("fields", "a"), "text", "text"),
        ("größe: 😀\nentity: 'Ä\nÖ'\nschema: crm\n", ("schema",), "crm", "crm"),
        ("a: 'x\r\ny'\r\nschema: crm\r\n", ("schema",), "crm", "crm"),
        ("a: &x 1\nb: {*x: c}\n", ("a",), "1", "1"),
    ],
)
def test_places(text: str, path: tuple[str, ...], source: str, value: str) -> None:
    tree = parse(text)
    assert not tree.problems
    node: Node | None = tree.root
    for name in path:
        assert isinstance(node, Mapping)
        node = node.value(name)
    assert isinstance(node, Scalar)
    assert (tree.raw(node), node.value) == (source, value)


def test_a_comment_right_behind_a_bracket_is_one() -> None:
    tree = parse("a: [b]#c\nd: 'e'#f\ng: {h: i,#j\n  k: l}\nm: n#o\np: '#q'\n")
    assert [tree.text[start:end] for start, end in tree.comments] == ["#c", "#f", "#j"]


def test_what_only_tree_sitter_reads_stays_a_finding_of_the_syntax() -> None:
    tree = parse("a: &x.y b\n")
    assert tree.root is not None
    assert review_syntax(tree).errors
