"""Texts that no person writes: names of thousands of characters, control characters, patterns that could run away."""

from __future__ import annotations

from itertools import chain

import pytest

from specql_lsp.features.diagnostics import check
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.language.names import edit_distance, nearest
from specql_lsp.workspace.documents import Document
from tests.features.rules.support import rule_workspace
from tests.features.support import analysis

LONG = "n" * 3_000
MOST = 600
"""Characters; a person does not read longer messages."""

FIELDS = f"""\
entity: {LONG}
schema: {LONG}
fields:
  a: ref({LONG}x)
  b: ref({LONG})
  c: ref(zz.{LONG})
  d: x{LONG}
  e: enum({LONG}, b) = {LONG}y
  f: enumm({LONG}, b)
  pk_{LONG}: text
  {LONG}: text
  {LONG}: text
{LONG}: 5
{LONG}: 6
"""
ACTIONS = f"""\
entity: Contact
schema: crm
organization: {{table_code: {LONG}, domain_name: {LONG}, {LONG}: 1}}
fields:
  {LONG}z: text
patterns:
  - type: {LONG}
table_views:
  mode: {LONG}
  include_relations:
    - {LONG}: {{fields: [{LONG}]}}
translations: {{enabled: {LONG}, fields: [{LONG}, {LONG}]}}
identifier:
  components: [{{field: {LONG}}}]
actions:
  - name: {LONG}-
    steps:
      - {LONG}: 1
      - validate: {LONG} = 1
      - validate: a{LONG} IN (1)
      - update: {LONG}
      - update: {LONG} SET {LONG} = 1
      - call: {LONG}
      - call: x.{LONG}(a)
      - notify: {LONG}(a)
      - insert: {LONG}
      - refresh_table_view: {{scope: {LONG}, strategy: {LONG}, propagate: {LONG}}}
      - if: {LONG}
        then: {LONG}
"""
SYNTAX = f"""\
entity: Contact
description: !{LONG} text
schema: *{LONG}
fields:
  a: text
"""


@pytest.mark.parametrize("text", [FIELDS, ACTIONS, SYNTAX])
def test_messages_stay_short(text: str) -> None:
    made = rule_workspace(text)
    findings = check(made.analysis(), made.document())
    messages = chain(
        (finding.message for finding in findings),
        (related.message for finding in findings for related in finding.related),
    )
    assert findings
    assert [message for message in messages if len(message) > MOST] == []


def test_messages_are_on_one_line() -> None:
    assert shortened("a\nb\x1b[1mc\u202ed") == "a b\ufffd[1mc\ufffdd"
    assert shortened("é 👩\u200d💻") == "é 👩\u200d💻"
    made = rule_workspace('entity: Contact\nfields:\n  a: "ref(`X`\\n\\n# h)"\n')
    assert all(finding.message.isprintable() for finding in check(made.analysis(), made.document()))


MANY = 300_000


@pytest.mark.parametrize(
    "text",
    [
        f"      - notify: {'a' * MANY}\n",
        f"      - validate: a = 1\n        error: {'as' + ' ' * MANY}x\n",
    ],
)
def test_names_that_an_action_declares_are_found_in_linear_time(text: str) -> None:
    head = "entity: A\nfields:\n  a: text\nactions:\n  - name: x\n    steps:\n      - validate: zz = 1\n"
    it = Document("file:///w/a.yaml", head + text, 1)
    assert "unknown-field" in {finding.code for finding in check(analysis(it), it)}


def test_a_default_that_is_nearly_a_number_is_read_in_linear_time() -> None:
    it = Document("file:///w/a.yaml", f"entity: A\nfields:\n  a: float = {'9' * MANY}x\n", 1)
    assert "invalid-default" in {finding.code for finding in check(analysis(it), it)}


def test_long_names_are_not_compared_letter_by_letter() -> None:
    one, other = "x" + "n" * MANY + "y", "y" + "n" * MANY + "x"
    assert edit_distance(one, other, 3) == 4
    assert nearest(one, [other]) is None
    assert nearest("a" * MANY + "bc", ["a" * MANY + "cb"]) == "a" * MANY + "cb"


def test_white_space_in_a_broken_text_is_passed_over_in_linear_time() -> None:
    it = Document("file:///w/a.yaml", f"entity: A\n\tfields:\n a: x{' ' * MANY}y # z\n  }}b: [\n", 1)
    assert it.tree.has_problems
    assert it.entity is not None
