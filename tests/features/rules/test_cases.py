"""The situations of ``shared/specql/cases.yaml`` that ask for diagnostics and fixes, where that file is there."""

from __future__ import annotations

from typing import Any

import pytest

from specql_lsp.features.diagnostics import check
from specql_lsp.features.model import Finding, Severity
from specql_lsp.workspace.documents import Document
from tests.features.rules.fixes import actions_at
from tests.features.rules.support import UNASKED
from tests.support.situations import opened, situations

OF_THE_REGISTRY = UNASKED | {"unknown-domain", "unknown-domain-number"}
"""What a situation may have that says nothing of its registry."""
CODES = {"invalid-fields": "invalid-structure"}
"""The codes that a situation names and the contract calls otherwise."""


@pytest.mark.skipif(not situations("diagnostic"), reason="there is no shared/specql/cases.yaml beside the project")
@pytest.mark.parametrize("case", situations("diagnostic"), ids=lambda case: case["id"])
def test_a_situation(case: dict[str, Any]) -> None:
    analysis, document = opened(case)
    found = check(analysis, document)
    expected = case["expect"]
    if "no_code" in expected:
        assert expected["no_code"] not in {finding.code for finding in found}
        assert not [finding for finding in found if finding.severity is Severity.ERROR]
    elif "no_diagnostics" in expected:
        about = [f for f in found if f.code not in OF_THE_REGISTRY and f.severity is not Severity.INFORMATION]
        assert about == []
    else:
        matching = [finding for finding in found if fits(document, finding, expected)]
        assert len(matching) == 1, [(f.code, f.message, f.span) for f in found]
        if "related_line" in expected:
            [related] = matching[0].related
            assert related.place.start.line == expected["related_line"]
        if "fix" in expected:
            edits = [
                edit.new_text
                for action in actions_at(analysis, document, matching[0].span).values()
                for edit in action.edits
            ]
            assert expected["fix"] in edits
    if "count" in expected:
        assert len([f for f in found if f.code == expected["code"]]) == expected["count"]


def fits(document: Document, finding: Finding, expected: dict[str, Any]) -> bool:
    """Whether a finding is the expected one: its code, severity, words and place."""
    code = expected.get("code")
    start, end = (document.lines.position(offset) for offset in finding.span)
    place = {
        "start": {"line": start.line, "character": start.column},
        "end": {"line": end.line, "character": end.column},
    }
    return (
        (code is None or finding.code == CODES.get(code, code))
        and finding.severity.name.lower() == expected["severity"]
        and all(word in finding.message for word in expected.get("message_contains", ()))
        and place == expected["range"]
    )
