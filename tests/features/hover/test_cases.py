"""The situations of ``shared/specql/cases.yaml`` that ask for a hover, where that file is beside the project."""

from __future__ import annotations

from typing import Any

import pytest

from specql_lsp.features.hover import hover
from specql_lsp.syntax.text import Position
from tests.features.hover.support import NOW
from tests.support.situations import PATH, opened, situations


@pytest.mark.skipif(not PATH.exists(), reason="there is no shared/specql/cases.yaml beside the project")
@pytest.mark.parametrize("case", situations("hover"), ids=lambda case: case["id"])
def test_a_case(case: dict[str, Any]) -> None:
    analysis, document = opened(case)
    place = case["position"]
    offset = document.lines.offset(Position(place["line"], place["character"]))
    found = hover(analysis, document, offset, NOW)
    assert found is not None
    for part in case["expect"]["contains"]:
        assert part in found.markdown
