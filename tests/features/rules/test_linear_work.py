"""A check's work grows with the file: twice the fields and steps cost twice as much, not four times."""

from __future__ import annotations

import sys
from types import FrameType

from specql_lsp.features.diagnostics import check
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

SMALL = 400


def text(size: int) -> str:
    """An entity with so many fields and actions; SpecQL refuses a word of each of their steps."""
    lines = ["entity: Contact", "schema: crm", "fields:"]
    lines += [f"  field_{number}: text" for number in range(size)]
    lines.append("actions:")
    for number in range(size):
        lines += [
            f"  - name: act_{number}",
            "    steps:",
            f"      - validate: field_{number} in ('a', 'b')",
            f"      - update: Contact SET field_{number} = 'x' WHERE id = 1",
        ]
    return "\n".join(lines) + "\n"


def calls(size: int) -> int:
    """How many functions written in Python a check calls."""
    document = Document("file:///w/contact.yaml", text(size))
    assert document.summary is not None
    count = 0

    def follow(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(follow)
    try:
        found = check(Analysis(), document)
    finally:
        sys.setprofile(before)
    assert len(found) >= 2 * size
    return count


def test_twice_the_file_costs_twice_the_work() -> None:
    calls(2 * SMALL)  # what is kept of texts, whatever file has them, is known now
    assert calls(2 * SMALL) < 2.5 * calls(SMALL)
