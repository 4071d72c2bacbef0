"""Valid YAML that tree-sitter refuses has findings, columns, definitions and symbols as any other."""

from __future__ import annotations

import random

import pytest

from specql_lsp.workspace.documents import Document
from tests.features.hover.support import column, hover_in
from tests.features.rules.support import found
from tests.features.rules.test_fixes_any import DOCUMENTS, attack, offsets
from tests.features.test_navigation import check_definition
from tests.features.workspace_snippets import workspace
from tests.support.effort import SEED, times
from tests.syntax.odd_texts import for_pyyaml_only

ODD = (
    'description: "A text that\ngoes on in column 0"',
    "description: 'A text that\n# goes on in column 0'",
    "_metadata: [a,\nb]",
    "_metadata: {a: b,\nc: d}",
    "_metadata: [? a]",
    "_metadata: []# right behind",
    "_metadata: {x: &x a, y: {*x: b}}",
)


@pytest.mark.parametrize("odd", ODD)
def test_findings(odd: str) -> None:
    found(
        f"""
entity: Contact
schema: crm
{odd}
fields:
  name: text!
  email: emial
         ^^^^^ unknown-type
  company: ref(Compny)
               ^^^^^^ unknown-entity
actions:
  - name: rename
    steps:
      - validate: nme = 'x'
                  ^^^ unknown-field
-- entities/crm/company.yaml --
entity: Company
schema: crm
fields: {{name: text}}
""",
        ignoring={"missing-table-code", "unregistered-table-code", "key-not-read", "invalid-sql", "duplicate-key"},
    )


@pytest.mark.parametrize("odd", ODD)
def test_columns(odd: str) -> None:
    it = workspace(f"entity: Contact\nschema: crm\nfields:\n  name: text!\n{odd}\n")
    shown = hover_in(it, "a.yaml", "na¦me: text!")
    assert shown is not None
    assert column(shown.markdown)[0] == "name TEXT NOT NULL"


def test_definitions() -> None:
    check_definition(
        """
-- crm/contact.yaml --
entity: Contact
description: 'Somebody
we know'
fields: {a: ref(Com$0pany),
b: text}
-- crm/company.yaml --
entity: Company
        ^^^^^^^ def
"""
    )


def test_a_field_in_column_0_is_one() -> None:
    found(
        """
entity: Contact
schema: crm
fields: {name: text,
email: emial}
       ^^^^^ unknown-type
"""
    )


def test_actions_keep_what_they_have_to_keep() -> None:
    chance = random.Random(SEED)
    texts = [document.text for document in DOCUMENTS.values() if len(document.text) < 4_000]
    done = 0
    for _ in range(times(12)):
        (text,) = for_pyyaml_only(chance.choice(texts), chance, 1)
        document = Document("file:///workspace/a.yaml", text)
        if document.entity is not None and document.tree.is_of_events:
            places = list(offsets(document))
            done += attack(document, chance.sample(places, min(5, len(places))))
    assert done
