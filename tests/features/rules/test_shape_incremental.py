"""After an edit the rules about shape say what they say of the whole text, and walk the sections that it touched."""

from __future__ import annotations

import random

import pytest

from specql_lsp.features.diagnostics.entity_walk import Checks, SectionFacts, found_beneath, walk
from specql_lsp.features.diagnostics.rule import RuleContext
from specql_lsp.features.diagnostics.rules import entity_shape
from specql_lsp.features.model import Finding
from specql_lsp.syntax.parsing.sections import Section
from specql_lsp.syntax.text import LineIndex
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.support.effort import SEED, times

URI = "file:///workspace/thing.yaml"
FIELDS = "".join(f"  f_{number}: enum(a, b) = a\n  g_{number}:\n    type: text\n" for number in range(40))
ACTIONS = "".join(f"  - name: do_{number}\n    steps:\n      - validate: f_0 = 'a'\n" for number in range(40))
TEXT = (
    f"entity: Thing\nschema: crm\nfields:\n{FIELDS}actions:\n{ACTIONS}translations: {{enabled: true, fields: [g_1]}}\n"
)
PIECES = (
    "\n",
    "  ",
    ":",
    "- ",
    "on",
    "5",
    "!",
    "type",
    "- \n",
    "x: y\n",
    "  id: text\n",
    "'",
    "{}",
    "*a",
    "&a ",
    "<<: ",
)


def findings_of(document: Document) -> list[Finding]:
    entity = document.entity
    if entity is None:
        return []
    return sorted(
        entity_shape.check(RuleContext(Analysis(), document, entity)), key=lambda f: (f.span, f.code, f.message)
    )


@pytest.mark.parametrize("seed", range(4))
def test_edits(seed: int) -> None:
    chosen = random.Random(f"{SEED} {seed}")
    document = Document(URI, TEXT, 1)
    findings_of(document)
    for version in range(2, times(60)):
        start = chosen.randrange(len(document.text) + 1)
        end = min(start + chosen.choice([0, 0, 1, 3, 12]), len(document.text))
        text = document.text[:start] + chosen.choice(PIECES) + document.text[end:]
        edited = document.edited(LineIndex(text), version, is_registry=False)
        assert findings_of(edited) == findings_of(Document(URI, text, version)), text
        if not edited.tree.has_problems or chosen.random() < 0.3:
            document = edited if len(text) < 2 * len(TEXT) and not edited.tree.has_problems else document


WALKED: list[Section] = []
"""The sections of fields that were walked."""
NOTHING = Checks(lambda _: (), lambda _: (), lambda _: (), lambda _: ())


def in_field(section: Section) -> tuple[Finding, ...]:
    WALKED.append(section)
    return ()


def in_fields(section: Section) -> tuple[Finding, ...]:
    return found_beneath(section, in_field)


def in_actions(section: Section) -> tuple[Finding, ...]:
    return ()


def test_an_edit_costs_its_section() -> None:
    document = Document(URI, TEXT, 1)
    _ = document.tree
    at = TEXT.index("f_20: enum") + 4
    for version in range(2, 6):
        text = document.text[:at] + "x" + document.text[at:]
        document = document.edited(LineIndex(text), version, is_registry=False)
        assert document.entity is not None
        WALKED.clear()
        assert list(walk(document.tree, document.entity.root, NOTHING, SectionFacts(in_fields, in_actions))) == []
        assert len(WALKED) == (80 if version == 2 else 1)
