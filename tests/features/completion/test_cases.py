"""The situations of ``shared/specql/cases.yaml`` that ask for completion, where that file is beside the project."""

from __future__ import annotations

from typing import Any

import pytest

from specql_lsp.features.completion import complete
from specql_lsp.syntax.text import Position
from tests.benchmarks.completion_quality import as_shown
from tests.features.completion_support import NOW
from tests.support.situations import PATH, opened, situations


def offered(case: dict[str, Any]) -> list[str]:
    """The labels at the case's position, in a client's order."""
    analysis, document = opened(case)
    position = case["position"]
    offset = document.lines.offset(Position(position["line"], position["character"]))
    return [item.label for item in as_shown(document, offset, complete(analysis, document, offset, NOW).items)]


@pytest.mark.skipif(not PATH.exists(), reason="there is no shared/specql/cases.yaml beside the project")
@pytest.mark.parametrize("case", situations("completion"), ids=lambda case: case["id"])
def test_a_case(case: dict[str, Any]) -> None:
    labels = offered(case)
    expected = case["expect"]
    assert set(expected.get("includes", ())) <= set(labels)
    assert set(expected.get("excludes", ())).isdisjoint(labels)
    if "exactly" in expected:
        assert labels == expected["exactly"]
    if "first" in expected:
        assert labels[0] == expected["first"]
    if "first_any_of" in expected:
        assert labels[0] in expected["first_any_of"]
