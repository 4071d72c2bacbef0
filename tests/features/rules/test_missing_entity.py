"""``missing-entity``."""

from __future__ import annotations

import pytest

from specql_lsp.severity import Severity
from tests.features.rules.support import found


def test_a_mapping_without_a_name() -> None:
    found("""
    entity:
    ^^^^^^ missing-entity: refuses a mapping without the key name
      schema: crm
    """)
    found("""
    entity: {}
    ^^^^^^ missing-entity
    """)


def test_a_name_that_comes_by_a_merge_key() -> None:
    found("""
    _it: &it {name: Contact}
    entity:
      <<: *it
    """)


@pytest.mark.parametrize("text", ["entity:\n", "entity: 5\n", "entity: [a]\n", "entity: {name: }\n", "entity: ''\n"])
def test_a_name_that_only_the_generator_stops_at(text: str) -> None:
    """SpecQL's parser takes it: that is no error."""
    findings = found(text, ignoring={"missing-entity"})["a.yaml"]
    assert [(finding.code, finding.severity) for finding in findings] == [("missing-entity", Severity.WARNING)]


def test_a_text_is_a_name() -> None:
    found("entity: 'A5'\n")
    found("entity: {name: Contact}\n")
