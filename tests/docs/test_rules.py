"""README's tables of diagnostics, ``docs/rules`` and the extension's settings say what the rules say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.rules import ROOT, generated, unknown_pages

GENERATED = list(generated())


@pytest.mark.parametrize(("path", "text"), GENERATED, ids=[str(path.relative_to(ROOT)) for path, _ in GENERATED])
def test_what_is_generated_from_the_rules_is_up_to_date(path: Path, text: str) -> None:
    assert path.is_file(), "run: make rules"
    assert path.read_text(encoding="utf-8") == text, "run: make rules"


def test_no_page_is_of_a_rule_that_does_not_exist() -> None:
    assert unknown_pages() == []
