"""What the documentation of a proposal says of names and of SpecQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from specql_lsp.config import LanguageSettings, Settings
from specql_lsp.features.completion import complete, document_item
from specql_lsp.features.model import DocumentationKey
from specql_lsp.workspace.documents import Document
from tests.features.completion.places_support import (
    FILES,
    STEPS,
)
from tests.features.completion_support import NOW, URI, analysis, split_cursor


def test_the_documentation_of_a_field_says_its_type() -> None:
    text, offset = split_cursor(f"{STEPS}validate: em$0")
    (item,) = [each for each in complete(analysis(), Document(URI, text), offset, NOW).items if each.label == "email"]
    assert item.documentation is not None
    shown = document_item(analysis(), item.documentation, NOW)
    assert shown.startswith("**email** · field · `email!`\n\n`email`: ")


@pytest.mark.parametrize(
    "key",
    [
        DocumentationKey("function", {"name": "coalesce"}),
        DocumentationKey("pattern", {"name": "temporal_non_overlapping_daterange"}),
    ],
)
def test_the_documentation_says_nothing_of_a_release_that_is_not_named(key: DocumentationKey) -> None:
    silent = replace(analysis(), settings=Settings(language=LanguageSettings(release="")))
    assert "SpecQL 0.9.2" in document_item(analysis(), key, NOW)
    assert "SpecQL 0.9.2" not in document_item(silent, key, NOW)


def test_the_documentation_of_a_pattern_of_the_workspace() -> None:
    key = DocumentationKey("pattern", {"name": "billing/close"})
    assert document_item(analysis(FILES), key, NOW).startswith("**billing/close** · action pattern · [close.yaml]")
    parameter = DocumentationKey("pattern", {"name": "billing/close", "parameter": "day"})
    assert "parameter of billing/close · `string` · required" in document_item(analysis(FILES), parameter, NOW)
