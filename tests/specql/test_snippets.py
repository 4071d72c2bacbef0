"""Snippets beside SpecQL: it parses the entity file after any of them is accepted, at any place where it is offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.features.test_snippets import FILES, PLACES, inserted, snippets, variants
from tests.specql.reference import Reference

NEW_FILE = "file:///workspace/entities/crm/sales_order.specql.yaml"


@pytest.mark.parametrize("text", PLACES)
def test_specql_parses_what_is_accepted(specql: Reference, text: str) -> None:
    for item in snippets(text):
        for after in inserted(text, item):
            assert specql.entity(after).error is None, after


def test_specql_parses_a_new_file(specql: Reference) -> None:
    (item,) = snippets("$0", NEW_FILE)
    for after in inserted("$0", item):
        assert specql.entity(after).error is None, after


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_specql_parses_a_real_file_after_any(specql: Reference, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert specql.entity(text).error is None
    for variant in variants(text):
        for item in snippets(variant):
            after = next(inserted(variant, item))
            assert specql.entity(after).error is None, after
