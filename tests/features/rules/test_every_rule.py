"""What holds of every rule: its example has the finding, the better text has no finding, and it is explained."""

from __future__ import annotations

import pytest

from specql_lsp.features.diagnostics import check
from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.features.diagnostics.rules import RULES
from specql_lsp.severity import Severity
from tests.features.rules.support import UNASKED, rule_workspace

EVERY = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))


def codes(snippet: str) -> dict[str, Severity]:
    made = rule_workspace(snippet)
    analysis = made.analysis()
    return {f.code: f.severity for path in made.texts for f in check(analysis, made.document(path))}


@EVERY
def test_its_example_has_the_finding_and_no_other_error(rule: Rule) -> None:
    found = codes(rule.example)
    assert found.pop(rule.code) is rule.severity
    assert not [
        code for code, severity in codes(rule.example).items() if severity is Severity.ERROR and code != rule.code
    ]


@EVERY
def test_the_better_text_has_none_at_all(rule: Rule) -> None:
    assert set(codes(rule.better)) <= UNASKED - {rule.code}


@EVERY
def test_it_is_said_in_sentences(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert "\n" not in rule.summary
    assert len(rule.summary) <= 120
    assert rule.explanation.strip() == rule.explanation
    assert len(rule.explanation) > len(rule.summary)
