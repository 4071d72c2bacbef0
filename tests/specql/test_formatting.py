"""What SpecQL reads of a file after it was formatted, or its keys were sorted: what it read before."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from specql_lsp.features.code_actions.sort_keys import TITLE
from specql_lsp.features.formatting import formatting
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.nodes import Mapping
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.rules.fixes import actions_at
from tests.specql.file_mutations import mutated_file
from tests.specql.reference import Reference
from tests.specql.sources import mutated_sources
from tests.support.corpus import REGISTRIES, name_of
from tests.support.effort import SEED, times
from tests.syntax.layouts import layouts

COUNT = times(300)


def document(text: str, *, is_registry: bool = False) -> Document:
    return Document("file:///workspace/a.yaml", text, 1, is_registry=is_registry)


def formatted(text: str, *, is_registry: bool = False) -> str:
    return apply(text, formatting(document(text, is_registry=is_registry)))


def hold(specql: Reference, before: str, after: str) -> None:
    """SpecQL takes, refuses and generates the same."""
    one, two = specql.entity(before), specql.entity(after)
    assert (one.value, one.error is None) == (two.value, two.error is None), (before, after)
    if one.error is None:
        assert specql.fields(after) == specql.fields(before), (before, after)
        assert specql.generates(after) == specql.generates(before)
        if specql.generates(before):
            assert specql.table(after) == specql.table(before), (before, after)


def test_entity_files_in_other_layouts(specql: Reference) -> None:
    changed = 0
    for text in layouts(tuple(mutated_sources().values()), COUNT, SEED):
        after = formatted(text)
        if after != text:
            changed += 1
            hold(specql, text, after)
    assert changed > COUNT / 6


def test_mutated_entity_files(specql: Reference) -> None:
    chosen = random.Random(SEED)
    sources = list(mutated_sources().values())
    for _ in range(COUNT):
        text = mutated_file(chosen.choice(sources), chosen).text
        after = formatted(text)
        if after != text:
            hold(specql, text, after)


@pytest.mark.parametrize("path", REGISTRIES, ids=name_of)
def test_registries(specql: Reference, path: Path) -> None:
    original = path.read_text(encoding="utf-8")
    for text in (original, *layouts((original,), times(4), SEED)):
        after = formatted(text, is_registry=True)
        assert specql.registry(after) == specql.registry(text)


def test_sorted_keys(specql: Reference) -> None:
    chosen = random.Random(SEED)
    done = 0
    for text in mutated_sources().values():
        file = document(text)
        root = file.tree.root
        if not isinstance(root, Mapping) or file.tree.has_problems:
            continue
        for entry in root.entries:
            at = entry.key.span.start
            action = actions_at(Analysis(), file, Span(at, at)).get(TITLE)
            if action is not None and chosen.random() < 0.5:
                hold(specql, text, apply(text, action.all_edits()))
                done += 1
    assert done > 3
