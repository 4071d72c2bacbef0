"""What is right and what only SpecQL's parser refuses, at the word at which it stops."""

from __future__ import annotations

import pytest

from tests.features.rules.fixes import fix, titles
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED | {"generates-nothing"}
HEAD = """
entity: Contact
fields: {status: text, score: integer, firstName: text}
actions:
  - name: act
    steps:
"""


@pytest.mark.parametrize(
    ("step", "word"),
    [
        ("validate: status IN ('a', 'b')", "IN"),
        ("validate: status LIKE 'a%'", "LIKE"),
        ("validate: score < now()", "now"),
        ("validate: score < $limit", "limit"),
        ("validate: firstName = 'x'", "firstName"),
        ("validate: deleted_at IS NULL", "deleted_at"),
        ("validate: score = input.other", "other"),
        ("validate: \"status = 'it''s' AND score BETWEEN 1 AND 2\"", "BETWEEN"),
        ("validate: 'status = ''a'' OR status in (1)'", "in"),
        ("validate: >\n          status = 'a'\n          AND score in (1)", "in"),
        ("validate: |-\n          status = 'a'\n            AND score\n          in (1)", "in"),
        ("if: status ~~ lower(status)\n        then: []", "lower"),
        ("update: Contact SET score = least(score, 1)", "least"),
        ("update: Contact SET score = 1 WHERE status in (1)", "in"),
        ("delete: Contact WHERE id = 1", "id"),
        ("find: Contact WHERE id = 1", "id"),
        ("raw_sql: SELECT 1", "raw_sql"),
        ("select: {from: x}", "select"),
        ("if: score > 1\n        then:\n          - call_service: {service: x}", "call_service"),
    ],
)
def test_the_word_at_which_specql_stops(step: str, word: str) -> None:
    text = f"{HEAD}      - {step}\n"
    [finding] = [f for f in found(text, ignoring={*QUIET, "specql-refuses"})["a.yaml"] if f.code == "specql-refuses"]
    assert (text.lstrip("\n"))[finding.span.start : finding.span.end] == word
    assert "SpecQL 0.9.2" in finding.message


@pytest.mark.parametrize(
    "expression",
    [
        "status = 'lead' AND score > 18.5",
        "NOT (status IS NULL OR status = true)",
        "status MATCHES email_pattern",
        "Status = input.score",
        "status = $status",
        "score = ?",
        "status = 'anything in (here) like that'",
        "grün > 1",
    ],
)
def test_what_specql_takes(expression: str) -> None:
    found(f'{HEAD}      - validate: "{expression}"\n', ignoring=QUIET)


def test_one_thing_wrong_is_one_finding() -> None:
    found(
        HEAD
        + """\
      - validate: statu in ('a')
                  ^^^^^ unknown-field
      - validate: status in (scor)
                         ^^ specql-refuses: Field 'in' referenced in expression not found in entity.
                             ^^^^ unknown-field
""",
        ignoring=QUIET,
    )


@pytest.mark.parametrize(
    ("before", "title", "after"),
    [
        ("validate: status I$0N ('a', 'b')", "Write IN as comparisons", "validate: (status = 'a' OR status = 'b')"),
        ("validate: status NOT I$0N ('a')", "Write IN as comparisons", "validate: status != 'a'"),
        ("validate: score BETW$0EEN 1 AND 2", "Write BETWEEN as comparisons", "validate: (score >= 1 AND score <= 2)"),
        (
            "validate: 'status i$0n (''a'', ''b'') AND score > 1'",
            "Write IN as comparisons",
            "validate: '(status = ''a'' OR status = ''b'') AND score > 1'",
        ),
        (
            "update: Contact SET score = 1 WHERE status i$0n ('a', 'b')",
            "Write IN as comparisons",
            "update: Contact SET score = 1 WHERE (status = 'a' OR status = 'b')",
        ),
        (
            "validate: >\n          score > 1\n          AND status i$0n\n          ('a', 'b')\n          AND true",
            "Write IN as comparisons",
            "validate: >\n          score > 1\n          AND (status = 'a' OR status = 'b')\n          AND true",
        ),
    ],
)
def test_fixes(before: str, title: str, after: str) -> None:
    fix(f"{HEAD}      - {before}\n", title, f"{HEAD}      - {after}\n")


def test_no_fix_where_nothing_is_compared() -> None:
    for text in ["status i$0n (SELECT 1)", "status lik$0e 'a'", "lower(status) i$0n (1)", "score < no$0w()"]:
        assert not titles(f"{HEAD}      - validate: {text}\n"), text
