"""Several fixes at once: all of one kind in a file, and those that an editor may make unasked."""

from __future__ import annotations

import pytest

from specql_lsp.features.code_actions import fix_all_action
from specql_lsp.features.diagnostics import check
from tests.features.rules.fixes import fix, fix_all, titles
from tests.features.rules.support import rule_workspace

WRONG = """
entity: Lead
fields:
  name: string
  code: 'varchar(10)'
  since: timestamp
  size: {type: char, nullable: false}
"""


def test_what_changes_no_column_is_changed_in_the_whole_file() -> None:
    fix_all(
        WRONG,
        """
        entity: Lead
        fields:
          name: text
          code: 'text'
          since: timestamp
          size: {type: text, nullable: false}
        """,
    )


@pytest.mark.parametrize("text", ["entity: Lead\nfields: {name: text}\n", "entity: Lead\nfields: {name: timestamp}\n"])
def test_nothing_is_changed_that_means_something(text: str) -> None:
    made = rule_workspace(text)
    assert fix_all_action(made.analysis(), made.document(), check(made.analysis(), made.document())) is None


def test_every_finding_of_a_kind() -> None:
    fix(
        """
        entity: Lead
        fields:
          company: ref(Compan$0)
          owner: ref(Contakt)
          name: string
        """,
        "Fix every unknown-entity of this file",
        """
        entity: Lead
        fields:
          company: ref(Company)
          owner: ref(Contact)
          name: string
        """,
    )


def test_one_finding_is_not_every_one() -> None:
    assert "Fix every unknown-entity of this file" not in titles("entity: Lead\nfields: {company: ref(Compan$0)}\n")
