"""Keys, shape and fields, held to SpecQL: what it refuses has an error at its cause, what it takes has none."""

from __future__ import annotations

import pytest

from specql_lsp.features.diagnostics import check
from specql_lsp.features.diagnostics.rules import entity_shape
from specql_lsp.features.model import Finding
from specql_lsp.severity import Severity
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.specql.reference import Reference
from tests.specql.shape_mutations import EVERYTHING, IN_A_MAPPING, WITH_ALIASES, changed

OURS = {rule.code for rule in entity_shape.RULES}
OF_THE_CODE = {"invalid-table-code", "unquoted-table-code"}
"""SpecQL takes any code; only its registry stops at a wrong one."""


def errors_in(text: str) -> tuple[Document, list[Finding]]:
    """What says of a text that SpecQL refuses it."""
    document = Document("file:///workspace/thing.yaml", text)
    found = check(Analysis(), document)
    return document, [
        finding
        for finding in found
        if finding.code not in OF_THE_CODE and (finding.severity is Severity.ERROR or finding.code == "specql-refuses")
    ]


def hold(specql: Reference, text: str) -> bool | None:
    """Compares with SpecQL's answer; whether it refuses the text, None for a file that is none of ours."""
    document, errors = errors_in(text)
    if document.entity is None:
        return None
    error = specql.entity(text).error
    if error is None:
        assert errors == [], text
    else:
        assert errors, (error, text)
    return error is not None


@pytest.mark.parametrize("base", [EVERYTHING, IN_A_MAPPING, WITH_ALIASES], ids=["everything", "mapping", "aliases"])
def test_one_thing_changed(specql: Reference, base: str) -> None:
    """A change that SpecQL refuses for its shape has one error there; what it takes has none."""
    answers = [hold(specql, text) for text in changed(base)]
    assert answers.count(True) > 40
    assert answers.count(False) > 40


def test_the_error_is_in_what_was_changed(specql: Reference) -> None:
    kept = set(EVERYTHING.splitlines())
    for text in changed(EVERYTHING):
        document, errors = errors_in(text)
        new = [number for number, line in enumerate(text.splitlines()) if line not in kept]
        ours = [error for error in errors if error.code in OURS]
        if document.entity is not None and ours and new and specql.entity(text).error is not None:
            block = around(text, new)
            assert {document.lines.line_of(error.span.start) for error in ours} <= block, text


def around(text: str, numbers: list[int]) -> set[int]:
    """The lines of the mapping that some lines are part of, with the key that it belongs to: it may lack a key."""
    lines = text.splitlines()
    margins = [len(line) - len(line.lstrip()) for line in lines]
    least = min(margins[number] for number in numbers)
    first = last = numbers[0]
    while first and margins[first] >= least:
        first -= 1
    while last < len(lines) and margins[last] >= least:
        last += 1
    return set(range(first, last))
