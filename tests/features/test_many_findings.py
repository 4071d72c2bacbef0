"""Code actions where a file has many findings: work that grows as the file does, and no more than a person reads."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from specql_lsp.features.code_actions import code_actions
from specql_lsp.features.code_actions.request import MOST_OF_A_KIND
from specql_lsp.features.diagnostics import found_in
from specql_lsp.features.model import CodeAction
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.support import REGISTRY
from tests.workspace.host_support import registry_state

FIELDS = "entity: Contact\nschema: crm\nfields:\n"
STEPS = f"{FIELDS}  a: text\nactions:\n  - name: x\n    steps:\n"
TEXTS: dict[str, tuple[str, Callable[[int], str]]] = {
    "unknown-type": (FIELDS, lambda n: f"  f{n}: txet\n"),
    "unknown-key": (FIELDS, lambda n: f"  f{n}:\n    type: text\n    nulable: true\n"),
    "unknown-entity": (FIELDS, lambda n: f"  f{n}: ref(Nothing{n})\n"),
    "invalid-sql": (FIELDS, lambda n: f"  Camel-Case{n}: text\n"),
    "unknown-step": (STEPS, lambda _: "      - updat: Contact SET a = 1\n"),
    "unknown-field": (STEPS, lambda n: f"      - validate: b{n} = 1\n"),
}


def request(code: str, count: int) -> tuple[Document, Callable[[], tuple[CodeAction, ...]]]:
    """A file with so many findings of a code, and the request for the actions of all of it."""
    head, line = TEXTS[code]
    text = head + "".join(map(line, range(count)))
    document, analysis = Document("file:///w/contact.yaml", text), Analysis(registry=registry_state(REGISTRY))
    findings = found_in(analysis, document)
    assert sum(each.code == code for each in findings) == count
    span = Span(0, len(text))
    return document, lambda: code_actions(analysis, document, span, findings, datetime.now(UTC))


def calls(work: Callable[[], object]) -> int:
    """How many functions are called and return while something is done a second time."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    work()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("code", TEXTS)
def test_the_work_grows_as_the_file(code: str) -> None:
    few, many = (calls(request(code, count)[1]) for count in (200, 800))
    assert many < 5 * few


@pytest.mark.parametrize("code", TEXTS)
def test_no_more_is_offered_than_a_person_reads(code: str) -> None:
    found = request(code, 300)[1]()
    own = [each for each in found if each.fixes and not each.title.startswith("Fix every")]
    assert len(own) <= 3 * MOST_OF_A_KIND


def test_every_finding_is_fixed_at_once() -> None:
    document, actions = request("unknown-type", 300)
    (every,) = (each for each in actions() if each.title == "Fix every unknown-type of this file")
    assert "txet" not in apply(document.text, every.all_edits())
