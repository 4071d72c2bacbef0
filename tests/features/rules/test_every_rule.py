"""What holds of every rule: its example has the finding, the better text has no finding, and it is explained."""

from __future__ import annotations

import pytest

from specql_lsp.features.diagnostics import check
from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.features.diagnostics.rules import RULES, drift
from specql_lsp.features.model import CodeAction
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.severity import Severity
from tests.features.rules.fixes import actions_at
from tests.features.rules.support import UNASKED, rule_workspace

DRIFT = {rule.code: rule for rule in drift.RULES}
CHECKED = {code: rule for code, rule in RULES.items() if code not in DRIFT}
EVERY = pytest.mark.parametrize("rule", CHECKED.values(), ids=list(CHECKED))


def codes(snippet: str) -> dict[str, Severity]:
    made = rule_workspace(snippet)
    analysis = made.analysis()
    return {f.code: f.severity for path in made.texts for f in check(analysis, made.document(path))}


@EVERY
def test_its_example_has_the_finding_and_no_other_error(rule: Rule) -> None:
    found = codes(rule.example)
    assert found.pop(rule.code) is rule.severity
    assert Severity.ERROR not in found.values()


@EVERY
def test_the_better_text_has_none_at_all(rule: Rule) -> None:
    assert set(codes(rule.better)) <= UNASKED - {rule.code}


@EVERY
def test_its_messages_are_plain_text(rule: Rule) -> None:
    """Editors show a message as it is: the signs of Markdown around code would be seen."""
    made = rule_workspace(rule.example)
    messages = [f.message for path in made.texts for f in check(made.analysis(), made.document(path))]
    assert not any("`" in message for message in messages)
    assert all(message.endswith((".", "?")) for message in messages)


@pytest.mark.parametrize("rule", DRIFT.values(), ids=list(DRIFT))
def test_the_example_of_a_drift_differs_from_the_better_text(rule: Rule) -> None:
    written, postgresql = (rule_workspace(each).analysis().snapshot for each in (rule.example, rule.better))
    assert written is not None
    assert postgresql is not None
    assert [each.type.diagnostic_code for each in compare(postgresql, written)] == [rule.code]


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_it_is_said_in_sentences(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert "\n" not in rule.summary
    assert len(rule.summary) <= 120
    assert len(rule.explanation) > len(rule.summary)
    assert rule.fix == "" or rule.fix.endswith(".")


def test_what_a_half_typed_word_looks_like_waits() -> None:
    waiting = {code for code, rule in RULES.items() if rule.waits}
    assert {"yaml-syntax", "invalid-table-code"} <= waiting
    of_whole_codes = {"unknown-schema-layer", "unknown-domain-number", "unknown-subdomain"}
    assert {code for code in RULES if code.startswith("unknown-")} - of_whole_codes <= waiting


@EVERY
def test_the_light_bulb_does_what_it_says(rule: Rule) -> None:
    made = rule_workspace(rule.example)
    analysis = made.analysis()
    offered: list[CodeAction] = []
    for path in made.texts:
        document = made.document(path)
        for finding in check(analysis, document):
            if finding.code == rule.code:
                actions = actions_at(analysis, document, finding.span).values()
                offered += [each for each in actions if rule.code in {fixed.code for fixed in each.fixes}]
    assert rule.fix or not offered, [each.title for each in offered]
